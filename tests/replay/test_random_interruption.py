"""A replay that is killed at any moment leaves the database as before or complete, never half."""

from __future__ import annotations

import time
from multiprocessing.context import ForkServerProcess
from random import Random

import pytest
from sqlalchemy import Connection, Engine, func, select

from ladder.replay import Source, replay, verify
from ladder.storage.engines import create_engine
from ladder.storage.migrations import upgrade
from ladder.storage.models import Base
from tests.interruption import PROCESSES
from tests.replay.victim import begin_long_replay, long_replay
from tests.replay.worlds import ALDER, LITTLE, NOW, log
from tests.sizes import seeds

KILLS = 3
"""Kills of one database in a row; multiply by the seeds and the two databases."""


def begun(engine: Engine) -> ForkServerProcess:
    """A replay in a process of its own, as soon as it begins."""
    address = engine.url.render_as_string(hide_password=False)
    begins = PROCESSES.Event()
    victim = PROCESSES.Process(target=begin_long_replay, args=(address, begins), daemon=True)
    victim.start()
    assert begins.wait(60)
    return victim


def killed(engine: Engine, seconds: float) -> None:
    """A replay that has that long, and whatever the server still does for it."""
    victim = begun(engine)
    time.sleep(seconds)
    victim.kill()
    victim.join()
    engine.dispose()
    if engine.dialect.name == "postgresql":
        until_the_server_noticed(engine)


def until_the_server_noticed(engine: Engine) -> None:
    """Wait until no other connection is left.

    Each look is a transaction of its own: within one, PostgreSQL shows the same activity for ever.
    """
    others = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 60
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while there := connection.exec_driver_sql(others).scalars().all():
            assert time.monotonic() < deadline, f"still connected: {there}"
            time.sleep(0.01)


def counts(engine: Engine) -> dict[str, int]:
    """How many rows every table holds."""
    with engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def indexes(engine: Engine) -> set[str]:
    """Those that there are and that hold."""
    queries = {
        "sqlite": "SELECT name || coalesce(sql, '') FROM sqlite_master WHERE type = 'index'",
        "postgresql": "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indisvalid "
        "AND indisready AND indrelid::regclass::text LIKE 'ladder%%'",
    }
    with engine.connect() as connection:
        return set(connection.exec_driver_sql(queries[engine.dialect.name]).scalars())


def assert_sound(connection: Connection) -> None:
    """Nothing that the database itself complains of."""
    if connection.dialect.name == "sqlite":
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        return
    wrong = "SELECT conname FROM pg_constraint WHERE NOT convalidated"
    assert connection.exec_driver_sql(wrong).all() == []


@pytest.fixture(scope="module")
def seconds(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long the replay takes when nobody kills it."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('timed') / 'ladder.db'}")
    upgrade(engine)
    engine.dispose()
    victim = begun(engine)
    started = time.perf_counter()
    victim.join()
    assert victim.exitcode == 0
    return time.perf_counter() - started


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(2))
@pytest.mark.parametrize("first", [True, False], ids=["an empty database", "a later replay"])
def test_replay_killed_at_random_is_done_or_never_was(
    engine: Engine, seconds: float, first: bool, seed: int
) -> None:
    random = Random(f"{seed} {first} {engine.dialect.name}")
    if not first:
        replay(engine, ALDER, LITTLE, [Source.of_frames(log(20))], now=NOW)
    before, made = counts(engine), indexes(engine)
    found = []
    for _ in range(KILLS):
        killed(engine, random.uniform(0, 1.1 * seconds))
        found.append(counts(engine))
        assert indexes(engine) == made
        with engine.connect() as connection:
            assert_sound(connection)
        if found[-1] != before:
            assert verify(engine, "alder").fine
            break
    long_replay(engine)
    complete = counts(engine)
    assert all(each in (before, complete) for each in found[:-1])
    imports = {"ladder_import": found[-1]["ladder_import"]}  # the last replay has an entry too
    assert found[-1] in (before, complete | imports)
    assert complete["ladder_touchpoint"] > before["ladder_touchpoint"]
    assert verify(engine, "alder").fine
    assert indexes(engine) == made
