"""The source texts of the shipped patterns: their expressions and the names in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ladder.language.conditions import SEVERITIES

_WORD: Final = re.compile(r'"[^"]*"|[A-Za-z_]\w*')


@dataclass(frozen=True)
class PatternText:
    """One pattern's expressions by key, with the `[let]` names and settings that they use.

    Both are in the order of the catalogue, and include indirect uses.
    """

    expressions: Mapping[str, str]
    names: Mapping[str, str]
    settings: tuple[str, ...]


@cache
def pattern_texts() -> Mapping[str, PatternText]:
    """Return the sheet of every pattern, by key."""
    text = files("ladder.catalogue").joinpath("patterns.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return {entry["key"]: _sheet(entry, content) for entry in content["pattern"]}


def _sheet(entry: Mapping[str, Any], content: Mapping[str, Any]) -> PatternText:
    keys = (*SEVERITIES, "requires", "evidence")
    expressions = {key: _plain(entry[key]) for key in keys if key in entry}
    usual = {name: table["is"] for name, table in content["settings"].items()}
    every = {**usual, **content["let"]}
    used = set(_names_in(" ".join(expressions.values()), every))
    return PatternText(
        expressions=expressions,
        names={name: _plain(text) for name, text in content["let"].items() if name in used},
        settings=tuple(name for name in usual if name in used),
    )


def _names_in(text: str, names: Mapping[str, str]) -> Iterator[str]:
    for word in _WORD.findall(text):
        if word in names:
            yield word
            yield from _names_in(names[word], names)


def _plain(text: str) -> str:
    return " ".join(text.split())
