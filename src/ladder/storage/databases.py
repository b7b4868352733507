"""Open a database by its file or URL, at the right version, with readable errors.

Hosts pass the connection that they have; this is for the command line and for scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.orm import Session

from ladder.errors import NotFoundError, StorageError
from ladder.storage import migrations, models
from ladder.storage.engines import BEGIN, create_engine
from ladder.storage.errors import explained
from ladder.storage.sql import connection_of
from ladder.storage.store import Store


def organisations(where: Connection | Session) -> list[str]:
    """Return the keys of all organisations, in order."""
    key = models.Organisation.__table__.c.key
    return list(connection_of(where).scalars(select(key).order_by(key)))


def choose(where: Connection | Session, key: str | None = None) -> Store:
    """Return the handle of that organisation; without a key, of the only one.

    Raises:
        NotFoundError: There is none with that key, none at all, or several to choose from.
    """
    if key is not None:
        return Store.open(where, key)
    only = Store.open_only(where)
    if only is not None:
        return only
    known = organisations(where)
    if not known:
        message = "the database holds no organisation yet: replay a file into it first"
    else:
        message = f"the database holds several organisations: say which, {' or '.join(known)}"
    raise NotFoundError(message)


@dataclass(frozen=True)
class Database:
    """A database to open: `file` for SQLite, `name` without any password."""

    url: str
    file: Path | None
    name: str

    @classmethod
    def of(cls, asked: str) -> Database:
        """Parse a file name or a URL."""
        if "://" not in asked:
            path = Path(asked)
            return cls(f"sqlite:///{path}", path, str(path))
        scheme, _, rest = asked.partition("://")
        if scheme.startswith("sqlite"):
            path = Path(rest.removeprefix("/"))
            return cls(asked, path, str(path))
        return cls(asked, None, f"{scheme}://{rest.rpartition('@')[2]}")

    def exists(self) -> bool:
        """Return whether there is anything to read; True for a server, without a connection."""
        return self.file is None or (self.file.is_file() and self.file.stat().st_size > 0)


@contextmanager
def engine_of(database: Database) -> Iterator[Engine]:
    """Open an engine for the duration of a command, with readable driver errors."""
    with explained(database.name):
        engine = create_engine(database.url)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def reading(asked: str, organisation: str | None = None) -> Iterator[Store]:
    """Open a database to read, at the right version.

    Raises:
        StorageError: There is no database, or its version does not match; the message has a remedy.
    """
    database = Database.of(asked)
    if not database.exists():
        message = f"there is no database {database.name}: make it with `ladder replay`"
        raise StorageError(message)
    with engine_of(database) as engine, engine.connect() as connection:
        migrations.check(connection)
        yield choose(connection, organisation)


@dataclass(frozen=True)
class Writing:
    """A transaction that is committed when its block succeeds, and rolled back otherwise."""

    database: Database
    connection: Connection


@contextmanager
def writing(asked: str, *, make: bool = False) -> Iterator[Writing]:
    """Open a database to write, in one transaction.

    With `make`, a SQLite file that is missing or empty gets its tables in the same transaction, so
    that a killed process leaves nothing. A file that was created here is removed when the block
    fails. A database with other tables, or on a server, is never set up implicitly.

    Raises:
        StorageError: There is no database; the message says how to create it.
    """
    database = Database.of(asked)
    made = not database.exists()
    if made and not make:
        message = f"there is no database {database.name}: make it with `ladder db upgrade`"
        raise StorageError(message)
    try:
        with engine_of(database) as engine:
            once = engine.execution_options(**{BEGIN: "IMMEDIATE"})
            with once.begin() as connection:
                if make and _is_empty(connection):
                    migrations.upgrade(connection)
                migrations.check(connection)
                yield Writing(database, connection)
            made = False
    finally:
        if made and database.file is not None:
            _remove(database.file)


def _is_empty(connection: Connection) -> bool:
    """Return whether this is a SQLite file without any table."""
    return connection.dialect.name == "sqlite" and not inspect(connection).get_table_names()


def _remove(file: Path) -> None:
    """Remove a file that this command created and could not fill, with SQLite's companion files."""
    for end in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + end).unlink(missing_ok=True)
