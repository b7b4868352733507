"""What depends on nothing but where a line begins: one touchpoint stands for all that begin then.

What a log is declared to hold, and how far back a pattern asks for it, is the same for everybody
whose line begins at one instant; so it is worked out once for each of them, and no history is read.
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
    """When a condition that asks for declarations alone (`only_logged`) is true of each line.

    `lines` are `supporter` and `at`, where her line begins (null: it has not); what comes back is
    `supporter`, `start` and `end`.
    """
    each = lines.select("at").drop_nulls().unique().sort("at").with_row_index("line")
    first = each.select(
        pl.col("line").cast(pl.Int64).alias("supporter"),
        pl.col("line").cast(pl.Int64).alias("id"),
        "at",
        kind=pl.lit(some_kind(ladder)),
        source=pl.lit(""),
        external_id=pl.lit(None, pl.String),
        referrer=pl.lit(None, pl.Int64),
    )
    met = episodes(condition, first, ladder, organisation, coverage)
    whose = lines.join(each, on="at").select("supporter", pl.col("line").cast(pl.Int64))
    joined = whose.join(met.rename({"supporter": "line"}), on="line")
    return joined.select("supporter", "start", "end")


def some_kind(ladder: Ladder) -> str:
    """A kind that begins a line."""
    kinds = ladder.kinds.values()
    return next(kind.name for kind in kinds if kind.family != "status" and not kind.role)
