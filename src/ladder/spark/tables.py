"""The three result tables as one: a row is a movement, a finding or a line start."""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl
import pyarrow as pa

from ladder.engines import columnar
from ladder.engines.columnar import Result
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.model.touchpoint_frame import SCHEMA

TABLES: Final = ("movements", "findings", "first_at")

_SPARK: Final[dict[pl.DataType, str]] = {
    pl.String(): "string",
    pl.Int64(): "bigint",
    pl.Boolean(): "boolean",
    pl.List(pl.Int64()): "array<bigint>",
}
_ARROW: Final[dict[pl.DataType, pa.DataType]] = {
    pl.String(): pa.string(),
    pl.Int64(): pa.int64(),
    pl.Boolean(): pa.bool_(),
    pl.List(pl.Int64()): pa.list_(pa.int64()),
}


def spark_schema(supporter: pl.DataType) -> str:
    """Return the combined schema in Spark's syntax; `supporter` is the type of their names."""
    fields = (
        f"{table} struct<{', '.join(f'{name}: {_SPARK[kind]}' for name, kind in columns.items())}>"
        for table, columns in _columns(supporter).items()
    )
    return ", ".join(fields)


def arrow_schema(supporter: pl.DataType) -> pa.Schema:
    """Return the combined schema for Arrow; `supporter` is the type of supporters' names."""
    return pa.schema(
        [
            (table, pa.struct([(name, _ARROW[kind]) for name, kind in columns.items()]))
            for table, columns in _columns(supporter).items()
        ]
    )


def together(result: Result, supporter: pl.DataType) -> pa.Table:
    """Combine a result into one table."""
    frames = [
        getattr(result, table).select(pl.struct(list(columns)).alias(table))
        for table, columns in _columns(supporter).items()
    ]
    whole = pl.concat(frames, how="diagonal")
    return whole.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(arrow_schema(supporter))


@cache
def _columns(supporter: pl.DataType) -> dict[str, dict[str, pl.DataType]]:
    """Return the columns of each table, as the columnar evaluator has them."""
    bare = pl.DataFrame(schema=SCHEMA | {"supporter": supporter, "referrer": supporter})
    nothing = columnar.evaluate(bare, Ladder(key="nothing"), Organisation(), threads=1)
    return {table: dict(getattr(nothing, table).schema) for table in TABLES}
