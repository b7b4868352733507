"""A write retracts outdated rows and adds new ones; it rewrites none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Connection, Engine, func, or_, select, type_coerce

from ladder.model.calendars import FOREVER
from ladder.storage import models
from ladder.storage.models import Finding, Movement
from ladder.storage.write.bitemporal import Changed, FindingRow, MovementRow
from ladder.storage.write.bitemporal_bulk import Writer
from ladder.storage.write.bulk_load import insert_touchpoints
from tests.storage.rows import frame, touchpoint
from tests.storage.worlds import (
    World,
    finding_frame,
    first_frame,
    line,
    movement_frame,
    replace_rows,
)

Write = Callable[[World, Sequence[MovementRow], Sequence[FindingRow], int | None, int], Changed]


def one_by_one(
    world: World,
    movements: Sequence[MovementRow],
    findings: Sequence[FindingRow],
    first_at: int | None,
    now: int,
) -> Changed:
    ada = world.ids["ada"]
    return replace_rows(
        world.store, world.definition_id, ada, movements, findings, first_at=first_at, now=now
    )


def in_bulk(
    world: World,
    movements: Sequence[MovementRow],
    findings: Sequence[FindingRow],
    first_at: int | None,
    now: int,
) -> Changed:
    ada = world.ids["ada"]
    written = Writer(world.store, world.definition_id, now).write(
        pl.Series([ada]),
        movement_frame((ada, row) for row in movements),
        finding_frame((ada, row) for row in findings),
        first_frame({} if first_at is None else {ada: first_at}),
    )
    return written.total


@pytest.fixture(params=[one_by_one, in_bulk], ids=["one by one", "in bulk"])
def write(request: pytest.FixtureRequest) -> Write:
    found: Write = request.param
    return found


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    with engine.connect() as connection:
        yield World.new(connection, ["ada", "ben"])


def instants(*columns: Any) -> list[Any]:
    return [type_coerce(column, BigInteger) for column in columns]


def known(world: World, table: Any, at: int | None = None) -> list[tuple[Any, ...]]:
    """Return ada's rows as known at an instant, or now: (at, until, value)."""
    what = table.kind if table is Movement else table.pattern
    query = select(*instants(table.at, table.until), what).where(
        table.supporter_id == world.ids["ada"]
    )
    if at is None:
        query = query.where(table.retracted_at.is_(None))
    else:
        later = or_(table.retracted_at.is_(None), table.retracted_at > at)
        query = query.where(table.recorded_at <= at, later)
    return [tuple(row) for row in world.store.connection.execute(query.order_by(table.at))]


ARRIVED = line((10, "arrived", "giving"))
LAPSING = line((10, "arrived", "giving"), (30, "lapsed", ""))


def test_movements_are_stored_with_their_places(world: World, write: Write) -> None:
    assert write(world, LAPSING, [], 10, 1) == Changed(added=2)
    before, after = models.Place.__table__.alias(), models.Place.__table__.alias()
    query = (
        select(before.c.rungs, after.c.rungs, Movement.new_peak, after.c.height)
        .join_from(Movement, before, Movement.before_id == before.c.id)
        .join(after, Movement.after_id == after.c.id)
        .order_by(Movement.at)
    )
    assert world.store.connection.execute(query).all() == [
        ("", "giving", True, 2),
        ("giving", "", False, 0),
    ]
    assert known(world, Movement) == [(10, 30, "arrived"), (30, None, "lapsed")]


def test_writing_the_same_again_changes_nothing(world: World, write: Write) -> None:
    findings = [FindingRow("cold_ask", "low", 5, FOREVER)]
    write(world, LAPSING, findings, 10, 1)
    assert write(world, LAPSING, findings, 10, 2) == Changed()


def test_changed_end_retracts_and_adds(world: World, write: Write) -> None:
    write(world, LAPSING, [], 10, 1)
    later = line((10, "arrived", "giving"), (40, "lapsed", ""))
    assert write(world, later, [], 10, 2) == Changed(added=2, retracted=2)
    assert known(world, Movement, at=1) == [(10, 30, "arrived"), (30, None, "lapsed")]
    assert known(world, Movement, at=2) == [(10, 40, "arrived"), (40, None, "lapsed")]


def test_unchanged_rows_are_not_written_again(world: World, write: Write) -> None:
    write(world, LAPSING, [], 10, 1)
    back = line((10, "arrived", "giving"), (30, "lapsed", ""), (35, "returned", "giving"))
    assert write(world, back, [], 10, 2) == Changed(added=2, retracted=1)
    query = select(*instants(Movement.recorded_at)).where(Movement.at == 10)
    assert world.store.connection.scalars(query).all() == [1]


