"""Convert a host's datetimes and dates to instants, and instants to datetimes in the zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ladder.model.calendars import Calendar, to_date, to_datetime
from ladder.storage.columns import LATEST


def utc_now() -> datetime:
    """Return the present: the only clock that this library reads, except the command line's."""
    return datetime.now(UTC)


def seen_at(calendar: Calendar, moment: datetime | date | None, now: int) -> int:
    """Return the instant of a question: of a bare date its end, of None the present."""
    return now if moment is None else calendar.as_of(moment)


def known_by(calendar: Calendar, moment: datetime | date | None) -> int | None:
    """Return the instant until which records count: of a bare date its end; None: all records."""
    return None if moment is None else calendar.as_of(moment)


def local(calendar: Calendar, instant: int) -> datetime:
    """Convert an instant to a datetime in the organisation's zone, the last one after 9999."""
    at = to_datetime(min(instant, LATEST))
    try:
        return at.astimezone(ZoneInfo(calendar.zone))
    except OverflowError:  # the very last hours of the year 9999
        return at


def ending(calendar: Calendar, instant: int | None) -> datetime | None:
    """Convert the end of a period; None: there is no end."""
    return None if instant is None else local(calendar, instant)


def local_or_date(calendar: Calendar, instant: int, *, date_only: bool) -> datetime | date:
    """Convert the instant of a touchpoint: to a date where only the day is known."""
    if not date_only:
        return local(calendar, instant)
    return to_date(calendar.day_of(instant))
