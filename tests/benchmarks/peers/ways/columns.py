"""With this library: a definition, and one call over a Parquet file."""

from pathlib import Path

import polars as pl

from ladder.engines.columnar import evaluate
from tests.benchmarks.peers.ways.giving import LADDER, ORGANISATION


def movements(path: Path) -> pl.DataFrame:
    """Supporter, instant, rung before and after."""
    moved = evaluate(pl.scan_parquet(path), LADDER, ORGANISATION).movements
    named = pl.col("before", "after").replace("", LADDER.ground)
    return moved.select("supporter", "at", named)
