"""Local days and months of many instants at once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ladder.calendars import FOREVER, Calendar

Instants = NDArray[np.int64]

NEVER: Final = 2**31 - 1
"""The day of what never happens."""
_MOST_DAYS: Final = 100_000
"""Days whose beginnings are worked out for all of them; a log that spans more has odd dates."""


def days_of(calendar: Calendar, instants: Instants) -> Instants:
    """`Calendar.day_of` for each; far beyond every date it is `NEVER`."""
    days = np.full(len(instants), NEVER, np.int64)
    known = instants < FOREVER
    some = instants[known]
    if not len(some):
        return days
    first, last = (calendar.day_of(int(each)) for each in (some.min(), some.max()))
    if last - first > _MOST_DAYS:
        different, places = np.unique(some, return_inverse=True)
        days[known] = np.array([calendar.day_of(int(each)) for each in different])[places]
        return days
    starts = np.array([calendar.day_start(day) for day in range(first, last + 2)])
    days[known] = first + np.searchsorted(starts, some, side="right") - 1
    return days


def months_of(days: Instants) -> Instants:
    """The month of each day, as a number since January 1970."""
    months: Instants = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months
