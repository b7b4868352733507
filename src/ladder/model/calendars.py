"""Instants, days and fiscal years: the only date arithmetic of the library.

An instant is an integer: microseconds since 1970-01-01 UTC. A day is an integer too: days since
1970-01-01.

A day *begins* at the first instant whose clock shows that date or a later one. So no special case
is needed for zones that skip a day, repeat an hour at midnight or begin a day at one o'clock.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from ladder.errors import CalendarError

FOREVER: Final = 2**60
"""The instant after all others: the end of an interval that never ends."""
BEGINNING: Final = -FOREVER

SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
FIRST_DAY: Final = date(1, 1, 3).toordinal() - EPOCH_DAY
LAST_DAY: Final = date(9999, 12, 28).toordinal() - EPOCH_DAY
"""The last supported day. Calendar arithmetic that leaves the years 1 to 9999 ends at FOREVER."""

WIDEST_OFFSET: Final = 16 * HOUR

Unit = Literal["day", "week", "month", "quarter", "year", "fiscal_year"]
UNITS: Final[tuple[Unit, ...]] = ("day", "week", "month", "quarter", "year", "fiscal_year")


def to_instant(moment: datetime) -> int:
    """Return the microseconds since 1970 UTC of an aware datetime; reject a naive one."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        message = f"{moment.isoformat()} has no time zone: give an aware datetime, or a bare date"
        raise CalendarError(message)
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: int) -> datetime:
    """Return the UTC datetime of an instant that is not FOREVER."""
    return EPOCH + timedelta(microseconds=instant)


def to_day(moment: date) -> int:
    """Return the days since 1970-01-01 of a date."""
    return moment.toordinal() - EPOCH_DAY


def to_date(day: int) -> date:
    """Return the date of a day number within the years 1 to 9999."""
    return date.fromordinal(day + EPOCH_DAY)


