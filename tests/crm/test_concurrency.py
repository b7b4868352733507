"""Two processes that record for one supporter at once do not spoil anything."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ladder.crm import CRM
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.storage.engines import BEGIN
from tests.crm.conftest import LITTLE
from tests.crm.worlds import ALDER, clock, stored_movements

THREADS = 3


@pytest.fixture
def set_up(engine: Engine) -> Engine:
    """The organisation, committed."""
    with Session(engine) as session:
        CRM.create(session, ALDER, LITTLE, clock=clock)
        session.commit()
    return engine


def at_once(engine: Engine, act: Callable[[CRM, int], None], times: int = 6) -> None:
    """Let several threads act, each in sessions of its own, all from the same moment on."""
    start = Barrier(THREADS)

    def work(thread: int) -> None:
        start.wait()
        for turn in range(times):
            with Session(engine) as session:
                act(CRM(session, organisation="alder", clock=clock), turn * THREADS + thread)
                session.commit()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, thread) for thread in range(THREADS)]:
            done.result(timeout=60)


def unspoilt(engine: Engine) -> list[Any]:
    """Return the stored movements, after a check that a recomputation equals them."""
    with Session(engine) as session:
        before = stored_movements(session.connection())
        other = LITTLE.model_copy(update={"key": "again"})
        CRM.create(session, ALDER, other, clock=clock)
        again = CRM(session, organisation="alder", ladder="again", clock=clock)
        for supporter in ("ada", "ben"):
            first = CRM(session, organisation="alder", ladder="little", clock=clock)
            told = [(each.at, each.until, each.after) for each in first.history(supporter)]
            assert told == [(each.at, each.until, each.after) for each in again.history(supporter)]
    return before


def test_gifts_of_one_supporter_recorded_at_once_all_count(set_up: Engine) -> None:
    def give(crm: CRM, turn: int) -> None:
        on = date(2020, 1, 1) + timedelta(days=200 * (turn * 7 % 18))
        for supporter in ("ada", "ben"):
            crm.record(
                supporter=supporter, kind="donation", at=on, external_id=f"{supporter}{turn}"
            )

    at_once(set_up, give)
    assert len(unspoilt(set_up)) >= 4


def test_same_gift_recorded_twice_at_once_is_stored_once(set_up: Engine) -> None:
    new: list[bool] = []

    def give(crm: CRM, turn: int) -> None:
        on, key = date(2020, 1, 1), f"d{turn // THREADS}"
        for supporter in ("ada", "ben"):
            done = crm.record(
                supporter=supporter, kind="donation", at=on, external_id=f"{supporter}{key}"
            )
            new.append(done.new)

    at_once(set_up, give)
    assert sum(new) == 2 * 6
    assert len(unspoilt(set_up)) == 4


def test_mutual_referrers_recorded_at_once_do_not_deadlock(set_up: Engine) -> None:
    def give(crm: CRM, turn: int) -> None:
        supporter, by = ("ada", "ben") if turn % 2 else ("ben", "ada")
        on = date(2020, 1, 1) + timedelta(days=turn)
        crm.record(supporter=supporter, referrer=by, kind="donation", at=on, external_id=str(turn))

    at_once(set_up, give)
    assert {"", "bringing"} <= {row[6] for row in unspoilt(set_up)}


def test_recording_waits_while_another_ladder_is_adopted(set_up: Engine) -> None:
    """Otherwise its movements would be those of a ladder that has just been retired."""
    other = Ladder(key="little", rungs=(Rung(key="any", enter=count(kind("donation"), ever) >= 1),))

    def act(crm: CRM, turn: int) -> None:
        if turn % THREADS == 0:
            crm.adopt(other if turn % 2 else LITTLE)
        for supporter in ("ada", "ben"):
            on = date(2020, 1, 1) + timedelta(days=turn)
            crm.record(
                supporter=supporter, kind="donation", at=on, external_id=f"{supporter}{turn}"
            )

    at_once(set_up, act, 3)
    with Session(set_up) as session:
        crm = CRM(session, organisation="alder", clock=clock)
        assert crm.adopt(crm.ladder).added == 0
        believed = stored_movements(session.connection())
        crm.adopt(LITTLE if crm.ladder.rungs == other.rungs else other)
        crm.adopt(other if crm.ladder.rungs == LITTLE.rungs else LITTLE)
        assert stored_movements(session.connection()) == believed


def test_adoption_and_declaration_at_once_do_not_deadlock(set_up: Engine) -> None:
    other = Ladder(key="little", rungs=(Rung(key="any", enter=count(kind("donation"), ever) >= 1),))

    def act(crm: CRM, turn: int) -> None:
        crm.adopt(other if turn % 2 else LITTLE)
        crm.declare_coverage(kind("donation"), since=date(2000 + turn, 1, 1))

    at_once(set_up, act, 3)
    with Session(set_up) as session:
        assert CRM(session, organisation="alder").ladder.key == "little"


def test_sqlite_host_that_reads_first_should_begin_immediately(sqlite_engine: Engine) -> None:
    """Else another's commit between its reading and its writing makes SQLite refuse, not wait."""
    with Session(sqlite_engine) as session:
        CRM.create(session, ALDER, LITTLE, clock=clock)
        session.commit()

    def read_then_record(engine: Engine, meanwhile: Callable[[], None]) -> None:
        with Session(engine) as session:
            session.execute(text("SELECT count(*) FROM ladder_supporter")).scalar()
            meanwhile()
            crm = CRM(session, organisation="alder", clock=clock)
            crm.record(supporter="ada", kind="donation", at=date(2024, 3, 5))
            session.commit()

    def another() -> None:
        with Session(sqlite_engine) as session:
            crm = CRM(session, organisation="alder", clock=clock)
            crm.record(supporter="ada", kind="donation", at=date(2024, 3, 6))
            session.commit()

    with pytest.raises(OperationalError, match="database is locked"):
        read_then_record(sqlite_engine, another)
    at_once_engine = sqlite_engine.execution_options(**{BEGIN: "IMMEDIATE"})
    read_then_record(at_once_engine, lambda: None)
