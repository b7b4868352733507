"""Dates and times as people type them, read in the organisation's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ladder.model.calendars import FOREVER, Calendar, to_datetime, to_instant

if TYPE_CHECKING:  # click 8.1 has no such parameter
    _Type = click.ParamType[date]
else:
    _Type = click.ParamType


class Moment(_Type):
    """2026-03-01, 2026-03-01T12:00, 2026-03-01T12:00+01:00; a time without a zone is local."""

    name = "date"

    def convert(
        self,
        value: Any,  # noqa: ANN401  (as click has it)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> date | datetime:
        """Read it; datetimes are dates too."""
        if isinstance(value, date):
            return value
        text = str(value).strip()
        try:
            return _read(text)
        except ValueError:
            self.fail(f"{value!r} is no date: write 2026-03-01 or 2026-03-01T12:00", param, ctx)


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
        """The present as told, or by the machine's clock: nothing below asks it."""
        if now is None:
            return cls(calendar, to_instant(datetime.now(UTC)))
        return cls(calendar, as_of(calendar, now))

    def as_of(self, moment: date | datetime | None) -> int:
        """The last instant that a question about this moment sees; the present when none."""
        return self.now if moment is None else as_of(self.calendar, moment)

    def start(self, moment: date | datetime) -> int:
        """The instant, or the start of the day."""
        return self.calendar.instant(_aware(self.calendar, moment))

    def day(self, instant: int | None) -> str:
        """The day of an instant as it is read here; empty for none and for ever."""
        if instant is None or instant >= FOREVER:
            return ""
        return self.calendar.text(instant)[:10]

    def iso(self, instant: int | None) -> str | None:
        """An instant for programs: local time with its offset; None for none and for ever."""
        if instant is None or instant >= FOREVER:
            return None
        return to_datetime(instant).astimezone(ZoneInfo(self.calendar.zone)).isoformat()


def as_of(calendar: Calendar, moment: date | datetime) -> int:
    """The last instant that a question about this moment sees."""
    return calendar.as_of(_aware(calendar, moment))


def _aware(calendar: Calendar, moment: date | datetime) -> date | datetime:
    """A time without a zone is what the organisation's clocks show.

    Only here: in a file such a time is refused, for there nobody can be asked.
    """
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return moment.replace(tzinfo=ZoneInfo(calendar.zone))
    return moment
