"""The shipped patterns as they are written: the text of each grade, and the names within it."""

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
class Sheet:
    """One pattern's own words: its expressions by key, the names they use, the settings they read.

    `names` are pieces under `[let]` and `settings` such under `[settings]`, both in the order of
    the catalogue, reached directly or through one another.
    """

    expressions: Mapping[str, str]
    names: Mapping[str, str]
    settings: tuple[str, ...]


@cache
def sheets() -> Mapping[str, Sheet]:
    """The sheet of every pattern, by key."""
    text = files("ladder.catalogue").joinpath("patterns.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return {each["key"]: _sheet(each, content) for each in content["pattern"]}


def _sheet(entry: Mapping[str, Any], content: Mapping[str, Any]) -> Sheet:
    keys = (*SEVERITIES, "requires", "evidence")
    expressions = {key: _plain(entry[key]) for key in keys if key in entry}
    usual = {name: table["is"] for name, table in content["settings"].items()}
    every = {**usual, **content["let"]}
    reached = set(_reached(" ".join(expressions.values()), every))
    return Sheet(
        expressions=expressions,
        names={name: _plain(text) for name, text in content["let"].items() if name in reached},
        settings=tuple(name for name in usual if name in reached),
    )


def _reached(text: str, names: Mapping[str, str]) -> Iterator[str]:
    for word in _WORD.findall(text):
        if word in names:
            yield word
            yield from _reached(names[word], names)


def _plain(text: str) -> str:
    return " ".join(text.split())
