"""Several statements in one round trip: the same answers, and the errors of SQLAlchemy."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from ladder.model.organisations import Organisation
from ladder.storage import models, statements
from ladder.storage.statements import Statement
from ladder.storage.store import Store

_SUPPORTER = models.Supporter.__table__
ADD = Statement(insert(_SUPPORTER), ("organisation_id", "key"))
KEYS = Statement(select(_SUPPORTER.c.key).where(_SUPPORTER.c.key > bindparam("after")))


def people(store: Store, *keys: str) -> list[dict[str, object]]:
    return [{"organisation_id": store.organisation_id, "key": key} for key in keys]


def check(engine: Engine) -> None:
    with engine.connect() as connection:
        store = Store.ensure(connection, Organisation(key="alder"))
        writes = [(ADD, people(store, "ada", "ben")), (ADD, people(store, "cleo")[0])]
        asked = [(KEYS, {"after": "a"}), (KEYS, {"after": "c"})]
        found = statements.execute_batch(connection, writes, asked)
        assert [sorted(rows) for rows in found] == [[("ada",), ("ben",), ("cleo",)], [("cleo",)]]
        assert statements.query_batch(connection, asked) == statements.execute_batch(
            connection, [], asked
        )
        with pytest.raises(IntegrityError):
            statements.execute_batch(connection, [(ADD, people(store, "dora", "ada"))], asked)
        connection.rollback()
        assert statements.is_pipelined(connection) is False  # nobody has begun


def test_statements_on_sqlite_are_as_few_as_listed(sqlite_engine: Engine) -> None:
    check(sqlite_engine)


@pytest.mark.postgres
def test_statements_on_postgresql_are_as_few_as_listed(pg_engine: Engine) -> None:
    check(pg_engine)
    with pg_engine.begin() as connection:
        assert statements.is_pipelined(connection)
