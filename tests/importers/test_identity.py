"""Rows without an id: equal ones are all kept, and found again the next time."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ladder.importers.content_ids import Occurrences
from tests.importers.exports import GIFTS, Exports

HEAD = "who,date,amount,tags\n"
ROWS = ["a,2024-01-01,5,x\n", "a,2024-01-01,5,x\n", "b,2024-01-01,5,x\n", "a,2024-01-01,6,x\n"]


def ids(exports: Exports, rows: list[str], mapping: str = GIFTS, size: int = 50_000) -> list[str]:
    return exports.read(HEAD + "".join(rows), mapping, batch_rows=size).column("external_id")


def test_equal_rows_are_all_kept_under_ids_of_their_own(exports: Exports) -> None:
    found = ids(exports, ROWS)
    assert len(set(found)) == 4
    assert found[0].removesuffix("-1") == found[1].removesuffix("-2")


def test_file_read_again_has_the_same_ids(exports: Exports) -> None:
    assert ids(exports, ROWS) == ids(exports, ROWS, size=1)


def test_longer_or_turned_file_holds_the_same_ids_and_more(exports: Exports) -> None:
    newest_first = ["c,2024-02-01,5,x\n", "a,2024-01-01,5,x\n", *reversed(ROWS)]
    assert set(ids(exports, ROWS)) < set(ids(exports, newest_first))


def test_columns_that_change_with_the_export_make_no_new_row(exports: Exports) -> None:
    later = [row.replace("x", "left us") for row in ROWS]
    assert ids(exports, later) == ids(exports, ROWS)


def test_mapping_may_change_without_changing_the_ids(exports: Exports) -> None:
    other = GIFTS.replace('"donation"', '"membership"') + '[details]\ntags = "tags"\n'
    assert ids(exports, ROWS, other) == ids(exports, ROWS)


def test_rejected_rows_count_so_that_mending_the_mapping_moves_no_id(exports: Exports) -> None:
    rows = ["a,2024-01-01,0,x\n", "a,2024-01-01,5,x\n", "a,2024-01-01,0,x\n"]
    kept = ids(exports, rows, GIFTS + '[amounts]\nzero = "keep"\n')
    assert ids(exports, rows) == [kept[1]]


def test_mapping_may_say_what_makes_a_row_itself(exports: Exports) -> None:
    mapping = GIFTS + '[file]\nidentity = ["who", "tags"]\n'
    found = ids(exports, ROWS, mapping)
    assert [each.split("-")[2] for each in found] == ["1", "2", "1", "3"]


def test_rows_without_an_id_among_others_get_one(exports: Exports) -> None:
    mapping = GIFTS.replace("amount =", 'external_id = "tags"\namount =')
    found = ids(exports, ["a,2024-01-01,5,T1\n", "a,2024-01-01,5,\n", "a,2024-01-01,5,\n"], mapping)
    assert found[0] == "T1"
    assert [each.split("-")[0] for each in found[1:]] == ["row", "row"]
    assert len(set(found)) == 3


def test_id_may_be_made_of_several_columns(exports: Exports) -> None:
    cell = 'external_id = { columns = ["who", "tags"], join = "/" }\namount ='
    mapping = GIFTS.replace("amount =", cell)
    assert ids(exports, ["a,2024-01-01,5,T1\n"], mapping) == ["a/T1"]


@given(st.lists(st.integers(0, 5), max_size=200), st.randoms())
def test_occurrences_are_counted_over_all_batches(values: list[int], cut: random.Random) -> None:
    seen, told = Occurrences(), []
    rest = values
    while rest:
        size = cut.randint(1, 9)
        told += seen.numbered(np.array(rest[:size], dtype=np.uint64)).tolist()
        rest = rest[size:]
    assert told == [values[: place + 1].count(value) for place, value in enumerate(values)]
