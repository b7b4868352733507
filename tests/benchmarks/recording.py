"""One touchpoint recorded live into a history of fifty, against a bare INSERT of that row.

Both through SQLAlchemy, on one SQLite file, each with its commit, by turns so that a busy machine
slows both; every recording meets another supporter, and the CRM is opened anew as for a request.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import polars as pl
import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ladder import library
from ladder.calendars import to_instant
from ladder.coverage import Coverage
from ladder.crm import CRM
from ladder.organisations import Organisation
from ladder.selectors import inbound, outbound
from ladder.storage import engines
from ladder.storage.bulk import insert_touchpoints
from ladder.storage.migrations import upgrade
from ladder.storage.models import Touchpoint
from ladder.storage.store import Store
from tests.benchmarks.histories import touchpoints

ALDER = Organisation(key="alder", zone="Europe/Berlin")
COVERAGE = (Coverage(selector=inbound), Coverage(selector=outbound))
NOW = datetime(2025, 1, 1, tzinfo=UTC)
LENGTH = 50
LIMIT = 4.0
"""At most so many times as long as the bare INSERT."""


class Measured(NamedTuple):
    """Seconds of one recording and of one bare INSERT, the median of each."""

    record: float
    insert: float

    @property
    def ratio(self) -> float:
        """How many times as long a recording takes."""
        return self.record / self.insert


def recording(turns: int = 60, *, durable: bool = True) -> Measured:
    """Measure so many turns.

    `durable`: an engine as SQLAlchemy makes it, where SQLite sees each commit to the disk. Else one
    of `engines.create_engine`, whose commits outlive the program but not a power cut: then neither
    side waits for the disk, and what is compared is work alone.
    """
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        make = sqlalchemy.create_engine if durable else engines.create_engine
        engine = make(url)
        people = _filled(engine, turns + 10)
        try:
            return _measured(engine, people)
        finally:
            engine.dispose()


def _filled(engine: Engine, people: int) -> list[str]:
    """So many supporters with fifty touchpoints each, by the default ladder and six patterns."""
    upgrade(engine)
    frame = touchpoints(people * LENGTH, people)
    whose = "P" + (pl.int_range(pl.len()) % people).cast(pl.String)
    frame = frame.with_columns(supporter=whose, referrer=pl.lit(None, pl.String))
    with Session(engine) as session:
        store = Store.ensure(session, ALDER)
        insert_touchpoints(store, frame, now=to_instant(NOW))
        CRM.create(session, ALDER, library.load("default"), coverage=COVERAGE, now=NOW)
        session.commit()
    return [f"P{number}" for number in range(people)]


def _measured(engine: Engine, people: list[str]) -> Measured:
    spent: dict[str, list[float]] = {"record": [], "insert": []}
    for turn, who in enumerate(people):
        for name, act in (("insert", _insert), ("record", _record)):
            with Session(engine) as session:
                begun = time.perf_counter()
                act(session, who, turn)
                seconds = time.perf_counter() - begun
            if turn >= 10:  # the first ones fill caches, as they do in a host
                spent[name].append(seconds)
    return Measured(*(statistics.median(spent[name]) for name in ("record", "insert")))


def _record(session: Session, who: str, turn: int) -> None:
    crm = CRM(session, organisation="alder")
    given = {"amount": "25", "channel": "web", "external_id": f"live{turn}"}
    at = datetime(2023, 12, 5, 10, tzinfo=UTC) + timedelta(hours=turn)
    crm.record(supporter=who, kind="donation", at=at, now=NOW + timedelta(seconds=turn), **given)
    session.commit()


def _insert(session: Session, who: str, turn: int) -> None:
    del who
    row: dict[str, Any] = {
        "organisation_id": 1, "supporter_id": 1, "kind": "donation", "at": turn, "purposes": "",
        "date_only": False, "direction": "inbound", "channel": "web", "amount": 2500,
        "currency": "EUR", "source": "app", "external_id": f"bare{turn}", "recorded_at": turn,
    }  # fmt: skip
    session.add(Touchpoint(**row))
    session.commit()


if __name__ == "__main__":
    for durable in (True, False):
        record, insert = measured = recording(durable=durable)
        words = "durable commits" if durable else "commits that wait for no disk"
        print(
            f"record {record * 1000:.2f} ms, insert {insert * 1000:.2f} ms, "
            f"ratio {measured.ratio:.2f} ({words})"
        )
