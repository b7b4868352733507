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
from tests.databases import catalogue
from tests.old_rows import FIRST, fill

NOW: Final = 100


def held(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return the rows and columns as they are now."""
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
