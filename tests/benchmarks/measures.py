"""The four figures, each measured against what the machine does anyway, in turns.

Times are the least of several turns: whatever else runs on a machine only ever adds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from ladder import columnar, library
from ladder.crm import CRM
from ladder.frames import SCHEMA
from ladder.replay import Source, replay
from ladder.storage.models import Supporter, Touchpoint
from tests.benchmarks.children import ALDER, COVERAGE, NOW, empty
from tests.benchmarks.files import write_csv, write_parquet
from tests.benchmarks.histories import touchpoints

ROOT = Path(__file__).parents[2]
GIB = 2**30
LATER = datetime(2024, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Size:
    """How much is measured, and how often."""

    rows: int = 1_000_000
    supporters: int = 100_000
    turns: int = 3


@dataclass(frozen=True)
class Figure:
    """A ratio and its limit; `words` say what it is made of."""

    name: str
    ratio: float
    limit: float
    words: str

    @property
    def ok(self) -> bool:
        """Whether it keeps within its limit."""
        return self.ratio <= self.limit

    def __str__(self) -> str:
        verdict = "ok" if self.ok else "over"
        return f"{self.name:<22} {self.ratio:6.2f} {self.limit:6.2f}  {verdict:<5} {self.words}"


def evaluation(folder: Path, size: Size) -> list[Figure]:
    """Reading and evaluating a Parquet file, against reading and sorting it."""
    path, ladder = folder / "touchpoints.parquet", library.load("default")
    write_parquet(path, size.rows, size.supporters)
    names = columnar.columns(ladder)

    def floor() -> None:
        pl.scan_parquet(path).sort("supporter", "at").collect()

    def evaluate() -> None:
        frame = pl.scan_parquet(path).select(names).collect()
        columnar.evaluate(frame, ladder, ALDER, COVERAGE)

    ours, theirs = _turns(size.turns, evaluate, floor)
    words = f"{ours:.2f} s evaluating, {theirs:.2f} s reading and sorting"
    return [Figure("columnar evaluation", ours / theirs, 3, words)]


def replaying(folder: Path, size: Size) -> list[Figure]:
    """A whole replay, against executemany of the rows that it stored; and its memory."""
    csv, one, other = folder / "export.csv", folder / "replay.db", folder / "plain.db"
    write_csv(csv, size.rows, size.supporters)
    turns = [(_child("replay", one, csv), _child("plain", other, one)) for _ in range(size.turns)]
    ours, theirs, busy, bare = (
        min(turn[which][what] for turn in turns) for what in ("seconds", "busy") for which in (0, 1)
    )
    peak = max(turn[0]["peak"] for turn in turns) / GIB
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
    """Recording one touchpoint into a history of 50, against inserting and committing its row."""
    engine, turns = empty(folder / "live.db"), 100 * size.turns
    _histories(engine, turns)
    times: dict[str, list[float]] = {"record": [], "bare": []}
    with Session(engine) as session:
        people = session.execute(select(Supporter.key, Supporter.id).order_by(Supporter.id)).all()
    for n, (key, number) in enumerate(people):
        kind = LIVE_KINDS[n % len(LIVE_KINDS)]
        money = kind == "donation"

        def record(who: str = key, kind: str = kind, money: bool = money) -> None:
            with Session(engine) as session:
                given = {"amount": "25"} if money else {}
                CRM(session, ALDER.key).record(
                    supporter=who, kind=kind, at=LATER, external_id="live", source=who, **given
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

        times["record"].append(_time(record))
        times["bare"].append(_time(bare))
    ours, theirs = _middle(times["record"][10:]), _middle(times["bare"][10:])
    words = f"{ours * 1e3:.2f} ms recording, {theirs * 1e3:.2f} ms for INSERT and COMMIT"
    return [Figure("live record", ours / theirs, 4, words)]


def _histories(engine: Engine, supporters: int) -> None:
    """That many supporters, each with a history of 50."""
    one = touchpoints(50, 1).drop("supporter", "referrer").with_row_index("n")
    people = pl.DataFrame({"supporter": [f"P{n:05}" for n in range(supporters)]})
    every = people.join(one, how="cross").with_columns(
        external_id=pl.format("{} {}", "supporter", "n"), referrer=pl.lit(None, pl.String)
    )
    frame = every.select(*SCHEMA)
    replay(engine, ALDER, library.load("default"), [Source.of_frames(frame)], now=NOW,
           coverage=COVERAGE)  # fmt: skip


def _turns(turns: int, ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float]:
    pairs = [(_time(ours), _time(theirs)) for _ in range(turns)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def _time(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def _child(*arguments: object) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.children", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
