"""What a new definition says otherwise than the one in force: the rest need not be asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ladder.language.ladders import Ladder, Pattern
from ladder.language.standings import Lanes


@dataclass(frozen=True)
class Changed:
    """Whether standings may differ, and the patterns of the new one of which findings may.

    `gone` are the keys of the old one's patterns that the new one does not have.
    """

    places: bool
    patterns: tuple[Pattern, ...]
    gone: tuple[str, ...]

    @classmethod
    def between(cls, old: Ladder, new: Ladder) -> Self:
        """By what the two mean: equal conditions hold at the same times.

        Where they read touchpoints otherwise (a kind of another family, other rates) equal
        conditions say nothing.
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
        """The patterns of either that have to be compared finding by finding."""
        return (*(pattern.key for pattern in self.patterns), *self.gone)


def _read_alike(old: Ladder, new: Ladder) -> bool:
    return old.kinds.mean_in(new.kinds) and old.rates == new.rates


def _standing(ladder: Ladder) -> tuple[object, ...]:
    lanes = Lanes(ladder)
    rungs = tuple((rung.key, ladder.height(rung)) for rung in ladder.rungs)
    return rungs, lanes.conditions, ladder.held_in(lanes.conditions)


def _same(old: Ladder, new: Ladder, pattern: Pattern) -> bool:
    before = next((each for each in old.patterns if each.key == pattern.key), None)
    if before is None:
        return False
    return _open(old, before) == _open(new, pattern)


def _open(ladder: Ladder, pattern: Pattern) -> tuple[object, ...]:
    conditions = ladder.open_while[pattern.key]
    severities = tuple(grade.severity for grade in pattern.grades)
    return pattern.duty, severities, conditions, ladder.held_in(conditions)
