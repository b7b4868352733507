"""Mistakes of rows and workers reach the caller, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.spark.presence import demand

demand()

from pyspark.errors import PythonException
from pyspark.sql import SparkSession
from pyspark.sql import functions as sql

from ladder import documents
from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.errors import (
    CurrencyError,
    DefinitionError,
    ImportFileError,
    LadderError,
)
from ladder.language.aggregates import count, total
from ladder.language.ladders import Ladder, Rung
from ladder.language.macros import MACROS
from ladder.language.selectors import kind, outbound
from ladder.language.spans import ever
from ladder.model.organisations import Organisation
from ladder.spark import evaluate, readable
from ladder.spark.definition import Definition
from tests.spark.worlds import alone, given_to, told

ALDER = Organisation(zone="Europe/Berlin", currency="EUR")
GIVING = Ladder(key="giving", rungs=(Rung(key="gave", enter=count(kind("donation"), ever) >= 1),))
SUM = Ladder(key="sum", rungs=(Rung(key="big", enter=total(kind("donation"), ever) >= "5 EUR"),))


def gifts(**changed: Any) -> pl.DataFrame:
    fields = {"id": [1, 2], "supporter": ["ada", "bo"], "kind": ["donation"] * 2, "at": [10, 20]}
    return pl.DataFrame(fields | changed)


def test_undeclared_kind_is_rejected(spark: SparkSession, tmp_path: Path) -> None:
    rows = given_to(spark, gifts(kind=["donation", "donatoin"]), tmp_path / "in")
    with pytest.raises(LadderError) as refused:
        evaluate(rows, GIVING, ALDER).write(str(tmp_path / "out"))
    with pytest.raises(type(refused.value)) as here:
        columnar.evaluate(gifts(kind=["donation", "donatoin"]), GIVING, ALDER)
    assert str(refused.value).startswith(str(here.value))
    assert "among the supporters from" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_currency_without_a_rate_is_rejected(spark: SparkSession, tmp_path: Path) -> None:
    foreign = gifts(amount=[1000, 1000], currency=["EUR", "CHF"])
    result = evaluate(given_to(spark, foreign, tmp_path / "in"), SUM, ALDER)
    with pytest.raises(CurrencyError, match="no rate"), readable():
        result.movements.collect()


def test_other_errors_of_spark_are_raised_unchanged(spark: SparkSession, tmp_path: Path) -> None:
    wrong = gifts(details=["no json", None], kind=["placed", "donation"])
    result = evaluate(given_to(spark, wrong, tmp_path / "in"), GIVING, ALDER)
    with pytest.raises(PythonException, match="JSON"), readable():
        result.movements.collect()


def test_mistakes_of_columns_are_reported_together(spark: SparkSession, tmp_path: Path) -> None:
    rows = given_to(spark, gifts(amount=[1.5, 2.0]).drop("id"), tmp_path / "in")
    stamped = rows.withColumn("at", sql.timestamp_micros("at"))
    with pytest.raises(ImportFileError) as refused:
        evaluate(stamped, GIVING, ALDER)
    for words in ("no column id: unique", "at is timestamp", "unix_micros(at)", "amount is double"):
        assert words in str(refused.value)


def test_supporters_named_in_two_ways_are_rejected(spark: SparkSession, tmp_path: Path) -> None:
    rows = given_to(spark, gifts(referrer=[None, 7]), tmp_path / "in")
    with pytest.raises(ImportFileError, match="the same way in both"):
        evaluate(rows, GIVING, ALDER)


def test_workers_of_another_release_or_with_other_time_zones_refuse() -> None:
    said = Definition.of(GIVING, ALDER, ())
    with pytest.raises(DefinitionError, match="same wheel"):
        replace(said, release="0.0.1").world()
    with pytest.raises(DefinitionError, match="same tzdata"):
        replace(said, zone=1).world()


def test_definition_arrives_as_it_was_sent() -> None:
    declared = (Coverage(selector=outbound, since=ALDER.calendar.instant(date(2020, 1, 1))),)
    assert tuple(Definition.of(SUM, ALDER, declared).world()) == (SUM, ALDER, declared)


def test_macros_of_the_host_need_not_exist_on_the_workers(
    spark: SparkSession, tmp_path: Path
) -> None:
    text = '[ladder]\nkey = "own"\n[[rung]]\nkey = "gave"\nenter = "at_least_once(donation)"\n'
    ladder = documents.load(
        text, macros={**MACROS, "at_least_once": lambda chosen: count(chosen, ever) >= 1}
    )
    result = evaluate(given_to(spark, gifts(), tmp_path / "in"), ladder, ALDER)
    assert told(result) == alone(columnar.evaluate(gifts(), ladder, ALDER))
    assert len(told(result)["movements"]) == 2
