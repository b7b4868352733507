"""Months of a period, in the organisation's zone."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ladder.model.calendars import Calendar, to_date, to_day


class Month(NamedTuple):
    """A month (its number since January 1970) and the part of it within the period."""

    number: int
    since: int
    until: int

    @property
    def name(self) -> str:
        """The month as "2026-03"."""
        return name_of(self.number)


def months_within(calendar: Calendar, since: int, until: int) -> list[Month]:
    """Return every month that `[since, until)` touches, cut to that period."""
    if since >= until:
        return []
    begin, end = (month_of(calendar, edge) for edge in (since, until - 1))
    starts = [calendar.day_start(to_day(first_day(month))) for month in range(begin, end + 2)]
    return [
        Month(begin + n, max(since, starts[n]), min(until, starts[n + 1]))
        for n in range(end - begin + 1)
    ]


def months_before(calendar: Calendar, instant: int, months: int) -> int:
    """Return the start of the month that lies `months` months before the instant's month."""
    return calendar.day_start(to_day(first_day(month_of(calendar, instant) - months)))


def month_of(calendar: Calendar, instant: int) -> int:
    """Return the number of the month that contains an instant."""
    day = to_date(calendar.day_of(instant))
    return (day.year - 1970) * 12 + day.month - 1


def name_of(month: int) -> str:
    """Format a month number as "2026-03"."""
    return first_day(month).strftime("%Y-%m")


def first_day(month: int) -> date:
    """Return the first day of a month, given by its number since January 1970."""
    return date(1970 + month // 12, month % 12 + 1, 1)
