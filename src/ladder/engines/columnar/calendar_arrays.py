"""Compute `calendars` and `spans` for many days or instants at once.

Arrays of whole numbers in and out: instants are microseconds since 1970 UTC, days are days since
1970-01-01. Each function names its scalar counterpart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ladder.language.spans import Duration, Step
from ladder.model.calendars import DAY, FOREVER, LAST_DAY, Calendar, Unit

Instants = NDArray[np.int64]
Numbers = NDArray[np.int64]

TABLE_LIMIT: Final = 100_000
"""The largest number of days for which a full table is cheaper than single look-ups."""


@dataclass(frozen=True)
class Days:
    """Consecutive days, from the day `first` on, and the instant at which each one starts.

    The last start only marks the end of the table. A look-up counts full periods of twenty-four
    hours from the first start, then advances from the day that had begun by then. Because of days
    of other lengths and skipped days, a few starts may lie within twenty-four hours.
    """

    first: int
    starts: Instants

    @classmethod
    def between(cls, calendar: Calendar, since: int, until: int) -> Days:
        """Build the table from the day of one instant to the day of the other, both included."""
        first, last = calendar.day_of(since), calendar.day_of(until)
        return cls(first, day_starts(calendar, np.arange(first, last + 2)))

    def hold(self, instants: Instants) -> bool:
        """Return whether all of these instants fall on days of the table."""
        return bool(instants.min() >= self.starts[0] and instants.max() < self.starts[-1])

    def of(self, instants: Instants) -> Numbers:
        """Apply `Calendar.day_of` to many instants at once, all of them on days of the table."""
        elapsed = (instants - self.starts[0]) // DAY
        place: Numbers = self._begun[np.minimum(elapsed, len(self._begun) - 1)]
        for _ in range(self._most):
            place += instants >= self.starts[place + 1]
        return place + self.first

    @cached_property
    def _begun(self) -> Numbers:
        """The last day that has begun after each number of twenty-four hours."""
        marks = np.arange(self.starts[0], self.starts[-2] + 1, DAY)
        return np.searchsorted(self.starts, marks, side="right") - 1

    @cached_property
    def _most(self) -> int:
        """The largest number of days that begin within twenty-four hours."""
        return int(np.diff(self._begun, append=len(self.starts) - 2).max())


def days_of(calendar: Calendar, instants: Instants) -> Numbers:
    """Apply `Calendar.day_of` to many instants; FOREVER falls on the day after the last one."""
    days = np.full(len(instants), LAST_DAY + 1, np.int64)
    known = instants < FOREVER
    some = instants[known]
    if not len(some):
        return days
    since, until = int(some.min()), int(some.max())
    if until - since < TABLE_LIMIT * DAY:
        days[known] = Days.between(calendar, since, until).of(some)
        return days
    different, places = np.unique(some, return_inverse=True)
    known_days = np.array([calendar.day_of(instant) for instant in different.tolist()], np.int64)
    days[known] = known_days[places]
    return days


def day_starts(calendar: Calendar, days: Numbers) -> Instants:
    """Apply `Calendar.day_start` to many days at once."""
    different, places = np.unique(days, return_inverse=True)
    starts = np.array([calendar.day_start(day) for day in different.tolist()], np.int64)
    return starts[places]


def day_ends(calendar: Calendar, duration: Duration, days: Numbers) -> Instants:
    """Return, for each day, the first instant after the day that a duration leads to."""
    return day_starts(calendar, leads(calendar, duration, days) + 1)


def leads(calendar: Calendar, duration: Duration, days: Numbers) -> Numbers:
    """Apply `Duration.lead` to many days at once."""
    for step in duration.steps:
        days = np.where(
            days > LAST_DAY, days, np.minimum(_advance(calendar, step, days), LAST_DAY + 1)
        )
    return days


def _advance(calendar: Calendar, step: Step, days: Numbers) -> Numbers:
    if step.unit == "days":
        return days + min(step.number, 2 * LAST_DAY)
    if step.unit == "end_of":
        return _unit_ends(calendar, step.of, step.number, days)
    return months_on(days, step.number * (12 if step.unit == "years" else 1))


def months_on(days: Numbers, months: int) -> Numbers:
    """Apply `add_months` to many days at once, limited to the last day of the month."""
    month = months_of(days)
    ahead = month + min(months, 12 * 10_000)
    first = _first_days(ahead)
    longest = _first_days(ahead + 1) - first - 1
    led: Numbers = first + np.minimum(days - _first_days(month), longest)
    return led


def unit_starts(calendar: Calendar, unit: Unit, days: Numbers) -> Numbers:
    """Apply `Calendar.unit_start` to many days at once."""
    if unit == "day":
        return days
    if unit == "week":
        return days - (days + 3) % 7
    months = months_of(days)
    if unit == "fiscal_year":
        begins = months // 12 * 12 + calendar.fiscal_month - 1
        starts = _first_days(begins) + calendar.fiscal_day - 1
        earlier = _first_days(begins - 12) + calendar.fiscal_day - 1
        return np.where(starts <= days, starts, earlier)
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    return _first_days(months // size * size)


def months_of_year(days: Numbers) -> Numbers:
    """Return the month of each day, from 1 to 12."""
    return months_of(days) % 12 + 1


def _unit_ends(calendar: Calendar, unit: Unit, later: int, days: Numbers) -> Numbers:
    starts = unit_starts(calendar, unit, days)
    if unit in ("day", "week"):
        return starts + (min(later, 2 * LAST_DAY) + 1) * (1 if unit == "day" else 7) - 1
    size = {"month": 1, "quarter": 3, "year": 12, "fiscal_year": 12}[unit]
    return months_on(starts, size * (later + 1)) - 1


def months_of(days: Numbers) -> Numbers:
    """Return the month of each day, as a number since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _first_days(months: Numbers) -> Numbers:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
