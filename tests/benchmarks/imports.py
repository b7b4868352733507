"""Importing a list a second time, and importing rows that are rejected."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import polars as pl

from ladder import catalogue
from ladder.cli.group import run
from ladder.replay import Report, Source, replay
from tests.benchmarks.children import ALDER, COVERAGE, NOW, empty
from tests.benchmarks.figures import Figure, Size, timed
from tests.benchmarks.files import MAPPING, mapping, write_csv

ROWS = 300_000
NEW = 100
"""One row of so many is new in the second export."""
AGAIN_LIMIT = 0.4
REJECTED_LIMIT = 1.0
SPOILT = ({"when": "31.11.2025"}, {"type": "no such kind"}, {"amount": "many"})
"""Three reasons to reject a row, in turn."""


def again(folder: Path, size: Size) -> Iterator[Figure]:
    """Replay an export, then the export of a week later: one row in a hundred is new."""
    rows = min(ROWS, size.rows)
    first, second = folder / "first.csv", folder / "second.csv"
    write_csv(second, rows + rows // NEW, max(1, rows // 10))
    export = pl.read_csv(second, infer_schema=False)
    export.head(rows).write_csv(first)
    pairs = [_replay_both(folder / "again.db", first, second) for _ in range(min(2, size.turns))]
    begun, later, same = (min(pair[part] for pair in pairs) for part in range(3))
    words = f"{later:.1f} s with 1 % new rows, {begun:.1f} s for the first {rows:,} rows"
    yield Figure("second replay, 1 % new", later / begun, AGAIN_LIMIT, words)
    words = f"{same:.1f} s with nothing new"
    yield Figure("second replay, nothing new", same / begun, AGAIN_LIMIT, words)


def _replay_both(database: Path, first: Path, second: Path) -> tuple[float, float, float]:
    """Return the seconds of the first export, the second, and the second once more."""
    engine = empty(database)
    ladder = catalogue.load("default")
    reports: list[Report] = []

    def import_file(path: Path, now: int) -> None:
        source = Source.of_file(path, mapping(), ALDER, ladder.kinds)
        reports.append(replay(engine, ALDER, ladder, [source], now=now, coverage=COVERAGE))

    files = (first, second, second)
    seconds = tuple(
        timed(lambda: import_file(path, NOW + n))  # noqa: B023 - called at once
        for n, path in enumerate(files)
    )
    engine.dispose()
    rows, new = reports[0].kept, reports[1].kept
    assert [report.refused for report in reports] == [0, 0, 0], reports
    assert reports[1].known == rows > 0 < new, reports
    assert (reports[2].known, reports[2].kept) == (rows + new, 0), reports
    return seconds[0], seconds[1], seconds[2]


def rejected(folder: Path, size: Size) -> Iterator[Figure]:
    """Import a list by the command, and a list of as many rows that are all rejected."""
    rows = min(ROWS, size.rows) // 3
    good, bad = folder / "good.csv", folder / "bad.csv"
    (folder / "mapping.toml").write_text(MAPPING)
    write_csv(good, rows, max(1, rows // 10))
    _spoil(pl.read_csv(good, infer_schema=False)).write_csv(bad)
    times = [(_import_by_command(good, 0), _import_by_command(bad, 1)) for _ in range(size.turns)]
    ours, theirs = min(pair[1] for pair in times), min(pair[0] for pair in times)
    words = f"{ours:.1f} s for {rows:,} rejected rows, {theirs:.1f} s for as many imported ones"
    yield Figure("rejected rows", ours / theirs, REJECTED_LIMIT, words)


def _spoil(export: pl.DataFrame) -> pl.DataFrame:
    """Make every row one that is rejected, for several reasons in turn."""
    turn = pl.int_range(pl.len()) % len(SPOILT)
    return export.with_columns(
        pl.when(turn == place).then(pl.lit(value)).otherwise(column).alias(column)
        for place, spoilt in enumerate(SPOILT)
        for column, value in spoilt.items()
    )


def _import_by_command(path: Path, exit_code: int) -> float:
    """Return the seconds of `ladder replay` into an empty database, in this process."""
    database = path.with_suffix(".db")
    empty(database).dispose()
    words = [
        *("replay", str(path), "--mapping", "mapping.toml", "--db", str(database)),
        *("--organisation", "alder", "--zone", "Europe/Berlin", "--currency", "EUR"),
    ]
    codes: list[int] = []
    with chdir(path.parent), redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
        seconds = timed(lambda: codes.append(run(words)))
    print(said.getvalue(), file=sys.stderr)
    assert codes == [exit_code], said.getvalue()
    return seconds
