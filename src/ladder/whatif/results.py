"""What a comparison of two definitions answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ladder.language.ladders import Ladder

SILENT = "(silent)"
"""The place of whoever is left out: objected, died, on the staff by now. No rung is called so."""


@dataclass(frozen=True)
class Step:
    """So many supporters stand at `before` by the definition in force, at `after` by the new one.

    Places are their rungs ("donating+volunteering"), "" the ground, `SILENT` whoever is left out.
    """

    before: str
    after: str
    supporters: int

    @property
    def stays(self) -> bool:
        """Whether nothing changes for them; rungs may have another height."""
        return self.before == self.after


@dataclass(frozen=True)
class Reading:
    """One side of a reason: a condition by one definition, at the instant asked about.

    `measured` is "count(donation, months(12)) = 1" (empty where nothing is counted), `needs` what
    is asked of it ("needs >= 2").
    """

    text: str
    true: bool
    measured: str = ""
    needs: str = ""


@dataclass(frozen=True)
class Apart:
    """A rung that the two definitions judge differently, and what decides it.

    `words` say it in one sentence. `old` or `new` is None where that definition has no such rung.
    """

    rung: str
    title: str
    words: str
    old: Reading | None = None
    new: Reading | None = None


@dataclass(frozen=True)
class Mover:
    """A supporter who would stand elsewhere.

    `difference` is in heights of the new definition, where that has the rungs she stands on. The
    two definitions put her at these two places since `since` (None: since her line began), and do
    so until `until` if nothing happens (2**60: for ever).
    """

    supporter: str
    before: str
    after: str
    difference: int
    since: int | None
    until: int
    reasons: tuple[Apart, ...] = ()

    @property
    def words(self) -> str:
        """Why, in words."""
        return "; ".join(each.words for each in self.reasons)


@dataclass(frozen=True)
class PatternChange:
    """What becomes of one pattern's findings at the instant, in numbers of supporters.

    `old` and `new` are open by either definition, `gained` only by the new one, `lost` only by the
    old one, `regraded` by both but not as severe.
    """

    pattern: str
    old: int
    new: int
    gained: int
    lost: int
    regraded: int
    in_old: bool = True
    in_new: bool = True

    @property
    def changes(self) -> bool:
        """Whether anybody's finding differs."""
        return bool(self.gained or self.lost or self.regraded)


@dataclass(frozen=True)
class WhatIf:
    """Where everybody would stand at an instant by a new definition, next to where they stand.

    `at` is the instant asked about and `now` that of looking: who is silent now is left out, at
    whichever instant. `years` counts those who would stand elsewhere by the year since which they
    would. `movers` are the most affected.
    """

    old: Ladder
    new: Ladder
    at: int
    now: int
    steps: tuple[Step, ...] = ()
    higher: int = 0
    lower: int = 0
    movers: tuple[Mover, ...] = ()
    years: Sequence[tuple[int, int]] = ()
    patterns: tuple[PatternChange, ...] = ()
    left_out: int = 0
    seconds: float = field(default=0.0, compare=False)

    @cached_property
    def supporters(self) -> int:
        """How many are counted in the steps."""
        return sum(step.supporters for step in self.steps)

    @cached_property
    def moves(self) -> int:
        """How many would stand elsewhere."""
        return sum(step.supporters for step in self.steps if not step.stays)

    def counts(self, side: Literal["before", "after"]) -> dict[str, int]:
        """How many stand at each place, now or by the new definition."""
        found: dict[str, int] = {}
        for step in self.steps:
            place = getattr(step, side)
            found[place] = found.get(place, 0) + step.supporters
        return found
