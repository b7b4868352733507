"""What a measure still counts of the past, in as few pieces as tell every comparison apart.

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


class Piece(NamedTuple):
    """So much counts during the positions [start, end), unless something ends it earlier.

    `worth` is how many or how much; of `distinct` it is the value. `touchpoint` is the one that
    counts, where an answer to that very touchpoint would end it.
    """

    start: int
    end: int
    worth: Any
    touchpoint: int | None = None


def worth_of(measure: Measure, calendar: Calendar) -> Callable[[Fact], Any]:
    """What one touchpoint adds to a measure, all its refunds being known; None or 0 for nothing."""
    if isinstance(measure, Distinct):
        return dimension(measure.by, calendar)
    if isinstance(measure, Total) and measure.of == "amount":
        return lambda fact: (fact.amount or 0) - sum(less for _, less in fact.reductions)
    if isinstance(measure, Total):
        return lambda fact: fact.quantity or 0
    return lambda _: 1


def merged(measure: Measure, pieces: Iterable[Piece], now: int, enough: int | None) -> list[Piece]:
    """The same in fewer pieces; `enough` is what comparisons ask for at most (None: unlimited).

    For pieces that only time ends, or something that ends all of them at once.
    """
    if isinstance(measure, Distinct):
        return _values(pieces, now, enough)
    steps: list[tuple[int, int]] = []
    for piece in pieces:
        steps += ((piece.start, piece.worth), (piece.end, -piece.worth))
    values = [*_told(steps, now, enough)]
    ends = [position for position, _ in values[1:]]
    between = zip(values, ends, strict=False)  # after the last of them nothing counts any more
    return [Piece(since, end, worth) for (since, worth), end in between if worth]


def sum_of(steps: Iterable[tuple[int, int]], now: int, enough: int | None) -> list[int]:
    """The same as one sum, position and change in turn: for what nothing but time ends.

    The smallest there is: it is read at every recording, and written whenever much has come.
    """
    flat: list[int] = []
    before = 0
    for position, worth in _told(steps, now, enough):
        if position < INF:  # what never ends need not be said to
            flat += (position, worth - before)
        before = worth
    return flat


def _told(
    steps: Iterable[tuple[int, int]], now: int, enough: int | None
) -> Iterator[tuple[int, int]]:
    """What it comes to from each position on, where that differs."""
    changes: dict[int, int] = defaultdict(int)
    for position, change in steps:
        changes[max(position, now)] += change
    value = told = 0
    for position in sorted(changes):
        value += changes[position]
        worth = value if enough is None else min(value, enough)
        if worth != told:
            yield position, worth
            told = worth


def _values(pieces: Iterable[Piece], now: int, enough: int | None) -> list[Piece]:
    stretches: dict[Any, list[Episode]] = defaultdict(list)
    for piece in pieces:
        stretches[piece.worth].append((max(piece.start, now), piece.end))
    kept: list[Piece] = []
    ending: list[Piece] = []
    for value, several in stretches.items():
        episodes = union(several)
        only = len(episodes) == 1 and episodes[0][0] == now
        (ending if only else kept).extend(Piece(start, end, value) for start, end in episodes)
    return kept + sorted(ending, key=lambda piece: -piece.end)[:enough]
