"""Episodes: sorted, disjoint, half-open stretches `[start, end)` that do not even touch.

They lie on *positions*, two for each instant t: 2t, where the clock has struck, and 2t + 1, where
the touchpoints of t have acted too. What people see are the *shown* episodes, on instants.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from ladder.model.calendars import FOREVER

Episode = tuple[int, int]
Episodes = list[Episode]

INF: Final = 2 * FOREVER
"""The position of FOREVER."""

_BEYOND: Final = INF + 1
"""No episode ends here: (start, this) sorts after every episode of that start."""


def union(stretches: Iterable[Episode]) -> Episodes:
    """All stretches as episodes: in order, overlapping and touching ones made one, no empty one.

    >>> union([(5, 7), (1, 3), (3, 4), (9, 9)])
    [(1, 4), (5, 7)]
    """
    ordered = sorted([stretch for stretch in stretches if stretch[0] < stretch[1]])
    if not ordered:
        return []
    merged: Episodes = []
    start, end = ordered[0]
    for begin, stop in ordered:
        if begin > end:
            merged.append((start, end))
            start, end = begin, stop
        elif stop > end:
            end = stop
    merged.append((start, end))
    return merged


def intersection(left: Sequence[Episode], right: Sequence[Episode]) -> Episodes:
    """Where both are.

    >>> intersection([(1, 4), (6, 9)], [(3, 7)])
    [(3, 4), (6, 7)]
    """
    both: Episodes = []
    i = j = 0
    while i < len(left) and j < len(right):
        (start, end), (begin, stop) = left[i], right[j]
        first = start if start > begin else begin  # noqa: FURB136  (max() takes twice as long)
        last = end if end < stop else stop  # noqa: FURB136
        if first < last:
            both.append((first, last))
        if end < stop:
            i += 1
        else:
            j += 1
    return both


def complement(episodes: Sequence[Episode], line: Episode) -> Episodes:
    """The rest of the line; the episodes lie inside it.

    >>> complement([(2, 3)], (0, 9))
    [(0, 2), (3, 9)]
    """
    rest: Episodes = []
    begin, stop = line
    for start, end in episodes:
        if begin < start:
            rest.append((begin, start))
        begin = end
    if begin < stop:
        rest.append((begin, stop))
    return rest


def minus(these: Sequence[Episode], those: Sequence[Episode]) -> Episodes:
    """Where the first are and the others are not.

    >>> minus([(1, 4), (6, 9)], [(3, 7), (8, 20)])
    [(1, 3), (7, 8)]
    """
    if not these:
        return []
    line = (these[0][0], these[-1][1])
    return intersection(these, complement(intersection(those, [line]), line))


def shown(positions: Sequence[Episode]) -> Episodes:
    """The instants at which position episodes hold once that instant's touchpoints have acted.

    What is true only between the two steps shows nothing; what is false only there is no break.

    >>> shown([(2, 3), (5, 8), (9, 12)])
    [(2, 6)]
    """
    instants: Episodes = []
    for a, b in positions:
        start, end = a // 2, b // 2
        if start >= end:
            continue
        if instants and instants[-1][1] == start:
            instants[-1] = (instants[-1][0], end)
        else:
            instants.append((start, end))
    return instants


def around(episodes: Sequence[Episode], point: int) -> Episode | None:
    """The episode that the point is in, if any."""
    place = bisect_right(episodes, (point, _BEYOND))
    if place and point < episodes[place - 1][1]:
        return episodes[place - 1]
    return None


def holds(episodes: Sequence[Episode], point: int) -> bool:
    """Whether the point lies in one of the episodes."""
    return around(episodes, point) is not None


def next_change(episodes: Sequence[Episode], point: int) -> int | None:
    """The first point after this one where an episode begins or ends; None when there is none."""
    inside = around(episodes, point)
    if inside is not None:
        return inside[1]
    place = bisect_right(episodes, (point, _BEYOND))
    return episodes[place][0] if place < len(episodes) else None