def test_row_never_known_is_deleted(world: World, write: Write) -> None:
    write(world, ARRIVED, [FindingRow("cold_ask", "low", 5, 9)], 10, 1)
    assert write(world, LAPSING, [], 10, 1) == Changed(added=2, retracted=2)
    once_known = Movement.retracted_at > Movement.recorded_at
    count = select(func.count()).select_from(Movement).where(once_known)
    assert world.store.connection.scalar(count) == 0
    assert known(world, Finding) == []


def test_graver_finding_replaces_the_milder_one(world: World, write: Write) -> None:
    write(world, [], [FindingRow("cold_ask", "low", 5, 9)], 5, 1)
    write(world, [], [FindingRow("cold_ask", "high", 5, 9)], 5, 2)
    query = select(Finding.severity, *instants(Finding.recorded_at, Finding.retracted_at))
    rows = world.store.connection.execute(query.order_by(Finding.recorded_at)).all()
    assert rows == [("low", 1, 2), ("high", 2, None)]


def test_start_of_the_history_is_updated(world: World, write: Write) -> None:
    query = select(*instants(models.Supporter.first_at)).order_by(models.Supporter.key)
    for first_at in (10, 4, None):
        write(world, ARRIVED, [], first_at, 1)
        assert world.store.connection.scalars(query).all() == [first_at, None]


def test_causes_are_stored_in_a_fixed_order(world: World, write: Write) -> None:
    insert_touchpoints(world.store, frame(*[touchpoint("ada")] * 1, touchpoint("ada")), now=1)
    one, two = world.store.connection.scalars(select(models.Touchpoint.id)).all()
    told = [ARRIVED[0]._replace(cause="touchpoint", causes=causes) for causes in ((two, one),)]
    write(world, told, [], 10, 1)
    told = [told[0]._replace(causes=(one, two))]
    assert write(world, told, [], 10, 2) == Changed()
    query = select(Movement.cause_id, Movement.cause_others)
    assert world.store.connection.execute(query).all() == [(min(one, two), f"[{max(one, two)}]")]


def test_rows_of_another_supporter_are_unchanged(world: World) -> None:
    other = World.new(world.store.connection, ["ada"], key="birch")
    for each in (world, other):
        one_by_one(each, ARRIVED, [], 10, 1)
    writer = Writer(world.store, world.definition_id, 2)
    writer.write(
        pl.Series([world.ids["ben"], other.ids["ada"]]),
        movement_frame([]),
        finding_frame([]),
        first_frame({other.ids["ada"]: 99}),
    )
    assert known(world, Movement) == known(other, Movement) == [(10, None, "arrived")]
    query = select(*instants(models.Supporter.first_at)).where(
        models.Supporter.id == other.ids["ada"]
    )
    assert world.store.connection.scalar(query) == 10


places = st.sampled_from(["", "caring", "giving"])
lines = st.lists(st.tuples(st.integers(0, 6), places), max_size=4, unique_by=lambda s: s[0]).map(
    lambda steps: line(*[(at, "crossed", place) for at, place in sorted(steps)])
)
finds = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["low", "high"]),
        st.integers(0, 3),
        st.integers(4, 6),
    ).map(lambda row: FindingRow(*row)),
    max_size=3,
    unique_by=lambda row: (row.pattern, row.at, row.severity),
)
histories = st.lists(
    st.tuples(lines, finds, st.integers(0, 2), st.sampled_from([one_by_one, in_bulk])), max_size=6
)


def naive(rows: Sequence[Any], what: str) -> list[tuple[Any, ...]]:
    return sorted(
        (row.at, None if row.until >= FOREVER else row.until, getattr(row, what)) for row in rows
    )


@given(histories)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_as_known_rows_equal_a_list_of_snapshots(
    sqlite_engine: Engine, history: list[tuple[Any, ...]]
) -> None:
    """Both writers, in any mixture, against the plainest thing: keep every answer ever given."""
    with sqlite_engine.connect() as connection:
        check_snapshots(connection, history)
        connection.rollback()


def check_snapshots(connection: Connection, history: list[tuple[Any, ...]]) -> None:
    world = World.new(connection)
    snapshots: dict[int, tuple[Any, Any]] = {}
    now = 0
    for movements, findings, step, write in history:
        now += step
        write(world, movements, findings, None, now)
        snapshots[now] = (movements, findings)
    for at in range(now + 2):
        believed = [snapshots[each] for each in sorted(snapshots) if each <= at]
        movements, findings = believed[-1] if believed else ([], [])
        assert known(world, Movement, at) == naive(movements, "kind")
        assert sorted(known(world, Finding, at), key=repr) == sorted(
            naive(findings, "pattern"), key=repr
        )
