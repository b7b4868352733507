"""The touchpoints of a part as arrays, sorted by supporter and instant on one clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ladder.engines.columnar.amounts import Cuts, Reductions
from ladder.engines.columnar.dictionary import Profiles
from ladder.engines.columnar.intervals import Intervals, Mask, Positions
from ladder.engines.columnar.timeline import Clock
from ladder.model.calendars import FOREVER

UNKNOWN, ELSEWHERE = -1, -2
"""Placeholders for the answered row: there is none; it is known, but was not kept."""


@dataclass
class Facts:
    """The effective touchpoints of whole supporters, numbered from 0.

    Voids and voided touchpoints are left out. `base` plus a supporter's number is their number
    among all supporters. `target` is the row that each row answers. `refunded` and `expires` are
    the instants at which refunds and placements cut rows: FOREVER for an uncut row, None when no
    row is cut.
    """

    clock: Clock
    base: int
    supporter: Positions
    at: Positions
    ids: Positions
    own: Mask
    person: Positions
    status: Mask
    date_only: Mask
    profiles: Profiles
    amount: Positions
    has_amount: Mask
    foreign: Mask
    quantity: Positions
    has_quantity: Mask
    target: Positions
    refunded: Positions | None
    expires: Positions | None
    reductions: Reductions
    cuts: Cuts

    @cached_property
    def g(self) -> Positions:
        """The position of each row: the clock's step of its instant."""
        return self.clock.positions(self.supporter, self.at)

    @cached_property
    def days(self) -> Positions:
        """The local day of each row."""
        return self.clock.days(self.at)

    @cached_property
    def all_own(self) -> bool:
        """Whether there are no referred acts."""
        return bool(self.own.all())

    @cached_property
    def line_of(self) -> Positions:
        """The supporter of each interval of `line`."""
        return self.supporter[self._begins]

    @cached_property
    def line(self) -> Intervals:
        """The lines: from each supporter's first touchpoint that is no status fact."""
        return Intervals(self.g[self._begins], (self.line_of + 1) * self.clock.stride)

    @cached_property
    def _begins(self) -> Positions:
        begins = np.flatnonzero(~self.status)
        supporter = self.supporter[begins]
        return (
            begins[np.concatenate(([True], supporter[1:] != supporter[:-1]))]
            if len(supporter)
            else begins
        )

    @cached_property
    def cut(self) -> Positions | None:
        """The positions at which refunds and expiring placements cut rows; None without any."""
        cuts = []
        if self.refunded is not None:
            step = np.where(self.refunded < FOREVER, 1, 0)
            cuts.append(self.clock.positions(self.supporter, self.refunded) + step)
        if self.expires is not None:
            cuts.append(self.clock.positions(self.supporter, self.expires))
        return np.minimum.reduce(cuts) if cuts else None
