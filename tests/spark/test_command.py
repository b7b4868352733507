"""`python -m ladder.spark`: Parquet to Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.spark.presence import demand

demand()

from pyspark.sql import SparkSession

from ladder import catalogue
from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.language.selectors import outbound
from ladder.spark.__main__ import main
from tests.spark.worlds import BERLIN, crowd, given_to, named, sorted_rows

SAID = ("--zone", "Europe/Berlin", "--currency", "EUR", "--fiscal-year", "7-1")
MAPPING = """
source = "crm"
[columns]
supporter = "who"
kind = "what"
at = "when"
[[coverage]]
selector = "outbound"
"""


def test_command_reads_and_writes_parquet(spark: SparkSession, tmp_path: Path) -> None:
    people = named(crowd(40))
    given_to(spark, people, tmp_path / "in")
    (tmp_path / "crm.toml").write_text(MAPPING)
    source, target, mapping = (str(tmp_path / name) for name in ("in", "out", "crm.toml"))
    words = [source, target, *SAID, "--mapping", mapping, "--ladder", "default"]
    assert main([*words, "--partitions", "3"]) == 0
    single = columnar.evaluate(
        people, catalogue.load("default"), BERLIN, [Coverage(selector=outbound)]
    )
    found = pl.read_parquet(tmp_path / "out/movements/*.parquet")
    assert sorted_rows(found) == sorted_rows(single.movements)
    found = pl.read_parquet(tmp_path / "out/findings/*.parquet")
    assert sorted_rows(found) == sorted_rows(single.findings)


def test_existing_output_is_replaced_only_on_request(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given_to(spark, named(crowd(5)), tmp_path / "in")
    words = [str(tmp_path / "in"), str(tmp_path / "out"), *SAID]
    assert main(words) == 0
    assert main(words) == 2
    assert "already exists" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0


@pytest.mark.usefixtures("spark")
def test_mistakes_are_reported_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "out")
    assert main(["nowhere", target]) == 2
    assert "say --zone and --currency" in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere"), target, *SAID]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main(["nowhere", target, *SAID, "--ladder", "defualt"]) == 2
    assert "did you mean default?" in capsys.readouterr().err
