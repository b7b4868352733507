"""Who moved during a time: how many came to each place and left it, and from where to where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ladder.language.ladders import Ladder
from ladder.reports.pyramid import pyramid, title_of
from ladder.storage.rows import Count, Movement
from ladder.storage.rows import Flow as Counted

TO: Final = ("arrived", "returned", "climbed", "crossed", "slipped")
"""Movements that are counted where they lead to."""
FROM: Final = ("lapsed",)
"""Movements to the ground, counted where they come from: else all would lie in one row."""


@dataclass(frozen=True)
class Flow:
    """What happened at one place: how many of each kind of movement."""

    rungs: str
    title: str
    counts: dict[str, int]


@dataclass(frozen=True)
class Flows:
    """Movements of a time by place (highest first) and by path (the most trodden first).

    The seams of changed definitions and silences are no flow of supporters and count in none.
    """

    places: tuple[Flow, ...]
    paths: tuple[tuple[str, str, int], ...]
    totals: dict[str, int]
    peaks: int


def flows(ladder: Ladder, movements: Iterable[Movement | Counted]) -> Flows:
    """Count movements, or add up counts of them; each is in one place, one path and the totals."""
    by_place: dict[str, Counter[str]] = {}
    paths: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    peaks = 0
    for each in movements:
        number, seam = (
            (each.movements, each.seam)
            if isinstance(each, Counted)
            else (1, each.cause == "definition")
        )
        if seam or each.kind not in (*TO, *FROM):
            continue
        place = each.before if each.kind in FROM else each.after
        by_place.setdefault(place, Counter())[each.kind] += number
        paths[each.before, each.after] += number
        totals[each.kind] += number
        peaks += number * each.new_peak
    steps = pyramid(ladder, (Count(rungs, 0, 0) for rungs in by_place)).above
    return Flows(
        tuple(
            Flow(step.rungs, step.title, _filled(by_place.get(step.rungs, Counter())))
            for step in steps
        ),
        tuple(
            (title_of(ladder, before), title_of(ladder, after), count)
            for (before, after), count in sorted(
                paths.items(), key=lambda each: (-each[1], each[0])
            )
        ),
        _filled(totals),
        peaks,
    )


def _filled(counts: Counter[str]) -> dict[str, int]:
    return {kind: counts[kind] for kind in (*TO, *FROM)}
