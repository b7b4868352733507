"""Adopting is one transaction: killed at any moment it leaves the old or the new, never half."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from ladder.crm import CRM
from ladder.model.calendars import to_datetime
from ladder.replay import Source, replay, verify
from ladder.storage import definitions
from ladder.storage.store import Store
from tests.interruption import COMMIT, exit_code
from tests.replay.worlds import ALDER, EVERYTHING, LITTLE, NOW, contents, log
from tests.whatif.victim import SEAM, STRICT, adopt_until


def adopt(connection: Connection) -> int:
    """Adopt in this process, to the end, and return the number of statements."""
    statements = 0

    def one_more(*_: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(connection, "before_cursor_execute", one_more)
    CRM(connection, "alder").adopt(STRICT, effective_from=SEAM, now=to_datetime(NOW + 1))
    event.remove(connection, "before_cursor_execute", one_more)
    return statements


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8, 1, COMMIT])
def test_killed_adoption_leaves_everything_as_it_was(engine: Engine, share: float) -> None:
    replay(engine, ALDER, LITTLE, [Source.of_frames(log(20))], now=NOW, coverage=EVERYTHING)
    before = contents(engine)
    with engine.connect() as connection:
        statements = adopt(connection)
        connection.rollback()
    assert contents(engine) == before
    engine.dispose()
    address = engine.url.render_as_string(hide_password=False)
    assert exit_code(adopt_until, address, int((statements - 5) * share)) == -signal.SIGKILL
    assert contents(engine) == before
    with engine.begin() as connection:
        adopt(connection)
    assert verify(engine, "alder").fine
    with engine.connect() as connection:
        store = Store.open(connection, "alder")
        first, second = definitions.adopted(store)
        assert (first.root, second.root) == (first.id, first.id)
        assert definitions.current(store, at=second.since - 1) == first
        assert definitions.current(store, at=second.since) == second


def test_adoption_keeps_what_was_known_before(engine: Engine) -> None:
    replay(engine, ALDER, LITTLE, [Source.of_frames(log(20))], now=NOW, coverage=EVERYTHING)
    then = to_datetime(NOW)
    with engine.begin() as connection:
        crm = CRM(connection, "alder", clock=lambda: to_datetime(NOW + 2))
        told = {n: _told(crm, f"p{n}") for n in range(20)}
        crm.adopt(STRICT, effective_from=SEAM, now=to_datetime(NOW + 1))
        assert {n: _told(crm, f"p{n}", known_at=then) for n in range(20)} == told
        assert {n: _told(crm, f"p{n}") for n in range(20)} != told
        for n in range(20):
            before = [each for each in told[n] if each[0] < SEAM]
            now = [each for each in _told(crm, f"p{n}") if each[0] < SEAM]
            assert now == before  # what lies before the seam stays as it was


def _told(crm: CRM, supporter: str, **more: Any) -> list[tuple[Any, ...]]:
    return [(m.at, m.kind, m.before, m.after, m.cause) for m in crm.history(supporter, **more)]
