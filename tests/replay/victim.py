"""Replays that are killed: at their n-th statement, or at any time."""

from __future__ import annotations

from multiprocessing.synchronize import Event

from sqlalchemy import Engine

from ladder.replay import Source, replay
from ladder.storage.engines import create_engine
from tests.interruption import die_at
from tests.replay.worlds import ALDER, EVERYTHING, LITTLE, NOW, log

PEOPLE = 60
MANY_PEOPLE = 600
PART_ROWS = 50


def replay_until(url: str, moment: int) -> None:
    """Replay, and die at a statement (see `tests.interruption`)."""
    engine = create_engine(url)
    die_at(engine, moment)
    sources = [Source.of_frames(*log(PEOPLE).iter_slices(40))]
    replay(engine, ALDER, LITTLE, sources, now=NOW + 1, coverage=EVERYTHING, part_rows=PART_ROWS)


def begin_long_replay(url: str, begun: Event) -> None:
    """Tell that the replay begins, and begin it."""
    engine = create_engine(url)
    begun.set()
    long_replay(engine)


def long_replay(engine: Engine) -> None:
    """One that takes about a second."""
    sources = [Source.of_frames(*log(MANY_PEOPLE).iter_slices(300))]
    replay(engine, ALDER, LITTLE, sources, now=NOW + 1, coverage=EVERYTHING, part_rows=300)
