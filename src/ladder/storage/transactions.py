"""An engine or a connection: a transaction of our own, or the caller's as it is."""

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
"""What a host hands over: both work."""

Moment = tuple[Any, Any, int]
"""A transaction, the savepoint within it, and how often definitions were changed there."""

_TURNS: Final = "ladder_turns"


def usable(where: Host) -> Host:
    """The host's session or connection; `StorageError` with advice for an asynchronous one."""
    if hasattr(where, "run_sync"):
        message = (
            f"{type(where).__name__} calls through run_sync: "
            "await session.run_sync(lambda session: CRM(session, ...).record(...))"
        )
        raise StorageError(message)
    return where


def flushed(where: Host) -> Connection:
    """The host's connection, with what its session still held back written."""
    if isinstance(where, Session):
        where.flush()
    return connection_of(where)


def moment_of(connection: Connection) -> Moment | None:
    """Where in a transaction we are; None before it began.

    What was read here may be kept until this changes: a rollback, to a savepoint too, may undo what
    was read, and between transactions anybody may change it.
    """
    transaction = connection.get_transaction()
    if transaction is None:
        return None
    return transaction, connection.get_nested_transaction(), connection.info.get(_TURNS, 0)


def turn(connection: Connection) -> None:
    """Say that what is judged by has changed within this transaction: nobody keeps what they read.

    Whoever adopts a ladder, declares coverage or changes an organisation says so.
    """
    connection.info[_TURNS] = connection.info.get(_TURNS, 0) + 1


def takes_bulk(connection: Connection) -> bool:
    """Whether the driver can move rows in bulk: SQLite's, and psycopg 3 where it is not awaited."""
    dialect = connection.dialect
    return dialect.name == "sqlite" or (dialect.driver == "psycopg" and not dialect.is_async)


def session_of(engine: Engine) -> Session:
    """A session of our own, for whoever is no host: tests and scripts."""
    return Session(engine)


Where = Engine | Connection
"""An engine: everything in one transaction, committed at the end. A connection: the caller's
transaction, which the caller commits."""


@contextmanager
def changing(where: Where) -> Iterator[Connection]:
    """For whoever writes. Of an engine, what the driver complains of becomes `StorageError`.

    On SQLite the transaction begins as a writer's: who reads first may find that another has
    written meanwhile, and SQLite then refuses for good.
    """
    if isinstance(where, Connection):
        yield where
        return
    engine = where.execution_options(**{BEGIN: "IMMEDIATE"})
    with explained(), engine.begin() as connection:
        yield connection


@contextmanager
def looking(where: Where) -> Iterator[Connection]:
    """For whoever only reads; of an engine, nothing is committed."""
    if isinstance(where, Connection):
        yield where
        return
    with explained(), where.connect() as connection:
        yield connection
