"""The touchpoints of a part as arrays, sorted by supporter and instant on one clock.

`Reading` is what the rules for selectors, windows and measures ask of the evaluation that calls
them, so that they need not import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from ladder.engines.columnar.amounts import Cuts, Reductions
from ladder.engines.columnar.intervals import Intervals, Mask, Positions, begins_run
from ladder.engines.columnar.profiles import Profiles
from ladder.engines.columnar.timeline import Clock
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition, Selector, Span
from ladder.model.calendars import FOREVER
from ladder.model.organisations import Organisation

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
        return begins[begins_run(self.supporter[begins])]

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


class Reading(Protocol):
    """One line of touchpoints with the results so far; `conditions.LineReading` implements it."""

    facts: Facts
    ladder: Ladder
    organisation: Organisation
    line: Intervals
    judgements: dict[Selector, Mask]
    spanned: dict[tuple[Selector, Span], tuple[Positions, Positions]]

    @property
    def line_start(self) -> Positions:
        """Return the first position of each supporter's line; the largest int64 without one."""

    @property
    def early(self) -> bool:
        """Return whether any touchpoint precedes its supporter's line, as a status fact can."""

    def rows(self, selector: Selector) -> Positions:
        """Return the rows of the selected touchpoints."""

    def select(self, selector: Selector) -> Mask:
        """Return the mask of the selected touchpoints."""

    def condition(self, node: Condition) -> Intervals:
        """Return the positions at which the condition is true."""
