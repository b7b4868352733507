"""The two ways into the database agree: recording, replaying, and any mixture of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ladder.crm import CRM
from ladder.engines.reference.facts import row_of
from ladder.model.calendars import to_instant
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation
from ladder.model.touchpoint_frame import SCHEMA
from ladder.model.touchpoints import Touchpoint
from ladder.replay import Source, replay, verify
from tests.crm import worlds
from tests.crm.test_any_order import cases
from tests.crm.worlds import moment
from tests.sizes import examples

SOME = settings(max_examples=examples(30), suppress_health_check=list(HealthCheck))


def frame(told: Sequence[Touchpoint], organisation: Organisation, kinds: Kinds) -> pl.DataFrame:
    """The touchpoints as an importer would hand them over."""
    rows = [row_of(each, n, organisation, kinds) for n, each in enumerate(told)]
    told_of = [{name: getattr(row, name) for name in SCHEMA} for row in rows]
    return pl.DataFrame(told_of, schema=SCHEMA)


def end(connection: Connection) -> tuple[worlds.Rows, ...]:
    """Everything that is believed."""
    return (
        worlds.stored_movements(connection),
        worlds.stored_findings(connection),
        worlds.stored_beginnings(connection),
    )


def one_by_one(connection: Connection, case: tuple[Any, ...]) -> tuple[worlds.Rows, ...]:
    organisation, ladder, coverage, told = case
    crm = CRM.create(connection, organisation, ladder, coverage=coverage, now=moment(0))
    for n, each in enumerate(told, 1):
        crm.record(each, now=moment(n))
    assert verify(connection, organisation.key).fine
    return end(connection)


def mixed(
    connection: Connection, case: tuple[Any, ...], begin: int, stop: int
) -> tuple[worlds.Rows, ...]:
    """Record some, replay some more, record the rest."""
    organisation, ladder, coverage, told = case
    crm = CRM.create(connection, organisation, ladder, now=moment(0))
    crm.record_many(told[:begin], now=moment(1))
    anew = [each for each in told[:begin] if each.external_id is not None]
    batch = frame([*anew, *told[begin:stop]], organisation, ladder.kinds)
    source = [Source.of_frames(batch)] if len(batch) else []
    report = replay(
        connection, organisation, ladder, source, now=to_instant(moment(2)), coverage=coverage
    )
    assert report.refused == 0
    for n, each in enumerate(told[stop:], 3):
        crm.record(each, now=moment(n))
    assert verify(connection, organisation.key).fine
    return end(connection)


@SOME
@given(case=cases(), cuts=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_recorded_replayed_or_both_ends_in_the_same_rows(
    sqlite_engine: Engine, case: tuple[Any, ...], cuts: tuple[int, int]
) -> None:
    begin, stop = sorted(min(cut, len(case[3])) for cut in cuts)
    ends = []
    for how in (one_by_one, lambda c, case: mixed(c, case, begin, stop),
                lambda c, case: mixed(c, case, 0, len(case[3]))):  # fmt: skip
        with sqlite_engine.connect() as connection:
            ends.append(how(connection, case))
            connection.rollback()
    assert ends[0] == ends[1]
    assert ends[0] == ends[2]


@pytest.mark.postgres
@settings(SOME, max_examples=examples(10))
@given(case=cases(), cuts=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_the_same_on_postgresql(
    pg_engine: Engine, case: tuple[Any, ...], cuts: tuple[int, int]
) -> None:
    begin, stop = sorted(min(cut, len(case[3])) for cut in cuts)
    ends = []
    for how in (one_by_one, lambda c, case: mixed(c, case, begin, stop)):
        with pg_engine.connect() as connection:
            ends.append(how(connection, case))
            connection.rollback()
    assert ends[0] == ends[1]
