"""Partition touchpoints into independent parts of whole supporters.

A supporter's line holds their own touchpoints, those of others that name them as referrer, and the
voids and refunds of the latter. One touchpoint may therefore lie on several lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from ladder.engines.columnar.intervals import Mask, Positions
from ladder.engines.columnar.projection import Needs
from ladder.model.touchpoint_frame import KEY, LINK

PART_ROWS = 150_000
"""Rows per part: parts that fit the processor's cache are faster than one long line."""


@dataclass(frozen=True)
class Parts:
    """Rows divided into whole supporters, who are numbered in the order of their names.

    `rows` are their own rows and those of others; `number` and `order` cover both. Nothing is
    copied before a worker takes its part.
    """

    rows: Lines
    number: Positions
    order: Positions | None
    bases: list[int]
    ends: list[int]

    @classmethod
    def of(cls, rows: Lines, number: Positions, most: int) -> Parts:
        """Build parts of about `PART_ROWS` rows and of at most `most` supporters."""
        if not len(number):
            return cls(rows, number, None, [0], [0])
        begins = _begins(np.bincount(number), most)
        part_of = np.zeros(int(number.max()) + 1, np.uint16 if len(begins) < 2**16 else np.int64)
        part_of[begins[1:]] = 1
        which = np.cumsum(part_of, dtype=part_of.dtype)[number]
        order = None if _ascending(which) else np.argsort(which, kind="stable")
        ends = np.cumsum(np.bincount(which, minlength=len(begins)))
        return cls(rows, number, order, begins.tolist(), ends.tolist())

    def __len__(self) -> int:
        return len(self.bases)

    def __getitem__(self, part: int) -> tuple[pl.DataFrame, Positions, int]:
        """Return the rows of a part, their supporter numbers in it, and the base to add."""
        base = self.bases[part]
        first, last = self.ends[part - 1] if part else 0, self.ends[part]
        chosen = np.arange(first, last) if self.order is None else self.order[first:last]
        return self.rows.take(chosen), self.number[chosen] - base, base


class Lines(NamedTuple):
    """Each row on the line where it counts, with `own` and `aside`; `line` names these lines.

    A row with `aside` voids or refunds a referred act and is itself none. There are two frames
    instead of one: to append the few referred rows to the many own ones would copy them all.
    """

    own: pl.DataFrame
    others: pl.DataFrame
    line: tuple[pl.Series, pl.Series]

    @classmethod
    def of(cls, frames: Sequence[pl.DataFrame], requires: Needs) -> Lines:
        """Build the lines from one frame of all supporters, or from own rows and referred rows."""
        own = frames[0].drop("referrer").with_columns(own=True, aside=False)
        named = frames[-1].filter(pl.col("referrer").is_not_null())
        acts = named.with_columns(own=False, aside=False, line="referrer").drop("referrer")
        back = frames[-1].filter(
            pl.col("answers_id").is_not_null()
            & pl.col("kind").is_in(requires.kind_codes("void", "refund"))
        )
        answers = _answering(back, acts)
        again = _answering(back, answers)
        others = pl.concat([acts, answers, again], rechunk=True)
        line = own["supporter"], others["line"]
        return cls(own, others.select(own.columns), line)

    def take(self, chosen: Positions) -> pl.DataFrame:
        """Return some rows, in ascending order."""
        split = int(np.searchsorted(chosen, len(self.own)))
        own = self.own[pl.Series(chosen[:split])]
        if split == len(chosen):
            return own
        return pl.concat([own, self.others[pl.Series(chosen[split:] - len(self.own))]])


def _answering(back: pl.DataFrame, answered: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `back` that answer these rows, on their lines."""
    lines_of = answered.drop_nulls("external_id").select(*KEY, "line").unique()
    answers = back.join(lines_of, left_on=LINK, right_on=KEY)
    return answers.with_columns(own=False, aside=True).select(answered.columns)


def number_supporters(lines: Sequence[pl.Series]) -> tuple[Positions, pl.Series]:
    """Return each row's supporter number in the order of their names, and the names."""
    line = pl.concat(lines)
    if line.dtype.is_integer() and line.len():
        low, high = int(line.min()), int(line.max())  # type: ignore[arg-type]
        if high - low < 4 * line.len() + 1000:
            number = np.concatenate([series.cast(pl.Int64).to_numpy() for series in lines])
            number -= low
            return number, pl.Series("supporter", np.arange(low, high + 1), line.dtype)
    names = line.unique().sort()
    numbers = pl.DataFrame({"line": names, "number": np.arange(names.len(), dtype=np.int64)})
    rows = line.to_frame("line").join(numbers, on="line", how="left", maintain_order="left")
    return rows["number"].to_numpy(), names.alias("supporter")


def _begins(sizes: Positions, most: int) -> Positions:
    """Return the first supporter of each part."""
    before = np.cumsum(sizes) - sizes
    heads = np.stack((before // PART_ROWS, np.arange(len(sizes)) // most))
    fresh: Mask = (heads[:, 1:] != heads[:, :-1]).any(axis=0)
    return np.concatenate(([0], np.flatnonzero(fresh) + 1))


def _ascending(values: Positions) -> bool:
    return bool((values[1:] >= values[:-1]).all())
