"""Python's syntax tree of an expression, with places and with advice in plain words."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ladder.documents.locations import Passage, Place
from ladder.errors import DefinitionError

_REJECTIONS: Final[dict[type[ast.AST], str]] = {
    ast.IfExp: "there is no if … else: join conditions with and, or, not",
    ast.Lambda: "lambda is not part of the language: a macro in Python can do more",
    ast.JoinedStr: "f-strings are not part of the language: write the text itself",
    ast.Attribute: "only .when(condition) may follow a dot",
    ast.Subscript: "square brackets are not part of the language",
    ast.List: "lists are not part of the language: give several values with commas",
    ast.Tuple: "a comma has no meaning here: join with and, or",
    ast.Set: "braces are not part of the language",
    ast.Dict: "braces are not part of the language",
    ast.ListComp: "'for' is not part of the language",
    ast.SetComp: "'for' is not part of the language",
    ast.DictComp: "'for' is not part of the language",
    ast.GeneratorExp: "'for' is not part of the language",
    ast.NamedExpr: ":= is not part of the language: name the piece under [let]",
    ast.Starred: "* before a name is not part of the language",
    ast.Await: "await is not part of the language",
    ast.Yield: "yield is not part of the language",
    ast.YieldFrom: "yield is not part of the language",
    ast.BitAnd: "& is Python's, and binds before >=; in text say and",
    ast.BitOr: "| is Python's, and binds before >=; in text say or",
    ast.BitXor: "^ is not part of the language",
    ast.Div: "there is no division: multiply the other side, or use share(…) or average(…)",
    ast.FloorDiv: "there is no division: multiply the other side, or use share(…) or average(…)",
    ast.Mod: "% is not part of the language: write 0.8 for 80 %",
    ast.Pow: "** is not part of the language",
    ast.NotEq: "there is no !=: say not … == …, or a < b or a > b",
    ast.Is: "there is no 'is': say ==",
    ast.IsNot: "there is no 'is not': say not … == …",
    ast.In: 'there is no \'in\': name several values, such as channel("email", "post")',
    ast.NotIn: 'there is no \'in\': say not channel("email", "post")',
}


def rejection(node: ast.AST) -> str:
    """Explain why a construct, operator or comparison of Python is rejected."""
    return _REJECTIONS.get(type(node), f"{type(node).__name__} is not part of the language")


@dataclass(frozen=True)
class Tree:
    """The syntax tree of a passage, which `read` parsed as the only argument of a call."""

    body: ast.expr
    passage: Passage

    @cached_property
    def _lines(self) -> list[tuple[int, str]]:
        lines, start = [], 0
        for line in self.passage.text.split("\n"):
            lines.append((start, line))
            start += len(line) + 1
        return lines

    def offset(self, line: int, column: int) -> int:
        """Convert Python's line and column to an offset in characters.

        Python counts lines from 1 (the passage starts at 2) and columns in bytes.
        """
        start, text = self._lines[min(max(line - 2, 0), len(self._lines) - 1)]
        return start + len(text.encode()[:column].decode(errors="ignore"))

    def place(self, node: ast.AST) -> Place:
        """Return the place where a part of the tree starts."""
        line, column = getattr(node, "lineno", 2), getattr(node, "col_offset", 0)
        return self.passage.place(self.offset(line, column))

    def place_between(self, left: ast.expr, right: ast.expr) -> Place:
        """Return the place of the operator between two parts."""
        begin = self.offset(left.end_lineno or left.lineno, left.end_col_offset or 0)
        end = self.offset(right.lineno, right.col_offset)
        between = self.passage.text[begin:end]
        return self.passage.place(begin + len(between) - len(between.lstrip(" \t\n)")))

    def source(self, node: ast.expr) -> str:
        """Return the text of a part of the tree, on one line."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        begin, end = self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)
        return " ".join(self.passage.text[begin:end].split())


def read(passage: Passage) -> Tree:
    """Read the syntax tree of an expression, which may span several lines and contain comments.

    The text is read as the argument of a call, because inside parentheses lines end nothing. A text
    that closes them early (`a) or f(b`) gives a different tree, and is rejected.
    """
    if not passage.text.strip():
        raise passage.error("the expression is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns about text that is rejected below
            tree = ast.parse(f"_(\n{passage.text}\n)", mode="eval").body
    except SyntaxError as error:
        raise _explain(error, passage) from None
    except (ValueError, MemoryError, RecursionError, UnicodeError) as error:
        raise passage.error(_unreadable(error)) from None
    return Tree(_argument(tree, passage), passage)


def _argument(tree: ast.expr, passage: Passage) -> ast.expr:
    last = passage.text.count("\n") + 3
    whole = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.lineno == 1
    if not isinstance(tree, ast.Call) or not whole or tree.end_lineno != last:
        raise passage.error("a parenthesis is closed that was never opened")
    shape = Tree(tree, passage)
    for keyword in tree.keywords:
        message = "= gives nothing a name here: compare with ==, and name pieces under [let]"
        raise DefinitionError(message, str(shape.place(keyword)))
    if len(tree.args) != 1:
        at = shape.place(tree.args[1]) if tree.args else passage.place(0)
        message = "a comma has no meaning here: join with and, or"
        raise DefinitionError(message if tree.args else "the expression is empty", str(at))
    return tree.args[0]


def _unreadable(error: Exception) -> str:
    if isinstance(error, MemoryError | RecursionError):
        return "this is nested too deeply"
    return f"this cannot be read: {error}"


def _explain(error: SyntaxError, passage: Passage) -> DefinitionError:
    """Make an error with Python's message, or a plainer one for common mistakes."""
    shape = Tree(ast.Constant(value=0), passage)
    line, column = error.lineno or 2, (error.offset or 1) - 1
    lines = passage.text.split("\n")
    if not 2 <= line <= len(lines) + 1:  # noqa: PLR2004  (a line of the call itself: never closed)
        message = _plain(error.msg or "", "")
        if message == _PLAINER["invalid syntax"]:
            message = "the expression ends too early"
        return passage.error(message)
    start = shape.offset(line, 0)
    offset = start + min(max(column, 0), len(lines[line - 2]))
    near = passage.text[max(0, offset - 2) : offset + 2]
    return passage.error(_plain(error.msg or "", near), offset)


_FOREIGN: Final = {"&&": "say and", "||": "say or", "!": "say not"}
_PLAINER: Final = {
    "maybe you meant '=='": "= compares nothing: say ==",
    'perhaps you meant "=="': "= compares nothing: say ==",
    "was never closed": "a parenthesis is never closed",
    "unmatched": "a parenthesis is closed that was never opened",
    "does not match": "a parenthesis is closed that was never opened",
    "unterminated": "a text in quotes is never closed",
    "follows keyword argument": "arguments with a name (by=…, of=…) come last",
    "forgot a comma": "something is missing between two parts: a comma, and, or",
    "invalid syntax": "this is not an expression of the language",
}


def _plain(message: str, near: str) -> str:
    for sign, advice in _FOREIGN.items():
        if sign in near:
            return f"{sign} is not part of the language: {advice}"
    for part, plainer in _PLAINER.items():
        if part in message:
            return plainer
    return f"this cannot be read: {message}"
