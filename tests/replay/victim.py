"""A replay that is killed: `python -m tests.replay.victim URL n`, at its n-th statement.

At n = 0 (`tests.interruption.COMMIT`) when everything is done and nothing committed. At n = -1
(`WHENEVER`) by the reader of the line that it prints when it begins, with a longer log.
"""

from __future__ import annotations

import sys

from sqlalchemy import Engine

from ladder.replay import Source, replay
from ladder.storage.engines import create_engine
from tests.interruption import die_at
from tests.replay.worlds import ALDER, EVERYTHING, LITTLE, NOW, log

PEOPLE = 60
MANY_PEOPLE = 600
PART_ROWS = 50
WHENEVER = -1


def main(url: str, moment: int) -> None:
    """Replay, and die half-way."""
    if moment == WHENEVER:
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        long_replay(create_engine(url))
    else:
        short_replay(create_engine(url), moment)


def long_replay(engine: Engine) -> None:
    """One that takes about a second."""
    sources = [Source.of_frames(*log(MANY_PEOPLE).iter_slices(300))]
    replay(engine, ALDER, LITTLE, sources, now=NOW + 1, coverage=EVERYTHING, part_rows=300)


def short_replay(engine: Engine, moment: int) -> None:
    """One that kills itself."""
    die_at(engine, moment)
    sources = [Source.of_frames(*log(PEOPLE).iter_slices(40))]
    replay(engine, ALDER, LITTLE, sources, now=NOW + 1, coverage=EVERYTHING, part_rows=PART_ROWS)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
