"""Count one pattern: per date into cells, and back to supporters.

Of n supporters in a cell, n1 have the pattern. x is 1 for those and 0 for the others; y is the
outcome. The Mantel-Haenszel difference is the sum over cells of n1 n0 / n times the difference of
means, divided by the sum of n1 n0 / n. That equals the slope of y on x where every cell has a level
of its own (x and y less their means in the cell). So a supporter contributes to a few sums only. A
supporter in cells of several dates contributes all their parts when they are counted as one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ladder.effects.arrays import Floats, Ints, Mask, Single, sums
from ladder.effects.matching import CELLS, GAVE, RECORD, After, Before


@dataclass
class Tally:
    """Sums of one pattern over all dates; `size` is the number of supporters in the history.

    Each supporter's sums run over their matched cells, with x' = x - n1/n. `with_gave` sums x' (x
    y)', `without_gave` x' ((1-x) y)', `amount` x' m', `spread` x'^2. The second prime also means
    less the mean in the cell, and m is the money given.
    """

    size: int
    with_gave: Floats = field(init=False)
    without_gave: Floats = field(init=False)
    amount: Floats = field(init=False)
    spread: Floats = field(init=False)
    matched: Mask = field(init=False)
    """Two rows: supporters in a matched cell at some date with the pattern, and without it."""
    looked: Mask = field(init=False)
    """Two rows before matching: supporters with the pattern at some date, and without it."""
    observed: Ints = field(init=False)
    """Before matching: observations with and without (rows), all and those that gave (columns)."""
    levels: Floats = field(init=False)
    """Money of those with and without the pattern, weighted as the difference is."""
    records: Floats = field(init=False)
    """The mean record (see `matching`) of both sides, over those who gave before."""
    tables: list[Ints] = field(init=False, default_factory=list)
    _weight: float = 0.0

    def __post_init__(self) -> None:
        for name in ("with_gave", "without_gave", "amount", "spread"):
            setattr(self, name, np.zeros(self.size))
        self.matched = np.zeros((2, self.size), np.bool_)
        self.looked = np.zeros((2, self.size), np.bool_)
        self.observed = np.zeros((2, 2), np.int64)
        self.levels = np.zeros(2)
        self.records = np.zeros((2, len(RECORD)))

    def add(self, group: Group, exposed: Mask, after: After) -> None:
        """Add one date: its assessable supporters, those with the pattern, and later gifts."""
        place = group.place
        having = np.flatnonzero(exposed & (place > 0))
        there = place[after.supporter] > 0
        gave = _Gave(after.supporter[there], after.amount[there], exposed[after.supporter[there]])
        its = _Cells.of(group.n, place, having, gave)
        self._look(place, having, its)
        if its.has_both_sides.any():
            self.tables.append(its.table())
            self._share_out(place, having, its)
            self._share_out_giving(place, gave, its)
            self._compare(group, having, its)

    @property
    def cells(self) -> Ints:
        """All matched cells of all dates, a column per cell: n1, gave, n0, gave."""
        return np.concatenate([np.empty((4, 0), np.int64), *self.tables], axis=1)

    @property
    def inside(self) -> Mask:
        """The supporters who are in any matched cell."""
        inside: Mask = np.logical_or(*self.matched)
        return inside

    def _look(self, place: Ints, having: Ints, its: _Cells) -> None:
        without = place > 0
        without[having] = False
        self.looked[0, having] = True
        self.looked[1] |= without
        self.matched[0, having[its.has_both_sides[place[having]]]] = True
        self.matched[1] |= without & its.has_both_sides[place]
        n1, a1, n, a = (int(total.sum()) for total in (its.n1, its.a1, its.n, its.a))
        self.observed += [[n1, a1], [n - n1, a - a1]]

    def _share_out(self, place: Ints, having: Ints, its: _Cells) -> None:
        """Add all parts as if no supporter had the pattern or gave; then correct those who have it.

        Tables by cell are looked up. All supporters are in a cell and few have a pattern or give,
        so this is about five times as fast as computing each part.
        """
        own = place[having]
        rows = ((self.with_gave, its.a1), (self.without_gave, its.a - its.a1), (self.amount, its.m))
        for parts, total in rows:
            mean = its.mean(total)
            np.add(parts, (its.share * mean)[place], out=parts)
            parts[having] -= mean[own]
        self.spread += (its.share**2)[place]
        self.spread[having] += (its.has_both_sides - 2 * its.share)[own]

    def _share_out_giving(self, place: Ints, gave: _Gave, its: _Cells) -> None:
        """Add the parts of supporters who gave."""
        own = place[gave.supporter]
        spread = (gave.having - its.share[own]) * its.has_both_sides[own]
        self.with_gave[gave.supporter] += spread * gave.having
        self.without_gave[gave.supporter] += spread * ~gave.having
        self.amount[gave.supporter] += spread * gave.money
        weighted = spread * gave.money
        self.levels += [weighted[gave.having].sum(), -weighted[~gave.having].sum()]

    def _compare(self, group: Group, having: Ints, its: _Cells) -> None:
        """Add the records of both sides, weighted as the difference is."""
        share = np.where(GAVE, its.share, 0)
        n0 = its.n - its.n1
        weight = float(share @ n0)
        own = group.place[having]
        with_it = np.stack([_by_cell(own, row[having]) for row in group.record])
        both = np.stack(
            [with_it @ np.where(share > 0, 1 - share, 0), (group.records - with_it) @ share]
        )
        self._weight += weight
        if self._weight:
            self.records += (both - weight * self.records) / self._weight


@dataclass(frozen=True)
class Group:
    """The assessable supporters at one date, shared by patterns with the same requirements.

    `place` is every supporter's cell counted from 1 (0: not assessed), `record` their record. `n`
    and `records` are the sums by place.
    """

    place: Ints
    record: Single
    n: Floats
    records: Floats

    @classmethod
    def of(cls, before: Before, among: Mask) -> Group:
        """Build the group of a date from the supporters in `among`."""
        place = np.where(among, before.cell, -1).astype(np.int64) + 1
        n = _by_cell(place)
        n[0] = 0
        return cls(place, before.record, n, np.stack([_by_cell(place, r) for r in before.record]))


@dataclass(frozen=True)
class _Gave:
    """The supporters who gave after a date, the amounts, and whether they had the pattern."""

    supporter: Ints
    money: Ints
    having: Mask


@dataclass(frozen=True)
class _Cells:
    """The cells of one date: supporters, givers and money, by side.

    The first cell holds no supporter.
    """

    n: Floats
    n1: Floats
    a: Floats
    a1: Floats
    m: Floats

    @classmethod
    def of(cls, n: Floats, place: Ints, having: Ints, gave: _Gave) -> _Cells:
        """Count the cells."""
        own = place[gave.supporter]
        return cls(
            n,
            _by_cell(place[having]),
            _by_cell(own),
            _by_cell(own[gave.having]),
            _by_cell(own, gave.money),
        )

    @cached_property
    def has_both_sides(self) -> Mask:
        """The cells with supporters on both sides."""
        return (self.n1 > 0) & (self.n1 < self.n)

    @cached_property
    def share(self) -> Floats:
        """n1 / n of the matched cells, else 0."""
        return self.mean(self.n1)

    def mean(self, total: Floats) -> Floats:
        """Return a sum per supporter in the matched cells, else 0."""
        return np.divide(total, self.n, out=np.zeros_like(self.n), where=self.has_both_sides)

    def table(self) -> Ints:
        """Return the matched cells: n1, gave, n0, gave."""
        rows = (self.n1, self.a1, self.n - self.n1, self.a - self.a1)
        return np.stack(rows)[:, self.has_both_sides].astype(np.int64)


def _by_cell(places: Ints, values: Ints | Single | None = None) -> Floats:
    return sums(places, values, CELLS + 1)
