"""The log of imports: the file, its mapping, and the fate of its rows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select

from ladder.storage import models
from ladder.storage.sql import as_integer
from ladder.storage.store import Store

_TABLE = models.Import.__table__


@dataclass(frozen=True)
class Import:
    """One file read by one replay: `kept + known + refused` of its `rows`; the rest were skipped.

    `digest` is of the file's bytes, `mapping` the mapping's text. Instants are microseconds.
    """

    file: str
    digest: str
    mapping: str
    started_at: int
    finished_at: int
    rows: int
    kept: int
    known: int
    refused: int


def note(store: Store, done: Import) -> None:
    """Store an entry in the transaction of the import itself: a killed import leaves no entry."""
    values = {name: getattr(done, name) for name in Import.__dataclass_fields__}
    store.connection.execute(insert(_TABLE).values(organisation_id=store.organisation_id, **values))


def noted(store: Store) -> list[Import]:
    """Return all entries, oldest first."""
    columns = [
        as_integer(_TABLE.c[name]).label(name) if name.endswith("_at") else _TABLE.c[name]
        for name in Import.__dataclass_fields__
    ]
    query = select(*columns).where(_TABLE.c.organisation_id == store.organisation_id)
    return [Import(*row) for row in store.connection.execute(query.order_by(_TABLE.c.id))]
