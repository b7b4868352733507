"""The four figures of `make bench`, each against what the machine does anyway, in turns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from ladder.crm import CRM
from ladder.engines import columnar
from ladder.model.touchpoint_frame import SCHEMA
from ladder.replay import Source, replay
from ladder.storage.models import Supporter, Touchpoint
from tests.benchmarks.children import ALDER, COVERAGE, NOW, empty
from tests.benchmarks.figures import GIB, Figure, Size, child, middle, timed, turns
from tests.benchmarks.files import write_csv, write_parquet
from tests.benchmarks.histories import touchpoints
from tests.six_patterns import six

LATER = datetime(2024, 6, 1, tzinfo=UTC)


def evaluation(folder: Path, size: Size) -> list[Figure]:
    """Reading and evaluating a Parquet file, against reading and sorting it."""
    path, ladder = folder / "touchpoints.parquet", six()
    write_parquet(path, size.rows, size.supporters)
    names = columnar.columns(ladder)

    def floor() -> None:
        pl.scan_parquet(path).sort("supporter", "at").collect()

    def evaluate() -> None:
        frame = pl.scan_parquet(path).select(names).collect()
        columnar.evaluate(frame, ladder, ALDER, COVERAGE)

    ours, theirs = turns(size.turns, evaluate, floor)
    words = f"{ours:.2f} s evaluating, {theirs:.2f} s reading and sorting"
    return [Figure("columnar evaluation", ours / theirs, 3, words)]


def replaying(folder: Path, size: Size) -> list[Figure]:
    """A whole replay, against executemany of the rows that it stored; and its memory."""
    csv, one, other = folder / "export.csv", folder / "replay.db", folder / "plain.db"
    write_csv(csv, size.rows, size.supporters)
    pairs = [(_child("replay", one, csv), _child("plain", other, one)) for _ in range(size.turns)]
    ours, theirs, busy, bare = (
        min(pair[which][what] for pair in pairs) for what in ("seconds", "busy") for which in (0, 1)
    )
    peak = max(pair[0]["peak"] for pair in pairs) / GIB
    words = (
        f"{ours:.1f} s from CSV, {theirs:.1f} s for sqlite3.executemany; "
        f"of a core {busy:.1f} s, {bare:.1f} s"
    )
    return [
        Figure("replay into SQLite", ours / theirs, 4, words),
        Figure("peak memory (GiB)", peak, 1, "of that replay"),
    ]


LIVE_KINDS = ("donation", "email_opened", "appeal", "thank_you")


def live(folder: Path, size: Size) -> list[Figure]:
    """Recording one touchpoint into a history of 50, against inserting and committing its row.

    Not the first after the replay that loaded the history, which reads all of it; see `scale.live`
    for series of them and for longer histories.
    """
    engine = empty(folder / "live.db")
    _histories(engine, 100 * size.turns)
    times: dict[str, list[float]] = {"record": [], "bare": []}
    with Session(engine) as session:
        people = session.execute(select(Supporter.key, Supporter.id).order_by(Supporter.id)).all()
    for n, (key, number) in enumerate(people):
        kind = LIVE_KINDS[n % len(LIVE_KINDS)]
        money = kind == "donation"

        def record(
            at: datetime = LATER, who: str = key, kind: str = kind, money: bool = money
        ) -> None:
            with Session(engine) as session:
                given = {"amount": "25"} if money else {}
                CRM(session, ALDER.key).record(
                    supporter=who, kind=kind, at=at, external_id=f"{at}", source=who, **given
                )
                session.commit()

        def bare(who: int = number, kind: str = kind, money: bool = money) -> None:
            values = {"organisation_id": 1, "supporter_id": who, "kind": kind, "at": LATER}
            values |= {"date_only": False, "purposes": "", "source": f"bare {who}"}
            values |= {"external_id": "bare", "recorded_at": NOW, "direction": "inbound"}
            given = {"amount": 2500, "currency": "EUR"} if money else {}
            with Session(engine) as session:
                session.execute(insert(Touchpoint).values(**values, **given))
                session.commit()

        record(LATER - timedelta(hours=1))
        times["record"].append(timed(record))
        times["bare"].append(timed(bare))
    ours, theirs = middle(times["record"][10:]), middle(times["bare"][10:])
    words = f"{ours * 1e3:.2f} ms recording, {theirs * 1e3:.2f} ms for INSERT and COMMIT"
    return [Figure("live record", ours / theirs, 3, words)]


def _histories(engine: Engine, supporters: int) -> None:
    """That many supporters, each with a history of 50."""
    one = touchpoints(50, 1).drop("supporter", "referrer").with_row_index("n")
    people = pl.DataFrame({"supporter": [f"P{n:05}" for n in range(supporters)]})
    every = people.join(one, how="cross").with_columns(
        external_id=pl.format("{} {}", "supporter", "n"), referrer=pl.lit(None, pl.String)
    )
    frame = every.select(*SCHEMA)
    replay(engine, ALDER, six(), [Source.of_frames(frame)], now=NOW,
           coverage=COVERAGE)  # fmt: skip


def _child(name: str, *paths: Path) -> dict[str, float]:
    return child("tests.benchmarks.children", name, *paths)
