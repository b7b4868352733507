"""A database by its file or URL, for whoever has no engine: found, at the right version, in words.

Hosts hand over the connection that they have; this is for the command line and for scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.orm import Session

from ladder.errors import NotKnown, StorageError
from ladder.storage import migrations, models
from ladder.storage.engines import BEGIN, create_engine
from ladder.storage.errors import explained
from ladder.storage.sql import connection_of
from ladder.storage.store import Store


def organisations(where: Connection | Session) -> list[str]:
    """The keys of all organisations, in order."""
    key = models.Organisation.__table__.c.key
    return list(connection_of(where).scalars(select(key).order_by(key)))


def choose(where: Connection | Session, key: str | None = None) -> Store:
    """The handle of that organisation; without a key, of the only one there is.

    Raises `NotKnown` when there is none of that key, none at all, or several to choose from.
    """
    if key is not None:
        return Store.open(where, key)
    known = organisations(where)
    if len(known) == 1:
        return Store.open(where, known[0])
    if not known:
        message = "the database holds no organisation yet: replay a file into it first"
    else:
        message = f"the database holds several organisations: say which, {' or '.join(known)}"
    raise NotKnown(message)


@dataclass(frozen=True)
class Database:
    """A database as asked for: `file` where it is SQLite's, `name` without any password."""

    url: str
    file: Path | None
    name: str

    @classmethod
    def of(cls, asked: str) -> Database:
        """A file, or a URL."""
        if "://" not in asked:
            path = Path(asked)
            return cls(f"sqlite:///{path}", path, str(path))
        scheme, _, rest = asked.partition("://")
        if scheme.startswith("sqlite"):
            path = Path(rest.removeprefix("/"))
            return cls(asked, path, str(path))
        return cls(asked, None, f"{scheme}://{rest.rpartition('@')[2]}")

    def exists(self) -> bool:
        """Whether there is anything to read; of a server nobody knows before asking."""
        return self.file is None or (self.file.is_file() and self.file.stat().st_size > 0)


@contextmanager
def engine_of(database: Database) -> Iterator[Engine]:
    """An engine for as long as the command runs; what the driver complains of in words."""
    with explained(database.name):
        engine = create_engine(database.url)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def reading(asked: str, organisation: str | None = None) -> Iterator[Store]:
    """A database to look into, at the right version; `StorageError` with advice otherwise."""
    database = Database.of(asked)
    if not database.exists():
        message = f"there is no database {database.name}: make it with `ladder replay`"
        raise StorageError(message)
    with engine_of(database) as engine, engine.connect() as connection:
        migrations.check(connection)
        yield choose(connection, organisation)


@dataclass(frozen=True)
class Writing:
    """A transaction that is committed when its block ends well, and otherwise never was."""

    database: Database
    connection: Connection


@contextmanager
def writing(asked: str, *, make: bool = False) -> Iterator[Writing]:
    """A database to write to, in one transaction.

    With `make` a SQLite file that is not there, or is empty, gets its tables in that very
    transaction, so that whoever is killed half-way leaves nothing; a file that was made here goes
    away again when the block fails. A database with other tables, and a server's, is never set up
    unasked: `StorageError` says how.
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
    """Whether this is a SQLite file without any table: nobody else's, for sure."""
    return connection.dialect.name == "sqlite" and not inspect(connection).get_table_names()


def _remove(file: Path) -> None:
    """Take away a file that this command made and could not fill, with what SQLite put beside."""
    for end in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + end).unlink(missing_ok=True)