@dataclass(frozen=True)
class Calendar:
    """A time zone and the month and day on which the fiscal year starts.

    >>> berlin = Calendar("Europe/Berlin", fiscal_month=7)
    >>> berlin.text(berlin.day_start(to_day(date(2024, 3, 31))))
    '2024-03-31 00:00'
    """

    zone: str = "UTC"
    fiscal_month: int = 1
    fiscal_day: int = 1

    def __post_init__(self) -> None:
        _zone(self.zone)
        fits = 1 <= self.fiscal_month <= 12 and self.fiscal_day >= 1  # noqa: PLR2004  (months of a year)
        if not fits or self.fiscal_day > monthrange(2023, self.fiscal_month)[1]:
            message = (
                f"a fiscal year cannot start on month {self.fiscal_month}, day {self.fiscal_day}: "
                "it must be a day that every year has"
            )
            raise CalendarError(message)

    def day_start(self, day: int) -> int:
        """Return the first instant whose clock shows this day or later; FOREVER past year 9999."""
        if day > LAST_DAY:
            return FOREVER
        return _first_instant(self.zone, max(day, FIRST_DAY))

    def day_of(self, instant: int) -> int:
        """Return the latest day that has begun at this instant."""
        first, starts = _starts(self.zone, instant // DAY)
        begun = bisect_right(starts, instant)
        if 0 < begun < len(starts):
            return first + begun - 1
        day = (instant + _offset(self.zone, instant)) // DAY
        while self.day_start(day + 1) <= instant:
            day += 1
        while day > FIRST_DAY and self.day_start(day) > instant:
            day -= 1
        return day

    def day_end(self, day: int) -> int:
        """Return the first instant after this day."""
        return self.day_start(day + 1)

    def instant(self, moment: datetime | date) -> int:
        """Return the instant of an aware datetime, or of the start of a bare date in this zone."""
        if isinstance(moment, datetime):
            return to_instant(moment)
        return self.day_start(to_day(moment))

    def as_of(self, moment: datetime | date) -> int:
        """Return the last instant that a question about this moment includes.

        A bare date includes its whole day in this zone.
        """
        if isinstance(moment, datetime):
            return to_instant(moment)
        return self.day_end(to_day(moment)) - 1

    def text(self, instant: int) -> str:
        """Format an instant as local date and time, or "for ever"."""
        if instant >= FOREVER:
            return "for ever"
        if instant >= self.day_start(LAST_DAY):
            return "after the year 9999"
        local = to_datetime(instant).astimezone(_zone(self.zone))
        return local.strftime("%Y-%m-%d %H:%M")

    def unit_start(self, unit: Unit, day: int) -> int:
        """Return the first day of the week, month, quarter, year or fiscal year around this day."""
        at = to_date(day)
        if unit == "day":
            return day
        if unit == "week":
            return day - at.weekday()
        if unit == "month":
            return to_day(at.replace(day=1))
        if unit == "quarter":
            return to_day(at.replace(month=(at.month - 1) // 3 * 3 + 1, day=1))
        if unit == "year":
            return to_day(at.replace(month=1, day=1))
        begins = (self.fiscal_month, self.fiscal_day)
        year = at.year if (at.month, at.day) >= begins else at.year - 1
        if year < 1:
            return FIRST_DAY
        return to_day(date(year, *begins))

    def unit_end(self, unit: Unit, later: int, day: int) -> int:
        """Return the last day of the unit that is `later` units after the one around this day."""
        start = self.unit_start(unit, day)
        if unit in ("day", "week"):
            return start + (later + 1) * (1 if unit == "day" else 7) - 1
        months = {"month": 1, "quarter": 3, "year": 12, "fiscal_year": 12}[unit]
        return add_months(start, months * (later + 1)) - 1


def add_months(day: int, months: int) -> int:
    """Return the day this many months later, saturating as `dateutil.relativedelta` does.

    The result is after LAST_DAY where it would leave the years 1 to 9999.
    """
    try:
        return to_day(to_date(day) + relativedelta(months=months))
    except (ValueError, OverflowError):
        return LAST_DAY + 1


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        message = f"unknown time zone {name!r}: give an IANA name such as Europe/Berlin"
        raise CalendarError(message) from error


def _offset(zone: str, instant: int) -> int:
    bounded = min(max(instant, FIRST_DAY * DAY), LAST_DAY * DAY)
    offset = to_datetime(bounded).astimezone(_zone(zone)).utcoffset()
    assert offset is not None  # a ZoneInfo always knows its offset  # noqa: S101
    return offset // timedelta(microseconds=1)


@lru_cache(maxsize=200_000)
def _first_instant(zone: str, day: int) -> int:
    """Find the first instant whose clock shows this day or a later one.

    Equal offsets on both sides of midnight settle nearly every day; otherwise the offset's changes
    between them are searched.
    """
    midnight = day * DAY
    low, high = midnight - WIDEST_OFFSET, midnight + WIDEST_OFFSET
    before, after = _offset(zone, low), _offset(zone, high)
    if before == after:
        return midnight - before
    changes = [low, *_changes(zone, low, high), high]
    for begin, end in pairwise(changes):
        shows = max(begin, midnight - _offset(zone, begin))
        if shows < end:
            return shows
    return high


@lru_cache(maxsize=100_000)
def _starts(zone: str, day: int) -> tuple[int, tuple[int, ...]]:
    """Return the first of six days around a UTC day, and the start instants of all six."""
    first = min(max(day - 2, FIRST_DAY), LAST_DAY - 6)
    return first, tuple(_first_instant(zone, first + later) for later in range(6))


def _changes(zone: str, low: int, high: int) -> list[int]:
    """Return every instant, to the second, at which the zone's offset changes in [low, high)."""
    changes = []
    for left in range(low, high, HOUR):
        right = left + HOUR
        if _offset(zone, left) == _offset(zone, right):
            continue
        begin, end = left // SECOND, right // SECOND
        while end - begin > 1:
            middle = (begin + end) // 2
            same = _offset(zone, middle * SECOND) == _offset(zone, left)
            begin, end = (middle, end) if same else (begin, middle)
        changes.append(end * SECOND)
    return changes
