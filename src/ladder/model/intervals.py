"""Episodes: sorted, disjoint, half-open intervals `[start, end)` that do not touch.

They lie on *positions*, two for each instant t: 2t, where the clock has struck, and 2t + 1, where
the touchpoints of t have acted too. Users see the *shown* episodes, on instants.
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
"""A bound above every end: (start, _BEYOND) sorts after every episode with that start."""


def union(stretches: Iterable[Episode]) -> Episodes:
    """Convert intervals to episodes: sort them, join those that overlap or touch, drop empty ones.

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
    """Return the episodes during which both hold.

    >>> intersection([(1, 4), (6, 9)], [(3, 7)])
    [(3, 4), (6, 7)]
    """
    both: Episodes = []
    i = j = 0
    while i < len(left) and j < len(right):
        (start, end), (begin, stop) = left[i], right[j]
        first = start if start > begin else begin  # noqa: FURB136  (max() takes twice as long)
        last = end if end < stop else stop  # noqa: FURB136  (min() takes twice as long)
        if first < last:
            both.append((first, last))
        if end < stop:
            i += 1
        else:
            j += 1
    return both


def complement(episodes: Sequence[Episode], line: Episode) -> Episodes:
    """Return the rest of the line; the episodes must lie inside it.

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
    """Return the episodes during which the first hold and the second do not.

    >>> minus([(1, 4), (6, 9)], [(3, 7), (8, 20)])
    [(1, 3), (7, 8)]
    """
    if not these:
        return []
    line = (these[0][0], these[-1][1])
    return intersection(these, complement(intersection(those, [line]), line))


def visible(positions: Sequence[Episode]) -> Episodes:
    """Return the instants at which the episodes hold once that instant's touchpoints have acted.

    An episode only between the two steps of an instant shows nothing. A gap only between them is no
    break.

    >>> visible([(2, 3), (5, 8), (9, 12)])
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
    """Return the episode that contains the point, if any."""
    place = bisect_right(episodes, (point, _BEYOND))
    if place and point < episodes[place - 1][1]:
        return episodes[place - 1]
    return None


def holds(episodes: Sequence[Episode], point: int) -> bool:
    """Check whether the point lies in one of the episodes."""
    return around(episodes, point) is not None


def next_change(episodes: Sequence[Episode], point: int) -> int | None:
    """Return the first point after this one where an episode begins or ends; None without any."""
    inside = around(episodes, point)
    if inside is not None:
        return inside[1]
    place = bisect_right(episodes, (point, _BEYOND))
    return episodes[place][0] if place < len(episodes) else None
