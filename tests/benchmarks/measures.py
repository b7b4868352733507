"""Evaluating and replaying a whole log, each against what the machine does anyway."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ladder.engines import columnar
from tests.benchmarks.children import ALDER, COVERAGE
from tests.benchmarks.figures import GIB, Figure, Size, child, turns
from tests.benchmarks.files import write_csv, write_parquet
from tests.six_patterns import six

LATER = datetime(2024, 6, 1, tzinfo=UTC)


def evaluation(folder: Path, size: Size) -> list[Figure]:
    """Reading and evaluating a Parquet file, against reading and sorting it."""
    path, ladder = folder / "touchpoints.parquet", six()
    write_parquet(path, size.rows, size.supporters)
    names = columnar.columns(ladder)

    def floor() -> None:
        pl.scan_parquet(path).sort("supporter", "at").collect()

    def evaluate() -> None:
        frame = pl.scan_parquet(path).select(names).collect()
        columnar.evaluate(frame, ladder, ALDER, COVERAGE)

    ours, theirs = turns(size.turns, evaluate, floor)
    words = f"{ours:.2f} s evaluating, {theirs:.2f} s reading and sorting"
    return [Figure("columnar evaluation", ours / theirs, 3, words)]


def replaying(folder: Path, size: Size) -> list[Figure]:
    """A whole replay, against executemany of the rows that it stored; and its memory."""
    csv, one, other = folder / "export.csv", folder / "replay.db", folder / "plain.db"
    write_csv(csv, size.rows, size.supporters)
    pairs = [(_child("replay", one, csv), _child("plain", other, one)) for _ in range(size.turns)]
    ours, theirs, busy, bare = (
        min(pair[which][what] for pair in pairs) for what in ("seconds", "busy") for which in (0, 1)
    )
    peak = max(pair[0]["peak"] for pair in pairs) / GIB
    words = (
        f"{ours:.1f} s from CSV, {theirs:.1f} s for sqlite3.executemany; "
        f"of a core {busy:.1f} s, {bare:.1f} s"
    )
    return [
        Figure("replay into SQLite", ours / theirs, 4, words),
        Figure("peak memory (GiB)", peak, 1, "of that replay"),
    ]


def _child(name: str, *paths: Path) -> dict[str, float]:
    return child("tests.benchmarks.children", name, *paths)
