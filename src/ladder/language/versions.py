"""Versions of a ladder, and the movements at the boundaries between them.

At every instant a supporter stands where the version in force puts them, reading their whole
history. The instant at which the next version takes effect is a *version boundary*. A supporter
whose standing differs from there on moves, with the cause "definition": nothing happened, and the
movement counts in no flow. Where both versions agree, the boundary is invisible, and the interval
runs across it. A movement that the new version itself makes at that very instant is a movement like
any other.

The rule is here in words and names; `versions` in every engine follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ladder.language.ladders import Ladder
from ladder.language.standings import MovementKind, Place, name
from ladder.model.kinds import Kind


class Version(NamedTuple):
    """A definition of a ladder, and the instant from which it is in force."""

    since: int
    ladder: Ladder


Succession = Sequence[Version]
"""The versions of a ladder, oldest first; at least one."""


def speaking(versions: Succession, at: int) -> Ladder:
    """Return the definition in force at an instant; before all of them, the first one."""
    begun = [version for version in versions if version.since <= at]
    return (begun[-1] if begun else versions[0]).ladder


def kinds_of(versions: Succession) -> list[Kind]:
    """Return the kinds of all versions; a kind that several versions declare is repeated."""
    return [kind for version in versions for kind in version.ladder.kinds.values()]


def boundary_kind(before: Place, after: Place, *, been: bool) -> MovementKind:
    """Name a movement at a version boundary: "crossed" if the supporter keeps the same rungs.

    The heights are not compared then, because they differ as soon as a rung is added below.
    """
    if before.rungs == after.rungs and before.rungs:
        return "crossed"
    return name(before, after, been=been)
