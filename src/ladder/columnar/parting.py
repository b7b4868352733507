"""Everybody's touchpoints in parts of whole supporters, which know nothing of each other.

A supporter's line holds her own touchpoints, those of others who name her as their referrer, and
what voids or refunds the latter. (So one touchpoint may lie on several lines.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ladder.columnar.intervals import Mask, Positions
from ladder.columnar.needs import Needs
from ladder.frames import KEY, LINK

PART_ROWS = 150_000
"""Parts that fit the processor's cache are faster than one long line."""


@dataclass(frozen=True)
class Parts:
    """Rows cut into whole supporters, who are numbered in the order of their names.

    Nothing is copied before it is asked for: workers take their own parts.
    """

    rows: pl.DataFrame
    number: Positions
    order: Positions | None
    bases: list[int]
    ends: list[int]

    @classmethod
    def of(cls, rows: pl.DataFrame, number: Positions, most: int) -> Parts:
        """Parts of some `PART_ROWS` rows, and of `most` supporters at most."""
        if not len(rows):
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
        """The rows of a part, the number of each one's supporter in it, and what to add to that."""
        base = self.bases[part]
        place = slice(self.ends[part - 1] if part else 0, self.ends[part])
        if self.order is None:
            return self.rows[place], self.number[place] - base, base
        chosen = self.order[place]
        return self.rows[pl.Series(chosen)], self.number[chosen] - base, base


def lines(frames: list[pl.DataFrame], needs: Needs) -> pl.DataFrame:
    """Each row on the line where it counts: with `line`, and with `own` and `aside`.

    What lies `aside` voids or refunds a brought act and is itself none. The frames (everybody's, or
    some and those of others that name them) are taken out of the list.
    """
    others = frames[-1]
    every = [_placed(frames[0].drop("referrer"), pl.col("supporter"), own=True)]
    frames.clear()
    if others["referrer"].null_count() < len(others):
        acts = others.filter(pl.col("referrer").is_not_null())
        acts = _placed(acts, pl.col("referrer"), own=False).drop("referrer")
        back = others.drop("referrer").filter(
            pl.col("answers_id").is_not_null()
            & pl.col("kind").is_in(needs.kind_codes("void", "refund"))
        )
        answers = _answering(back, acts)
        again = _answering(back, answers)
        every += [acts, answers, again]
    del others
    return _in_one_piece(every)


def _in_one_piece(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """The frames one below the other, column by column: never is all of it there twice."""
    columns = [frame.get_columns() for frame in frames]
    frames.clear()
    made = []
    while columns[0]:
        pieces = [each.pop() for each in columns]
        made.append(pl.concat(pieces, rechunk=True))
        del pieces
    return pl.DataFrame(made[::-1])


def _placed(rows: pl.DataFrame, line: pl.Expr, *, own: bool) -> pl.DataFrame:
    return rows.with_columns(
        line.alias("line"), pl.lit(own).alias("own"), pl.lit(value=False).alias("aside")
    )


def _answering(back: pl.DataFrame, answered: pl.DataFrame) -> pl.DataFrame:
    """What answers these rows, on the lines where they lie."""
    lines_of = answered.drop_nulls("external_id").select(*KEY, "line").unique()
    found = back.join(lines_of, left_on=LINK, right_on=KEY)
    return found.with_columns(own=False, aside=True).select(answered.columns)


def numbered(line: pl.Series) -> tuple[Positions, pl.Series]:
    """The number of each row's supporter in the order of their names, and the names."""
    if line.dtype.is_integer() and line.len():
        low, high = int(line.min()), int(line.max())  # type: ignore[arg-type]
        if high - low < 4 * line.len() + 1000:
            return (
                line.cast(pl.Int64).to_numpy() - low,
                pl.Series("supporter", np.arange(low, high + 1), line.dtype),
            )
    names = line.unique().sort()
    numbers = pl.DataFrame({"line": names, "number": np.arange(names.len(), dtype=np.int64)})
    found = line.to_frame("line").join(numbers, on="line", how="left", maintain_order="left")
    return found["number"].to_numpy(), names.alias("supporter")


def _begins(sizes: Positions, most: int) -> Positions:
    """The first supporter of each part."""
    before = np.cumsum(sizes) - sizes
    heads = np.stack((before // PART_ROWS, np.arange(len(sizes)) // most))
    fresh: Mask = (heads[:, 1:] != heads[:, :-1]).any(axis=0)
    return np.concatenate(([0], np.flatnonzero(fresh) + 1))


def _ascending(values: Positions) -> bool:
    return bool((values[1:] >= values[:-1]).all())
