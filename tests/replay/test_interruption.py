"""A replay that is killed half-way leaves the database as it was, and the next one is whole."""

from __future__ import annotations

import signal

import pytest
from sqlalchemy import Engine

from ladder.replay import Source, replay, verify
from tests.interruption import COMMIT, exit_code
from tests.replay.victim import PEOPLE, replay_until
from tests.replay.worlds import ALDER, EVERYTHING, LITTLE, NOW, contents, log


@pytest.mark.slow
@pytest.mark.parametrize("moment", [4, 20, 35, 50, COMMIT])
@pytest.mark.parametrize("first", [True, False], ids=["an empty database", "a later replay"])
def test_killed_replay_leaves_everything_as_it_was(
    engine: Engine, first: bool, moment: int
) -> None:
    if not first:
        replay(engine, ALDER, LITTLE, [Source.of_frames(log(20))], now=NOW)
    before = contents(engine)
    engine.dispose()
    address = engine.url.render_as_string(hide_password=False)
    assert exit_code(replay_until, address, moment) == -signal.SIGKILL
    assert contents(engine) == before
    replay(engine, ALDER, LITTLE, [Source.of_frames(log(PEOPLE))], now=NOW, coverage=EVERYTHING)
    assert verify(engine, "alder").fine
