"""Evaluate conditions that depend on the start of a line alone.

Coverage is the same for all supporters whose lines start at one instant. So each distinct start is
evaluated once, with one touchpoint, and no history is read.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ladder.coverage import Coverage
from ladder.engines.columnar.evaluator import episodes
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition
from ladder.model.organisations import Organisation


def episodes_of_lines(
    condition: Condition,
    lines: pl.DataFrame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage],
) -> pl.DataFrame:
    """Return when a condition that depends on coverage alone (`only_logged`) is true of each line.

    `lines` has `supporter` and `at`, the start of their line (null: not begun). The result has
    `supporter`, `start` and `end`.
    """
    starts = lines.select("at").drop_nulls().unique().sort("at").with_row_index("line")
    first = starts.select(
        pl.col("line").cast(pl.Int64).alias("supporter"),
        pl.col("line").cast(pl.Int64).alias("id"),
        "at",
        kind=pl.lit(some_kind(ladder)),
        source=pl.lit(""),
        external_id=pl.lit(None, pl.String),
        referrer=pl.lit(None, pl.Int64),
    )
    met = episodes(condition, first, ladder, organisation, coverage)
    lines_by_start = lines.join(starts, on="at").select("supporter", pl.col("line").cast(pl.Int64))
    joined = lines_by_start.join(met.rename({"supporter": "line"}), on="line")
    return joined.select("supporter", "start", "end")


def some_kind(ladder: Ladder) -> str:
    """Return a kind that begins a line."""
    kinds = ladder.kinds.values()
    return next(kind.name for kind in kinds if kind.family != "status" and not kind.role)
