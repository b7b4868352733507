"""Response times: who was served within a time, and when half were served.

All arrays have one element per waiting row; instants are microseconds. A row that the log is not
declared to cover is unknown, one whose time has not passed yet is young, and one that was given
back before it was served is gone. None of the three counts as a failure.
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
"""Half plus a tolerance, because floating-point products of shares can exceed a half slightly."""


@dataclass(frozen=True)
class Waits:
    """Rows that wait: from `at` until `cut` (given back), or until they are served.

    `dated` marks rows known only by date; `day` is the local day.
    """

    at: Instants
    day: Instants
    dated: Mask
    cut: Instants

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Waits:
        """Build from a frame with the columns `at`, `day`, `date_only` and `cut`."""
        columns = {name: frame[name].to_numpy() for name in ("at", "day", "date_only", "cut")}
        return cls(columns["at"], columns["day"], columns["date_only"], columns["cut"])

    def last(self, span: Elapsed, calendar: Calendar) -> Instants:
        """Return the last instant that is in time.

        Hours are inclusive: exactly 48 hours are within 48 hours. A row known only by date may have
        come at any hour of that day; so hours run to the end of the day on which the last of them
        falls.
        """
        if isinstance(span, Hours):
            late = day_ends(calendar, days(-(-span.number // 24)), self.day) - 1
            return np.where(self.dated, late, self.at + span.number * HOUR)
        return day_ends(calendar, span, self.day) - 1

    def within(self, served: Instants, last: Instants, gaps: Sequence[Gap], now: int) -> Codes:
        """Classify rows: served by the `last` instant (`YES`), not (`NO`), or neither."""
        yes = (served < self.cut) & (served <= last)
        gone = ~yes & (self.cut <= last)
        unknown = overlap(gaps, self.at, np.minimum(last, now))
        return np.select([unknown, last > now, gone, yes], [UNKNOWN, YOUNG, GONE, YES], NO)

    def before(self, served: Instants, limit: Instants, gaps: Sequence[Gap], now: int) -> Codes:
        """Classify rows: served before the `limit`; `GONE` where the limit is after now."""
        outcomes = self.within(served, limit - 1, gaps, now)
        return np.where(limit > now, GONE, outcomes)

    def follow_up(
        self, served: Instants, gaps: Sequence[Gap], now: int
    ) -> tuple[Instants, Mask, Mask]:
        """Return how long rows were watched, whether they were served then, and which count.

        A row is watched until it is served or given back, until the declared coverage ends, or
        until now. A row that could not be watched at all does not count.
        """
        # A touchpoint at the present instant counts; a touchpoint at the start of a gap does not.
        end = np.minimum(np.minimum(self.cut, now + 1), _next_gap(gaps, self.at))
        event = served < end
        return np.minimum(served, end) - self.at, event, end > self.at


def overlap(gaps: Sequence[Gap], first: Instants, last: Instants) -> Mask:
    """Return whether a gap contains an instant of `[first, last]`."""
    return _next_gap(gaps, first) <= last


def _next_gap(gaps: Sequence[Gap], at: Instants) -> Instants:
    """Return the next uncovered instant: `at` itself within a gap, FOREVER without a gap."""
    since = np.array([gap.since for gap in gaps] + [FOREVER], np.int64)
    until = np.array([gap.until for gap in gaps], np.int64)
    return np.maximum(since[np.searchsorted(until, at, side="right")], at)


def is_covered_in(gaps: Sequence[Gap], since: int, until: int) -> bool:
    """Return whether any instant of `[since, until)` is covered."""
    return since < until and not any(gap.since <= since and until <= gap.until for gap in gaps)


def count_outcomes(outcomes: Codes, groups: Codes, number: int) -> NDArray[np.int64]:
    """Count outcomes per group: one row per group, one column per outcome."""
    counts = np.bincount(groups * OUTCOMES + outcomes, minlength=number * OUTCOMES)
    table: NDArray[np.int64] = counts.reshape(number, OUTCOMES)
    return table


def half_served(
    watched: Instants, event: Mask, groups: Codes, number: int
) -> list[tuple[float | None, int]]:
    """Return the days until half are served, and the number of rows, per group (Kaplan-Meier).

    A row that still waits counts for as long as it has waited: without it, a slow office would look
    quick. None where fewer than half are served yet.
    """
    order = np.lexsort((~event, watched, groups))
    bounds = np.searchsorted(groups[order], np.arange(number + 1))
    return [
        (_median(watched[order[low:high]], event[order[low:high]]), high - low)
        for low, high in pairwise(bounds.tolist())
    ]


def _median(watched: Instants, event: Mask) -> float | None:
    """Return the Kaplan-Meier median in days; times are sorted, events before others at a tie."""
    risk = len(watched) - np.arange(len(watched))
    left = np.cumprod(np.where(event, (risk - 1) / np.maximum(risk, 1), 1.0))
    served = np.flatnonzero(left <= _HALF)
    return None if not len(served) else float(watched[served[0]]) / DAY
