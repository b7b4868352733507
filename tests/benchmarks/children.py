"""Measurements in a process of their own: `python -m tests.benchmarks.children NAME …`.

Each prints one line of JSON: seconds, seconds that a core was busy with it (on a loaded machine the
better guide), and peak memory in bytes. Imports are not timed.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ladder.coverage import Coverage
from ladder.language.selectors import inbound, outbound
from ladder.model.organisations import Organisation
from ladder.replay import Source, replay
from ladder.storage.engines import PRAGMAS, create_engine
from ladder.storage.migrations import upgrade
from ladder.storage.models import Base
from tests.benchmarks.figures import peak_memory
from tests.benchmarks.files import mapping
from tests.six_patterns import six

NOW = 1_735_689_600_000_000
ALDER = Organisation(key="alder", zone="Europe/Berlin")
COVERAGE = (Coverage(selector=inbound), Coverage(selector=outbound))


def empty(path: Path) -> Engine:
    """A fresh, migrated SQLite file."""
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    upgrade(engine)
    return engine


class Watch:
    """Seconds since it was made: by the clock, and of a core's work."""

    def __init__(self) -> None:
        self._begun = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Both."""
        return time.perf_counter() - self._begun[0], time.process_time() - self._begun[1]


def whole_replay(database: Path, csv: Path) -> tuple[float, float]:
    """From a CSV to every movement and finding, committed."""
    engine, ladder = empty(database), six()
    watch = Watch()
    source = Source.of_file(csv, mapping(), ALDER, ladder.kinds)
    report = replay(engine, ALDER, ladder, [source], now=NOW, coverage=COVERAGE)
    seconds = watch.read()
    assert report.refused == 0, report
    print(
        f"{report.kept} touchpoints, {report.movements} movements, {report.findings} findings",
        file=sys.stderr,
    )
    return seconds


def plain_load(database: Path, replayed: Path) -> tuple[float, float]:
    """The very rows that a replay stored, by nothing but sqlite3.executemany, committed."""
    keys = {
        table.name: ", ".join(column.name for column in table.primary_key)
        for table in Base.metadata.sorted_tables
    }
    with sqlite3.connect(replayed) as old:
        # By primary key and not by rowid: some tables have none.
        rows = {
            name: old.execute(f"SELECT * FROM {name} ORDER BY {key}").fetchall()
            for name, key in keys.items()
        }
    empty(database).dispose()
    new = sqlite3.connect(database, isolation_level=None)
    for pragma in PRAGMAS:
        new.execute(f"PRAGMA {pragma}")
    watch = Watch()
    new.execute("BEGIN IMMEDIATE")
    for name in keys:
        if rows[name]:
            places = ",".join("?" * len(rows[name][0]))
            new.executemany(f"INSERT INTO {name} VALUES ({places})", rows[name])
    new.execute("COMMIT")
    seconds = watch.read()
    new.close()
    return seconds


def main(name: str, *paths: str) -> None:
    """Measure and print."""
    measured: Any = {"replay": whole_replay, "plain": plain_load}[name]
    seconds, busy = measured(*map(Path, paths))
    print(json.dumps({"seconds": seconds, "busy": busy, "peak": peak_memory()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
