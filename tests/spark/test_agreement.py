"""Spark's workers say, row for row, what the single machine says."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import strategies as st

from tests.spark.presence import demand

demand()

from pyspark.sql import SparkSession

from ladder import catalogue
from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.language.aggregates import count, distinct, total
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import any_touchpoint, family, in_reply_to, inbound, kind, referred
from ladder.language.spans import ever, months, until
from ladder.spark import evaluate
from ladder.spark.tables import TABLES
from tests.random_ladders import ladders
from tests.spark.worlds import (
    BERLIN,
    alone,
    crowd,
    drawn,
    given_to,
    named,
    sorted_rows,
    told,
)

COVERAGE = (
    Coverage(selector=any_touchpoint, since=BERLIN.calendar.day_start(15_000)),
    Coverage(selector=inbound, until=BERLIN.calendar.day_start(15_400)),
)
EVERYTHING = Ladder(
    key="everything",
    rungs=(
        Rung(key="one", enter=count(kind("donation"), until(kind("thank_you"))) >= 1),
        Rung(key="two", enter=count(kind("donation").when(count(inbound, ever) >= 1), ever) >= 1),
        Rung(
            key="three",
            enter=total(kind("donation"), months(12)) >= "20 EUR",
            stay=count(in_reply_to(kind("donation")), months(24)) >= 1,
        ),
        Rung(key="four", enter=count(referred(family("money")), months(12)) >= 1),
        Rung(key="five", enter=total(referred(kind("donation")), ever) >= "30 EUR"),
        Rung(key="six", enter=distinct(referred(any_touchpoint), ever, by="person") >= 2),
    ),
    placements="hold",
)


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    made = crowd(300)
    assert made["referrer"].count() > 300
    assert {"void", "refund", "chargeback", "placed"} <= set(made["kind"])
    return made


def test_workers_all_take_part(spark: SparkSession) -> None:
    def supporter(_: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        time.sleep(0.5)  # long enough for the other worker to take the next partition
        yield pa.RecordBatch.from_pydict({"executor": [os.getppid()]})

    seen = spark.range(8).repartition(4).mapInArrow(supporter, "executor bigint").collect()
    assert len({row.executor for row in seen}) > 1


@pytest.mark.parametrize(("partitions", "part_rows"), [(1, 200_000), (7, 1), (None, 40)])
def test_number_of_partitions_changes_nothing(
    spark: SparkSession,
    people: pl.DataFrame,
    tmp_path: Path,
    partitions: int | None,
    part_rows: int,
) -> None:
    rows = given_to(spark, people, tmp_path / "in")
    result = evaluate(rows, EVERYTHING, BERLIN, partitions=partitions, part_rows=part_rows)
    expected = alone(columnar.evaluate(people, EVERYTHING, BERLIN))
    assert told(result) == expected
    assert {"four", "five", "six"} <= {row[6] for row in expected["movements"]}


def test_random_ladders_give_the_same_answer(
    spark: SparkSession, people: pl.DataFrame, tmp_path: Path
) -> None:
    rows = given_to(spark, people, tmp_path / "in").cache()
    moved = found = 0
    for number, ladder in enumerate(drawn(st.deferred(ladders), 6)):
        result = evaluate(rows, ladder, BERLIN, COVERAGE, partitions=number % 4 + 1, part_rows=300)
        expected = alone(columnar.evaluate(people, ladder, BERLIN, COVERAGE))
        assert told(result) == expected
        moved += len(expected["movements"])
        found += len(expected["findings"])
    assert moved > 100
    assert found > 100


@pytest.mark.parametrize("name", ["default", "donor_states", "orbit"])
def test_shipped_ladders_give_the_same_answer_for_named_supporters(
    spark: SparkSession, people: pl.DataFrame, tmp_path: Path, name: str
) -> None:
    everybody = named(people)
    result = evaluate(
        given_to(spark, everybody, tmp_path / "in"), catalogue.load(name), BERLIN, COVERAGE
    )
    assert told(result) == alone(
        columnar.evaluate(everybody, catalogue.load(name), BERLIN, COVERAGE)
    )


def test_large_supporter_among_small_ones_is_evaluated_alike(
    spark: SparkSession, people: pl.DataFrame, tmp_path: Path
) -> None:
    hers = pl.concat([people.drop_nulls("amount")] * 60).with_columns(
        pl.lit(1_000_000, pl.Int64).alias("supporter"),
        pl.lit(None, pl.String).alias("external_id"),
        pl.lit(None, pl.String).alias("answers_id"),
        pl.lit(None, pl.Int64).alias("referrer"),
        (pl.int_range(pl.len()) + 1_000_000).alias("id"),
    )
    assert hers.height > 5 * people.height
    everybody = pl.concat([people, hers])
    result = evaluate(
        given_to(spark, everybody, tmp_path / "in"), EVERYTHING, BERLIN, partitions=4, part_rows=500
    )
    assert told(result) == alone(columnar.evaluate(everybody, EVERYTHING, BERLIN))


def test_parquet_is_evaluated_alike(
    spark: SparkSession, people: pl.DataFrame, tmp_path: Path
) -> None:
    everybody = named(people)
    rows = given_to(spark, everybody, tmp_path / "in")
    evaluate(rows, EVERYTHING, BERLIN).write(str(tmp_path / "out"))
    single = columnar.evaluate(everybody, EVERYTHING, BERLIN)
    for table in TABLES:
        written = pl.read_parquet(tmp_path / "out" / table / "*.parquet")
        assert written.schema == getattr(single, table).schema
        assert sorted_rows(written) == sorted_rows(getattr(single, table))
        assert (tmp_path / "out" / table / "_SUCCESS").exists()


def test_optional_columns_and_an_empty_frame_are_accepted(
    spark: SparkSession, people: pl.DataFrame, tmp_path: Path
) -> None:
    bare = people.select("id", "supporter", "kind", "at", pl.col("amount").cast(pl.Int32))
    giving = catalogue.load("pyramid")
    result = evaluate(given_to(spark, bare, tmp_path / "in"), giving, BERLIN)
    assert told(result) == alone(columnar.evaluate(bare, giving, BERLIN))
    nobody = evaluate(given_to(spark, bare.clear(), tmp_path / "none"), giving, BERLIN)
    assert told(nobody) == {table: [] for table in TABLES}
