"""Sums equal single counts at any instant, after any later change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from ladder.crm import CRM
from ladder.language.aggregates import count
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.selectors import kind
from ladder.language.spans import days, ever, until
from ladder.model.calendars import to_instant
from ladder.model.organisations import Organisation
from ladder.replay import Source, replay
from ladder.storage import models
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from ladder.storage.summary import summaries
from tests.crm.recordings import cases, frame
from tests.crm.worlds import moment
from tests.sizes import examples

SOME = settings(max_examples=examples(8), suppress_health_check=list(HealthCheck))


def root_of(connection: Connection, key: str) -> tuple[Store, int]:
    store = Store.open(connection, key)
    return store, Queries(store, 0).definition.root


def edges(connection: Connection) -> list[int]:
    """Return each instant at which a row begins or ends, and its neighbours."""
    found: set[int] = set()
    for table in (models.Movement.__table__, models.Finding.__table__):
        for name in ("at", "until"):
            rows = connection.execute(select(table.c[name]).distinct()).scalars()
            found |= {to_instant(each) for each in rows if each is not None}
    return sorted({at + step for at in found for step in (-1, 0, 1)})


def answers(ask: Queries, at: int, since: int) -> list[Any]:
    first, last = sorted((at, since))
    return [
        ask.counts(at),
        ask.flows(first, last),
        ask.finding_counts(at),
    ]


def assert_the_same(connection: Connection, key: str, instants: Sequence[int]) -> None:
    """By the sums, and by counting, for several presents: someone may be silent in some of them."""
    store, root = root_of(connection, key)
    ladder = CRM(connection, key).ladder
    duties = tuple(each.key for each in ladder.patterns if each.safeguard)
    assert summaries.exist(store, root)
    asked = [
        (Queries(store, now, duties=duties), at, since)
        for now in instants[:2]
        for at, since in zip(instants, reversed(instants), strict=True)
    ]
    said = [answers(*each) for each in asked]
    summary = models.Summary.__table__
    with connection.begin_nested() as aside:
        connection.execute(summary.delete())
        assert not summaries.exist(store, root)
        plain = [answers(*each) for each in asked]
        aside.rollback()
    assert said == plain


def rows_of(connection: Connection) -> list[Any]:
    """All sums that are not nothing."""
    return [
        sorted(tuple(row) for row in connection.execute(select(each.table)) if row.change)
        for each in summaries.SUMS
    ]


def lived(connection: Connection, case: tuple[Any, ...], begin: int, stop: int) -> str:
    """Replay some, record some, bring the sums up to date, record the rest."""
    organisation, ladder, coverage, told = case
    given_ids = [each for each in told[:begin] if each.external_id is not None]
    source = Source.of_frames(frame(given_ids, organisation, ladder.kinds))
    replay(connection, organisation, ladder, [source], now=to_instant(moment(1)), coverage=coverage)
    crm = CRM(connection, organisation.key)
    for n, each in enumerate(told[begin:], 2):
        if n == stop:
            summaries.refresh(*root_of(connection, organisation.key), now=to_instant(moment(n)))
        # Twice at one instant, and once in a while the clock runs back.
        crm.record(each, now=moment(n // 2) - timedelta(seconds=3 * (n % 5 == 0)))
    return organisation.key  # type: ignore[no-any-return]


def _holds(engine: Engine, case: tuple[Any, ...], cuts: tuple[int, int], seed: int) -> None:
    with engine.connect() as connection:
        key = lived(connection, case, *cuts)
        instants = edges(connection) or [0]
        picked = [instants[(seed * (n + 1)) % len(instants)] for n in range(3)]
        picked += [instants[-1] + 2**50]
        assert_the_same(connection, key, picked)
        store, root = root_of(connection, key)
        summaries.refresh(store, root, now=1)
        assert_the_same(connection, key, picked)
        folded = rows_of(connection)
        summaries.refresh(store, root, now=1, recompute=True)
        assert rows_of(connection) == folded
        connection.rollback()


@SOME
@given(cases(), st.tuples(st.integers(0, 6), st.integers(2, 9)), st.integers(1, 10_000))
def test_sums_equal_the_counts(
    sqlite_engine: Engine, case: tuple[Any, ...], cuts: tuple[int, int], seed: int
) -> None:
    _holds(sqlite_engine, case, cuts, seed)


@pytest.mark.postgres
@settings(SOME, max_examples=examples(4))
@given(cases(), st.tuples(st.integers(0, 6), st.integers(2, 9)), st.integers(1, 10_000))
def test_sums_on_postgresql_equal_the_counts(
    pg_engine: Engine, case: tuple[Any, ...], cuts: tuple[int, int], seed: int
) -> None:
    _holds(pg_engine, case, cuts, seed)


SILENT = (count(kind("objected"), ever) >= 1) | (
    count(kind("staff_joined"), until(kind("staff_left"))) >= 1
)
GIFT, WORD = kind("donation"), kind("reply")
GIVING = Rung(key="giving", enter=count(GIFT, days(60)) >= 1)
ONE_GIFT = Grade(severity="low", condition=count(GIFT, ever) >= 1)
HUSHED = Ladder(
    key="hushed",
    rungs=(Rung(key="talking", enter=count(WORD, days(90)) >= 1), GIVING),
    patterns=(
        Pattern(key="P1", side="supporter", grades=(ONE_GIFT,)),
        Pattern(key="D1", side="organisation", safeguard=True, grades=(ONE_GIFT,)),
    ),
    suppress_when=SILENT,
)
KINDS = ("donation", "reply", "objected", "staff_joined", "staff_left")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 200)),
        st.tuples(st.just("objected"), st.integers(0, 3), st.integers(0, 200)),
        st.tuples(st.just("void"), st.integers(0, 3), st.integers(0, 12)),
        st.tuples(
            st.sampled_from(("refresh", "replay", "heard", "hushed")), st.just(0), st.just(0)
        ),
    ),
    min_size=3,
    max_size=16,
)


def hushed(engine: Engine, steps: list[tuple[str, int, int]], seed: int) -> None:
    """People object, take it back, come to the staff and leave it, in any order."""
    begun, alder = datetime(2024, 1, 1, tzinfo=UTC), Organisation(key="alder")
    with engine.connect() as connection:
        crm = CRM.create(connection, alder, HUSHED, now=begun)
        for supporter in range(4):
            first = {"kind": KINDS[supporter % 2], "source": "first", "external_id": f"{supporter}"}
            crm.record(supporter=f"p{supporter}", at=begun.date(), now=begun, **first)
        for n, (what, supporter, number) in enumerate(steps):
            now = begun + timedelta(days=1, minutes=n // 2)
            store, root = root_of(connection, "alder")
            if what == "refresh":
                summaries.refresh(store, root, now=to_instant(now))
            elif what == "replay":
                replay(connection, alder, crm.ladder, now=to_instant(now), recompute=True)
            elif what in ("heard", "hushed"):
                silent = SILENT if what == "hushed" else count(kind("deceased"), ever) >= 1
                crm.adopt(HUSHED.model_copy(update={"suppress_when": silent}), now=now)
            else:
                told = {
                    "kind": what,
                    "external_id": f"{n}",
                    "supporter": f"p{supporter}",
                    "now": now,
                }
                at = begun.date() + timedelta(days=number)
                answers = {"answers": f"{number}"} if what == "void" else {}
                crm.record(at=at, source="test", **told, **answers)
            if n % 5 == seed % 5 and summaries.exist(store, root):
                instants = edges(connection)[seed % 3 :: 4] or [0]
                assert_the_same(connection, "alder", instants)
        store, root = root_of(connection, "alder")
        summaries.refresh(store, root, now=1)
        assert_the_same(connection, "alder", edges(connection)[::3] or [0])
        folded = rows_of(connection)
        summaries.refresh(store, root, now=1, recompute=True)
        assert rows_of(connection) == folded
        connection.rollback()


@settings(SOME, max_examples=examples(15))
@given(STEPS, st.integers(0, 100))
def test_permanently_suppressed_supporter_is_in_no_sum(
    sqlite_engine: Engine, steps: list[tuple[str, int, int]], seed: int
) -> None:
    hushed(sqlite_engine, steps, seed)


@pytest.mark.postgres
@settings(SOME, max_examples=examples(5))
@given(STEPS, st.integers(0, 100))
def test_permanently_suppressed_supporter_is_in_no_sum_on_postgresql(
    pg_engine: Engine, steps: list[tuple[str, int, int]], seed: int
) -> None:
    hushed(pg_engine, steps, seed)
