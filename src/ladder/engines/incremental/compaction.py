"""Compact what a measure still counts of the past into as few intervals as comparisons need.

A comparison asks a measure for no more than some figure (`count(…) >= 3` for three). So of what
counts together until it ends by itself, those that end last and reach that figure are enough: while
one of the others counted, all of these did, and it made no difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.measures import dimension
from ladder.language.measures import Distinct, Measure, Total
from ladder.model.calendars import Calendar
from ladder.model.intervals import INF, Episode, union


class ResidualInterval(NamedTuple):
    """A contribution that counts during the positions [start, end), unless it is closed earlier.

    `contribution` is how many or how much; for `distinct` it is the value. `touchpoint` is the id
    of the touchpoint that counts, where an answer to that very touchpoint would close it.
    """

    start: int
    end: int
    contribution: Any
    touchpoint: int | None = None


def contribution_of(measure: Measure, calendar: Calendar) -> Callable[[Fact], Any]:
    """Make the function that gives what a touchpoint adds to a measure; None or 0 for nothing.

    All refunds of the touchpoint must be known.
    """
    if isinstance(measure, Distinct):
        return dimension(measure.by, calendar)
    if isinstance(measure, Total) and measure.of == "amount":
        return lambda fact: (fact.amount or 0) - sum(less for _, less in fact.reductions)
    if isinstance(measure, Total):
        return lambda fact: fact.quantity or 0
    return lambda _: 1


def compact(
    measure: Measure, intervals: Iterable[ResidualInterval], now: int, enough: int | None
) -> list[ResidualInterval]:
    """Give fewer intervals that every comparison reads alike.

    For intervals that only time ends, or something that ends all of them at once. `enough` is what
    comparisons ask for at most (None: unlimited).
    """
    if isinstance(measure, Distinct):
        return _compact_values(intervals, now, enough)
    steps: list[tuple[int, int]] = []
    for interval in intervals:
        steps += (
            (interval.start, interval.contribution),
            (interval.end, -interval.contribution),
        )
    values = [*_limited_values(steps, now, enough)]
    ends = [position for position, _ in values[1:]]
    pairs = zip(values, ends, strict=False)  # nothing counts any more after the last value
    return [ResidualInterval(since, end, value) for (since, value), end in pairs if value]


def compact_sum(steps: Iterable[tuple[int, int]], now: int, enough: int | None) -> list[int]:
    """Give one sum that only time changes as a flat list: position and change in turn.

    It is the smallest form, because it is read at every recording.
    """
    flat: list[int] = []
    before = 0
    for position, value in _limited_values(steps, now, enough):
        if position < INF:  # what never ends needs no end
            flat += (position, value - before)
        before = value
    return flat


def _limited_values(
    steps: Iterable[tuple[int, int]], now: int, enough: int | None
) -> Iterator[tuple[int, int]]:
    """List the sum from each position on at which it changes, `enough` at most."""
    changes: dict[int, int] = defaultdict(int)
    for position, change in steps:
        changes[max(position, now)] += change
    total = last = 0
    for position in sorted(changes):
        total += changes[position]
        value = total if enough is None else min(total, enough)
        if value != last:
            yield position, value
            last = value


def _compact_values(
    intervals: Iterable[ResidualInterval], now: int, enough: int | None
) -> list[ResidualInterval]:
    by_value: dict[Any, list[Episode]] = defaultdict(list)
    for interval in intervals:
        by_value[interval.contribution].append((max(interval.start, now), interval.end))
    kept: list[ResidualInterval] = []
    ending: list[ResidualInterval] = []
    for value, several in by_value.items():
        episodes = union(several)
        is_running = len(episodes) == 1 and episodes[0][0] == now
        target = ending if is_running else kept
        target.extend(ResidualInterval(start, end, value) for start, end in episodes)
    return kept + sorted(ending, key=lambda interval: -interval.end)[:enough]
