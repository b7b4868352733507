"""Engines: SQLite with the settings that the library relies on, PostgreSQL through psycopg 3.

A host that has an engine keeps it. It should call `prepare` on a SQLite engine once before first
use. Otherwise foreign keys are not checked, and concurrent writers fail at once instead of waiting.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, StaticPool, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

from ladder.errors import StorageError

BEGIN = "ladder_begin"
"""Execution option of a connection: how SQLite begins, "DEFERRED" (the default) or "IMMEDIATE"."""

PRAGMAS = (
    "foreign_keys = ON",
    "busy_timeout = 10000",  # milliseconds that a writer waits for another
    "journal_mode = WAL",  # readers continue while one connection writes
    "synchronous = NORMAL",  # with WAL: a power cut may lose the last commits, never the file
    "cache_size = -65536",  # KiB: with SQLite's own 2 MiB, indexes of a bulk load go to disk
)


def create_engine(url: str | URL, **options: Any) -> Engine:  # noqa: ANN401
    """Create an engine for "sqlite:///file.db" or "postgresql://…", ready for this library.

    `options` go to `sqlalchemy.create_engine`. A bare "postgresql://" means psycopg 3 on every
    version of SQLAlchemy (2.0 alone would look for psycopg2). "sqlite://" is one database in
    memory, shared by all connections of the engine, and so for tests only.

    Raises:
        StorageError: The URL cannot be read, the database is neither of the two, or a driver is
            missing.
    """
    address = _address(url)
    family = address.get_backend_name()
    if family == "sqlite":
        if address.database in (None, "", ":memory:"):
            options.setdefault("poolclass", StaticPool)
            options.setdefault("connect_args", {}).setdefault("check_same_thread", False)
        return prepare(sqlalchemy.create_engine(address, **options))
    if family == "postgresql":
        return sqlalchemy.create_engine(_with_psycopg(address), **options)
    message = f"{family} is not supported: give a sqlite:/// or postgresql:// URL"
    raise StorageError(message)


def prepare(engine: Engine) -> Engine:
    """Enable foreign keys, waiting, and transactional DDL on a SQLite engine.

    Python's driver opens a transaction only before a data change, so that a CREATE TABLE would
    outlive a rollback. So this switches the driver's transactions off and sends BEGIN itself, which
    works on every Python since 3.11. `connect_args={"autocommit": False}` would also work, but not
    before 3.12. Engines of other databases are returned unchanged, and a second call changes
    nothing.
    """
    if engine.dialect.name == "sqlite" and not event.contains(engine, "connect", _connected):
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begin)
    return engine


def _connected(connection: DBAPIConnection, record: object) -> None:
    """Configure a new SQLite connection."""
    del record
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begin a transaction in place of the driver.

    Deferred by default: IMMEDIATE for every connection would queue readers behind writers. A
    transaction that reads first and then writes should request IMMEDIATE. SQLite does not let a
    reader with an old snapshot become a writer, however long it would wait.
    """
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(BEGIN, 'DEFERRED')}")


def _address(url: str | URL) -> URL:
    """Parse a URL, including the old "postgres://"."""
    if isinstance(url, str) and url.startswith("postgres://"):
        url = url.replace("postgres://", "postgresql://", 1)
    try:
        return sqlalchemy.make_url(url)
    except ArgumentError:  # its message would repeat the URL with its password
        message = (
            "cannot read the database URL: write sqlite:///file.db or postgresql://user@host/name"
        )
        raise StorageError(message) from None


def _with_psycopg(address: URL) -> URL:
    """Name the driver where the URL leaves it open, and check that it is installed."""
    if address.drivername != "postgresql":
        return address
    if find_spec("psycopg") is None:
        message = "PostgreSQL needs its driver: pip install 'ladder-crm[postgres]'"
        raise StorageError(message)
    return address.set(drivername="postgresql+psycopg")
