"""Dates and times from the command line, read in the organisation's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ladder.model.calendars import FOREVER, Calendar, to_datetime, to_instant

if TYPE_CHECKING:  # ParamType has no type parameter in click 8.1
    _Type = click.ParamType[date]
else:
    _Type = click.ParamType


class Moment(_Type):
    """Parameter type: 2026-03-01, 2026-03-01T12:00 or 2026-03-01T12:00+01:00.

    A time without a zone is local.
    """

    name = "date"

    def convert(
        self,
        value: Any,  # noqa: ANN401  (as click has it)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> date | datetime:
        """Parse the value; a datetime is a date too."""
        if isinstance(value, date):
            return value
        text = str(value).strip()
        try:
            return _read(text)
        except ValueError:
            self.fail(
                f"{value!r} is not a valid date: write 2026-03-01 or 2026-03-01T12:00", param, ctx
            )


def _read(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


MOMENT = Moment()


@dataclass(frozen=True)
class Clock:
    """An organisation's calendar and the present."""

    calendar: Calendar
    now: int

    @classmethod
    def of(cls, calendar: Calendar, now: date | datetime | None) -> Clock:
        """Build from a given present or the machine's clock, which only this function reads."""
        if now is None:
            return cls(calendar, to_instant(datetime.now(UTC)))
        return cls(calendar, as_of(calendar, now))

    def as_of(self, moment: date | datetime | None) -> int:
        """Return the last instant that a question about this moment includes; None: the present."""
        return self.now if moment is None else as_of(self.calendar, moment)

    def start(self, moment: date | datetime) -> int:
        """Return the instant of a datetime, or the start of a date."""
        return self.calendar.instant(_aware(self.calendar, moment))

    def day(self, instant: int | None) -> str:
        """Format the local day of an instant; empty for None and for ever."""
        if instant is None or instant >= FOREVER:
            return ""
        return self.calendar.text(instant)[:10]

    def iso(self, instant: int | None) -> str | None:
        """Format an instant for programs: local time with offset; None for None and for ever."""
        if instant is None or instant >= FOREVER:
            return None
        return to_datetime(instant).astimezone(ZoneInfo(self.calendar.zone)).isoformat()


def as_of(calendar: Calendar, moment: date | datetime) -> int:
    """Return the last instant that a question about this moment includes."""
    return calendar.as_of(_aware(calendar, moment))


def _aware(calendar: Calendar, moment: date | datetime) -> date | datetime:
    """Add the organisation's zone to a time without one.

    This applies only to the command line: in a file such a time is rejected, because the reader
    cannot ask what was meant.
    """
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return moment.replace(tzinfo=ZoneInfo(calendar.zone))
    return moment
