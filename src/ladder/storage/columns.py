"""Column types shared by the tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator, TypeEngine

from ladder.model.calendars import EPOCH, to_datetime, to_instant

LATEST = to_instant(datetime.max.replace(tzinfo=EPOCH.tzinfo))
"""The last instant that a Python datetime can represent (year 9999)."""


class Instant(TypeDecorator[datetime]):
    """An instant: integer microseconds since 1970 UTC in the database, an aware datetime in Python.

    NULL is "for ever" in an `until` and "from the beginning" in a `since`. Parameters may be
    integers too, so that `Movement.at <= 1_700_000_000_000_000` works. A naive datetime raises
    `CalendarError`. An instant after the year 9999 is read as the last datetime: only elapsed hours
    reach so far, and an error would lose the whole row.

    An integer instead of `DateTime(timezone=True)`: SQLite has no such type, because SQLAlchemy
    drops the zone there. Its microseconds would have to be compared as text. Two evaluators that
    agree with `==` need exactly the stored values. `type_coerce(Movement.at, BigInteger)` reads the
    integer.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | int | None, dialect: Dialect) -> int | None:
        """Convert an aware datetime to an integer; an integer is an instant already."""
        del dialect
        return to_instant(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Convert a stored integer to an aware UTC datetime."""
        del dialect
        return None if value is None else to_datetime(min(value, LATEST))

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:  # noqa: ANN401
        """Compare with datetimes and integers alike."""
        del op, value
        return self


BigId = BigInteger().with_variant(Integer, "sqlite")
"""A primary key: 64 bits everywhere; SQLite assigns ids only in a column of type INTEGER."""
