"""The handle for all of this room: one connection, one organisation.

No function of this room takes a bare connection and an id, so none can reach another tenant's
supporters by mistake. Nothing commits: the transaction is the caller's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.orm import Session

from ladder.errors import NotFoundError, StorageError, nearest
from ladder.model.organisations import Organisation
from ladder.storage import models
from ladder.storage.sql import connection_of
from ladder.storage.transactions import turn

_TABLE = models.Organisation.__table__
_FIXED = ("zone", "currency", "fiscal_month", "fiscal_day")


@dataclass(frozen=True)
class Store:
    """One organisation's rows, on a connection (or on that of a host's session).

    >>> with engine.begin() as connection:  # doctest: +SKIP
    ...     store = Store.ensure(connection, Organisation(key="alder", zone="Europe/Berlin"))
    """

    connection: Connection
    organisation: Organisation
    organisation_id: int

    @classmethod
    def open(cls, where: Connection | Session, key: str) -> Self:
        """Return the handle of an existing organisation.

        Raises:
            NotFoundError: There is none with that key.
        """
        connection = connection_of(where)
        row = connection.execute(select(_TABLE).where(_TABLE.c.key == key)).one_or_none()
        if row is None:
            known = connection.scalars(select(_TABLE.c.key)).all()
            message = f"unknown organisation {key!r}{nearest(key, known)}"
            raise NotFoundError(message)
        return cls._of_row(connection, row)

    @classmethod
    def open_only(cls, where: Connection | Session) -> Self | None:
        """Return the handle of the only organisation; None if there is none, or several."""
        connection = connection_of(where)
        rows = connection.execute(select(_TABLE).limit(2)).all()
        return cls._of_row(connection, rows[0]) if len(rows) == 1 else None

    @classmethod
    def _of_row(cls, connection: Connection, row: Row[Any]) -> Self:
        fields = dict(row._mapping)  # noqa: SLF001  (documented, in spite of its name)
        number = fields.pop("id")
        return cls(connection, Organisation(**fields), number)

    @classmethod
    def ensure(cls, where: Connection | Session, organisation: Organisation) -> Self:
        """Return the handle of this organisation; it is created if missing.

        Raises:
            StorageError: It exists with another zone, currency or fiscal year. Stored results were
                computed with those; `change` replaces them.
        """
        connection = connection_of(where)
        known = connection.scalar(select(_TABLE.c.id).where(_TABLE.c.key == organisation.key))
        if known is None:
            connection.execute(insert(_TABLE).values(**asdict(organisation)))
            return cls.open(connection, organisation.key)
        store = cls.open(connection, organisation.key)
        for name in _FIXED:
            before, asked = getattr(store.organisation, name), getattr(organisation, name)
            if before != asked:
                message = (
                    f"organisation {organisation.key} is known with {name} {before}, not {asked}: "
                    "leave it as it was, or change it and replay everything"
                )
                raise StorageError(message)
        return store

    def change(self, organisation: Organisation) -> Store:
        """Change the settings of this organisation; the caller replays everything afterwards."""
        values = asdict(organisation)
        self.connection.execute(
            update(_TABLE).where(_TABLE.c.id == self.organisation_id).values(**values)
        )
        turn(self.connection)
        return Store(self.connection, organisation, self.organisation_id)

    def lock(self) -> None:
        """Wait for other writers of this organisation, and block them until the transaction ends.

        SQLite has one writer anyway (begin with IMMEDIATE, see `engines.BEGIN`). On PostgreSQL the
        organisation's row is locked, and every insert that references it waits.
        """
        row = select(_TABLE.c.id).where(_TABLE.c.id == self.organisation_id)
        self.connection.execute(row.with_for_update())
