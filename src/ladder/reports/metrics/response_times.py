"""How long things wait: who was served within a time, and when half of them had been.

Everything here is an array with one element for each thing that waits; instants are microseconds.
What the log is not declared to hold is unknown, what has not had its time yet is young, and what
was given back before it was served waits for nothing: none of the three counts as a failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ladder.coverage import Gap
from ladder.engines.columnar.calendar_arrays import day_ends
from ladder.language.spans import Elapsed, Hours, days
from ladder.model.calendars import DAY, FOREVER, HOUR, Calendar

Instants = NDArray[np.int64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

NO: Final = 0
YES: Final = 1
YOUNG: Final = 2
UNKNOWN: Final = 3
GONE: Final = 4
OUTCOMES: Final = 5

_HALF: Final = 0.5 + 1e-12
"""Products of shares that ought to be a half may come out a breath above it."""


@dataclass(frozen=True)
class Waits:
    """Things that wait: from `at` until `cut` (given back), or until they are served.

    `dated` are those known only by date; `day` is the local day.
    """

    at: Instants
    day: Instants
    dated: Mask
    cut: Instants

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Waits:
        """From a frame with these columns."""
        columns = {name: frame[name].to_numpy() for name in ("at", "day", "date_only", "cut")}
        return cls(columns["at"], columns["day"], columns["date_only"], columns["cut"])

    def last(self, span: Elapsed, calendar: Calendar) -> Instants:
        """The last instant that is in time.

        Hours are met to the very end: exactly 48 hours are within 48 hours. What is known only by
        date may have come at any hour of it, so there hours run to the end of the day on which the
        last of them falls.
        """
        if isinstance(span, Hours):
            late = day_ends(calendar, days(-(-span.number // 24)), self.day) - 1
            return np.where(self.dated, late, self.at + span.number * HOUR)
        return day_ends(calendar, span, self.day) - 1

    def within(self, served: Instants, last: Instants, gaps: Sequence[Gap], now: int) -> Codes:
        """What became of each: served by its `last` instant (`YES`) or not."""
        yes = (served < self.cut) & (served <= last)
        gone = ~yes & (self.cut <= last)
        unknown = overlapped(gaps, self.at, np.minimum(last, now))
        return np.select([unknown, last > now, gone, yes], [UNKNOWN, YOUNG, GONE, YES], NO)

    def before(self, served: Instants, limit: Instants, gaps: Sequence[Gap], now: int) -> Codes:
        """Served before something else happened at `limit`; where that did not happen: `GONE`."""
        found = self.within(served, limit - 1, gaps, now)
        return np.where(limit > now, GONE, found)

    def followed(
        self, served: Instants, gaps: Sequence[Gap], now: int
    ) -> tuple[Instants, Mask, Mask]:
        """How long each was watched, whether it was served at the end of that, and which count.

        Watched until it is served or given back, until the log is no longer declared complete, or
        until now; what could not be watched at all does not count.
        """
        # A touchpoint of the present instant is seen, one at which a gap begins is not.
        end = np.minimum(np.minimum(self.cut, now + 1), _next_gap(gaps, self.at))
        event = served < end
        return np.minimum(served, end) - self.at, event, end > self.at


def overlapped(gaps: Sequence[Gap], first: Instants, last: Instants) -> Mask:
    """Whether some gap holds an instant of `[first, last]`."""
    return _next_gap(gaps, first) <= last


def _next_gap(gaps: Sequence[Gap], at: Instants) -> Instants:
    """Where the log is next not covered: `at` itself within a gap, FOREVER where it always is."""
    since = np.array([gap.since for gap in gaps] + [FOREVER], np.int64)
    until = np.array([gap.until for gap in gaps], np.int64)
    return np.maximum(since[np.searchsorted(until, at, side="right")], at)


def covered(gaps: Sequence[Gap], since: int, until: int) -> bool:
    """Whether any instant of `[since, until)` is covered."""
    return since < until and not any(gap.since <= since and until <= gap.until for gap in gaps)


def tallied(outcomes: Codes, groups: Codes, number: int) -> NDArray[np.int64]:
    """How many of each outcome are in each group: one row a group, one column an outcome."""
    counts = np.bincount(groups * OUTCOMES + outcomes, minlength=number * OUTCOMES)
    table: NDArray[np.int64] = counts.reshape(number, OUTCOMES)
    return table


def half_served(
    watched: Instants, event: Mask, groups: Codes, number: int
) -> list[tuple[float | None, int]]:
    """For each group the days until half are served, and how many there are (Kaplan-Meier).

    Who still waits counts for as long as she has waited: leaving her out would make a slow office
    look quick. None where half are not served yet.
    """
    order = np.lexsort((~event, watched, groups))
    bounds = np.searchsorted(groups[order], np.arange(number + 1))
    return [
        (_median(watched[order[low:high]], event[order[low:high]]), high - low)
        for low, high in pairwise(bounds.tolist())
    ]


def _median(watched: Instants, event: Mask) -> float | None:
    """Of times in order, events before others of the same time."""
    risk = len(watched) - np.arange(len(watched))
    left = np.cumprod(np.where(event, (risk - 1) / np.maximum(risk, 1), 1.0))
    served = np.flatnonzero(left <= _HALF)
    return None if not len(served) else float(watched[served[0]]) / DAY
