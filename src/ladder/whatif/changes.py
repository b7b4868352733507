"""The differences in meaning between two ladders, so that unchanged parts need no evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ladder.language.ladders import Ladder, Pattern
from ladder.language.standings import RungOccupancy


@dataclass(frozen=True)
class LadderChanges:
    """The parts of a new ladder that may give other results than the old one.

    `places` is true if standings may differ. `patterns` are the patterns of the new ladder whose
    findings may differ. `gone` are the keys of patterns that only the old ladder has.
    """

    places: bool
    patterns: tuple[Pattern, ...]
    gone: tuple[str, ...]

    @classmethod
    def between(cls, old: Ladder, new: Ladder) -> Self:
        """Compare two ladders by meaning: equal conditions hold at the same times.

        Equal conditions prove nothing if the ladders read touchpoints differently (a kind of
        another family, other rates). Then everything may differ.
        """
        alike = _read_alike(old, new)
        kept = {pattern.key for pattern in new.patterns}
        return cls(
            places=not (alike and _standing(old) == _standing(new)),
            patterns=tuple(
                pattern for pattern in new.patterns if not (alike and _same(old, new, pattern))
            ),
            gone=tuple(pattern.key for pattern in old.patterns if pattern.key not in kept),
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the patterns whose findings must be compared one by one, of both ladders."""
        return (*(pattern.key for pattern in self.patterns), *self.gone)


def _read_alike(old: Ladder, new: Ladder) -> bool:
    return old.kinds.mean_in(new.kinds) and old.rates == new.rates


def _standing(ladder: Ladder) -> tuple[object, ...]:
    lanes = RungOccupancy(ladder)
    rungs = tuple((rung.key, ladder.height(rung)) for rung in ladder.rungs)
    return rungs, lanes.conditions, ladder.rungs_named_in(lanes.conditions)


def _same(old: Ladder, new: Ladder, pattern: Pattern) -> bool:
    before = next((known for known in old.patterns if known.key == pattern.key), None)
    if before is None:
        return False
    return _open(old, before) == _open(new, pattern)


def _open(ladder: Ladder, pattern: Pattern) -> tuple[object, ...]:
    conditions = ladder.open_while[pattern.key]
    severities = tuple(grade.severity for grade in pattern.grades)
    return pattern.safeguard, severities, conditions, ladder.rungs_named_in(conditions)
