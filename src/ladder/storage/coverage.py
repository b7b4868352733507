"""Store and read the organisation's declarations of coverage."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, select

from ladder.coverage import BEGINNING, Coverage
from ladder.documents.expression_parser import parse_selector
from ladder.model.calendars import FOREVER
from ladder.model.kinds import KINDS, Kinds
from ladder.storage import models
from ladder.storage.sql import as_integer
from ladder.storage.store import Store
from ladder.storage.transactions import turn

_TABLE = models.Coverage.__table__
_FIELDS = (
    _TABLE.c.selector,
    _TABLE.c.source,
    as_integer(_TABLE.c.since).label("since"),
    as_integer(_TABLE.c.until).label("until"),
)


def declare(store: Store, declared: Iterable[Coverage], *, now: int) -> int:
    """Store declarations; return the number of new ones.

    A declaration that is already stored is ignored.
    """
    known = set(_rows(store))
    new = [row for row in dict.fromkeys(map(_row, declared)) if row not in known]
    for selector, source, since, until in new:
        store.connection.execute(
            insert(_TABLE).values(
                organisation_id=store.organisation_id,
                selector=selector,
                source=source,
                since=since,
                until=until,
                declared_at=now,
            )
        )
    if new:
        turn(store.connection)
    return len(new)


def declared(
    store: Store, kinds: Kinds = KINDS, *, known_at: int | None = None
) -> tuple[Coverage, ...]:
    """Return all declarations, oldest first; `kinds` are the kinds that a selector may name.

    With `known_at`, only those that had been made at that instant.
    """
    return parsed(_rows(store, known_at), kinds)


def parsed(rows: Iterable[Row], kinds: Kinds) -> tuple[Coverage, ...]:
    """Return the declarations that these rows hold."""
    return tuple(
        Coverage(
            selector=parse_selector(selector, kinds=kinds),
            source=source,
            since=BEGINNING if since is None else since,
            until=FOREVER if until is None else until,
        )
        for selector, source, since, until in rows
    )


Row = tuple[str, str | None, int | None, int | None]
"""A declaration as stored: selector, source, since, until."""


def _row(coverage: Coverage) -> Row:
    since = None if coverage.since <= BEGINNING else coverage.since
    until = None if coverage.until >= FOREVER else coverage.until
    return str(coverage.selector), coverage.source, since, until


def _rows(store: Store, known_at: int | None = None) -> list[Row]:
    query = select(*_FIELDS).where(_TABLE.c.organisation_id == store.organisation_id)
    if known_at is not None:
        query = query.where(_TABLE.c.declared_at <= known_at)
    return [tuple(row) for row in store.connection.execute(query.order_by(_TABLE.c.id))]
