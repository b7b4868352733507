"""Plain data to TOML: the small part of the language that a mapping needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

_BARE: Final = re.compile(r"^[A-Za-z0-9_-]+$")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_INLINE: Final = 60
"""The most characters of a table that stays within its parent's line."""


def toml_text(tree: Mapping[str, Any]) -> str:
    """Write tables and lists of tables as sections, everything else as values.

    >>> print(toml_text({"source": "crm", "file": {"delimiter": ";"}}), end="")
    source = "crm"
    <BLANKLINE>
    [file]
    delimiter = ";"
    """
    return "\n".join(_section(tree, ())).strip("\n") + "\n"


def toml_string(text: str) -> str:
    """Write a basic string with its special characters escaped."""
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return f"\\u{ord(letter):04X}" if ord(letter) < 0x20 or ord(letter) == 0x7F else letter  # noqa: PLR2004


def _key(name: str) -> str:
    return name if _BARE.match(name) else toml_string(name)


def _value(value: Any) -> str:  # noqa: ANN401  (whatever a model dumps)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return toml_string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    message = f"{type(value).__name__} has no place in TOML"
    raise TypeError(message)


def _section(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {name: value for name, value in tree.items() if _is_table(value, path)}
    for name, value in tree.items():
        if name not in tables:
            yield f"{_key(name)} = {_value(value)}"
    for name, value in tables.items():
        inner = (*path, name)
        title = ".".join(_key(part) for part in inner)
        for entry in value if isinstance(value, list | tuple) else (value,):
            lines = list(_section(entry, inner))
            if isinstance(value, list | tuple):
                yield from ("", f"[[{title}]]")
            elif not lines or lines[0]:
                yield from ("", f"[{title}]")
            yield from lines


def _is_table(value: object, path: tuple[str, ...]) -> bool:
    if isinstance(value, Mapping):
        return not path or len(_value(value)) > _INLINE
    if not isinstance(value, list | tuple):
        return False
    return bool(value) and all(isinstance(entry, Mapping) for entry in value)
