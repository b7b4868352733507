"""Recording one touchpoint with the shipped ladder: on both databases, whatever is stored already.

Three ratios for each database: a recording against a bare INSERT and COMMIT, a recording at 10,000
touchpoints against one at 10, and a recording that names a referrer with 2,000 referred acts
against one whose referrer has 10.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import fmean

import polars as pl
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ladder import catalogue
from ladder.crm import CRM
from ladder.model.touchpoint_frame import SCHEMA
from ladder.replay import Source, replay
from tests.benchmarks.children import ALDER, COVERAGE, NOW
from tests.benchmarks.figures import Figure, Size, timed
from tests.benchmarks.histories import touchpoints
from tests.benchmarks.scale import live

FEW, MANY = 10, 2_000
REFERRERS = 6
"""Referrers of either kind; of each place in a series the least time of these counts."""
SERIES = 12
REFERRER_LIMIT = 1.5


def figures(_: Path, size: Size) -> Iterator[Figure]:
    """Measure on SQLite, then on PostgreSQL over a socket."""
    ladder = catalogue.load("default")
    many = min(MANY, size.rows // 500)
    lengths = (10, 50, min(10_000, size.rows // 100))
    for name, database in live.DATABASES.items():
        with database() as engine:
            yield from live.measure(name, engine, ladder, size.turns, lengths)
        with database() as engine:
            _load(engine, many)
            few, busy = _measure(engine)
        words = f"{busy * 1e3:.2f} ms at {many:,} referred acts, {few * 1e3:.2f} ms at {FEW}"
        yield Figure(f"recording, {name}: referrer", busy / few, REFERRER_LIMIT, words)


def _load(engine: Engine, many: int) -> None:
    """Replay one history for each referrer, and the acts of the supporters that they referred."""
    frames = []
    for referrer in range(REFERRERS):
        for word, number in (("few", FEW), ("many", many)):
            key = f"{word}-{referrer}"
            frames.append(_history(key, touchpoints(FEW, 1, seed=referrer), None))
            referred = touchpoints(number, max(1, number // 4), seed=number)
            frames.append(_history(f"{key}-friend", referred, key))
    source = Source.of_frames(pl.concat(frames))
    replay(engine, ALDER, catalogue.load("default"), [source], now=NOW, coverage=COVERAGE)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _history(key: str, frame: pl.DataFrame, referrer: str | None) -> pl.DataFrame:
    """Rename the supporters and touchpoints of a log, and give all of it one referrer."""
    supporter = pl.lit(key) if referrer is None else pl.format("{} {}", pl.lit(key), "supporter")
    return frame.with_columns(
        supporter=supporter,
        external_id=pl.format("{} {}", pl.lit(key), "external_id"),
        answers_id=pl.format("{} {}", pl.lit(key), "answers_id"),
        referrer=pl.lit(referrer, pl.String),
    ).select(*SCHEMA)


def _measure(engine: Engine) -> tuple[float, float]:
    """Return the seconds of a recording whose referrer has few and has many referred acts."""
    series: dict[str, list[list[float]]] = {"few": [], "many": []}
    for referrer in range(REFERRERS):
        for word in series:
            _record(engine, f"{word}-{referrer}", 0)
        pairs = [
            [timed(lambda: _record(engine, f"{word}-{referrer}", number)) for word in series]  # noqa: B023 - called at once
            for number in range(1, SERIES + 1)
        ]
        for word, times in zip(series, zip(*pairs, strict=True), strict=True):
            series[word].append(list(times))
    few, many = (fmean(map(min, zip(*times, strict=True))) for times in series.values())
    return few, many


def _record(engine: Engine, referrer: str, number: int) -> None:
    """Record the act of a supporter of their own, so that only the referrer's history is long."""
    kind = live.KINDS[number % len(live.KINDS)]
    with Session(engine) as session:
        CRM(session, ALDER.key).record(
            supporter=f"new {referrer} {number}", kind=kind, source="live", referrer=referrer,
            at=live.LATER + timedelta(hours=number), external_id=f"{referrer} {number}",
            amount="25" if kind == "donation" else None,
        )  # fmt: skip
        session.commit()
