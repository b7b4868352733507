"""A worker's rows are cut between supporters and nowhere else."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.spark.presence import demand

demand()

from ladder.spark.workers import parts, split


@given(
    st.lists(st.integers(0, 6), max_size=60).map(sorted),
    st.integers(1, 9),
    st.integers(1, 20),
)
def test_parts_hold_whole_supporters_and_all_rows(lines: list[int], batch: int, most: int) -> None:
    frame = pl.DataFrame({"line": lines, "n": range(len(lines))}, schema={"line": int, "n": int})
    batches = [frame[at : at + batch] for at in range(0, frame.height, batch)]
    made = list(parts([*batches, frame.clear()], most))
    assert [n for part in made for n in part["n"]] == list(range(len(lines)))
    seen = [line for part in made for line in part["line"].unique()]
    assert len(seen) == len(set(seen))
    assert all(part.height >= most - batch for part in made[:-1])
    for part in made:
        without_last = part.filter(pl.col("line") != part["line"][-1])
        assert without_last.height < most + batch


def test_row_of_two_histories_is_held_once_as_a_referred_act() -> None:
    part = pl.DataFrame(
        {
            "line": [1, 1, 2],
            "own": [True, False, False],
            "id": [7, 8, 8],
            "referrer": [None, None, 2],
        }
    )
    own, others = split(part)
    assert own["id"].to_list() == [7]
    assert others.rows(named=True) == [{"id": 8, "referrer": 2}]
