"""Into the database and out again, against the bare driver doing the same with the same rows.

The bare driver fills the same tables, their indexes and constraints in place, from rows that are
ready as Python tuples: `sqlite3.executemany`, psycopg's `COPY … FROM STDIN` by `write_row`. Ours
begins with frames and makes out supporters, keys and conflicts. Neither counts the time to evaluate
or to get hold of what it writes. Reading back is held against the same columns of the same table as
the driver hands them over, in the table's own order, which is cheaper than by supporter.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, Table

from ladder import documents
from ladder.engines import columnar
from ladder.storage import definitions
from ladder.storage.engines import create_engine
from ladder.storage.frames import STORED
from ladder.storage.indexes import built_afterwards
from ladder.storage.migrations import upgrade
from ladder.storage.models import Base
from ladder.storage.read.history_batches import Part, read_parts
from ladder.storage.store import Store
from ladder.storage.transactions import looking
from ladder.storage.write.bitemporal_bulk import WRITTEN, Writer
from ladder.storage.write.bulk_load import LOADED, Loader
from tests.benchmarks.children import ALDER, COVERAGE, NOW
from tests.benchmarks.figures import Figure, Size
from tests.benchmarks.scale.data import Dialect, cluster, frames, whole
from tests.six_patterns import six

LIMIT = 2
SLICE = 50_000
LADDER = six()


def figures(folder: Path, size: Size) -> Iterator[Figure]:
    """Loading, writing what a replay found, and reading back: on SQLite, then on PostgreSQL."""
    yield from measured(folder, size, "sqlite")
    yield from measured(folder, size, "postgresql")


def measured(folder: Path, size: Size, dialect: Dialect) -> Iterator[Figure]:
    """On one of the two."""
    with _fresh(folder, dialect, "ours") as ours, _fresh(folder, dialect, "bare") as bare:
        name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[dialect]
        loading, writing = _load(ours, whole(folder, size)), _write(ours)
        loaded = {"ladder_supporter", LOADED.name}
        written = {table.name for table in WRITTEN}
        others = set(Base.metadata.tables) - loaded - written
        _copied(ours, bare, others)
        yield _figure(
            f"load into {name}", loading, _copied(ours, bare, loaded), "touchpoints and supporters"
        )
        found = "movements and findings"
        yield _figure(f"write a replay, {name}", writing, _copied(ours, bare, written), found)
        yield _figure(f"read from {name}", *_read(ours), "histories")


@dataclass
class Stopwatch:
    """Seconds that passed within `with`, added up; and how many rows that was for."""

    seconds: float = 0
    rows: int = 0
    _begun: float = field(default=0, repr=False)

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._begun


def _figure(name: str, ours: Stopwatch, bare: Stopwatch, what: str) -> Figure:
    words = f"{ours.seconds:.1f} s, {bare.seconds:.1f} s for the driver alone; {bare.rows} {what}"
    return Figure(name, ours.seconds / bare.seconds, LIMIT, words)


def _load(engine: Engine, log: Path) -> Stopwatch:
    """Touchpoints and whose they are, from frames to the commit."""
    watch = Stopwatch()
    with _timed_commit(engine, watch) as connection:
        store = Store.ensure(connection, ALDER)
        loader = Loader(store, NOW)
        with _ends_timed(watch, built_afterwards(connection, LOADED)):
            for frame in frames(log):
                with watch:
                    watch.rows += loader.insert(frame).new
    return watch


def _write(engine: Engine) -> Stopwatch:
    """Write the results of the default ladder, from the frames of an engine to the commit."""
    watch = Stopwatch()
    with _timed_commit(engine, watch) as connection:
        store = Store.open(connection, ALDER.key)
        adopted = definitions.adopt(store, LADDER, documents.dump(LADDER), now=NOW)
        writer = Writer(store, adopted.id, NOW)
        with _ends_timed(watch, built_afterwards(connection, *WRITTEN)):
            for part in read_parts(store, LADDER.kinds.values(), columns=columnar.columns(LADDER)):
                told = columnar.evaluate(part.frame, LADDER, ALDER, COVERAGE, brought=part.brought)
                with watch:
                    writer.write(part.supporters, told.movements, told.findings, told.first_at)
            with watch:
                writer.finish()
    return watch


def _copied(source: Engine, target: Engine, tables: set[str]) -> Stopwatch:
    """The rows of these tables from one database into the other, by the driver alone."""
    watch = Stopwatch()
    insert = {"sqlite": _executemany, "postgresql": _copy}[target.dialect.name]
    with _timed_commit(target, watch) as connection:
        driver = connection.connection.driver_connection
        for table in Base.metadata.sorted_tables:
            for rows in _slices(source, table) if table.name in tables else ():
                with watch:
                    insert(driver, table, rows)
                watch.rows += len(rows)
    return watch


def _slices(engine: Engine, table: Table) -> Iterator[list[Any]]:
    """A table's rows as the driver has them, in the order in which they were written."""
    sql = f"SELECT {', '.join(_columns(table))} FROM {table.name} ORDER BY 1"
    with engine.connect() as connection:
        rows = connection.execution_options(stream_results=True).exec_driver_sql(sql)
        yield from ([tuple(row) for row in part] for part in rows.partitions(SLICE))


