"""Stored movements and findings as plain rows that two databases can be compared by."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from ladder.model.calendars import to_datetime
from ladder.model.organisations import Organisation
from ladder.storage import models, selects
from ladder.storage.sql import as_integer

ALDER = Organisation(key="alder", name="Alder", zone="Europe/Berlin", currency="EUR")
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)

Rows = list[tuple[Any, ...]]


def clock() -> datetime:
    """A clock that stands still."""
    return NOW


def moment(number: int) -> datetime:
    """A time of recording: so many seconds after the first of January 2030."""
    return to_datetime(1_893_456_000_000_000 + number * 1_000_000)


def names_of_touchpoints(connection: Connection) -> dict[int, tuple[Any, ...]]:
    """Each touchpoint's id, and what it is called whatever order it was recorded in."""
    table = models.Touchpoint.__table__
    query = select(
        table.c.id, table.c.source, table.c.external_id, table.c.kind, as_integer(table.c.at)
    )
    return {row[0]: tuple(row)[1:] for row in connection.execute(query)}


def stored_movements(connection: Connection, known_at: datetime | None = None) -> Rows:
    """The movements believed, now or then, by supporter's key; causes by (source, external id)."""
    row, before, after = models.Movement, aliased(models.Place), aliased(models.Place)
    query = (
        select(
            models.Supporter.key, as_integer(row.at), as_integer(row.until), row.kind, before.rungs,
            before.height, after.rungs, after.height, row.skipped, row.new_peak, row.cause,
            row.cause_id, row.cause_others,
        )
        .join(models.Supporter, models.Supporter.id == row.supporter_id)
        .join(before, before.id == row.before_id)
        .join(after, after.id == row.after_id)
        .where(selects.known(row, known_at))
    )  # fmt: skip
    names = names_of_touchpoints(connection)
    return in_order(
        (*told, sorted(map(names.__getitem__, ids(first, others)), key=repr))
        for *told, first, others in connection.execute(query)
    )


def ids(first: int | None, others: str | None) -> list[int]:
    """All causes of a stored movement."""
    return [] if first is None else [first, *json.loads(others or "[]")]


def stored_findings(connection: Connection, known_at: datetime | None = None) -> Rows:
    """The findings believed, now or then."""
    row = models.Finding
    query = (
        select(
            models.Supporter.key,
            row.pattern,
            row.severity,
            as_integer(row.at),
            as_integer(row.until),
        )
        .join(models.Supporter, models.Supporter.id == row.supporter_id)
        .where(selects.known(row, known_at))
    )
    return in_order(map(tuple, connection.execute(query)))


def stored_beginnings(connection: Connection) -> Rows:
    """Where lines begin."""
    row = models.Supporter
    query = select(row.key, as_integer(row.first_at)).where(row.first_at.is_not(None))
    return in_order(map(tuple, connection.execute(query)))


def in_order(rows: Any) -> Rows:
    """Sorted, None among numbers included."""
    return sorted(rows, key=repr)
