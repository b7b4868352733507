"""With this library: a definition, and one call over a Parquet file."""

from pathlib import Path

import polars as pl

from ladder.columnar import columns, evaluate
from tests.benchmarks.peers.ways.giving import LADDER, ORGANISATION


def movements(path: Path) -> pl.DataFrame:
    """Supporter, instant, rung before and after."""
    rows = pl.read_parquet(path, columns=columns(LADDER))
    moved = evaluate(rows, LADDER, ORGANISATION).movements
    named = pl.col("before", "after").replace("", LADDER.ground)
    return moved.select("supporter", "at", named)
