"""Movements during a period: counts per place and per path between places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ladder.reports.pyramid import TitledLadder, pyramid, title_of
from ladder.storage.rows import Count, Movement
from ladder.storage.rows import Flow as Counted

TO: Final = ("arrived", "returned", "climbed", "crossed", "slipped")
"""Movements that are counted at the place they lead to."""
FROM: Final = ("lapsed",)
"""Movements to the ground, counted at the place they come from: otherwise all would be in one
row."""


@dataclass(frozen=True)
class Flow:
    """Movements at one place, counted by kind."""

    rungs: str
    title: str
    counts: dict[str, int]


@dataclass(frozen=True)
class Flows:
    """Movements of a period by place (highest first) and by path (most frequent first).

    Movements caused by a version boundary and suppressions are not flows of supporters and are not
    counted.
    """

    places: tuple[Flow, ...]
    paths: tuple[tuple[str, str, int], ...]
    totals: dict[str, int]
    peaks: int


def flows(ladder: TitledLadder, movements: Iterable[Movement | Counted]) -> Flows:
    """Count movements, or add up counts of them.

    A counted movement appears in one place, in one path and in the totals.
    """
    by_place: dict[str, Counter[str]] = {}
    paths: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    peaks = 0
    for movement in movements:
        number, seam = (
            (movement.movements, movement.seam)
            if isinstance(movement, Counted)
            else (1, movement.cause == "definition")
        )
        if seam or movement.kind not in (*TO, *FROM):
            continue
        place = movement.before if movement.kind in FROM else movement.after
        by_place.setdefault(place, Counter())[movement.kind] += number
        paths[movement.before, movement.after] += number
        totals[movement.kind] += number
        peaks += number * movement.new_peak
    steps = pyramid(ladder, (Count(rungs, 0, 0) for rungs in by_place)).above
    return Flows(
        tuple(
            Flow(step.rungs, step.title, _all_kinds(by_place.get(step.rungs, Counter())))
            for step in steps
        ),
        tuple(
            (title_of(ladder, before), title_of(ladder, after), count)
            for (before, after), count in sorted(
                paths.items(), key=lambda path: (-path[1], path[0])
            )
        ),
        _all_kinds(totals),
        peaks,
    )


def _all_kinds(counts: Counter[str]) -> dict[str, int]:
    return {kind: counts[kind] for kind in (*TO, *FROM)}