def _columns(table: Table) -> list[str]:
    """All of them, its number first."""
    return ["id"] * ("id" in table.c) + [c.name for c in table.c if c.name != "id"]


def _executemany(driver: Any, table: Table, rows: list[Any]) -> None:
    columns = _columns(table)
    places = ", ".join("?" * len(columns))
    driver.executemany(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})", rows)


def _copy(driver: Any, table: Table, rows: list[Any]) -> None:
    sql = f"COPY {table.name} ({', '.join(_columns(table))}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)


def _read(engine: Engine) -> tuple[Stopwatch, Stopwatch]:
    """Everybody's history in parts, and the same columns of the table by the driver."""
    ours, bare = Stopwatch(), Stopwatch()
    names = columnar.columns(LADDER)
    with looking(engine) as connection:
        parts: Iterator[Part] = read_parts(
            Store.open(connection, ALDER.key), LADDER.kinds.values(), columns=names
        )
        with ours:
            ours.rows = sum(len(part.frame) for part in parts)
    stored = {"supporter": "supporter_id", "referrer": "referrer_id"}
    fields = ", ".join(stored.get(name, name) for name in STORED if name in names)
    sql = f"SELECT {fields} FROM {LOADED.name}"
    with looking(engine) as connection, bare:
        bare.rows = _scanned(connection.connection.driver_connection, engine.dialect.name, sql)
    assert ours.rows == bare.rows
    return ours, bare


def _scanned(driver: Any, dialect: str, sql: str) -> int:
    """How many rows there are, each of them fetched."""
    cursor = driver.cursor() if dialect == "sqlite" else driver.cursor("scan")
    cursor.execute(sql)
    rows = 0
    while part := cursor.fetchmany(SLICE):
        rows += len(part)
    cursor.close()
    return rows


@contextmanager
def _timed_commit(engine: Engine, watch: Stopwatch) -> Iterator[Connection]:
    """A transaction of which the end counts."""
    with engine.connect() as connection:
        whole = connection.begin()
        yield connection
        with watch:
            whole.commit()


@contextmanager
def _ends_timed(watch: Stopwatch, manager: AbstractContextManager[None]) -> Iterator[None]:
    """A context of which entering and leaving count."""
    with ExitStack() as stack:
        with watch:
            stack.enter_context(manager)
        yield
        with watch:
            stack.close()


@contextmanager
def _fresh(folder: Path, dialect: Dialect, name: str) -> Iterator[Engine]:
    """A migrated database without rows, gone afterwards."""
    make = {"sqlite": _file, "postgresql": _created}[dialect]
    with make(folder, f"loading_{name}") as engine:
        upgrade(engine)
        yield engine
        engine.dispose()


@contextmanager
def _file(folder: Path, name: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        yield create_engine(f"sqlite:///{inside}/{name}.db")


@contextmanager
def _created(folder: Path, name: str) -> Iterator[Engine]:
    address = cluster(folder)
    admin = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        connection.exec_driver_sql(drop)
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield create_engine(address.set(database=name))
        finally:
            connection.exec_driver_sql(drop)
    admin.dispose()
