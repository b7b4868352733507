"""The outline of a stored ladder: its titles and rungs, without conditions and patterns.

Counts and movements need no more. To read the conditions takes the language and the documents,
which import and work for longer than such a question may take as a whole.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class RungOutline:
    """A rung without its conditions."""

    key: str
    title: str
    height: int


@dataclass(frozen=True)
class LadderOutline:
    """A ladder without its conditions and patterns; `ground` is the title of holding no rung."""

    key: str
    title: str
    ground: str
    rungs: tuple[RungOutline, ...]

    def height(self, rung: RungOutline) -> int:
        """Return the height of a rung."""
        return rung.height


@lru_cache(maxsize=32)
def read_outline(document: str) -> LadderOutline:
    """Read the outline of an adopted document, which is valid TOML of a valid ladder."""
    tables = tomllib.loads(document)
    head = tables["ladder"]
    are_states = head.get("kind") == "states"
    rungs = (
        RungOutline(
            key=rung["key"],
            title=rung.get("title", ""),
            height=rung.get("height", 1 if are_states else position),
        )
        for position, rung in enumerate(tables.get("rung", ()), 1)
    )
    return LadderOutline(
        head["key"], head.get("title", ""), head.get("ground", "ground"), tuple(rungs)
    )
