"""A database of an earlier version comes to this one's tables with everything that it holds."""

from __future__ import annotations

from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine, text

from ladder.storage import definitions
from ladder.storage.migrations import check, head, upgrade
from ladder.storage.read.queries import Count, Queries
from ladder.storage.store import Store
from ladder.storage.summary import summaries
from tests.test_schema import catalogue

NOW: Final = 100

FIRST: Final[dict[str, list[dict[str, Any]]]] = {
    "organisation": [
        {"id": 1, "key": "alder", "name": "Alder", "zone": "UTC", "currency": "EUR",
         "fiscal_month": 7, "fiscal_day": 1},
    ],
    "definition": [
        {"id": 1, "organisation_id": 1, "key": "little", "title": "L", "document": "# a",
         "fingerprint": "a", "adopted_at": 1, "effective_from": None, "retired_at": 50},
        {"id": 2, "organisation_id": 1, "key": "little", "title": "Little", "document": "# b",
         "fingerprint": "b", "adopted_at": 50, "effective_from": None, "retired_at": None},
    ],
    "coverage": [
        {"id": 1, "organisation_id": 1, "selector": "inbound", "source": None, "since": None,
         "until": 90, "declared_at": 2},
    ],
    "import": [
        {"id": 1, "organisation_id": 1, "file": "gifts.csv", "digest": "d", "mapping": "m",
         "started_at": 3, "finished_at": 4, "rows": 2, "kept": 2, "known": 0, "refused": 0},
    ],
    "supporter": [
        {"id": 1, "organisation_id": 1, "key": "ada", "first_at": 10},
        {"id": 2, "organisation_id": 1, "key": "ben", "first_at": 20},
        {"id": 3, "organisation_id": 1, "key": "cleo", "first_at": None},
    ],
    "touchpoint": [
        {"id": n, "organisation_id": 1, "supporter_id": n, "kind": "donation", "at": 10 * n,
         "date_only": False, "direction": "inbound", "purposes": "", "amount": 2500,
         "currency": "EUR", "referrer_id": 3 if n == 1 else None, "source": "till",
         "external_id": f"n{n}", "details": '{"page":"river"}', "recorded_at": 5}
        for n in (1, 2)
    ],
    "place": [
        {"id": n, "definition_id": 1 + n // 4, "height": height, "rungs": rungs}
        for n, (height, rungs) in enumerate([(0, ""), (1, "giving")] * 2, 2)
    ],
    "place_rung": [{"place_id": n, "rung": "giving"} for n in (3, 5)],
    "movement": [
        {"id": n, "organisation_id": 1, "definition_id": definition, "supporter_id": whose,
         "at": at, "until": until, "kind": kind, "before_id": before, "after_id": after,
         "skipped": "", "new_peak": True, "cause": "touchpoint", "cause_id": 1,
         "cause_others": None, "recorded_at": recorded, "retracted_at": retracted}
        for n, (definition, whose, at, until, kind, before, after, recorded, retracted)
        in enumerate(
            [
                (1, 1, 10, None, "arrived", 2, 3, 5, 50),
                (2, 1, 10, 80, "arrived", 4, 5, 50, None),
                (2, 1, 80, None, "lapsed", 5, 4, 50, None),
                (2, 2, 20, None, "arrived", 4, 5, 50, None),
            ],
            1,
        )
    ],
    "finding": [
        {"id": 1, "organisation_id": 1, "definition_id": 2, "supporter_id": 1, "pattern": "O1",
         "severity": "high", "at": 12, "until": None, "recorded_at": 50, "retracted_at": None},
    ],
}  # fmt: skip
"""What a database of ladder_0001 may hold."""


def fill(connection: Connection) -> None:
    """By plain SQL: no model of today knows the tables of yesterday."""
    for table, rows in FIRST.items():
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO ladder_{table} ({names}) VALUES ({values})"), row)


def held(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """The same rows and columns, as they are now."""
    found = {}
    for table, rows in FIRST.items():
        names = list(rows[0])
        columns = ", ".join(f'"{name}"' for name in names)
        order = ", ".join(str(n + 1) for n in range(2))
        query = text(f"SELECT {columns} FROM ladder_{table} ORDER BY {order}")
        found[table] = [dict(zip(names, row, strict=True)) for row in connection.execute(query)]
    return found


@pytest.fixture
def old(empty_engine: Engine) -> Engine:
    """A database that the first version made and filled."""
    assert upgrade(empty_engine, to="ladder_0001") == "ladder_0001"
    with empty_engine.begin() as connection:
        fill(connection)
    return empty_engine


def test_old_database_upgrades_with_its_data(old: Engine) -> None:
    assert upgrade(old) == head()
    check(old)
    with old.connect() as connection:
        assert held(connection) == FIRST


def test_old_database_gets_the_tables_of_a_new_one(
    old: Engine, request: pytest.FixtureRequest
) -> None:
    fresh: Engine = request.getfixturevalue(
        {"sqlite": "sqlite_engine", "postgresql": "pg_engine"}[old.dialect.name]
    )
    upgrade(old)
    assert catalogue(old) == catalogue(fresh)


def test_old_database_gives_the_same_answers_with_and_without_sums(old: Engine) -> None:
    upgrade(old)
    with old.begin() as connection:
        ask = Queries(Store.open(connection, "alder"), NOW)
        root = ask.definition.root
        assert not summaries.exist(ask.store, root)
        one_by_one = [(ask.counts(at), ask.flows(0, at), ask.finding_counts(at)) for at in (15, 90)]
        assert one_by_one[0][0] == [Count("giving", 1, 1), Count("", 0, 0)]
        assert one_by_one[1][0] == [Count("giving", 1, 1), Count("", 0, 1)]
        summaries.refresh(ask.store, root, now=NOW)
        assert summaries.exist(ask.store, root)
        summed = [(ask.counts(at), ask.flows(0, at), ask.finding_counts(at)) for at in (15, 90)]
        assert summed == one_by_one
        assert summaries.how_many_pending(ask.store, root) == 0


def test_old_sums_that_include_suppressed_supporters_are_not_used(old: Engine) -> None:
    upgrade(old, to="ladder_0003")
    with old.begin() as connection:
        connection.execute(text("INSERT INTO ladder_summary VALUES (1, 60)"))
        connection.execute(text("UPDATE ladder_movement SET summed = (retracted_at IS NULL)"))
        for shift in summaries.SHIFTS:
            given = {"shift": shift, "slot": 20 >> shift}
            columns = "definition_id, shift, slot, place_id, silent, change"
            row = f"({columns}) VALUES (1, :shift, :slot, 5, false, 7)"
            connection.execute(text(f"INSERT INTO ladder_standing_sum {row}"), given)
    upgrade(old)
    with old.begin() as connection:
        ask = Queries(Store.open(connection, "alder"), NOW)
        assert not summaries.exist(ask.store, ask.definition.root)
        one_by_one = ask.counts(90)
        assert [each.supporters for each in one_by_one] == [1, 1]
        summaries.refresh(ask.store, ask.definition.root, now=NOW)
        assert ask.counts(90) == one_by_one


def test_old_documents_are_recognised_by_their_digests(old: Engine) -> None:
    upgrade(old)
    with old.begin() as connection:
        (found,) = definitions.adopted(Store.open(connection, "alder"))
        assert found.mark == definitions.digest_of("# b")
