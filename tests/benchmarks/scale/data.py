"""The log that all figures of this folder are measured on, made once and kept next to them."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import polars as pl
import sqlalchemy
from sqlalchemy import Engine, make_url

from ladder.importers.importer import Batch
from ladder.model.touchpoint_frame import SCHEMA
from ladder.replay import Source, replay
from ladder.storage.engines import create_engine
from ladder.storage.migrations import upgrade
from tests.benchmarks.children import ALDER, COVERAGE, NOW
from tests.benchmarks.figures import ROOT, Size, timed
from tests.benchmarks.files import write_parquet
from tests.databases import start
from tests.six_patterns import six

Dialect = Literal["sqlite", "postgresql"]
BATCH = 200_000


def parquet(folder: Path, rows: int, supporters: int) -> Path:
    """The log of that size as Parquet: oldest first, supporters as numbers."""
    path = folder / f"touchpoints-{rows}-{supporters}.parquet"
    if not path.exists():
        print(f"making {path.name}", file=sys.stderr)
        beside = path.with_suffix(".part")
        write_parquet(beside, rows, supporters)
        beside.rename(path)
    return path


def whole(folder: Path, size: Size) -> Path:
    """The log at full size."""
    return parquet(folder, size.rows, size.supporters)


def frames(path: Path) -> Iterator[pl.DataFrame]:
    """The log as an importer hands it over, in batches: supporters by their keys ("P17")."""
    scan, done = pl.scan_parquet(path), 0
    log = scan.with_columns(
        pl.format("P{}", name).alias(name) for name in ("supporter", "referrer")
    )
    while len(frame := log.slice(done, BATCH).select(*SCHEMA).collect()):
        yield frame
        done += len(frame)


def source(path: Path) -> Source:
    """The log for a replay, never in memory as a whole."""
    return Source(_batches(path), name=path.name)


def database(folder: Path, size: Size, dialect: Dialect) -> Engine:
    """The log in a database, replayed once by the default ladder with everything declared.

    For SQLite a file in the folder, for PostgreSQL a database of a server whose data lies there
    and which runs while some process uses it. Both are kept; what measures on them leaves them as
    they were.
    """
    make = {"sqlite": _sqlite, "postgresql": _postgresql}[dialect]
    return make(folder, size)


def cluster(folder: Path) -> sqlalchemy.URL:
    """The PostgreSQL server of that folder, started if need be, with its usual settings."""
    home = folder / "postgresql"
    home.mkdir(exist_ok=True)
    return make_url(start(home, "stop").get_uri()).set(drivername="postgresql+psycopg")


def _sqlite(folder: Path, size: Size) -> Engine:
    path = folder / f"{_name(size)}.db"
    if not path.exists():
        beside = path.with_suffix(".part")
        for end in ("", "-wal", "-shm"):
            Path(f"{beside}{end}").unlink(missing_ok=True)
        engine = create_engine(f"sqlite:///{beside}")
        _fill(engine, whole(folder, size))
        engine.dispose()
        beside.rename(path)
    return create_engine(f"sqlite:///{path}")


def _postgresql(folder: Path, size: Size) -> Engine:
    address, name = cluster(folder), _name(size)
    admin = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        known = "SELECT 1 FROM pg_database WHERE datname = %(name)s"
        if connection.exec_driver_sql(known, {"name": name}).first() is None:
            beside = f"{name}_part"
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {beside}")
            connection.exec_driver_sql(f"CREATE DATABASE {beside}")
            engine = create_engine(address.set(database=beside))
            _fill(engine, whole(folder, size))
            _vacuum(engine)
            engine.dispose()
            connection.exec_driver_sql(f"ALTER DATABASE {beside} RENAME TO {name}")
    admin.dispose()
    return create_engine(address.set(database=name))


def _name(size: Size) -> str:
    """Another one whenever a migration has changed: what was kept has the tables as they were."""
    revisions = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in revisions)).hexdigest()
    return f"scale_{size.rows}_{size.supporters}_{digest[:8]}"


def _fill(engine: Engine, path: Path) -> None:
    upgrade(engine)
    ladder = six()

    def fill() -> None:
        replay(engine, ALDER, ladder, [source(path)], now=NOW, coverage=COVERAGE)

    print(f"replaying {path.name} into {engine.dialect.name}: {timed(fill):.0f} s", file=sys.stderr)


def _vacuum(engine: Engine) -> None:
    """Vacuum and analyse, as PostgreSQL does by itself a minute later."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE)")


def _batches(path: Path) -> Iterator[Batch]:
    done, total = 0, pl.scan_parquet(path).select(pl.len()).collect().item()
    for frame in frames(path):
        rows = pl.int_range(done, done + len(frame), eager=True, dtype=pl.Int64).alias("row")
        done += len(frame)
        yield Batch(frame, rows, (), len(frame), 0, done, total)
