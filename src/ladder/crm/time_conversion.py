"""Times at the door: aware datetimes and bare dates in, aware datetimes in their zone out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ladder.model.calendars import Calendar, to_date, to_datetime
from ladder.storage.columns import LATEST


def utc_now() -> datetime:
    """The host's clock: the only one that this library reads, but for the command line's."""
    return datetime.now(UTC)


def seen_at(calendar: Calendar, moment: datetime | date | None, now: int) -> int:
    """The instant that a question is about: now unless told; of a bare date its end."""
    return now if moment is None else calendar.as_of(moment)


def known_by(calendar: Calendar, moment: datetime | date | None) -> int | None:
    """Until when one may have learned of things: None for the present, of a bare date its end."""
    return None if moment is None else calendar.as_of(moment)


def local(calendar: Calendar, instant: int) -> datetime:
    """An instant as an aware datetime in the organisation's zone; after 9999 the last there is."""
    at = to_datetime(min(instant, LATEST))
    try:
        return at.astimezone(ZoneInfo(calendar.zone))
    except OverflowError:  # the very last hours of the year 9999
        return at


def ending(calendar: Calendar, instant: int | None) -> datetime | None:
    """The same for an end; None is for ever."""
    return None if instant is None else local(calendar, instant)


def told(calendar: Calendar, instant: int, *, date_only: bool) -> datetime | date:
    """When a touchpoint happened, as it was told: a date where only the day is known."""
    return to_date(calendar.day_of(instant)) if date_only else local(calendar, instant)
