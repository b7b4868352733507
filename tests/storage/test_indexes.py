"""Empty SQLite tables are filled without their indexes, and have them again whatever happens."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from ladder.errors import TouchpointError
from ladder.model.organisations import Organisation
from ladder.storage.indexes import built_afterwards
from ladder.storage.store import Store
from ladder.storage.write.bulk_load import LOADED, insert_touchpoints
from tests.storage.rows import frame, touchpoint

HOSTS_OWN = 'CREATE INDEX "the host\'s own" ON ladder_touchpoint (kind) WHERE amount > 0'


def indexes(connection: Connection) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    return {name: sql for name, sql in connection.exec_driver_sql(query)}  # noqa: C416


def of_touchpoints(connection: Connection) -> set[str]:
    return {name for name, sql in indexes(connection).items() if " ladder_touchpoint " in sql}


def fill(connection: Connection, *more: dict[str, Any]) -> None:
    store = Store.ensure(connection, Organisation(key="alder"))
    for row in (touchpoint("ada"), *(touchpoint("ben") | each for each in more)):
        insert_touchpoints(store, frame(row), now=1)


def test_indexes_are_dropped_during_a_load_and_restored(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql(HOSTS_OWN)
        before = indexes(connection)
        assert len(of_touchpoints(connection)) > 2
        with built_afterwards(connection, LOADED):
            assert of_touchpoints(connection) == set()
            assert len(indexes(connection)) > 5, "those of other tables stay"
            fill(connection)
        assert indexes(connection) == before
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]


def test_indexes_stay_on_a_table_with_rows(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        fill(connection)
        before = indexes(connection)
        with built_afterwards(connection, LOADED):
            assert indexes(connection) == before


def test_indexes_stay_on_other_databases(pg_engine: Engine) -> None:
    count = "SELECT count(*) FROM pg_indexes WHERE tablename = 'ladder_touchpoint'"
    with pg_engine.begin() as connection:
        before = connection.exec_driver_sql(count).scalar()
        with built_afterwards(connection, LOADED):
            assert connection.exec_driver_sql(count).scalar() == before


def test_indexes_are_restored_after_a_caught_error(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        before = indexes(connection)
        with pytest.raises(TouchpointError), built_afterwards(connection, LOADED):
            fill(connection, {"supporter": None})
    with sqlite_engine.connect() as connection:
        assert indexes(connection) == before


def test_indexes_restored_by_a_rollback_are_not_created_twice(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        before = indexes(connection)
        with built_afterwards(connection, LOADED):
            connection.exec_driver_sql("ROLLBACK")  # as SQLite itself does when a disk is full
        assert indexes(connection) == before
