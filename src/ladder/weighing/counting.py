"""Counting one pattern: date by date into cells, and back to supporters.

Within a cell n people stand, n1 of them with the pattern; x is 1 for those and 0 for the others, y
is what followed. The Mantel-Haenszel difference is the sum over cells of n1 n0 / n times the
difference of means, divided by the sum of n1 n0 / n; which is the slope of y on x where every cell
has a level of its own (x and y less their means in the cell). So all that is needed of a supporter
is her part in a few sums, and one who stands in cells of several dates brings all her parts along
when she is counted as one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ladder.weighing.arrays import Codes, Floats, Ints, Mask


@dataclass(frozen=True)
class Looked:
    """One side before matching: observations, those of them that gave, and who they were."""

    observations: int
    gave: int


@dataclass
class Tally:
    """Sums of one pattern over all dates; `size` supporters, of whom any may be in it.

    For each supporter, over the matched cells in which she stands, with x' = x - n1/n:
    `with_gave` sums x' (x y)', `without_gave` x' ((1-x) y)', `amount` x' m', `spread` x'^2, where
    the second prime also means less the mean in the cell.
    """

    size: int
    with_gave: Floats = field(init=False)
    without_gave: Floats = field(init=False)
    amount: Floats = field(init=False)
    spread: Floats = field(init=False)
    exposed: Mask = field(init=False)
    compared: Mask = field(init=False)
    looked_exposed: Mask = field(init=False)
    looked_compared: Mask = field(init=False)
    tables: list[Ints] = field(init=False, default_factory=list)
    """For each date n1, those of them that gave, n0, those of them that gave, by matched cell."""
    levels: Floats = field(init=False)
    """The mean amount of those with and without, as sums weighted like the difference."""
    looked: Ints = field(init=False)
    """Observations with and without, and how many of each gave, before matching."""

    def __post_init__(self) -> None:
        for name in ("with_gave", "without_gave", "amount", "spread"):
            setattr(self, name, np.zeros(self.size))
        for name in ("exposed", "compared", "looked_exposed", "looked_compared"):
            setattr(self, name, np.zeros(self.size, np.bool_))
        self.levels = np.zeros(2)
        self.looked = np.zeros((2, 2), np.int64)

    def add(self, cell: Codes, exposed: Mask, gave: Mask, amount: Floats, among: Mask) -> None:
        """One date: everybody's cell, pattern and giving after it; those `among` count."""
        who = np.flatnonzero(among & (cell >= 0))
        self._look(who, exposed[who], gave[who])
        if not exposed[who].any():
            return
        cells = cell[who].astype(np.int64)
        n, with_it = _sums(cells), _sums(cells, exposed[who])
        paired = ((with_it > 0) & (with_it < n))[cells]
        who, cells = who[paired], cells[paired]
        if len(who):
            self._count(who, cells, exposed[who], gave[who], amount[who])

    def _look(self, who: Ints, exposed: Mask, gave: Mask) -> None:
        self.looked_exposed[who[exposed]] = True
        self.looked_compared[who[~exposed]] = True
        self.looked += [
            [int(exposed.sum()), int((exposed & gave).sum())],
            [int((~exposed).sum()), int((~exposed & gave).sum())],
        ]

    def _count(self, who: Ints, cells: Ints, x: Mask, y: Mask, m: Floats) -> None:
        n, n1 = _sums(cells), _sums(cells, x)
        a1, a = _sums(cells, x & y), _sums(cells, y)
        full = n > 0
        n, n1, a1, a = n[full], n1[full], a1[full], a[full]
        cells = (np.cumsum(full) - 1)[cells]
        self.tables.append(np.stack([n1, a1, n - n1, a - a1]).astype(np.int64))
        spread = x - (n1 / n)[cells]
        self.with_gave[who] += spread * ((x & y) - (a1 / n)[cells])
        self.without_gave[who] += spread * ((~x & y) - ((a - a1) / n)[cells])
        self.amount[who] += spread * (m - (_sums(cells, m) / n)[cells])
        self.spread[who] += spread**2
        self.levels += [float(spread[x] @ m[x]), float(-spread[~x] @ m[~x])]
        self.exposed[who[x]] = True
        self.compared[who[~x]] = True

    @property
    def cells(self) -> Ints:
        """All matched cells of all dates, a column each: n1, gave, n0, gave."""
        return np.concatenate([np.empty((4, 0), np.int64), *self.tables], axis=1)


def _sums(cells: Ints, values: Mask | Floats | None = None) -> Floats:
    return np.bincount(cells, values).astype(np.float64)
