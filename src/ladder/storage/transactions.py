"""Transactions: a new one for an engine, or the caller's for a connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from ladder.errors import StorageError
from ladder.storage.engines import BEGIN
from ladder.storage.errors import explained
from ladder.storage.sql import connection_of

__all__ = [
    "Host",
    "Moment",
    "Session",
    "flushed",
    "moment_of",
    "session_of",
    "takes_bulk",
    "turn",
    "usable",
]

Host = Connection | Session
"""The types that a host may pass."""

Moment = tuple[Any, Any, int]
"""A transaction, the savepoint within it, and the number of definition changes there."""

_TURNS: Final = "ladder_turns"


def usable(where: Host) -> Host:
    """Return the host's session or connection.

    Raises:
        StorageError: It is asynchronous; the message says how to call.
    """
    if hasattr(where, "run_sync"):
        message = (
            f"{type(where).__name__} calls through run_sync: "
            "await session.run_sync(lambda session: CRM(session, ...).record(...))"
        )
        raise StorageError(message)
    return where


def flushed(where: Host) -> Connection:
    """Flush the host's session and return its connection."""
    if isinstance(where, Session):
        where.flush()
    return connection_of(where)


def moment_of(connection: Connection) -> Moment | None:
    """Return the position within a transaction; None before it began.

    A value read here may be cached until the position changes. A rollback, also to a savepoint, may
    undo what was read, and between transactions another writer may change it.
    """
    transaction = connection.get_transaction()
    if transaction is None:
        return None
    return transaction, connection.get_nested_transaction(), connection.info.get(_TURNS, 0)


def turn(connection: Connection) -> None:
    """Invalidate cached definitions of this transaction.

    Call it after adopting a ladder, declaring coverage or changing an organisation.
    """
    connection.info[_TURNS] = connection.info.get(_TURNS, 0) + 1


def takes_bulk(connection: Connection) -> bool:
    """Return whether the driver can move rows in bulk: SQLite's, or synchronous psycopg 3."""
    dialect = connection.dialect
    return dialect.name == "sqlite" or (dialect.driver == "psycopg" and not dialect.is_async)


def session_of(engine: Engine) -> Session:
    """Return a new session, for tests and scripts."""
    return Session(engine)


Where = Engine | Connection
"""An engine: one transaction, committed at the end. A connection: the caller's transaction.

The caller commits its own transaction.
"""


@contextmanager
def changing(where: Where) -> Iterator[Connection]:
    """Open a transaction to write. For an engine, driver errors become `StorageError`.

    On SQLite the transaction begins as a writer's: if a reader finds that another connection has
    written meanwhile, SQLite refuses its writes for good.
    """
    if isinstance(where, Connection):
        yield where
        return
    engine = where.execution_options(**{BEGIN: "IMMEDIATE"})
    with explained(), engine.begin() as connection:
        yield connection


@contextmanager
def looking(where: Where) -> Iterator[Connection]:
    """Open a connection to read; for an engine, nothing is committed."""
    if isinstance(where, Connection):
        yield where
        return
    with explained(), where.connect() as connection:
        yield connection
