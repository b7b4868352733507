"""The parser of the text form: it builds the same objects as Python code.

Python's own grammar reads the text (`ast`, never `eval`), because it already has and/or/not, calls
and comparisons with the right precedence. Constructs outside the language are rejected with advice.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeVar

from ladder.documents import python_syntax
from ladder.documents.locations import Passage
from ladder.documents.vocabulary import (
    CONSTANTS,
    FUNCTIONS,
    NAMES_IN_QUOTES,
    NOT_YET,
    ArgumentError,
    advice,
    call,
    sort_of,
)
from ladder.errors import DefinitionError, LadderError, nearest
from ladder.language.aggregates import Figure, Ratio
from ladder.language.macros import MACROS, Macro
from ladder.language.nodes import Condition, Node, Selector, Span
from ladder.language.selectors import KindIs
from ladder.model.kinds import KINDS, Kinds

_PLAIN: Final = re.compile(r"\d+\.?\d*|\.\d+")
_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
}
_ARITHMETIC: Final[Mapping[type[ast.operator], tuple[Callable[[Any, Any], Any], str]]] = {
    ast.Add: (operator.add, "+"),
    ast.Sub: (operator.sub, "-"),
    ast.Mult: (operator.mul, "*"),
}


N = TypeVar("N", bound=Node)

BROKEN: Final = object()
"""The value of a `[let]` name whose own expression could not be read."""


class DependentError(DefinitionError):
    """An error that only follows from another one, which has been noted already."""


@dataclass(frozen=True)
class Lexicon:
    """The names an expression may use: kinds, named pieces (`[let]`), macros with arguments."""

    kinds: Kinds
    names: Mapping[str, object]
    macros: Mapping[str, Macro]

    def known_names(self) -> set[str]:
        """Return every name that is defined here."""
        return {*CONSTANTS, *FUNCTIONS, *self.kinds, *self.names, *self.macros}


def parse(
    text: str | Passage,
    *,
    kinds: Kinds = KINDS,
    names: Mapping[str, object] | None = None,
    macros: Mapping[str, Macro] = MACROS,
) -> Any:  # noqa: ANN401  (the text determines the type)
    """Parse a selector, span, condition, figure or number.

    `parse(str(node)) == node` for every selector, span and condition.

    Raises:
        DefinitionError: with the place of the mistake (in the file of a passage).

    >>> str(parse("count(donation, months(12)) >= 1"))
    'count(donation, months(12)) >= 1'
    """
    passage = Passage.whole(text) if isinstance(text, str) else text
    tree = python_syntax.read(passage)
    reader = _Reader(Lexicon(kinds, names or {}, macros), tree)
    try:
        return reader.value(tree.body)
    except RecursionError:
        raise passage.error("this is nested too deeply") from None


def parse_condition(text: str | Passage, **lexicon: Any) -> Condition:  # noqa: ANN401  (the parameters of parse)
    """Parse a condition, such as a rung's `enter`; reject anything else with advice."""
    return _expect(text, "a condition", Condition, lexicon)


def parse_selector(text: str | Passage, **lexicon: Any) -> Selector:  # noqa: ANN401  (the parameters of parse)
    """Parse a selector, such as that of a coverage; reject anything else with advice."""
    return _expect(text, "a selector", Selector, lexicon)


def parse_span(text: str | Passage, **lexicon: Any) -> Span:  # noqa: ANN401  (the parameters of parse)
    """Parse a span such as `months(12)`; reject anything else with advice."""
    return _expect(text, "a span", Span, lexicon)


def _expect(text: str | Passage, wanted: str, sort: type[N], lexicon: dict[str, Any]) -> N:
    value = parse(text, **lexicon)
    if isinstance(value, sort):
        return value
    passage = Passage.whole(text) if isinstance(text, str) else text
    source = " ".join(passage.text.split())
    message = (
        f"{wanted} is needed here, and this is {sort_of(value)}{advice(wanted, value, source)}"
    )
    raise passage.error(message)


