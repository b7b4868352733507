"""What runs on the workers: Arrow batches of whole lines in, movements and findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from ladder.engines import columnar
from ladder.errors import LadderError
from ladder.spark.definition import Definition
from ladder.spark.parts import PART_ROWS, parts
from ladder.spark.tables import together


@dataclass(frozen=True)
class Work:
    """Evaluates one partition, sorted by line; what Spark's `mapInArrow` calls."""

    definition: Definition
    part_rows: int = PART_ROWS

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Each part as soon as its last line is whole, so that no more than a part is in memory."""
        frames = (pl.DataFrame(pl.from_arrow(batch)) for batch in batches)
        for part in parts(frames, self.part_rows):
            yield from self._answer(part).to_batches()

    def _answer(self, part: pl.DataFrame) -> pa.Table:
        ladder, organisation, coverage = self.definition.world()
        own, brought = split(part)
        try:
            result = columnar.evaluate(
                own, ladder, organisation, coverage, brought=brought, threads=1
            )
        except LadderError as error:
            line = part["line"]
            error.add_note(f"(among the supporters from {line[0]!r} to {line[-1]!r})")
            raise
        return together(result, own.schema["supporter"])


def split(part: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Their own rows, and those of others; each of these once, and an act that they brought as one.

    A row may have come for two lines: as what one of them brought, and as the refund of what the
    other brought.
    """
    own = part.filter("own").drop("line", "own")
    others = part.filter(~pl.col("own")).drop("line", "own")
    if "referrer" in others.columns:
        others = others.sort("id", "referrer", nulls_last=True).unique("id", keep="first")
    return own, others
