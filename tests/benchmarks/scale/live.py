"""Recording one more touchpoint, however many there are: `python -m tests.benchmarks.scale live`.

A row for a touchpoint inserted and committed by the ORM is the measure (`bare`). The first
recording of each supporter after the replay that loaded them reads the whole history; it is not
among the figures, and reported next to them. Then each supporter gets a series, of four kinds in
turn, a gift that moves the supporter among them, an hour apart; the time of a series includes
advancing the snapshot.

Several supporters have the very same history. Whatever else runs on a machine only ever adds, so of
each place in their series the least counts, and a series takes the sum of these. Ours and the bare
ones are taken one after the other, so that both meet the same weather, and histories in turns.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any, Final, NamedTuple

import polars as pl
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from ladder import catalogue
from ladder.crm import CRM
from ladder.language.ladders import Ladder
from ladder.model.calendars import DAY
from ladder.model.touchpoint_frame import SCHEMA
from ladder.replay import Source, replay
from ladder.storage.engines import create_engine
from ladder.storage.models import Supporter, Touchpoint
from tests.benchmarks.children import ALDER, COVERAGE, NOW, empty
from tests.benchmarks.figures import Figure, Size, timed
from tests.benchmarks.histories import START, YEARS, touchpoints
from tests.databases import postgres_server
from tests.six_patterns import six

LATER = datetime(2024, 1, 2, tzinfo=UTC)
KINDS = ("donation", "email_opened", "appeal", "thank_you")
SERIES = 40
SUPPORTERS = 6
LENGTHS = (10, 50, 1_000, 10_000)
BARE_LIMIT = 6
LENGTH_LIMIT = 1.5


class History(NamedTuple):
    """A supporter with so many touchpoints, spread over six years or over the last of them."""

    key: str
    length: int
    dense: bool


def figures(_: Path, size: Size) -> Iterator[Figure]:
    """On both databases: against a bare INSERT and COMMIT, and by length of history.

    By the default ladder with its first six patterns, and by the ladder as it ships.
    """
    for name, ladder in (("six patterns", six()), ("as it ships", catalogue.load("default"))):
        for database, fresh in DATABASES.items():
            with fresh() as engine:
                where = f"{database}, {name}"
                yield from measure(where, engine, ladder, size.turns, lengths_of(size))


def lengths_of(size: Size) -> tuple[int, ...]:
    """Return the lengths of history to measure: 10 and 50, and longer ones in a large log."""
    return tuple(length for length in LENGTHS if length <= max(size.rows // 1_000, 50))


@contextmanager
def _sqlite() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="ladder-live-") as folder:
        engine = empty(Path(folder) / "live.db")
        yield engine
        engine.dispose()


@contextmanager
def _postgresql() -> Iterator[Engine]:
    with postgres_server() as server, server.database() as address:
        engine = create_engine(address)
        yield engine
        engine.dispose()


DATABASES: Final = {"SQLite": _sqlite, "PostgreSQL": _postgresql}


def measure(
    database: str, engine: Engine, ladder: Ladder, turns: int, lengths: Sequence[int] = LENGTHS
) -> Iterator[Figure]:
    """Record into histories of these lengths; 10 and 50 must be among them."""
    histories = [
        History(f"{length}-{'dense' if dense else 'years'}-{n}", length, dense)
        for n in range(SUPPORTERS * turns // 3 or 1)
        for dense in (False, True)
        for length in lengths
    ]
    _load(engine, ladder, histories)
    measured = _measured(engine, histories, SERIES if turns > 1 else len(KINDS))
    for dense in (False, True):
        word = "dense" if dense else "years"
        cost = {length: measured[length, dense] for length in lengths}
        ours, bare = cost[50].ours, cost[50].bare
        words = f"{ours * 1e3:.2f} ms; INSERT and COMMIT {bare * 1e3:.2f} ms"
        yield Figure(f"live, {database}, {word}: bare", ours / bare, BARE_LIMIT, words)
        for length in lengths[2:]:
            words = f"{cost[length].ours * 1e3:.2f} ms, {cost[10].ours * 1e3:.2f} ms at 10"
            words += f" (the first after a replay {cost[length].first * 1e3:.0f} ms)"
            name = f"live, {database}, {word}: {length:,}"
            yield Figure(name, cost[length].ours / cost[10].ours, LENGTH_LIMIT, words)


class Cost(NamedTuple):
    """Seconds of the first recording, and of one in a series, ours and bare, on the average."""

    first: float
    ours: float
    bare: float


def _measured(
    engine: Engine, histories: list[History], series: int
) -> dict[tuple[int, bool], Cost]:
    """By length and density."""
    first, ours, bare = (defaultdict[tuple[int, bool], list[Any]](list) for _ in range(3))
    for each in histories:
        begun = timed(lambda: _record(engine, each.key, 0))  # noqa: B023
        first[each.length, each.dense].append(begun)
    with Session(engine) as session:
        query = select(Supporter.id).where(Supporter.key == "bare")
        supporter = session.scalars(query).one()
    for each in histories:
        pairs = [_pair(engine, supporter, each, n) for n in range(1, series + 1)]
        ours[each.length, each.dense].append([pair[0] for pair in pairs])
        bare[each.length, each.dense].append([pair[1] for pair in pairs])
    return {each: Cost(min(first[each]), _least(ours[each]), _least(bare[each])) for each in ours}


def _pair(engine: Engine, supporter: int, history: History, number: int) -> tuple[float, float]:
    """Seconds of one of ours, and of a bare one right after it."""
    ours = timed(lambda: _record(engine, history.key, number))
    return ours, timed(lambda: _bare(engine, supporter, history, number))


def _least(series: list[list[float]]) -> float:
    """Return the undisturbed time of one recording of a series."""
    return fmean(map(min, zip(*series, strict=True)))


def _record(engine: Engine, supporter: str, number: int) -> None:
    kind = KINDS[number % len(KINDS)]
    with Session(engine) as session:
        CRM(session, ALDER.key).record(
            supporter=supporter, kind=kind, at=LATER + timedelta(hours=number), source="live",
            external_id=f"{supporter} {number}", amount="25" if kind == "donation" else None,
        )  # fmt: skip
        session.commit()


def _bare(engine: Engine, supporter: int, history: History, number: int) -> None:
    kind = KINDS[number % len(KINDS)]
    values = {"organisation_id": 1, "supporter_id": supporter, "kind": kind, "date_only": False}
    values |= {"at": LATER + timedelta(hours=number), "purposes": "", "direction": "inbound"}
    values |= {"source": "bare", "external_id": f"{history.key} {number}", "recorded_at": NOW}
    given = {"amount": 2500, "currency": "EUR"} if kind == "donation" else {}
    with Session(engine) as session:
        session.execute(insert(Touchpoint).values(**values, **given))
        session.commit()


def _load(engine: Engine, ladder: Ladder, histories: list[History]) -> None:
    """By a replay, as a host would begin; PostgreSQL's statistics as autovacuum leaves them."""
    frame = pl.concat(map(_frame, [History("bare", 1, dense=False), *histories]))
    replay(engine, ALDER, ladder, [Source.of_frames(frame)], now=NOW, coverage=COVERAGE)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _frame(history: History) -> pl.DataFrame:
    made = touchpoints(history.length, 1, seed=history.length).with_row_index("n")
    end, years = START + YEARS * 365 * DAY, YEARS if history.dense else 1
    at = end - (end - pl.col("at")) // years
    at = pl.when("date_only").then(at // DAY * DAY).otherwise(at)
    return made.with_columns(
        supporter=pl.lit(history.key),
        at=at,
        external_id=pl.format("{} {}", pl.lit(history.key), "n"),
        answers_id=pl.when(pl.col("answers_id").is_not_null()).then(
            pl.format("{} {}", pl.lit(history.key), pl.col("n").cast(pl.Int64) - 5)
        ),
        referrer=pl.lit(None, pl.String),
    ).select(*SCHEMA)
