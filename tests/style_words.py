"""Count the words and names that the project's style keeps out of its files.

`python -m tests.style_words` writes the numbers of today to words_pending.txt.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
PENDING: Final = Path(__file__).with_name("words_pending.txt")
TREES: Final = ("src", "docs", "examples", "tests")
SUFFIXES: Final = frozenset({".py", ".toml", ".md", ".svg", ".sql", ".txt", ".cfg", ".ini"})

WORDS: Final = (
    *("she", "her", "hers", "herself", "whoever", "whom", "whosoever", "anew", "likewise"),
    *("upon", "sewn", "borne", "beside", "for want of", "but for", "so many of"),
    *("as many as there are", "what lacks", "no date", "asked wrongly", "nobody in particular"),
    "of hers",
)
NAMES: Final = frozenset(
    {"each", "told", "said", "asked", "found", "heard", "seen", "shown", "hers", "whose"}
    | {"borne", "done"}
)
IRREGULAR_PARTICIPLES: Final = NAMES - {"each", "hers", "whose"} | {
    *("bound", "brought", "built", "given", "gone", "held", "kept", "known", "left", "made"),
    *("met", "sent", "spelt", "taken", "thought", "written"),
}
NOT_PARTICIPLES: Final = frozenset({"embed", "exceed", "feed", "need", "proceed", "seed"})

# A test is named by its subject, without an article, and then by what is expected of it.
NO_SUBJECTS: Final = frozenset(
    {*("a", "an", "the", "what", "whatever", "who", "whoever", "whose", "of", "it", "its", "she")}
    | {
        *(
            "they",
            "nobody",
            "nothing",
            "everybody",
            "everything",
            "somebody",
            "something",
            "anybody",
        )
    }
    | {*("any", "each", "every", "and", "but", "nor", "so", "one", "that", "where", "without")}
)
NOT_IN_TEST_NAMES: Final = frozenset({word for word in WORDS if " " not in word}) | {
    *("told", "said", "heard", "whose", "nobody", "everybody", "somebody", "anybody")
}

EXCEPTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("src/ladder/language/selectors.py", "participle referred"): (
        "a word of the language is the Python function of the same name"
    ),
}
"""Words that a file may contain, each with its reason. Empty reasons fail the test."""

# A phrase may run over the end of a line, into the next line of a comment.
_GAP: Final = r"(?:\s|#|&#160;)+"
_WORD: Final = re.compile(
    r"\b(?:" + "|".join(_GAP.join(word.split()) for word in WORDS) + r")\b", re.IGNORECASE
)
_OPENER: Final = re.compile(r"(?:What|Who|Whoever|Whom|Whose|Of|The same)\b", re.IGNORECASE)
_SAME: Final = re.compile(r"\s*the same, ", re.IGNORECASE)


class Offence(NamedTuple):
    """One word or name that the style keeps out, with its line."""

    line: int
    text: str


def offences_by_file() -> dict[str, list[Offence]]:
    """Return the offences of every file that has any, by path from the root."""
    paths = [ROOT / "README.md", *(path for tree in TREES for path in (ROOT / tree).rglob("*"))]
    offences: dict[str, list[Offence]] = {}
    for path in sorted(paths):
        place = path.relative_to(ROOT)
        # The example writes into a folder "out", which is not part of the repository.
        # Files of data under tests are cases; the modules that know the banned words name them.
        skipped = "out" in place.parts or (place.parts[0] == "tests" and path.suffix != ".py")
        if path.suffix in SUFFIXES and path.is_file() and not skipped:
            name = place.as_posix()
            offences[name] = list(_offences(name, path.read_text(encoding="utf-8")))
    return {name: listed for name, listed in offences.items() if listed}


def read_pending() -> dict[str, int]:
    """Return the number of offences that each listed file still has."""
    lines = PENDING.read_text(encoding="utf-8").splitlines()
    split = (line.split(maxsplit=1) for line in lines if not line.startswith("#"))
    return {name: int(number) for number, name in split}


def write_pending() -> None:
    """Replace the list with the numbers of today."""
    head = "# Offences against the style that are still to be removed: number and file.\n"
    rows = (f"{len(offences)} {name}\n" for name, offences in offences_by_file().items())
    PENDING.write_text(head + "".join(rows), encoding="utf-8")


def offences_in_prose(text: str) -> Iterator[Offence]:
    """Find words and phrases, also across the end of a line."""
    for match in _WORD.finditer(text):
        words = re.split(_GAP, match[0].lower())
        yield Offence(text.count("\n", 0, match.start()) + 1, " ".join(words))


def offences_in_comments(text: str) -> Iterator[Offence]:
    """Find words and phrases in comments and docstrings; other strings are data."""
    passages = [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    passages += [
        (node.lineno, node.value.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    for start, passage in sorted(passages):
        for offence in offences_in_prose(passage):
            yield Offence(start + offence.line - 1, offence.text)
        if _OPENER.match(passage):
            yield Offence(start, passage.split()[0])


def offences_in_test_names(text: str) -> Iterator[Offence]:
    """Find names of tests that begin without a subject or hold a banned word."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            words = node.name.split("_")[1:]
            if words[0] in NO_SUBJECTS or NOT_IN_TEST_NAMES & set(words):
                yield Offence(node.lineno, f"test {node.name}")


def offences_in_names(text: str) -> Iterator[Offence]:
    """Find names that the style keeps out, and docstrings that begin with "The same, "."""
    for node in ast.walk(ast.parse(text)):
        for name in _names_bound(node):
            if name.strip("_") in NAMES:
                yield Offence(getattr(node, "lineno", 1), f"name {name}")
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not isinstance(node, ast.Module) and is_participle(node.name):
            yield Offence(node.lineno, f"participle {node.name}")
        if _SAME.match(ast.get_docstring(node) or ""):
            yield Offence(getattr(node, "lineno", 1), "the same, ")


def is_participle(name: str) -> bool:
    """Whether a name is one word, and that word a participle that NAMES does not list already."""
    word = name.strip("_").lower()
    if word in NAMES | NOT_PARTICIPLES or "_" in word or re.search(r"[a-z][A-Z]", name):
        return False
    return word in IRREGULAR_PARTICIPLES or word.endswith("ed")


def _offences(name: str, text: str) -> Iterator[Offence]:
    if name.startswith("tests/"):
        yield from offences_in_comments(text)
        yield from offences_in_test_names(text)
        return
    offences = offences_in_prose(text)
    if name.startswith("src/") and name.endswith(".py"):
        offences = chain(offences, offences_in_names(text))
    yield from (offence for offence in offences if (name, offence.text) not in EXCEPTIONS)


def _names_bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.arg(arg=name):
            yield name
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.alias(asname=str(name)):
            yield name
        case ast.Attribute(attr=name, ctx=ast.Store()):
            yield name
        case _:
            pass


if __name__ == "__main__":
    write_pending()
    sys.stdout.write(f"wrote {PENDING}: {sum(read_pending().values())} offences\n")
