"""Where a set of held rungs puts her, and what a change from one standing to the next is called.

Shared by both evaluators, so that they can only disagree about when conditions hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ladder.language.ladders import Ladder, Rung
from ladder.language.measures import Measure
from ladder.language.nodes import Condition, Selector
from ladder.language.selectors import When, static
from ladder.language.spans import Until

MovementKind = Literal[
    "arrived", "climbed", "slipped", "crossed", "lapsed", "returned", "silenced", "unsilenced"
]
MOVEMENTS: tuple[MovementKind, ...] = (
    "arrived",
    "climbed",
    "slipped",
    "crossed",
    "lapsed",
    "returned",
    "silenced",
    "unsilenced",
)
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
class Lanes:
    """A ladder's standing as bits: one for each rung in order, the next one for `silent`."""

    ladder: Ladder

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """What each bit says, from the lowest."""
        rungs = tuple(self.ladder.standing_while[rung.key] for rung in self.ladder.rungs)
        return rungs if self.ladder.silent is None else (*rungs, self.ladder.silent)

    @cached_property
    def watched(self) -> tuple[Selector, ...]:
        """What measures, `until` and moments look at: only such touchpoints can move anybody."""
        nodes = (node for condition in self.conditions for node in condition.walk())
        looking = (static(node.selector) for node in nodes if isinstance(node, _LOOKING))
        return tuple(dict.fromkeys(looking))

    @cached_property
    def heights(self) -> tuple[int, ...]:
        """The height of each rung, in order."""
        return tuple(self.ladder.height(rung) for rung in self.ladder.rungs)

    def held(self, mask: int) -> tuple[Rung, ...]:
        """The rungs whose bits are set."""
        return tuple(rung for bit, rung in enumerate(self.ladder.rungs) if mask >> bit & 1)

    def place(self, mask: int) -> Place:
        """The standing that these bits make."""
        found = self._places.get(mask)
        if found is None:
            found = self._places[mask] = self._place(mask)
        return found

    @cached_property
    def _places(self) -> dict[int, Place]:
        return {}

    def _place(self, mask: int) -> Place:
        if mask >> len(self.ladder.rungs) & 1:
            return SILENCE
        held = self.held(mask)
        if not held:
            return GROUND
        top = max(self.ladder.height(rung) for rung in held)
        return Place(top, tuple(rung.key for rung in held if self.ladder.height(rung) == top))

    def skipped(self, before: Place, after: Place, mask: int) -> tuple[str, ...]:
        """On the way up: the rungs between the two heights that she does not hold."""
        return tuple(
            rung.key
            for bit, rung in enumerate(self.ladder.rungs)
            if before.height < self.heights[bit] < after.height and not mask >> bit & 1
        )


def name(before: Place, after: Place, *, been: bool) -> MovementKind:
    """What a change of standing is called; `been` says whether she ever stood on a rung before."""
    if after.silent:
        return "silenced"
    if after.height == 0:
        return "unsilenced" if before.silent else "lapsed"
    if before.height == 0:
        return "returned" if been else "arrived"
    if after.height > before.height:
        return "climbed"
    return "slipped" if after.height < before.height else "crossed"
