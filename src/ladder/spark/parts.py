"""Divide Arrow batches, sorted by line, into frames of whole lines; independent of Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

PART_ROWS: Final = 200_000
"""Rows evaluated at a time; a supporter with more rows exceeds it."""


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
