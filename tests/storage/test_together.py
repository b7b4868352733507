"""Several statements in one round trip: the same answers, and the errors of SQLAlchemy."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, bindparam, insert, select, text
from sqlalchemy.exc import IntegrityError

from ladder.model.organisations import Organisation
from ladder.storage import models, statements
from ladder.storage.statements import Prepared
from ladder.storage.store import Store

_SUPPORTER = models.Supporter.__table__
ADD = Prepared(insert(_SUPPORTER), ("organisation_id", "key"))
KEYS = Prepared(select(_SUPPORTER.c.key).where(_SUPPORTER.c.key > bindparam("after")))


def people(store: Store, *keys: str) -> list[dict[str, object]]:
    return [{"organisation_id": store.organisation_id, "key": key} for key in keys]


def check(engine: Engine) -> None:
    with engine.connect() as connection:
        store = Store.ensure(connection, Organisation(key="alder"))
        writes = [(ADD, people(store, "ada", "ben")), (ADD, people(store, "cleo")[0])]
        asked = [(KEYS, {"after": "a"}), (KEYS, {"after": "c"})]
        found = statements.do(connection, writes, asked)
        assert [sorted(rows) for rows in found] == [[("ada",), ("ben",), ("cleo",)], [("cleo",)]]
        assert statements.ask(connection, asked) == statements.do(connection, [], asked)
        with pytest.raises(IntegrityError):
            statements.do(connection, [(ADD, people(store, "dora", "ada"))], asked)
        connection.rollback()
        assert statements.pipelines(connection) is False  # nobody has begun


def test_on_sqlite(sqlite_engine: Engine) -> None:
    check(sqlite_engine)


@pytest.mark.postgres
def test_on_postgresql(pg_engine: Engine) -> None:
    check(pg_engine)
    with pg_engine.begin() as connection:
        assert statements.pipelines(connection)


@pytest.mark.postgres
def test_what_is_planned_once_says_so_to_nobody_else(pg_engine: Engine) -> None:
    """A host's own statements are planned as before, in the same transaction and after it."""
    modes = text("SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan')")
    within, other = (Prepared(modes, planned_once=once) for once in (True, False))
    for theirs in (("auto", "on"), ("force_custom_plan", "off")):
        with pg_engine.connect() as connection:
            for name, value in zip(("plan_cache_mode", "enable_seqscan"), theirs, strict=True):
                connection.execute(text(f"SET {name} = {value}"))
            connection.commit()
            for _ in range(2):
                with connection.begin():
                    (ours, _) = statements.ask(connection, [(within, {}), (other, {})])
                    assert ours == [("force_generic_plan", "off")]
                    assert connection.execute(modes).one() == theirs
                    assert statements.ask(connection, [(other, {}), (other, {})])[0] == [theirs]
                with connection.begin():
                    assert connection.execute(modes).one() == theirs
            connection.invalidate()
