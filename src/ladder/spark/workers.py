"""The code on the workers: Arrow batches of whole lines in, movements and findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa

from ladder.engines import columnar
from ladder.errors import LadderError
from ladder.spark.definition import Definition
from ladder.spark.tables import together

PART_ROWS: Final = 200_000
"""Rows evaluated at a time; a supporter with more rows exceeds it."""


@dataclass(frozen=True)
class Work:
    """The evaluation of one partition, sorted by line; called by Spark's `mapInArrow`."""

    definition: Definition
    part_rows: int = PART_ROWS

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Evaluate each part once its last line is complete, so that only one part is in memory."""
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
    """Separate own rows from referred ones; each referred row appears once.

    A row may arrive for two lines: as a referred act of one supporter, and as the refund of another
    supporter's referred act. The row with a referrer is kept.
    """
    own = part.filter("own").drop("line", "own")
    others = part.filter(~pl.col("own")).drop("line", "own")
    if "referrer" in others.columns:
        others = others.sort("id", "referrer", nulls_last=True).unique("id", keep="first")
    return own, others


def parts(frames: Iterable[pl.DataFrame], most: int = PART_ROWS) -> Iterator[pl.DataFrame]:
    """Yield frames of about `most` rows with whole lines.

    A frame is longer only by an input frame, or for a single line. Each input frame is inspected
    once, so that a line much longer than `most` costs no more per row.
    """
    held: list[pl.DataFrame] = []
    size = 0
    for frame in frames:
        if frame.is_empty():
            continue
        if size + frame.height >= most:
            last = _last_line(frame)
            if last or _other_line(held, frame):
                yield pl.concat([*held, frame[:last]])
                held, size, frame = [], 0, frame[last:]  # noqa: PLW2901  (its rest)
        held.append(frame)
        size += frame.height
    if held:
        yield pl.concat(held)


def _last_line(frame: pl.DataFrame) -> int:
    """Return the row at which the frame's last line begins."""
    line = frame["line"]
    return int(line.ne_missing(pl.Series([line[-1]], dtype=line.dtype)).sum())


def _other_line(held: list[pl.DataFrame], frame: pl.DataFrame) -> bool:
    return bool(held) and held[-1]["line"][-1] != frame["line"][0]
