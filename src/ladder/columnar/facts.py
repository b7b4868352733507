"""Touchpoints as arrays: voids undone, refunds turned into cuts, links found, sorted on the clock.

A `Table` holds the touchpoints of any number of supporters; `Facts` is the part of it that lies on
one line of the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ladder.calendars import FOREVER
from ladder.columnar.amounts import Cuts, Reductions, Worth
from ladder.columnar.clock import Clock
from ladder.columnar.intervals import Intervals, Mask, Positions

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Coded:
    """A text column as codes; code -1 (absent) looks up the last, false, entry of every table."""

    codes: Codes
    values: tuple[str, ...]

    @classmethod
    def of(cls, column: pl.Series) -> Coded:
        """Code a text column, with categories of its own that go when the codes are made."""
        coded = column.cast(pl.String).cast(pl.Categorical(pl.Categories.random()))
        values = coded.unique(maintain_order=True).drop_nulls()
        numbers = values.to_physical().to_numpy()
        table = np.full(int(numbers.max(initial=0)) + 2, -1, np.int32)
        table[numbers] = np.arange(len(values), dtype=np.int32)
        physical = coded.to_physical().cast(pl.Int64).fill_null(len(table) - 1).to_numpy()
        return cls(table[physical], tuple(values.cast(pl.String).to_list()))

    def mask(self, judge: Callable[[str], bool]) -> Mask:
        """Which rows have a value that is judged true."""
        table = np.array([*(judge(value) for value in self.values), False], np.bool_)
        chosen: Mask = table[self.codes]
        return chosen

    def __getitem__(self, rows: slice | Positions) -> Coded:
        return Coded(self.codes[rows], self.values)


@dataclass
class Table:
    """All touchpoints of a replay, sorted by supporter and instant."""

    clock: Clock
    supporter: Positions
    at: Positions
    ids: Positions
    date_only: Mask
    own: Mask
    status: Mask
    person: Positions
    coded: dict[str, Coded]
    flags: dict[str, Mask]
    amount: Positions
    foreign: Mask
    quantity: Positions
    target: Positions
    refunded: Positions
    expires: Positions
    reductions: Reductions
    cuts: Cuts
    worth: Worth

    def lines(self) -> Iterator[Facts]:
        """The parts that fit on one line of the clock, whole supporters each."""
        size = len(self.at)
        first = 0
        while first < size:
            begin = int(self.supporter[first])
            last = int(np.searchsorted(self.supporter, begin + self.clock.most_supporters))
            last = max(self._part(first, last), first + 1)
            yield Facts.of(self, first, last)
            first = last

    def _part(self, first: int, last: int) -> int:
        """Parts that fit the processor's cache are faster than one long line."""
        wanted = first + PART_ROWS
        if wanted >= last:
            return last
        return int(np.searchsorted(self.supporter, self.supporter[wanted], side="right"))


PART_ROWS = 150_000


@dataclass
class Facts:
    """The touchpoints on one line, sorted by position; supporters are numbered from 0 here."""

    clock: Clock
    first: int
    supporter: Positions
    base: int
    g: Positions
    at: Positions
    days: Positions
    ids: Positions
    date_only: Mask
    own: Mask
    all_own: bool
    person: Positions
    coded: dict[str, Coded]
    flags: dict[str, Mask]
    amount: Positions
    foreign: Mask
    quantity: Positions
    target: Positions
    cut: Positions | None
    reductions: Reductions
    cuts: Cuts
    line: Intervals
    line_of: Positions = field(repr=False)

    @classmethod
    def of(cls, table: Table, first: int, last: int) -> Facts:
        """The rows from `first` to before `last` of the table, on a line of their own."""
        rows = slice(first, last)
        clock = table.clock
        base = int(table.supporter[first]) if first < last else 0
        supporter, at = table.supporter[rows] - base, table.at[rows]
        g = clock.positions(supporter, at)
        target = table.target[rows]
        line, line_of = _line(clock, supporter, g, table.status[rows])
        return cls(
            clock=clock,
            first=first,
            supporter=supporter,
            base=base,
            g=g,
            at=at,
            days=clock.days(at),
            ids=table.ids[rows],
            date_only=table.date_only[rows],
            own=table.own[rows],
            all_own=bool(table.own[rows].all()),
            person=table.person[rows],
            coded={name: column[rows] for name, column in table.coded.items()},
            flags={name: column[rows] for name, column in table.flags.items()},
            amount=table.amount[rows],
            foreign=table.foreign[rows],
            quantity=table.quantity[rows],
            target=np.where(target >= 0, target - first, -1),
            cut=_cuts(clock, supporter, table.refunded[rows], table.expires[rows]),
            reductions=table.reductions.within(first, last),
            cuts=table.cuts,
            line=line,
            line_of=line_of,
        )


def _line(
    clock: Clock, supporter: Positions, g: Positions, status: Mask
) -> tuple[Intervals, Positions]:
    """Her line: from her first touchpoint that is no status fact; and whose line each one is."""
    begins = np.flatnonzero(~status)
    who = supporter[begins]
    if len(who):
        fresh = np.concatenate(([True], who[1:] != who[:-1]))
        begins, who = begins[fresh], who[fresh]
    return Intervals(g[begins], (who + 1) * clock.stride), who


def _cuts(
    clock: Clock, supporter: Positions, refunded: Positions, expires: Positions
) -> Positions | None:
    """The positions at which refunds and expiring placements cut, or None where nothing does."""
    if (refunded >= FOREVER).all() and (expires >= FOREVER).all():
        return None
    step = np.where(refunded < FOREVER, 1, 0)
    cut = clock.positions(supporter, refunded) + step
    return np.minimum(cut, clock.positions(supporter, expires))
