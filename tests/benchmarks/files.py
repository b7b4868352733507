"""The synthetic log as files: a CSV as a CRM would export it, its mapping, and Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ladder.importers import Mapping
from tests.benchmarks.histories import touchpoints

MAPPING = """
source = "crm"

[columns]
supporter = "contact"
kind = "type"
at = "when"
channel = "channel"
campaign = "campaign"
amount = "amount"
currency = "currency"
quantity = "hours"
answers_id = "answers"
referrer = "brought by"
external_id = "id"

[dates]
zone = "UTC"

[details]
page = "page"
"""


def mapping() -> Mapping:
    """How the CSV is read."""
    return Mapping.parse(MAPPING)


def write_csv(path: Path, rows: int, supporters: int) -> None:
    """The log as a CSV, oldest first: amounts with a point, bare dates and times with seconds."""
    when = pl.from_epoch("at", time_unit="us")
    hours = pl.col("quantity") / 1_000_000
    amount = (pl.col("amount") // 100).cast(pl.String) + "." + _two(pl.col("amount") % 100)
    export = touchpoints(rows, supporters).select(
        id="external_id",
        contact="supporter",
        type="kind",
        when=pl.when("date_only")
        .then(when.dt.strftime("%Y-%m-%d"))
        .otherwise(when.dt.strftime("%Y-%m-%dT%H:%M:%SZ")),
        channel="channel",
        campaign="campaign",
        amount=amount,
        currency="currency",
        hours=hours,
        answers="answers_id",
        **{"brought by": pl.col("referrer")},
        page=pl.when(pl.col("details").is_not_null()).then(pl.lit("river")),
    )
    export.write_csv(path)


def write_parquet(path: Path, rows: int, supporters: int) -> None:
    """The log as an evaluator reads it from the database: supporters as numbers."""
    frame = touchpoints(rows, supporters).with_row_index("id")
    names = pl.concat([frame["supporter"], frame["referrer"].drop_nulls()]).unique().sort()
    numbers = dict(zip(names.to_list(), range(1, len(names) + 1), strict=True))
    whose = [
        pl.col(name).replace_strict(numbers, return_dtype=pl.Int64)
        for name in ("supporter", "referrer")
    ]
    frame.with_columns(pl.col("id").cast(pl.Int64), *whose).write_parquet(path)


def _two(cents: pl.Expr) -> pl.Expr:
    return cents.cast(pl.String).str.zfill(2)
