"""Histories larger than memory: some supporters after the other, with the same answer.

A history is gone through once for every portion, and of what it holds only the portion is kept. (To
write it out by supporter first would read it twice in all, and needs as much disk again.)
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
"""Touchpoints that are in memory at one time, with what is made of them some 1.5 GiB."""


class Portion(NamedTuple):
    """The touchpoints of whole supporters, and those of others that lie on their lines too."""

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
    """As `evaluate`, in results of some supporters each: one after the other they are its rows.

    `history` is best a lazy frame (`polars.scan_parquet` of a file or a folder), and `rows` how
    many touchpoints may be in memory at one time, but for a supporter who has more.
    """
    for frame, brought in portions(history, ladder.kinds, rows):
        yield evaluate(frame, ladder, organisation, coverage, brought, threads=threads)


def portions(history: Frame, kinds: Kinds, rows: int) -> Iterator[Portion]:
    """Whole supporters in the order of their names, with so many touchpoints at most."""
    whole = complete(history)
    for low, high in _bounds(whole, rows):
        hers = pl.col("supporter").is_between(low, high)
        yield Portion(whole.filter(hers), _brought(whole, kinds, low, high))


def _bounds(whole: pl.LazyFrame, rows: int) -> Iterator[tuple[Any, Any]]:
    """The first and last supporter of each portion."""
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


def _brought(whole: pl.LazyFrame, kinds: Kinds, low: object, high: object) -> pl.DataFrame:
    """What others did in their names, what voids or refunds that, and what voids such a refund."""
    hers = pl.col("referrer").is_between(low, high)  # type: ignore[arg-type]
    acts = whole.filter(hers).collect()
    roles = [kind.name for kind in kinds.values() if kind.role]
    back = whole.filter(pl.col("kind").cast(pl.String).is_in(roles))
    return with_answers(acts, back, hers)
