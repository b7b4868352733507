"""Findings of everybody by their state: lists, pages and numbers, at the cost of what is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ladder import catalogue
from ladder.crm import CRM
from ladder.errors import NotFoundError
from ladder.model.calendars import to_datetime
from ladder.replay import Source, replay
from ladder.storage import selects
from ladder.storage.engines import create_engine
from ladder.storage.explain import plans
from ladder.storage.read.queries import Queries
from ladder.storage.rows import Finding
from ladder.storage.store import Store
from tests.benchmarks.children import ALDER, COVERAGE
from tests.benchmarks.children import NOW as KNOWN
from tests.benchmarks.histories import touchpoints
from tests.benchmarks.scale.reading import NOW
from tests.conftest import BOTH
from tests.databases import LARGE_TABLES, Server, forbid_table_scans, fresh_sqlite

SHIPPED: Final = catalogue.load("default")
GRADES: Final = [(p.key, g.severity) for p in SHIPPED.patterns for g in p.grades]

DONE: Final = KNOWN + 1
"""When it was told what had been done by NOW."""


@pytest.fixture(scope="module", params=BOTH)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Three hundred people with ten touchpoints each; something was done about every third.

    Made once for each database: no test of this module changes it.
    """
    with ExitStack() as stack:
        if request.param == "sqlite":
            engine = fresh_sqlite(tmp_path_factory.mktemp("lists") / "ladder.db")
        else:
            server: Server = request.getfixturevalue("pg_server")
            engine = create_engine(stack.enter_context(server.database()))
        stack.callback(engine.dispose)
        fill(engine)
        yield engine


def fill(engine: Engine) -> None:
    source = Source.of_frames(touchpoints(3_000, 300))
    replay(engine, ALDER, SHIPPED, [source], now=KNOWN, coverage=COVERAGE)
    with Session(engine) as session:
        crm, at = CRM(session, ALDER.key, clock=lambda: to_datetime(DONE)), to_datetime(NOW)
        for number, each in enumerate(_asking(session).findings(NOW)[::3]):
            here = [one for one in crm.findings(each.key, at) if one.pattern == each.pattern]
            if number % 2:
                crm.acknowledge(here[0], at=at)
            else:
                crm.dismiss(here[0], reason="so", at=at)
        session.commit()
    if engine.dialect.name == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("ANALYZE")


@pytest.fixture
def ask(filled: Engine) -> Iterator[Queries]:
    """Ask that database, on a connection of the test's own."""
    with filled.connect() as connection:
        yield _asking(connection)
        connection.invalidate()  # a test may have changed the connection's settings


def _asking(where: object) -> Queries:
    return Queries(Store.open(where, ALDER.key), NOW)  # type: ignore[arg-type]


def of(found: Sequence[Finding], *states: str) -> list[Finding]:
    return [each for each in found if each.state in states]


def test_lists_of_a_state_are_that_part_of_the_whole(ask: Queries) -> None:
    whole = ask.findings(NOW)
    assert {each.state for each in whole} == {"open", "acknowledged", "dismissed"}
    for states in (
        ("open",), ("acknowledged",), ("dismissed",), ("open", "acknowledged"),
        ("acknowledged", "dismissed"), ("open", "acknowledged", "dismissed"),
    ):  # fmt: skip
        expected = of(whole, *states)
        assert ask.findings(NOW, states=states) == expected != []
        for limit in (1, 5, 30):
            assert ask.findings(NOW, states=states, limit=limit) == expected[:limit]
        known = ask.findings(NOW, states=states, known_at=DONE)
        assert known == expected
        some = [each for each in expected if each.severity == "high" and each.pattern == "O1"]
        found = ask.findings(NOW, states=states, severity="high", pattern="O1")
        assert found == some


def test_findings_before_the_first_action_are_all_open(ask: Queries) -> None:
    before = ask.findings(NOW, known_at=KNOWN)
    assert {each.state for each in before} == {"open"}
    assert of(before, "open") == ask.findings(NOW, states=("open",), known_at=KNOWN)
    assert ask.state_counts(NOW, known_at=KNOWN) == {}
    assert {each.state for each in ask.findings(NOW - 1)} == {"open"}


def test_findings_of_a_supporter_are_theirs_alone(ask: Queries) -> None:
    whole = ask.findings(NOW)
    for state in ("open", "acknowledged", "dismissed"):
        key = of(whole, state)[0].key
        found = ask.findings(NOW, supporter=key, states=(state,))
        assert found == [each for each in whole if each.key == key and each.state == state]


def test_numbers_are_those_of_the_lists(ask: Queries) -> None:
    whole = ask.findings(NOW)
    handled = Counter((each.state, each.pattern, each.severity) for each in whole)
    numbers = {key: n for key, n in sorted(handled.items()) if key[0] != "open"}
    assert ask.state_counts(NOW) == numbers
    assert ask.state_counts(NOW, known_at=DONE) == numbers
    assert sum(ask.finding_counts(NOW).values()) == len(whole)


def test_resolved_findings_come_latest_first_and_by_pages(ask: Queries) -> None:
    whole = ask.resolved(GRADES, since=0, until=NOW)
    stored = ask.findings()
    goes_on = {(each.supporter_id, each.pattern, each.at) for each in stored}
    over = {
        each.id
        for each in stored
        if each.until is not None
        and each.until <= NOW
        and (each.supporter_id, each.pattern, each.until) not in goes_on
    }
    assert {each.id for each in whole} == over != set()
    assert {each.state for each in whole} == {"resolved"}
    ends = [each.until for each in whole]
    assert ends == sorted(ends, key=lambda end: -(end or 0))
    assert ask.resolved(GRADES, since=0, until=NOW, limit=7) == whole[:7]
    middle = ends[len(ends) // 2] or 0
    assert ask.resolved(GRADES, since=middle, until=NOW) == [
        each for each in whole if (each.until or 0) > middle
    ]


def test_word_that_is_no_state_is_rejected(ask: Queries) -> None:
    with pytest.raises(NotFoundError, match="unknown state 'opne'; did you mean open"):
        ask.findings(NOW, states=("opne",))


def test_lists_read_no_large_table_as_a_whole(ask: Queries) -> None:
    connection = ask.store.connection
    forbid_table_scans(connection)
    large = LARGE_TABLES | {"ladder_finding_action"}
    with plans(connection) as shown:
        for states in (("open",), ("open", "acknowledged"), ("dismissed",), ("acknowledged",)):
            assert ask.findings(NOW, states=states, limit=5)
        assert ask.state_counts(NOW)
        assert ask.resolved(GRADES, since=NOW - 10**13, until=NOW, limit=5)
    assert shown
    for plan in shown:
        assert not plan.scanned() & large, f"{plan.statement}\n{plan}"


def test_host_joins_the_states_with_its_own_tables(ask: Queries) -> None:
    states = selects.finding_states(ask.definition.root, at=NOW).subquery()
    open_ = selects.findings(ask.definition.root, at=NOW).subquery()
    query = (
        select(open_.c.key, open_.c.pattern, states.c.state)
        .join(
            states,
            (states.c.supporter_id == open_.c.supporter_id) & (states.c.pattern == open_.c.pattern),
        )
        .order_by(open_.c.key, open_.c.pattern)
    )
    found = [tuple(row) for row in ask.store.connection.execute(query)]
    assert found == sorted(
        (each.key, each.pattern, each.state) for each in ask.findings(NOW) if each.state != "open"
    )
