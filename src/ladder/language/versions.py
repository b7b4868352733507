"""One ladder by several definitions, each of which speaks from its own instant on.

At every instant she stands where the definition that speaks then puts her, reading her whole
history. The instant at which the next one begins to speak is a *seam*. Whoever stands elsewhere
from there on moves by it, with cause "definition": nothing happened to her, and it counts in no
flow. Where both definitions put her at the same place, nothing is to be seen at the seam, and her
stretch runs across it. A movement that the new definition itself makes at that very instant, from
where she stood, is a movement like any other.

The rule is here in words and names; `versions` in every engine follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ladder.language.ladders import Ladder
from ladder.language.standings import MovementKind, Place, name
from ladder.model.kinds import Kind


class Version(NamedTuple):
    """A ladder as one of its definitions has it, and the instant from which that one speaks."""

    since: int
    ladder: Ladder


Succession = Sequence[Version]
"""A ladder's versions, oldest first; at least one."""


def speaking(versions: Succession, at: int) -> Ladder:
    """The ladder as it is at an instant; the first one, where none speaks yet."""
    found = [each for each in versions if each.since <= at]
    return (found[-1] if found else versions[0]).ladder


def kinds_of(versions: Succession) -> list[Kind]:
    """The kinds that any of the versions knows, each as each of them has it."""
    return [kind for each in versions for kind in each.ladder.kinds.values()]


def seam_kind(before: Place, after: Place, *, been: bool) -> MovementKind:
    """What a movement by definition is called: who keeps her rungs neither climbs nor slips.

    Heights of two definitions differ as soon as a rung is added below.
    """
    if before.rungs == after.rungs and before.rungs:
        return "crossed"
    return name(before, after, been=been)
