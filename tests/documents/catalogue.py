"""Reads `catalogue.toml`: definitions from the field, to try things on."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ladder.documents import parse
from ladder.language.nodes import Condition
from ladder.model.kinds import KINDS, Kind, Kinds

FILE = Path(__file__).with_name("catalogue.toml")


class Definition(NamedTuple):
    """A name ("O1 high") and the text of a condition."""

    name: str
    text: str


@cache
def document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def kinds() -> Kinds:
    declared = document()["kinds"].items()
    return KINDS.plus(
        Kind(name, fields["family"], fields.get("direction")) for name, fields in declared
    )


@cache
def names() -> dict[str, object]:
    """The named pieces, each of which may use those before it."""
    found: dict[str, object] = {}
    for name, text in document()["let"].items():
        found[name] = parse(text, kinds=kinds(), names=found)
    return found


def definitions() -> list[Definition]:
    return [
        Definition(f"{of} {name}", text)
        for of, texts in document()["definitions"].items()
        for name, text in texts.items()
    ]


def condition(definition: Definition) -> Condition:
    found = parse(definition.text, kinds=kinds(), names=names())
    assert isinstance(found, Condition), definition.name
    return found
