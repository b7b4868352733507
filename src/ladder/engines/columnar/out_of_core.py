"""Evaluate histories larger than memory, portion by portion, with unchanged results.

Each portion scans the whole history and keeps only its own supporters. (Writing the history out by
supporter first would read it twice in all, and needs the same disk space again.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import polars as pl

from ladder.coverage import Coverage
from ladder.engines.columnar.encoding import Frame, complete
from ladder.engines.columnar.evaluator import evaluate
from ladder.engines.columnar.results import Result
from ladder.language.ladders import Ladder
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation
from ladder.model.touchpoint_frame import with_answers

PORTION_ROWS: Final = 5_000_000
"""Touchpoints in memory at a time; with the derived arrays about 1.5 GiB."""


class Portion(NamedTuple):
    """The touchpoints of whole supporters, and those of others that also lie on their lines."""

    frame: pl.LazyFrame
    brought: pl.DataFrame


def evaluate_portions(
    history: Frame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage] = (),
    *,
    rows: int = PORTION_ROWS,
    threads: int | None = None,
) -> Iterator[Result]:
    """Evaluate as `evaluate` does, but yield results of some supporters each.

    Concatenated, the results have the rows of `evaluate` in the same order. `history` is best a
    lazy frame (`polars.scan_parquet` of a file or a folder). `rows` is the number of touchpoints
    that may be in memory at a time; a supporter with more touchpoints exceeds it.
    """
    for frame, brought in portions(history, ladder.kinds, rows):
        yield evaluate(frame, ladder, organisation, coverage, brought, threads=threads)


def portions(history: Frame, kinds: Kinds, rows: int) -> Iterator[Portion]:
    """Yield whole supporters in the order of their names, with at most `rows` touchpoints."""
    whole = complete(history)
    for low, high in _bounds(whole, rows):
        own = pl.col("supporter").is_between(low, high)
        yield Portion(whole.filter(own), _read_referred(whole, kinds, low, high))


def _bounds(whole: pl.LazyFrame, rows: int) -> Iterator[tuple[Any, Any]]:
    """Yield the first and last supporter of each portion."""
    lines = [
        whole.select(line="supporter"),
        whole.select(line="referrer").drop_nulls(),
    ]
    counted = pl.concat(lines).group_by("line").len().sort("line").collect(engine="streaming")
    portion = (pl.col("len").cum_sum() - pl.col("len")) // rows
    bounds = counted.group_by(portion.alias("portion"), maintain_order=True).agg(
        pl.col("line").first().alias("low"), pl.col("line").last().alias("high")
    )
    yield from bounds.select("low", "high").iter_rows()


def _read_referred(whole: pl.LazyFrame, kinds: Kinds, low: object, high: object) -> pl.DataFrame:
    """Return the referred acts, their voids and refunds, and the voids of such refunds."""
    own = pl.col("referrer").is_between(low, high)  # type: ignore[arg-type]
    acts = whole.filter(own).collect()
    roles = [kind.name for kind in kinds.values() if kind.role]
    back = whole.filter(pl.col("kind").cast(pl.String).is_in(roles))
    return with_answers(acts, back, own)
