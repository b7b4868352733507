"""One clock for all supporters: every (supporter, instant, step) is one int64 position.

Supporter number `s` owns the region `[s * stride, (s + 1) * stride)`; within it the instant `t` has
the even position `2 + 2 * (t - origin) / unit` (the clock's step) and the odd one after it (the
touchpoints' step). The region's end stands for FOREVER. The first two positions stay empty, so that
stretches of neighbours never touch.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ladder.calendars import FOREVER, HOUR, LAST_DAY, Calendar, Unit
from ladder.columnar.intervals import Positions
from ladder.spans import Duration, Elapsed, Hours, Step, days

LARGEST = 2**62
TONIGHT: Final = days(0)
TABLE_LIMIT = 100_000
"""Days up to which a table is cheaper than looking up each different day."""

Instants = NDArray[np.int64]


@dataclass
class Clock:
    """The common clock of a replay: its origin, its unit and how far ahead it must reach."""

    calendar: Calendar
    origin: int
    unit: int
    horizon: int
    latest: int
    _tables: dict[Hashable, Instants] = field(default_factory=dict, repr=False)

    @cached_property
    def stride(self) -> int:
        """How many positions a supporter's region has (even)."""
        return 2 * (-((self.origin - self.horizon) // self.unit) + 4)

    @property
    def most_supporters(self) -> int:
        """How many supporters fit on one line."""
        return max(1, LARGEST // self.stride)

    @cached_property
    def _first_day(self) -> int:
        return self.calendar.day_of(self.origin)

    @cached_property
    def _last_day(self) -> int:
        return min(self.calendar.day_of(self.latest), self._first_day + TABLE_LIMIT)

    @cached_property
    def _day_starts(self) -> Instants:
        return self._starts(range(self._first_day, self._last_day + 2))

    def positions(self, supporters: Positions, instants: Instants) -> Positions:
        """The even positions of these instants; FOREVER is the end of the supporter's region."""
        return supporters * self.stride + self._offsets(instants)

    def _offsets(self, instants: Instants) -> Positions:
        """Positions within a region."""
        inside = 2 + 2 * ((instants - self.origin) // self.unit)
        if not len(instants) or int(instants.max()) < FOREVER:
            return inside
        return np.where(instants >= FOREVER, self.stride, inside)

    def instants(self, positions: Positions) -> Instants:
        """The instants that these positions belong to; ends of regions are FOREVER."""
        inside = positions % self.stride
        return np.where(inside == 0, FOREVER, self.origin + (inside // 2 - 1) * self.unit)

    def days(self, instants: Instants) -> Instants:
        """The local day of each instant."""
        if not len(instants):
            return instants
        if int(instants.max()) < int(self._day_starts[-1]):
            return self._first_day + np.searchsorted(self._day_starts, instants, side="right") - 1
        different, places = np.unique(instants, return_inverse=True)
        days = np.array([self.calendar.day_of(int(each)) for each in different], np.int64)
        return days[places]

    def ends(
        self, duration: Elapsed, supporters: Positions, instants: Instants, days: Instants
    ) -> Positions:
        """The positions at which stretches that start at these instants, on these days, end."""
        base = supporters * self.stride
        if isinstance(duration, Hours):
            ends = np.minimum(instants + duration.number * HOUR, FOREVER)
            return base + self._offsets(ends)
        return base + self._by_day(duration, lambda every: self._day_ends(duration, every), days)

    def unit_starts(self, unit: Unit, days: Instants) -> Instants:
        """The day on which the week, month or year of each day begins."""
        return self._by_day(unit, lambda every: unit_starts(self.calendar, unit, every), days)

    def _by_day(
        self, key: Hashable, work_out: Callable[[Instants], Instants], days: Instants
    ) -> Instants:
        """What is worked out of each day, from a table where the days are near each other."""
        if not len(days):
            return days
        if int(days.max()) > self._last_day:
            different, places = np.unique(days, return_inverse=True)
            return work_out(different)[places]
        table = self._tables.get(key)
        if table is None:
            every = np.arange(self._first_day, self._last_day + 1)
            table = self._tables[key] = work_out(every)
        return table[days - self._first_day]

    def _day_ends(self, duration: Duration, days: Instants) -> Positions:
        led = leads(self.calendar, duration, days)
        return self._offsets(self._starts(day + 1 for day in led.tolist()))

    def _starts(self, days: Iterable[int]) -> Instants:
        start = self.calendar.day_start
        return np.fromiter((start(day) for day in days), np.int64)


def divides(unit: int, instants: Instants) -> bool:
    """Whether every instant is so many whole units."""
    return not (instants % unit).any()


def leads(calendar: Calendar, duration: Duration, days: Instants) -> Instants:
    """`Duration.lead` for many days at once."""
    for step in duration.steps:
        days = np.where(days > LAST_DAY, days, np.minimum(_led(calendar, step, days), LAST_DAY + 1))
    return days


def _led(calendar: Calendar, step: Step, days: Instants) -> Instants:
    if step.unit == "days":
        return days + min(step.number, 2 * LAST_DAY)
    if step.unit == "end_of":
        return _unit_ends(calendar, step.of, step.number, days)
    return months_on(days, step.number * (12 if step.unit == "years" else 1))


def months_on(days: Instants, months: int) -> Instants:
    """So many months on, saturating at the month's end: `add_months` for many days at once."""
    month = _months(days)
    ahead = month + min(months, 12 * 10_000)
    first = _first_days(ahead)
    longest = _first_days(ahead + 1) - first - 1
    led: Instants = first + np.minimum(days - _first_days(month), longest)
    return led


def unit_starts(calendar: Calendar, unit: Unit, days: Instants) -> Instants:
    """`Calendar.unit_start` for many days at once."""
    if unit == "day":
        return days
    if unit == "week":
        return days - (days + 3) % 7
    months = _months(days)
    if unit == "fiscal_year":
        begins = months // 12 * 12 + calendar.fiscal_month - 1
        starts = _first_days(begins) + calendar.fiscal_day - 1
        earlier = _first_days(begins - 12) + calendar.fiscal_day - 1
        return np.where(starts <= days, starts, earlier)
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    return _first_days(months // size * size)


def months_of_year(days: Instants) -> Instants:
    """1 to 12 for each day."""
    return _months(days) % 12 + 1


def _unit_ends(calendar: Calendar, unit: Unit, later: int, days: Instants) -> Instants:
    starts = unit_starts(calendar, unit, days)
    if unit in ("day", "week"):
        return starts + (min(later, 2 * LAST_DAY) + 1) * (1 if unit == "day" else 7) - 1
    size = {"month": 1, "quarter": 3, "year": 12, "fiscal_year": 12}[unit]
    return months_on(starts, size * (later + 1)) - 1


def _months(days: Instants) -> Instants:
    """Months since January 1970, as whole numbers: dates do no arithmetic here."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _first_days(months: Instants) -> Instants:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
