"""Translate definitions that were stored in the words of an earlier version.

Migration `ladder_0006` calls this once per stored document and declared selector. Nothing else
reads old words. A name in quotes is data and stays. Stored documents are expanded, one key a
line, so macros do not occur in them (docs/decisions/0034-words-of-the-language.md).
"""

from __future__ import annotations

import re
import tomllib
from typing import Final

from ladder.toml_writer import Expression, toml_value

WORDS: Final = {
    "anything": "any_touchpoint",
    "linked": "is_reply",
    "answers": "in_reply_to",
    "brought": "referred",
    "convertible": "has_rate",
    "aged": "older_than",
    "lasting": "held_for",
    "holds": "on_rung",
    "found": "has_finding",
    "logged": "is_covered",
}
"""Old words of an expression, with the present ones."""

KEYS: Final = {
    "silent": "suppress_when",
    "needs": "requires",
    "needs_words": "requires_text",
    "shows": "evidence",
    "evidence": "strength",
    "duty": "safeguard",
}
"""Old keys of a ladder and of a pattern, with the present ones."""

_EXPRESSIONS: Final = frozenset(
    ["enter", "stay", "silent", "needs", "shows", "info", "low", "medium", "high", "critical"]
)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\b[A-Za-z_][A-Za-z0-9_]*\b(?!=[^=])')
_LINE: Final = re.compile(r"([a-z_]+) = (.*)", re.DOTALL)


def modern_expression(text: str) -> str:
    """Translate one expression; names in quotes and names of details stay as they are."""
    return _TOKEN.sub(lambda match: WORDS.get(match[0], match[0]), text)


def modern_document(text: str) -> str:
    """Translate a stored ladder, as `dump` wrote it; titles and names stay as they are."""
    table, lines = "", []
    for line in text.split("\n"):
        if line.startswith("["):
            table = line
        match = _LINE.fullmatch(line)
        is_definition = table in {"[ladder]", "[[rung]]", "[[pattern]]"}
        lines.append(_modern_line(match[1], match[2]) if match and is_definition else line)
    return "\n".join(lines)


def _modern_line(key: str, value: str) -> str:
    if key in _EXPRESSIONS:
        text = tomllib.loads(f"value = {value}")["value"]
        value = toml_value(Expression(modern_expression(text)))
    return f"{KEYS.get(key, key)} = {value}"
