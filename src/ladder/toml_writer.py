"""The writer of TOML, for ladders, mappings and coverage declarations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

_BARE: Final = re.compile(r"^[A-Za-z0-9_-]+$")
_INLINE: Final = 60
"""The most characters of a table that stays within its parent's line."""

_WIDTH: Final = 100
"""The characters of a list from which on it takes a line per item."""


class Expression(str):
    """An expression of the ladder language: in single quotes unless it needs escapes."""

    __slots__ = ()


def toml_text(tree: Mapping[str, Any]) -> str:
    """Write tables and lists of tables as sections, everything else as values.

    >>> print(toml_text({"source": "crm", "file": {"delimiter": ";"}}), end="")
    source = "crm"
    <BLANKLINE>
    [file]
    delimiter = ";"
    """
    return "\n".join(_section(tree, ())).strip("\n") + "\n"


def toml_block(header: str, fields: Mapping[str, Any]) -> str:
    """Write one table under its header, without the fields that are None.

    >>> print(toml_block("[[coverage]]", {"source": "*", "selector": Expression("inbound")}))
    [[coverage]]
    source = "*"
    selector = 'inbound'
    """
    present = {name: value for name, value in fields.items() if value is not None}
    return "\n".join([header, *(f"{_key(name)} = {toml_value(v)}" for name, v in present.items())])


def toml_value(value: Any) -> str:  # noqa: ANN401  (any value of TOML)
    """Write one value; a long list, or a list of lists, takes a line per item.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(value, Expression) and "'" not in value and value.isprintable():
        return f"'{value}'"
    if isinstance(value, str):  # JSON has the same escapes, except for DEL
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset | list | tuple):
        items = sorted(value) if isinstance(value, frozenset) else value
        texts = [toml_value(item) for item in items]
        line = f"[{', '.join(texts)}]"
        if len(line) < _WIDTH and not any(isinstance(item, list | tuple) for item in items):
            return line
        return "[\n" + "".join(f"    {text},\n" for text in texts) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {toml_value(v)}" for k, v in value.items()) + " }"
    message = f"{type(value).__name__} has no place in TOML"
    raise TypeError(message)


def _key(name: str) -> str:
    return name if _BARE.match(name) else toml_value(name)


def _section(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {name: value for name, value in tree.items() if _is_table(value, path)}
    for name, value in tree.items():
        if name not in tables:
            yield f"{_key(name)} = {toml_value(value)}"
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
        return not path or len(toml_value(value)) > _INLINE
    if not isinstance(value, list | tuple):
        return False
    return bool(value) and all(isinstance(entry, Mapping) for entry in value)