@dataclass(frozen=True)
class _Reader:
    """The builder of nodes, from the leaves of the syntax tree up."""

    lexicon: Lexicon
    tree: python_syntax.Tree

    def value(self, node: ast.expr) -> Any:  # noqa: ANN401  (any value of the language)
        rule = _RULES.get(type(node))
        if rule is None:
            raise self.wrong(node, python_syntax.rejection(node))
        try:
            return rule(self, node)
        except DefinitionError as error:
            if error.place:
                raise
            raise self.wrong(node, error.message) from None
        except (LadderError, ValueError, TypeError) as error:
            raise DefinitionError(str(error), str(self.tree.place(node))) from error

    def wrong(self, node: ast.AST, message: str) -> DefinitionError:
        return DefinitionError(message, str(self.tree.place(node)))

    def text(self, node: ast.expr) -> str:
        return self.tree.source(node)

    def constant(self, node: ast.Constant) -> object:
        value = node.value
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return self.number(node)
        if isinstance(value, str):
            return value
        raise self.wrong(node, f"{self.text(node)} is neither a number nor text")

    def number(self, node: ast.Constant) -> int | Decimal:
        """Read a number from its source text, because Python's float has already lost digits."""
        digits = self.text(node).replace("_", "")
        if digits.isdecimal():
            return int(digits)
        if not _PLAIN.fullmatch(digits):
            raise self.wrong(node, f"write {digits} out in plain digits, such as 1000 or 0.5")
        return Decimal(digits)

    def name(self, node: ast.Name) -> object:
        name, lexicon = node.id, self.lexicon
        if name in lexicon.names:
            if lexicon.names[name] is BROKEN:
                message = f"{name} could not be read"
                raise DependentError(message, str(self.tree.place(node)))
            return lexicon.names[name]
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in lexicon.kinds:
            return KindIs(name=name)
        if name in NOT_YET:
            raise self.wrong(node, NOT_YET[name])
        if name in FUNCTIONS or name in lexicon.macros:
            raise self.wrong(node, f"{name} takes arguments: {name}(…)")
        raise self.wrong(node, f"unknown name {name!r}{nearest(name, lexicon.known_names())}")

    def call(self, node: ast.Call) -> object:
        if isinstance(node.func, ast.Attribute):
            return self.when(node, node.func)
        if not isinstance(node.func, ast.Name):
            raise self.wrong(node, f"{self.text(node.func)} cannot be called")
        name = node.func.id
        word = FUNCTIONS.get(name) or self.lexicon.macros.get(name)
        if word is None:
            raise self.wrong_call(node, name)
        args = [self.argument(name, arg) for arg in node.args]
        named: dict[str, object] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.wrong(keyword, "** is not part of the language")
            named[keyword.arg] = self.argument(name, keyword.value)
        if name == "kind" and len(args) == 1 and isinstance(args[0], str):
            self.lexicon.kinds.find(args[0])
        try:
            return call(name, word, args, named)
        except ArgumentError as error:
            raise self.wrong(_argument(node, error.argument), error.message) from None

    def wrong_call(self, node: ast.Call, name: str) -> DefinitionError:
        if name in NOT_YET:
            return self.wrong(node, NOT_YET[name])
        if name in self.lexicon.known_names():
            return self.wrong(node, f"{name} takes no arguments")
        known = {*FUNCTIONS, *self.lexicon.macros}
        return self.wrong(node, f"unknown name {name!r}{nearest(name, known)}")

    def argument(self, name: str, node: ast.expr) -> object:
        if (
            name in NAMES_IN_QUOTES
            and isinstance(node, ast.Name)
            and node.id not in self.lexicon.names
        ):
            raise self.wrong(node, f'{name}() takes names in quotes: {name}("{node.id}")')
        return self.value(node)

    def when(self, node: ast.Call, func: ast.Attribute) -> Selector:
        if func.attr != "when":
            raise self.wrong(func, f"only .when(condition) may follow a dot, not .{func.attr}")
        subject = self.value(func.value)
        if not isinstance(subject, Selector):
            message = f".when() follows a selector, and {self.text(func.value)} is "
            raise self.wrong(func, message + sort_of(subject))
        args = [self.value(arg) for arg in node.args]
        if len(args) != 1 or node.keywords:
            raise self.wrong(
                node, ".when() takes one condition: ask.when(count(donation, ever) >= 1)"
            )
        if not isinstance(args[0], Condition):
            message = f".when() takes a condition, and {self.text(node.args[0])} is "
            remedy = advice("a condition", args[0], self.text(node.args[0]))
            raise self.wrong(node.args[0], message + sort_of(args[0]) + remedy)
        return subject.when(args[0])

    def connective(self, node: ast.BoolOp) -> Node:
        word = "and" if isinstance(node.op, ast.And) else "or"
        items = [self.value(operand) for operand in node.values]
        for sort in (Selector, Condition, Span):
            if all(isinstance(item, sort) for item in items):
                return self.join(word, sort, node, items)
        for item, operand in zip(items, node.values, strict=True):
            if not isinstance(item, Selector | Condition | Span):
                remedy = advice("a condition", item, self.text(operand))
                message = f"{word!r} joins selectors, spans or conditions; {self.text(operand)} is "
                raise self.wrong(operand, message + sort_of(item) + remedy)
        at = next(i for i, item in enumerate(items) if not _alike(item, items[0]))
        first, other = node.values[0], node.values[at]
        raise self.wrong(
            other,
            f"{word!r} joins things of one sort, but {self.text(first)} is {sort_of(items[0])} "
            f"and {self.text(other)} is {sort_of(items[at])}",
        )

    def join(self, word: str, sort: type, node: ast.BoolOp, items: list[Any]) -> Node:
        if sort is Span and word == "or":
            message = "spans join with 'and' only; count each span and join the conditions"
            raise self.wrong(node, message)
        result = items[0]
        for item in items[1:]:
            result = result & item if word == "and" else result | item
        node_: Node = result
        return node_

    def unary(self, node: ast.UnaryOp) -> object:
        if isinstance(node.op, ast.Invert):
            raise self.wrong(node, "~ is Python's; in text say not")
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            if isinstance(value, Selector | Condition):
                return ~value
            message = f"'not' goes before selectors and conditions; {self.text(node.operand)} is "
            remedy = advice("a condition", value, self.text(node.operand))
            raise self.wrong(node, message + sort_of(value) + remedy)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | Figure):
            raise self.wrong(node, f"a sign goes before numbers and figures, not {sort_of(value)}")
        return -value if isinstance(node.op, ast.USub) else value

    def arithmetic(self, node: ast.BinOp) -> object:
        if type(node.op) not in _ARITHMETIC:
            raise self.wrong_operator(node)
        action, sign = _ARITHMETIC[type(node.op)]
        left, right = self.value(node.left), self.value(node.right)
        for value, side in ((left, node.left), (right, node.right)):
            if not isinstance(value, int | Decimal | Figure | str | Span) or value is True:
                raise self.wrong(side, f"{sign} cannot use {sort_of(value)}: {self.text(side)}")
        figures = isinstance(left, Figure) or isinstance(right, Figure)
        numbers = not isinstance(left, str | Span) and not isinstance(right, str | Span)
        durations = isinstance(left, Span) and isinstance(right, Span) and sign == "+"
        if figures and (isinstance(left, Span) or isinstance(right, Span)):
            raise self.wrong(node, f"{sign} cannot join {sort_of(left)} and {sort_of(right)}")
        if not (figures or numbers or durations):
            raise self.wrong(node, f"{sign} cannot join {sort_of(left)} and {sort_of(right)}")
        try:
            return action(left, right)
        except TypeError:
            message = "only days, months, years and end_of add up: months(1) + days(10)"
            raise self.wrong(node, message) from None

    def wrong_operator(self, node: ast.BinOp) -> DefinitionError:
        place = self.tree.place_between(node.left, node.right)
        return DefinitionError(python_syntax.rejection(node.op), str(place))

    def comparison(self, node: ast.Compare) -> object:
        if len(node.ops) > 1:
            for operand in (node.left, *node.comparators):  # usual reason: & binds before >=
                if isinstance(operand, ast.BinOp) and type(operand.op) not in _ARITHMETIC:
                    raise self.wrong_operator(operand)
            raise self.wrong(node, "one comparison at a time: say a >= 1 and a <= 3")
        op, (left, right) = type(node.ops[0]), (node.left, node.comparators[0])
        if op not in _COMPARE:
            raise self.wrong(node, python_syntax.rejection(node.ops[0]))
        values = self.value(left), self.value(right)
        if all(isinstance(value, Ratio) for value in values):
            raise self.wrong(node, "a share or average compares with a number, not with another")
        if not any(isinstance(value, Figure | Ratio) for value in values):
            raise self.wrong(
                node,
                "nothing here is a figure: compare count(…), total(…), distinct(…), share(…) or "
                f"average(…); {self.text(left)} is {sort_of(values[0])}",
            )
        for value, side in zip(values, (left, right), strict=True):
            number = isinstance(value, int | Decimal | str) and not isinstance(value, bool)
            if not number and not isinstance(value, Figure | Ratio):
                sort = f"{self.text(side)} is {sort_of(value)}"
                raise self.wrong(side, f"a figure compares with a number or a figure, and {sort}")
        if any(isinstance(value, Ratio) for value in values) and any(
            isinstance(value, Figure) for value in values
        ):
            raise self.wrong(node, "a share or average compares with a number, not with a figure")
        return _COMPARE[op](*values)


def _argument(node: ast.Call, argument: int | str) -> ast.expr:
    if isinstance(argument, int):
        return node.args[argument]
    return next(keyword.value for keyword in node.keywords if keyword.arg == argument)


def _alike(one: object, other: object) -> bool:
    return any(
        isinstance(one, sort) and isinstance(other, sort) for sort in (Selector, Condition, Span)
    )


_RULES: Final[Mapping[type[ast.expr], Callable[[_Reader, Any], Any]]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.Call: _Reader.call,
    ast.BoolOp: _Reader.connective,
    ast.UnaryOp: _Reader.unary,
    ast.BinOp: _Reader.arithmetic,
    ast.Compare: _Reader.comparison,
}
