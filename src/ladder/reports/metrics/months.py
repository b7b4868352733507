"""The months of a time, in the organisation's zone."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ladder.model.calendars import Calendar, to_date, to_day


class Month(NamedTuple):
    """A month (its number since January 1970) and its part within the time asked about."""

    number: int
    since: int
    until: int

    @property
    def name(self) -> str:
        """As "2026-03"."""
        return name_of(self.number)


def months_within(calendar: Calendar, since: int, until: int) -> list[Month]:
    """Every month that `[since, until)` touches, cut to it."""
    if since >= until:
        return []
    begin, end = (month_of(calendar, edge) for edge in (since, until - 1))
    starts = [calendar.day_start(to_day(first_day(month))) for month in range(begin, end + 2)]
    return [
        Month(begin + n, max(since, starts[n]), min(until, starts[n + 1]))
        for n in range(end - begin + 1)
    ]


def months_before(calendar: Calendar, instant: int, months: int) -> int:
    """Where the month begins that lies so many before the one of this instant."""
    return calendar.day_start(to_day(first_day(month_of(calendar, instant) - months)))


def month_of(calendar: Calendar, instant: int) -> int:
    """The number of the month that an instant is in."""
    day = to_date(calendar.day_of(instant))
    return (day.year - 1970) * 12 + day.month - 1


def name_of(month: int) -> str:
    """As "2026-03"."""
    return first_day(month).strftime("%Y-%m")


def first_day(month: int) -> date:
    """The first day of a month, by its number since January 1970."""
    return date(1970 + month // 12, month % 12 + 1, 1)
