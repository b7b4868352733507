"""The tables may live in a schema of their own: raw statements and COPY find them there too."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, inspect

from ladder.replay import Source, replay, verify
from ladder.storage.migrations import upgrade
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from tests.replay.worlds import ALDER, LITTLE, NOW, gift_of, log
from tests.storage.rows import frame

SCHEMA = "Crm of ours"


@pytest.fixture
def housed(empty_pg_engine: Engine) -> Engine:
    """A database with the tables in a schema whose name needs quotes."""
    upgrade(empty_pg_engine, schema=SCHEMA)
    return empty_pg_engine.execution_options(schema_translate_map={None: SCHEMA})


@pytest.mark.postgres
def test_recording_and_queries_work_in_a_schema_of_their_own(housed: Engine) -> None:
    assert inspect(housed).get_table_names() == []
    replay(housed, ALDER, LITTLE, [Source.of_frames(log())], now=NOW)
    again = replay(
        housed, ALDER, LITTLE, [Source.of_frames(log(), frame(gift_of("zoe", 9)))], now=NOW + 1
    )
    assert (again.kept, again.known) == (1, len(log()))
    assert verify(housed, "alder").fine
    with housed.connect() as connection:
        ask = Queries(Store.open(connection, "alder"), NOW)
        assert ask.counts(NOW)[-1].supporters > 0
        assert ask.history("zoe")[0].after == "giving"
