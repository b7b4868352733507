"""The results of a comparison of two ladders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ladder.language.ladders import Ladder

SILENT = "(silent)"
"""The place of supporters who are left out (objected, died, staff). No rung has this key."""


@dataclass(frozen=True)
class Step:
    """A number of supporters with place `before` by the ladder in force and `after` by the new one.

    Places are rung keys ("donating+volunteering"), "" for the ground, or `SILENT` for supporters
    who are left out.
    """

    before: str
    after: str
    supporters: int

    @property
    def stays(self) -> bool:
        """Whether the place stays the same; the height of its rungs may still differ."""
        return self.before == self.after


@dataclass(frozen=True)
class Reading:
    """One side of a reason: a condition by one ladder, at the instant of the comparison.

    `measured` is for example "count(donation, months(12)) = 1" (empty if nothing is counted).
    `requires` is the requirement on it, for example "needs >= 2".
    """

    text: str
    true: bool
    measured: str = ""
    requires: str = ""


@dataclass(frozen=True)
class Apart:
    """A rung that the two ladders judge differently, with the deciding conditions.

    `words` is one sentence. `old` or `new` is None if that ladder has no such rung.
    """

    rung: str
    title: str
    words: str
    old: Reading | None = None
    new: Reading | None = None


@dataclass(frozen=True)
class Mover:
    """A supporter who would move.

    `difference` is in heights of the new ladder, as far as it has the supporter's current rungs.
    The two ladders have given these two places since `since` (None: since the beginning of the
    line), and will do so until `until` if nothing happens (2**60: for ever). Both are in
    microseconds.
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
        """The reasons in words."""
        return "; ".join(reason.words for reason in self.reasons)


@dataclass(frozen=True)
class PatternChange:
    """The effect on one pattern's findings at the instant, in numbers of supporters.

    `old` and `new` count findings open by either ladder. `gained` counts those only by the new one,
    `lost` those only by the old one, and `regraded` those by both with different severities.
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
        """Whether the finding of any supporter differs."""
        return bool(self.gained or self.lost or self.regraded)


@dataclass(frozen=True)
class WhatIf:
    """The places of all supporters at an instant by a new ladder, next to their current ones.

    `at` is the instant of the comparison and `now` that of looking. Supporters who are silent now
    are left out, at every instant. `years` counts the supporters who would move by the year since
    which their places differ. `movers` are the most affected.
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
        """Number of supporters counted in the steps."""
        return sum(step.supporters for step in self.steps)

    @cached_property
    def moves(self) -> int:
        """Number of supporters who would move."""
        return sum(step.supporters for step in self.steps if not step.stays)

    def counts(self, side: Literal["before", "after"]) -> dict[str, int]:
        """Count supporters per place: `before` by the ladder in force, `after` by the new one."""
        counts: dict[str, int] = {}
        for step in self.steps:
            place = getattr(step, side)
            counts[place] = counts.get(place, 0) + step.supporters
        return counts
