"""Index dates: the days at whose end supporters are compared, with enough history on both sides.

An index date is the end of a day. The record of a supporter lies at or before it; the outcome lies
strictly after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ladder.coverage import BEGINNING, Gap
from ladder.model.calendars import FOREVER, Calendar, add_months

Every = Literal["month", "quarter", "year"]

HISTORY: Final = 12
"""Months of history before the first index date, so that a record has had time to form."""
MOST_YEARS: Final = 5
"""Default limit of index dates in years; before that, the charity was a different one."""


@dataclass(frozen=True)
class Index:
    """One index date, as days: the last known one, the window's first, the outcome's last."""

    day: int
    window: int
    end: int
    instant: int
    """The last instant of `day`."""
    opens: int
    """The first instant of the window, in which open findings count."""


@dataclass(frozen=True)
class HistoryExtent:
    """The extent of the history: the days of the first and the last gift, and the coverage gaps."""

    first: int
    last: int
    holes: Sequence[Gap] = ()


def index_dates(
    calendar: Calendar,
    known: HistoryExtent,
    months: int,
    every: Every,
    since: int | None = None,
    until: int | None = None,
) -> list[Index]:
    """Return the ends of months, quarters or years with enough history, oldest first.

    `since` and `until` are days that bound them; without `since` the last five years count.
    """
    oldest = add_months(known.last, -12 * MOST_YEARS - months) if since is None else since
    day = calendar.unit_end(every, 0, max(known.first, oldest))
    dates = []
    while add_months(day, months) <= known.last and (until is None or day <= until):
        index = _index(calendar, day, months, every)
        if (
            add_months(known.first, HISTORY) <= day
            and day >= oldest
            and _whole(index, calendar, known)
        ):
            dates.append(index)
        day = calendar.unit_end(every, 1, day)
    return dates


def _index(calendar: Calendar, day: int, months: int, every: Every) -> Index:
    window = calendar.unit_start(every, day)
    end = add_months(day, months)
    instant = calendar.day_end(day) - 1
    return Index(day, window, end, instant, calendar.day_start(window))


def _whole(index: Index, calendar: Calendar, known: HistoryExtent) -> bool:
    """Return whether the log has no gap in the year before and in the months after."""
    since = calendar.day_start(add_months(index.day, -HISTORY))
    until = calendar.day_end(index.end)
    return all(hole.until <= since or hole.since >= until for hole in known.holes)


def holes(gaps: Iterable[Gap]) -> Sequence[Gap]:
    """Return the gaps of a log; none for a log without any declaration."""
    listed = list(gaps)
    everything = Gap(BEGINNING, FOREVER)
    return () if listed == [everything] else listed
