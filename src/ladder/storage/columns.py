"""Column types shared by the tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator, TypeEngine

from ladder.model.calendars import EPOCH, to_datetime, to_instant

LATEST = to_instant(datetime.max.replace(tzinfo=EPOCH.tzinfo))
"""The last instant that a Python datetime can say (year 9999)."""


class Instant(TypeDecorator[datetime]):
    """An instant: integer microseconds since 1970 UTC in the database, an aware datetime in Python.

    NULL is "for ever" in an `until` and "from the beginning" in a `since`. Parameters may be
    integers too (the engine's own instants), so that `Movement.at <= 1_700_000_000_000_000` works;
    a naive datetime is refused with `CalendarError`. An instant after the year 9999 is read as the
    last one that a datetime can say: only elapsed hours reach so far, and an error would lose the
    whole row.

    An integer and not `DateTime(timezone=True)`: SQLite has no such type (SQLAlchemy drops the zone
    there), its microseconds would have to be compared as text, and two evaluators that agree with
    `==` need what they wrote, bit by bit. `type_coerce(Movement.at, BigInteger)` reads the integer.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | int | None, dialect: Dialect) -> int | None:
        """An aware datetime, or an instant that is one already, as an integer."""
        del dialect
        return to_instant(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The aware UTC datetime of a stored integer."""
        del dialect
        return None if value is None else to_datetime(min(value, LATEST))

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:  # noqa: ANN401
        """Compare with datetimes and integers alike."""
        del op, value
        return self


BigId = BigInteger().with_variant(Integer, "sqlite")
"""A primary key: 64 bits everywhere; SQLite counts by itself only in a column called INTEGER."""
