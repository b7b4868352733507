"""Queries for past, current and upcoming standings, as known at any time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, update

from ladder.errors import NotFoundError
from ladder.model.calendars import DAY, FOREVER
from ladder.storage import models, selects
from ladder.storage.read.queries import Count, Queries
from ladder.storage.write.bitemporal import FindingRow, MovementRow
from ladder.storage.write.bulk_load import insert_touchpoints
from tests.storage.rows import frame, touchpoint
from tests.storage.worlds import World, line, replace_rows

NAMES = ("ada", "ben", "cleo", "dora", "eve")
NOW = 100

ADA = line((10, "arrived", "caring"), (20, "climbed", "giving"), (60, "lapsed", ""))
BEN = line((10, "arrived", "giving"), (150, "slipped", "caring"), (300, "lapsed", ""))
CLEO = line((30, "arrived", "caring"))
DORA = [*line((10, "arrived", "giving"), ends=40), *line((40, "silenced", ""))]
FOUND = {
    "ada": [FindingRow("cold_ask", "low", 12, 50), FindingRow("only_asks", "high", 15, FOREVER)],
    "dora": [FindingRow("cold_ask", "critical", 10, 90), FindingRow("asked_after", "low", 45, 99)],
}


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    """Five people: ada fell, ben will, cleo stays, dora objected, eve only came by."""
    with engine.connect() as connection:
        world = World.new(connection, NAMES)
        insert_touchpoints(world.store, frame(*(touchpoint(n, at=5) for n in NAMES)), now=1)
        for name, movements in zip(NAMES, (ADA, BEN, CLEO, DORA, []), strict=True):
            say(world, name, movements, now=1)
        yield world


def say(world: World, name: str, movements: list[MovementRow], *, now: int) -> None:
    replace_rows(
        world.store, world.definition_id, world.ids[name], movements, FOUND.get(name, []),
        first_at=5, now=now,
    )  # fmt: skip


@pytest.fixture
def ask(world: World) -> Queries:
    return Queries(world.store, NOW)


def keys(ask: Queries, rung: str, at: int, known_at: int | None = None) -> list[str]:
    return sorted(each.key for each in ask.people(rung, at, known_at=known_at))


def test_counts_at_any_instant(ask: Queries) -> None:
    assert ask.counts(25) == [Count("giving", 2, 2), Count("", 0, 2)]
    assert ask.counts(35) == [Count("giving", 2, 2), Count("caring", 1, 1), Count("", 0, 1)]
    assert ask.counts(60) == [Count("giving", 2, 1), Count("caring", 1, 1), Count("", 0, 2)]
    assert ask.counts(FOREVER - 1) == [Count("caring", 1, 1), Count("", 0, 3)]
    assert ask.counts(4) == [Count("", 0, 0)]


def test_movement_counts_from_its_own_instant(ask: Queries) -> None:
    assert keys(ask, "giving", 19) == ["ben"]
    assert keys(ask, "giving", 20) == ["ada", "ben"]
    assert keys(ask, "giving", 59) == ["ada", "ben"]
    assert keys(ask, "giving", 60) == ["ben"]


def test_supporters_below_the_ladder_are_the_fallen_and_those_not_yet_up(ask: Queries) -> None:
    ground = ask.people("", 60)
    assert [(each.key, each.since, each.until) for each in ground] == [
        ("ada", 60, None),
        ("eve", None, None),
    ]


def test_standing_says_since_when_and_until_when(ask: Queries) -> None:
    ben = ask.standing("ben", NOW)
    assert ben is not None
    assert (ben.rungs, ben.height, ben.since, ben.until) == ("giving", 2, 10, 150)
    assert ask.standing("ben", 4) is None
    ground = ask.standing("ben", 7)
    assert ground is not None
    assert (ground.rungs, ground.since) == ("", None)
    with pytest.raises(NotFoundError, match="no supporter 'zoe'"):
        ask.standing("zoe", NOW)


def test_suppressed_supporter_is_listed_at_no_date(world: World, ask: Queries) -> None:
    assert ask.is_silent("dora")
    for at in (5, 12, 39, 40, NOW, 500):
        everybody = keys(ask, "", at) + keys(ask, "giving", at) + keys(ask, "caring", at)
        assert "dora" not in everybody
        assert ask.standing("dora", at) is None
    assert ask.history("dora") == []
    before = Queries(world.store, now=39)
    assert not before.is_silent("dora")
    assert keys(before, "giving", 12) == ["ben", "dora"]
    assert keys(before, "", 45) == ["eve"]


def test_current_suppression_hides_what_was_known_before(world: World) -> None:
    ask = Queries(world.store, NOW)
    say(world, "cleo", [*CLEO[:0], *line((50, "silenced", ""))], now=9)
    assert keys(ask, "caring", 35, known_at=5) == []


def test_ended_suppression_hides_no_supporter(world: World) -> None:
    say(world, "dora", [*line((10, "arrived", "giving"), ends=40),
                        *line((40, "silenced", ""), (80, "unsilenced", ""))], now=2)  # fmt: skip
    ask = Queries(world.store, NOW)
    assert not ask.is_silent("dora")
    assert keys(ask, "giving", 12) == ["ben", "dora"]
    assert "dora" not in keys(ask, "", 45)
    assert "dora" in keys(ask, "", 85)


def test_standings_as_known_earlier_can_be_read(world: World, ask: Queries) -> None:
    say(world, "ada", line((10, "arrived", "caring")), now=50)
    assert keys(ask, "giving", 25) == ["ben"]
    assert keys(ask, "giving", 25, known_at=49) == ["ada", "ben"]
    assert keys(ask, "giving", 25, known_at=50) == ["ben"]
    assert [row.kind for row in ask.history("ada")] == ["arrived"]
    assert len(ask.history("ada", known_at=49)) == 3
    assert ask.counts(35, known_at=1)[:2] == [Count("giving", 2, 2), Count("caring", 1, 1)]


def test_standings_before_the_first_record_are_empty(world: World, ask: Queries) -> None:
    definition = models.Definition.__table__
    world.store.connection.execute(update(definition).values(adopted_at=0))
    assert ask.counts(35, known_at=0) == [Count("", 0, 0)]
    insert_touchpoints(world.store, frame(touchpoint("fred", at=5)), now=70)
    assert "fred" not in keys(ask, "", 35, known_at=69)


def test_supporter_on_parallel_rungs_counts_on_both(world: World, ask: Queries) -> None:
    both = [CLEO[0]._replace(after="caring+helping")]
    say(world, "cleo", both, now=2)
    assert ask.rung_counts(35) == {"caring": 1, "giving": 2, "helping": 1}
    assert keys(ask, "helping", 35) == keys(ask, "caring", 35) == ["cleo"]
    assert Count("caring+helping", 1, 1) in ask.counts(35)


def test_movements_between_two_instants_oldest_first(ask: Queries) -> None:
    told = [(row.key, row.at, row.kind) for row in ask.movements(10, 60)]
    assert told == [
        ("ada", 10, "arrived"),
        ("ben", 10, "arrived"),
        ("ada", 20, "climbed"),
        ("cleo", 30, "arrived"),
    ]
    assert [row.key for row in ask.movements(kinds=["lapsed"])] == ["ada", "ben"]
    assert [row.key for row in ask.movements(limit=1)] == ["ada"]
    climbed = ask.movements(20, 21)[0]
    assert (climbed.before, climbed.after, climbed.height_before, climbed.height_after) == (
        "caring", "giving", 1, 2,
    )  # fmt: skip
    assert (climbed.new_peak, climbed.until, climbed.causes, climbed.recorded_at) == (
        True, 60, (), 1,
    )  # fmt: skip


def test_upcoming_are_the_falls_up_to_the_end_of_that_day(world: World, ask: Queries) -> None:
    falls = line((0, "arrived", "giving"), (3 * DAY - 1, "lapsed", ""))
    say(world, "eve", falls, now=2)
    assert [(row.key, row.kind) for row in ask.upcoming(NOW, days=0)] == [
        ("ben", "slipped"),
        ("ben", "lapsed"),
    ]
    assert len(ask.upcoming(150, days=1)) == 1
    assert [row.key for row in ask.upcoming(NOW, days=2)] == ["ben", "ben", "eve"]
    assert [row.key for row in ask.upcoming(300, days=2, kinds=["lapsed"])] == ["eve"]


def test_findings_open_at_an_instant_gravest_first(ask: Queries) -> None:
    def told(**how: object) -> list[str]:
        return [f"{row.key} {row.pattern} {row.severity}" for row in ask.findings(**how)]  # type: ignore[arg-type]

    assert told(at=15) == ["ada only_asks high", "ada cold_ask low"]
    assert told(at=50) == ["ada only_asks high"]
    assert told(at=15, severity="medium") == ["ada only_asks high"]
    assert told(pattern="cold_ask") == ["ada cold_ask low"]
    assert told(supporter="ben") == []
    assert told(at=15, known_at=0) == []
    with pytest.raises(NotFoundError, match="unknown severity 'hihg'; did you mean high"):
        ask.findings(severity="hihg")


def test_safeguards_of_suppressed_supporters_are_shown(world: World) -> None:
    ask = Queries(world.store, NOW, duties=["asked_after"])
    assert [row.pattern for row in ask.findings(at=50)] == ["only_asks", "asked_after"]


def test_organisations_do_not_see_each_other(world: World) -> None:
    other = World.new(world.store.connection, NAMES, key="birch")
    ask = Queries(other.store, NOW)
    assert ask.counts(35) == [Count("", 0, 0)]
    assert ask.movements() == []
    assert ask.findings() == []


def test_host_joins_standings_with_its_own_select(world: World) -> None:
    standing = selects.standings(world.definition_id, at=35).subquery()
    query = (
        select(models.Supporter.key, standing.c.rungs)
        .join(standing, standing.c.supporter_id == models.Supporter.id)
        .order_by(models.Supporter.key)
    )
    rows = world.store.connection.execute(query).all()
    assert rows == [("ada", "giving"), ("ben", "giving"), ("cleo", "caring"), ("dora", "giving")]


def plan_of(world: World, query: Any) -> str:
    """Return the query plan of a select."""
    connection = world.store.connection
    sql = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(connection.scalars(text(f"EXPLAIN {sql}")))
    return "\n".join(row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")))


def test_questions_about_one_or_about_all_are_answered_from_indexes(world: World) -> None:
    number = world.definition_id
    silent = selects.silent(number, models.Movement.supporter_id, NOW)
    for query in (
        selects.standings(number, at=35).where(~silent),
        selects.standings(number, at=35, known_at=3).where(models.Movement.supporter_id == 1),
        selects.movements(number, since=NOW, until=NOW + DAY),
        selects.findings(number, at=NOW, pattern="cold_ask"),
    ):  # fmt: skip
        plan = plan_of(world, query)
        assert not re.search(r"(?i)scan (on )?ladder_(movement|finding)(?! using)", plan), plan
        assert not re.search(r"Seq Scan on ladder_(movement|finding)", plan), plan
