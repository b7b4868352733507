"""One clock for all supporters: every (supporter, instant, step) is one int64 position.

Supporter number `s` owns the region `[s * stride, (s + 1) * stride)`. Within it, the instant `t`
has the even position `2 + 2 * (t - origin) / unit` for the clock's step. The next odd position is
the touchpoints' step. The region's end stands for FOREVER. The first two positions stay empty, so
that intervals of neighbouring supporters never touch.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from ladder.engines.columnar.calendar_arrays import (
    TABLE_LIMIT,
    Days,
    Instants,
    Numbers,
    day_ends,
    days_of,
    months_of_year,
    unit_starts,
)
from ladder.engines.columnar.intervals import Positions
from ladder.language.spans import Duration, Elapsed, Hours, days
from ladder.model.calendars import DAY, FOREVER, HOUR, Calendar, Unit

LARGEST = 2**62
BLOCK: Final = 2**17
TONIGHT: Final = days(0)


@dataclass
class Clock:
    """The common clock of a replay: its origin, its unit and its horizon."""

    calendar: Calendar
    origin: int
    unit: int
    horizon: int
    latest: int
    _tables: dict[Hashable, Instants] = field(default_factory=dict, repr=False)

    @cached_property
    def stride(self) -> int:
        """The number of positions in a supporter's region (even)."""
        return 2 * (-((self.origin - self.horizon) // self.unit) + 4)

    @property
    def most_supporters(self) -> int:
        """The number of supporters that fit on one line."""
        return max(1, LARGEST // self.stride)

    @cached_property
    def _days(self) -> Days:
        until = min(self.latest, self.origin + TABLE_LIMIT * DAY)
        return Days.between(self.calendar, self.origin, until)

    def positions(self, supporters: Positions, instants: Instants) -> Positions:
        """Return the even positions of these instants; FOREVER is the end of the region."""
        return supporters * self.stride + self._offsets(instants)

    def _offsets(self, instants: Instants) -> Positions:
        """Return positions within a region."""
        inside = 2 + 2 * ((instants - self.origin) // self.unit)
        if not len(instants) or int(instants.max()) < FOREVER:
            return inside
        return np.where(instants >= FOREVER, self.stride, inside)

    def instants(self, positions: Positions) -> Instants:
        """Return the instants that these positions belong to; ends of regions are FOREVER."""
        inside = positions % self.stride
        return np.where(inside == 0, FOREVER, self.origin + (inside // 2 - 1) * self.unit)

    def days(self, instants: Instants) -> Numbers:
        """Return the local day of each instant."""
        if len(instants) and self._days.hold(instants):
            return self._days.of(instants)
        return days_of(self.calendar, instants)

    def ends(
        self, duration: Elapsed, supporters: Positions, instants: Instants, days: Instants
    ) -> Positions:
        """Return the end positions of intervals that start at these instants, on these days."""
        base = supporters * self.stride
        if isinstance(duration, Hours):
            ends = np.minimum(instants + duration.number * HOUR, FOREVER)
            return base + self._offsets(ends)
        return base + self._by_day(duration, lambda every: self._day_ends(duration, every), days)

    def unit_starts(self, unit: Unit, days: Numbers) -> Numbers:
        """Return the day on which the unit (a week, a month, a year) of each day begins."""
        return self._by_day(unit, lambda every: unit_starts(self.calendar, unit, every), days)

    def months_of_year(self, days: Numbers) -> Numbers:
        """Return the month of each day, from 1 to 12."""
        return self._by_day("month_of_year", months_of_year, days)

    def _by_day(
        self, key: Hashable, work_out: Callable[[Numbers], Numbers], days: Numbers
    ) -> Numbers:
        """Compute a value per day, from a cached table where the days are within its range."""
        if not len(days):
            return days
        first, number = self._days.first, len(self._days.starts) - 1
        if int(days.max()) >= first + number:
            different, places = np.unique(days, return_inverse=True)
            return work_out(different)[places]
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = work_out(np.arange(first, first + number))
        return table[days - first]

    def _day_ends(self, duration: Duration, days: Numbers) -> Positions:
        return self._offsets(day_ends(self.calendar, duration, days))


def divides(unit: int, instants: Instants) -> bool:
    """Return whether the unit divides every instant; checked in blocks that fit the cache."""
    blocks = np.array_split(instants, len(instants) // BLOCK + 1)
    return not any((block % unit).any() for block in blocks)
