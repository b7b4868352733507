"""Evaluate Parquet files to Parquet files on Spark.

    python -m ladder.spark touchpoints/ answers/ --zone … --currency …

The file also runs under `spark-submit`, which then decides where. The exit code is 2 when the user
has to correct something.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

from ladder import catalogue
from ladder.coverage import Coverage
from ladder.errors import LadderError
from ladder.importers import Mapping
from ladder.importers.coverage import coverages
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.spark.evaluation import evaluate

MOST_ROWS: Final = 1_500_000
"""Rows of a partition, where there are more partitions than cores."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate a folder of Parquet; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        _answer(options)
    except (LadderError, ValidationError, AnalysisException) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _answer(options: argparse.Namespace) -> None:
    ladder = _ladder(options.ladder)
    mapping = None if options.mapping is None else Mapping.load(options.mapping)
    organisation = _organisation(options, mapping)
    coverage = _coverage(options, mapping, organisation, ladder)
    running = SparkSession.getActiveSession()
    session = running or _session(options.master)
    try:
        rows = session.read.parquet(options.source)
        partitions = options.partitions or _partitions(rows)
        result = evaluate(rows, ladder, organisation, coverage, partitions=partitions)
        result.write(options.target, overwrite=options.overwrite)
    finally:
        if running is None:
            session.stop()


def _partitions(rows: DataFrame) -> int:
    """Return one partition per core, or more where they would be large.

    Parquet stores its row count. Cached results are not merged afterwards, so Spark's default of
    200 partitions would be 200 small tasks.
    """
    cores = int(rows.sparkSession.sparkContext.defaultParallelism)
    return max(cores, -(-int(rows.count()) // MOST_ROWS))


def _session(master: str | None) -> SparkSession:
    """Return spark-submit's session, or one on this machine."""
    builder = SparkSession.builder.appName("ladder")
    return (builder if master is None else builder.master(master)).getOrCreate()


def _ladder(name: str) -> Ladder:
    if name.endswith(".toml"):
        return catalogue.read(Path(name)).ladder
    return catalogue.load(name)


def _organisation(options: argparse.Namespace, mapping: Mapping | None) -> Organisation:
    """Build the organisation from the options, else from the mapping; nothing is assumed."""
    zone, currency = options.zone, options.currency
    if mapping is not None:
        zone, currency = zone or mapping.dates.zone, currency or mapping.amounts.currency
    if not (zone and currency):
        message = "say --zone and --currency (Europe/Berlin and EUR, for example): days and sums "
        raise LadderError(f"{message}would silently be wrong")
    month, _, day = options.fiscal_year.partition("-")
    return Organisation(
        zone=zone, currency=currency, fiscal_month=int(month), fiscal_day=int(day or 1)
    )


def _coverage(
    options: argparse.Namespace, mapping: Mapping | None, organisation: Organisation, ladder: Ladder
) -> tuple[Coverage, ...]:
    if mapping is None:
        return ()
    return tuple(coverages(mapping, options.mapping, organisation.calendar, ladder.kinds))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ladder.spark", description="Movements and findings of everybody, by Spark."
    )
    add = parser.add_argument
    add(
        "source",
        help="touchpoints as Parquet (model.touchpoint_frame.SCHEMA, and id), file or folder",
    )
    add("target", help="folder for movements, findings and first_at")
    add("--ladder", default="default", help="a shipped ladder's name, or a .toml file")
    add("--mapping", help="the mapping of the import: its [[coverage]], zone and currency")
    add("--zone", help="the organisation's time zone")
    add("--currency", help="the organisation's currency")
    add("--fiscal-year", default="1-1", metavar="MONTH-DAY", help="its first day (1-1)")
    add("--partitions", type=int, help="how many (for each core one, or more); changes no answer")
    add("--overwrite", action="store_true", help="replace what the target holds")
    add("--master", help="where to run (what spark-submit says, or this machine)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
