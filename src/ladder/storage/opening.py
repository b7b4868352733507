"""A database by its file or URL, for whoever has no engine: found, at the right version, in words.

Hosts hand over the connection that they have; this is for the command line and for scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine

from ladder.errors import StorageError
from ladder.storage import migrations
from ladder.storage.choosing import choose
from ladder.storage.engines import BEGIN, create_engine
from ladder.storage.store import Store
from ladder.storage.troubles import explained


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


@dataclass
class Writing:
    """A transaction that is committed when its block ends well, and otherwise never was.

    `fresh` says that the database was made by this very command; its file goes away again when the
    block fails.
    """

    database: Database
    connection: Connection
    fresh: bool = field(default=False)


@contextmanager
def writing(asked: str, *, make: bool = False, keep: bool = True) -> Iterator[Writing]:
    """A database to write to, in one transaction; with `make` an empty one gets its tables.

    Tables and rows come in one transaction, so that whoever is killed half-way leaves nothing. Not
    `keep`: rolled back at the end, whatever happened.
    """
    database = Database.of(asked)
    made = not database.exists()
    if made and not make:
        message = f"there is no database {database.name}: make it with `ladder db upgrade`"
        raise StorageError(message)
    try:
        with engine_of(database) as engine:
            once = engine.execution_options(**{BEGIN: "IMMEDIATE"})
            with once.connect() as connection, connection.begin() as transaction:
                fresh = migrations.current(connection) is None
                if fresh and make:
                    migrations.upgrade(connection)
                migrations.check(connection)
                yield Writing(database, connection, fresh)
                if not keep:
                    transaction.rollback()
            made = made and not keep
    finally:
        if made and database.file is not None:
            _remove(database.file)


def _remove(file: Path) -> None:
    """Take away a file that this command made and could not fill, with what SQLite put beside."""
    for end in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + end).unlink(missing_ok=True)
