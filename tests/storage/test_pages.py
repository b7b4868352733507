"""Pages put together are the whole list, and no question reads a large table as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine

from ladder.replay import Source, replay
from ladder.storage.explain import plans
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from tests.benchmarks.children import ALDER, COVERAGE
from tests.benchmarks.children import NOW as KNOWN
from tests.benchmarks.histories import touchpoints
from tests.benchmarks.scale.reading import NOW, questions
from tests.databases import LARGE_TABLES, forbid_table_scans
from tests.six_patterns import six


@pytest.fixture
def ask(engine: Engine) -> Iterator[Queries]:
    """Three hundred people with ten touchpoints each."""
    ladder = six()
    source = Source.of_frames(touchpoints(3_000, 300))
    replay(engine, ALDER, ladder, [source], now=KNOWN, coverage=COVERAGE)
    if engine.dialect.name == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("ANALYZE")
    with engine.connect() as connection:
        yield Queries(Store.open(connection, ALDER.key), NOW)


def paged(page: Callable[[Any], list[Any]]) -> list[Any]:
    found: list[Any] = []
    while more := page(found[-1] if found else None):
        found += more
    return found


def test_pages_of_supporters_hold_each_once_as_counted(ask: Queries) -> None:
    counts = {each.rungs: each.supporters for each in ask.counts(NOW)}
    for rung in ("", "hearing", "engaging", "donating", "evangelising"):
        whole = ask.people(rung, NOW)
        assert paged(lambda after, rung=rung: ask.people(rung, NOW, limit=7, after=after)) == whole
        assert len(whole) == sum(n for rungs, n in counts.items() if rung in rungs.split("+"))
        ends = [each.until for each in whole if each.until is not None]
        assert ends == sorted(ends)
        assert all(each.until is None for each in whole[len(ends) :])


def test_pages_of_movements_are_all_of_them_in_order(ask: Queries) -> None:
    whole = ask.movements(0, NOW)
    assert len(whole) == sum(each.movements for each in ask.flows(0, NOW)) > 500
    assert paged(lambda after: ask.movements(0, NOW, limit=100, after=after)) == whole
    assert all((one.at, one.key) < (two.at, two.key) for one, two in pairwise(whole))
    falls = ask.upcoming(NOW, 400)
    assert paged(lambda after: ask.upcoming(NOW, 400, limit=11, after=after)) == falls != []


def test_gravest_page_is_the_head_of_all_findings(ask: Queries) -> None:
    whole = ask.findings(NOW)
    assert len(whole) == sum(ask.finding_counts(NOW).values()) > 20
    for limit in (1, 5, 20, len(whole) + 1):
        assert ask.findings(NOW, limit=limit) == whole[:limit]
    pattern = whole[0].pattern
    some = ask.findings(NOW, pattern=pattern, severity="medium")
    assert ask.findings(NOW, pattern=pattern, severity="medium", limit=4) == some[:4]


def test_questions_read_no_large_table_as_a_whole(ask: Queries) -> None:
    connection = ask.store.connection
    forbid_table_scans(connection)
    for name, (_, question) in questions(ask).items():
        with plans(connection) as shown:
            question()
        assert shown
        for plan in shown:
            assert not plan.scanned() & LARGE_TABLES, f"{name}\n{plan.statement}\n{plan}"
