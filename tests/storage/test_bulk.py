"""Touchpoints come in by the frame, each once; what contradicts a known one is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import Engine, func, select

from ladder.errors import StorageError, TouchpointError
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from ladder.storage import supporters
from ladder.storage.models import Touchpoint
from ladder.storage.read import history_batches as reading
from ladder.storage.read import table_scan
from ladder.storage.read.history_batches import Part, affected, read_parts
from ladder.storage.read.table_scan import latest_touchpoint
from ladder.storage.store import Store
from ladder.storage.write.bulk_load import Loader, insert_touchpoints
from tests.storage.rows import day, frame, touchpoint

BERLIN = Organisation(key="alder", zone="Europe/Berlin")
RICH = {
    "date_only": True, "direction": "outbound", "purposes": "ask,thank", "asks_for": "money",
    "channel": 'post, "fast"', "audience": "individual", "automated": False, "campaign": "a\nb",
    "amount": 2**53 + 1, "currency": "EUR", "quantity": -1, "answers_source": "test",
    "answers_id": "x", "details": '{"é":"ü"}',
}  # fmt: skip


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    with engine.connect() as connection:
        yield Store.ensure(connection, BERLIN)


def rows_of(store: Store) -> int:
    return store.connection.scalar(select(func.count()).select_from(Touchpoint)) or 0


def everything(store: Store) -> pl.DataFrame:
    return pl.concat(part.frame for part in read_parts(store, KINDS.values()))


def test_columns_read_back_as_given(store: Store) -> None:
    given = frame(touchpoint("ada", at=-5, referrer="ben", **RICH), touchpoint("ada", at=7))
    insert_touchpoints(store, given, now=1)
    ids = supporters.find(store, ["ada", "ben"])
    read = everything(store)
    assert read["supporter"].to_list() == [ids["ada"]] * 2
    assert read["referrer"].to_list() == [ids["ben"], None]
    plain = given.drop("supporter", "referrer")
    assert_frame_equal(read.select(plain.columns), plain)


def test_repeated_touchpoint_is_known(store: Store) -> None:
    given = frame(touchpoint("ada", referrer="ben", **RICH), touchpoint("ben"))
    assert insert_touchpoints(store, given, now=1).new == 2
    again = insert_touchpoints(store, given, now=2)
    assert (again.new, again.known, len(again.conflicts)) == (0, 2, 0)
    assert rows_of(store) == 2


def test_repeat_within_one_frame_is_known(store: Store) -> None:
    row = touchpoint("ada")
    result = insert_touchpoints(store, frame(row, row, touchpoint("ada")), now=1)
    assert (result.new, result.known) == (2, 1)


def test_touchpoints_without_an_id_are_facts_of_their_own(store: Store) -> None:
    given = frame(*[touchpoint("ada", external_id=None)] * 2)
    assert insert_touchpoints(store, given, now=1).new == 2
    assert insert_touchpoints(store, given, now=2).new == 2


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"amount": 3000}, "id 17 is known with another amount: 25.00, not 30.00"),
        ({"kind": "pledge"}, "id 17 is known with another kind: donation, not pledge"),
        ({"supporter": "ben"}, "id 17 is known with another supporter: ada, not ben"),
        (
            {"at": day(1)},
            "id 17 is known with another time: 1970-01-01 01:00, not 1970-01-02 01:00",
        ),
        ({"campaign": "spring"}, "id 17 is known with another campaign: none, not spring"),
        ({"referrer": "ben"}, "id 17 is known with another referrer: none, not ben"),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_known_id_with_other_content_is_rejected(
    store: Store, changed: dict[str, object], reason: str, together: bool
) -> None:
    first = touchpoint("ada", external_id="17", amount=2500, currency="EUR")
    other, new = first | changed, touchpoint("cleo")
    if together:
        result = insert_touchpoints(store, frame(first, other, new), now=1)
        assert result.new == 2
    else:
        insert_touchpoints(store, frame(first), now=1)
        result = insert_touchpoints(store, frame(other, new), now=1)
        assert result.new == 1
    assert result.known == 0
    assert result.conflicts["reason"].to_list() == [reason]
    assert rows_of(store) == 2


def test_conflicts_carry_the_columns_they_came_with(store: Store) -> None:
    rows = [touchpoint("ada", external_id="1", campaign=each) for each in ("a", "b", "a", "c")]
    given = frame(*rows).with_columns(row=pl.Series([2, 3, 4, 5]))
    conflicts = insert_touchpoints(store, given, now=1).conflicts
    assert conflicts["row"].to_list() == [3, 5]
    assert conflicts["supporter"].to_list() == ["ada", "ada"]


def test_id_of_two_sources_is_two_touchpoints(store: Store) -> None:
    row = touchpoint("ada", external_id="1")
    assert insert_touchpoints(store, frame(row, row | {"source": "till"}), now=1).new == 2


def test_id_of_two_organisations_is_two_touchpoints(store: Store) -> None:
    other = Store.ensure(store.connection, Organisation(key="birch"))
    given = frame(touchpoint("ada", external_id="1"))
    assert insert_touchpoints(store, given, now=1).new == 1
    assert insert_touchpoints(other, given, now=1).new == 1
    assert len(everything(other)) == 1


def test_repeat_in_a_later_frame_is_found_by_the_same_loader(store: Store) -> None:
    loader, row = Loader(store, 1), touchpoint("ada")
    assert loader.insert(frame(row)).new == 1
    assert loader.insert(frame(touchpoint("ben"))).new == 1
    result = loader.insert(frame(row, touchpoint("cleo")))
    assert (result.new, result.known) == (1, 1)
    assert loader.insert(frame(row, touchpoint("ben"))).new == 1


@pytest.mark.parametrize("column", ["supporter", "kind", "at", "source"])
def test_row_without_supporter_kind_or_time_is_rejected(store: Store, column: str) -> None:
    given = frame(touchpoint("ada"), touchpoint("ben") | {column: None})
    with pytest.raises(TouchpointError, match=f"row 1 of the frame has no {column}"):
        insert_touchpoints(store, given, now=1)


def test_missing_column_is_named(store: Store) -> None:
    with pytest.raises(TouchpointError, match="needs the columns kind, at too"):
        insert_touchpoints(store, frame(touchpoint("ada")).drop("kind", "at"), now=1)


def test_parts_hold_whole_supporters_in_order(store: Store) -> None:
    names = [f"s{n}" for n in range(7)]
    given = [touchpoint(name, at=day(-n)) for name in reversed(names) for n in range(5)]
    insert_touchpoints(store, frame(*given), now=1)
    parts = list(read_parts(store, KINDS.values(), columns=["supporter", "at"], max_rows=12))
    assert len(parts) > 2
    assert [each for part in parts for each in part.supporters] == sorted(
        supporters.find(store, names).values()
    )
    for part in parts:
        assert part.frame.columns == ["supporter", "id", "at"]
        assert part.frame["supporter"].unique().sort().to_list() == part.supporters.to_list()
        assert part.frame.equals(part.frame.sort("supporter", "at"))
        assert part.frame.group_by("supporter").len()["len"].unique().to_list() == [5]


def test_parts_are_the_same_however_many_rows_are_fetched_at_one_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Store.ensure(store.connection, Organisation(key="birch"))
    for n in range(9):
        given = [touchpoint(f"s{n}", at=day(-k), external_id=f"{n}.{k}") for k in range(n)]
        insert_touchpoints(stranger if n == 4 else store, frame(*given), now=1)
    whole = list(read_parts(store, KINDS.values(), max_rows=7))
    assert len(whole) > 3
    for fetched in (1, 10):
        monkeypatch.setattr(table_scan, "SLICE_ROWS", fetched)
        again = list(read_parts(store, KINDS.values(), max_rows=7))
        assert supporters_of(again) == supporters_of(whole)
        assert_frame_equal(joined(again), joined(whole))
        for part in again:
            assert set(part.frame["supporter"]) <= set(part.supporters)


@pytest.mark.parametrize("kept", [1, 2_000])
def test_parts_are_the_same_when_memory_does_not_hold_them(
    store: Store, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    given = [
        touchpoint(f"s{n % 7}", at=day(n * 5 % 40), external_id=f"{n}", details=f'{{"n":{n}}}')
        for n in range(90)
    ]
    referred = [touchpoint("t", at=n, external_id=f"t{n}", referrer=f"s{n % 7}") for n in range(20)]
    insert_touchpoints(store, frame(*given, *referred), now=1)
    whole = list(read_parts(store, KINDS.values(), max_rows=20))
    monkeypatch.setattr(table_scan, "KEPT_BYTES", kept)
    monkeypatch.setattr(table_scan, "SLICE_ROWS", 8)
    again = list(read_parts(store, KINDS.values(), max_rows=20))
    assert len(again) == len(whole) > 3
    for one, other in zip(again, whole, strict=True):
        assert_frame_equal(one.frame, other.frame)
        assert_frame_equal(one.brought, other.brought)


def test_full_disk_for_what_memory_does_not_hold_says_where_it_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_touchpoints(store, frame(touchpoint("ada")), now=1)
    monkeypatch.setattr(table_scan, "KEPT_BYTES", 1)
    full = Path("/dev/full").open("w+b")  # noqa: SIM115  (the reader closes it)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: full)
    with pytest.raises(StorageError, match="set TMPDIR"):
        list(read_parts(store, KINDS.values()))


def test_supporters_with_far_more_than_the_others_are_cut_into_parts_of_their_own(
    store: Store,
) -> None:
    few = [touchpoint(f"s{n}", external_id=f"{n}") for n in range(20)]
    lots = [touchpoint(f"s{n % 3}", at=n, external_id=f"lots {n}") for n in range(90)]
    insert_touchpoints(store, frame(*few, *lots), now=1)
    parts = list(read_parts(store, KINDS.values(), max_rows=30))
    assert supporters_of(parts) == sorted(
        supporters.find(store, [f"s{n}" for n in range(20)]).values()
    )
    assert max(len(part.frame) for part in parts) <= 60
    assert joined(parts).equals(joined(parts).sort("supporter", "at", "id"))


def supporters_of(parts: list[Part]) -> list[int]:
    return [each for part in parts for each in part.supporters]


def joined(parts: list[Part]) -> pl.DataFrame:
    return pl.concat(part.frame for part in parts)


@pytest.mark.parametrize("many", [True, False], ids=["in one pass", "looked up"])
@pytest.mark.parametrize("whose", [["s0", "s1", "s3"], ["s0", "s40"], ["s1", "s2", "s3"]])
def test_rows_are_found_by_either_way(
    store: Store, monkeypatch: pytest.MonkeyPatch, whose: list[str], many: bool
) -> None:
    names = [f"s{n}" for n in range(41)]
    insert_touchpoints(store, frame(*map(touchpoint, names)), now=1)
    monkeypatch.setattr(reading, "many", lambda _: many)
    ids = sorted(supporters.find(store, whose).values())
    (part,) = read_parts(store, KINDS.values(), among=pl.Series(ids))
    assert part.frame["supporter"].to_list() == ids


def test_history_too_long_for_one_sqlite_text_is_read_whole(
    sqlite_engine: Engine,
) -> None:
    with sqlite_engine.connect() as connection:
        store = Store.ensure(connection, BERLIN)
        given = [touchpoint("ada", at=n, details=f'{{"x":"{n:0900}"}}') for n in range(100)]
        insert_touchpoints(store, frame(touchpoint("ada", at=-5, **RICH), *given), now=1)
        whole = everything(store)
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000)
        assert_frame_equal(everything(store), whole)
        assert len(whole) == 101


def test_parts_may_be_of_some_supporters_only(store: Store) -> None:
    insert_touchpoints(store, frame(*map(touchpoint, ["ada", "ben", "cleo"])), now=1)
    ids = supporters.find(store, ["ada", "cleo"])
    (part,) = read_parts(store, KINDS.values(), among=pl.Series(list(ids.values())))
    assert part.frame["supporter"].to_list() == sorted(ids.values())
    assert list(read_parts(store, KINDS.values(), among=pl.Series([], dtype=pl.Int64))) == []


@pytest.mark.parametrize("many", [True, False], ids=["in one pass", "looked up"])
def test_referred_acts_are_read_with_their_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    monkeypatch.setattr(reading, "many", lambda _: many)
    gift = touchpoint("ben", external_id="g", referrer="ada", at=1)
    answer = {"answers_source": "test", "answers_id": "g"}
    void = touchpoint("ben", "void", at=2, **answer)
    refund = touchpoint("ben", "refund", at=3, referrer="cleo", **answer)
    stranger = touchpoint("dora", "void", at=4, **answer)
    insert_touchpoints(store, frame(gift, void, refund, stranger, touchpoint("ben")), now=1)
    ids = supporters.find(store, ["ada", "ben", "cleo"])
    (part,) = read_parts(store, KINDS.values(), among=pl.Series([ids["ada"]]))
    assert len(part.frame) == 0
    assert part.brought.select("kind", "supporter", "referrer").rows() == [
        ("donation", ids["ben"], ids["ada"]),
        ("void", ids["ben"], None),
        ("refund", ids["ben"], None),
    ]


def test_new_touchpoints_affect_the_supporters_that_they_name(store: Store) -> None:
    gift = touchpoint("ben", external_id="g", referrer="ada")
    insert_touchpoints(store, frame(gift, touchpoint("eve")), now=1)
    before = latest_touchpoint(store)
    void = touchpoint("ben", "void", answers_source="test", answers_id="g")
    insert_touchpoints(store, frame(void, touchpoint("cleo", referrer="dora")), now=2)
    ids = supporters.find(store, ["ada", "ben", "cleo", "dora"])
    assert affected(store, before).to_list() == sorted(ids.values())
