"""The cases of the catalogue: what happened, and what each pattern finds in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ladder.language.ladders import Ladder
from tests.shipped_patterns import catalogue
from tests.spec.cases import Case

FOLDER = Path(__file__).parent / "cases"
FILES = ("organisation", "supporter", "relationship")


@dataclass(frozen=True)
class Found:
    """One case of one pattern; everything is logged unless it says what is."""

    pattern: str
    title: str
    touchpoints: str
    found: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    logged: tuple[str, ...] = ("any_touchpoint",)

    @property
    def case(self) -> Case:
        """Its touchpoints as the cases of the language have them: Berlin, euros."""
        coverage = tuple({"of": each} for each in self.logged)
        return Case(self.title, self.touchpoints, self.found, "", coverage=coverage)

    @property
    def ladder(self) -> Ladder:
        """The whole catalogue, with the settings of the case."""
        return catalogue(*(f"{name} = '{text}'" for name, text in self.settings.items()))


@cache
def cases() -> tuple[Found, ...]:
    """All cases, in the order in which they are written."""
    return tuple(
        Found(
            pattern=key,
            title=entry["title"],
            touchpoints=entry["touchpoints"],
            found=tuple(entry["found"]),
            settings=entry.get("settings", {}),
            logged=tuple(entry.get("logged", ("any_touchpoint",))),
        )
        for name in FILES
        for key, entries in tomllib.loads(
            (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        ).items()
        for entry in entries
    )
