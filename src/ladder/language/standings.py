"""Standings and movements: the place of a set of held rungs, and the name of a change.

Both evaluators share this module, so they can disagree only about when conditions hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from ladder.language.ladders import Ladder, Rung
from ladder.language.measures import Measure
from ladder.language.nodes import Condition, Selector, When
from ladder.language.selectors import static
from ladder.language.spans import Until

MovementKind = Literal[
    "arrived", "climbed", "slipped", "crossed", "lapsed", "returned", "silenced", "unsilenced"
]
MOVEMENTS: tuple[MovementKind, ...] = get_args(MovementKind)
Cause = Literal["clock", "touchpoint", "placement", "definition"]


@dataclass(frozen=True)
class Place:
    """A standing: the greatest height held and the rungs held there; the ground is height 0."""

    height: int
    rungs: tuple[str, ...] = ()
    silent: bool = False

    def __str__(self) -> str:
        return "+".join(self.rungs)


_LOOKING = (Measure, Until, When)

GROUND = Place(0)
SILENCE = Place(0, (), silent=True)


@dataclass(frozen=True)
class RungOccupancy:
    """A ladder's standing as bits: one per rung in order, then one for the suppression."""

    ladder: Ladder

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The condition of each bit, lowest bit first."""
        rungs = tuple(self.ladder.standing_while[rung.key] for rung in self.ladder.rungs)
        return rungs if self.ladder.suppress_when is None else (*rungs, self.ladder.suppress_when)

    @cached_property
    def watched_selectors(self) -> tuple[Selector, ...]:
        """The selectors of all touchpoints that can cause a movement."""
        nodes = (node for condition in self.conditions for node in condition.walk())
        looking = (static(node.selector) for node in nodes if isinstance(node, _LOOKING))
        return tuple(dict.fromkeys(looking))

    @cached_property
    def heights(self) -> tuple[int, ...]:
        """The heights of the rungs, in order."""
        return tuple(self.ladder.height(rung) for rung in self.ladder.rungs)

    def rungs_of(self, mask: int) -> tuple[Rung, ...]:
        """Return the rungs whose bits are set."""
        return tuple(rung for bit, rung in enumerate(self.ladder.rungs) if mask >> bit & 1)

    def place(self, mask: int) -> Place:
        """Return the standing that the bits represent."""
        place = self._places.get(mask)
        if place is None:
            place = self._places[mask] = self._place(mask)
        return place

    @cached_property
    def _places(self) -> dict[int, Place]:
        return {}

    def _place(self, mask: int) -> Place:
        if mask >> len(self.ladder.rungs) & 1:
            return SILENCE
        held = self.rungs_of(mask)
        if not held:
            return GROUND
        top = max(self.ladder.height(rung) for rung in held)
        return Place(top, tuple(rung.key for rung in held if self.ladder.height(rung) == top))

    def skipped_rungs(self, before: Place, after: Place, mask: int) -> tuple[str, ...]:
        """Return the rungs strictly between two heights that are not held, for a way up."""
        return tuple(
            rung.key
            for bit, rung in enumerate(self.ladder.rungs)
            if before.height < self.heights[bit] < after.height and not mask >> bit & 1
        )


def name(before: Place, after: Place, *, been: bool) -> MovementKind:
    """Name a change of standing; `been` says whether the supporter has ever stood on a rung."""
    if after.silent:
        return "silenced"
    if after.height == 0:
        return "unsilenced" if before.silent else "lapsed"
    if before.height == 0:
        return "returned" if been else "arrived"
    if after.height > before.height:
        return "climbed"
    return "slipped" if after.height < before.height else "crossed"
