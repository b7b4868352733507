"""Crowds: many random histories side by side, each about people of its own.

A job of Spark takes a second however little it has to do, so a crowd is judged in one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from pyspark.sql import DataFrame, SparkSession

from ladder.engines.reference.facts import Row
from ladder.model.organisations import Organisation
from ladder.spark import Result
from ladder.spark.tables import TABLES
from tests import histories

BERLIN = Organisation(key="alder", zone="Europe/Berlin", currency="EUR", fiscal_month=7)


def drawn(strategy: SearchStrategy[Any], number: int) -> list[Any]:
    """That many examples, the same each time."""
    found: list[Any] = []

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def gather(example: Any) -> None:
        found.append(example)

    gather()
    return found


def crowd(worlds: int) -> pl.DataFrame:
    """Random histories with voids, refunds, links, ties, placements and people who bring others."""
    rows = []
    for number, made in enumerate(drawn(histories.rows(BERLIN, most=14), worlds)):
        rows += [_apart(row, number) for row in made]
    return histories.frame(rows)


def _apart(row: Row, number: int) -> Row:
    """The row in a world of its own: ids, people and keys that no other world has."""

    def keyed(key: str | None) -> str | None:
        return None if key is None else f"{number}-{key}"

    return row._replace(
        id=row.id + 100 * number,
        supporter=row.supporter + 10 * number,
        referrer=None if row.referrer is None else row.referrer + 10 * number,
        external_id=keyed(row.external_id),
        answers_id=keyed(row.answers_id),
    )


def named(frame: pl.DataFrame) -> pl.DataFrame:
    """With supporters who have names and not numbers."""
    return frame.with_columns(
        ("P" + pl.col(name).cast(pl.String)).alias(name) for name in ("supporter", "referrer")
    )


def given_to(spark: SparkSession, frame: pl.DataFrame, folder: Path, files: int = 5) -> DataFrame:
    """A frame as several Parquet files, which tear histories apart, read by Spark."""
    folder.mkdir()
    for number in range(files):
        part = frame.gather_every(files, number)
        part.write_parquet(folder / f"part-{number}.parquet")
    return spark.read.parquet(str(folder))


def told(result: Result) -> dict[str, list[Any]]:
    """The three tables that Spark's workers worked out, as sorted rows."""
    whole = pl.DataFrame(pl.from_arrow(result.together.toArrow()))
    return {
        table: sorted_rows(whole.filter(pl.col(table).is_not_null())[table].struct.unnest())
        for table in TABLES
    }


def sorted_rows(frame: pl.DataFrame) -> list[Any]:
    """Rows in the one order that both sides can be brought into."""
    return sorted(frame.rows())


def alone(result: Any) -> dict[str, list[Any]]:
    """Return the answer of a single machine in these columns."""
    return {table: sorted_rows(getattr(result, table)) for table in TABLES}
