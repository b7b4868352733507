"""Recording in any order, in parts, onwards or by replays ends where one replay of all ends."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests import histories
from tests.crm import recordings
from tests.crm.recordings import spacing, touchpoint
from tests.random_ladders import coverages, ladders
from tests.sizes import examples

SLOW = settings(suppress_health_check=list(HealthCheck))


@st.composite
def cases_in_order(draw: st.DrawFn) -> tuple[Any, ...]:
    """As `recordings.cases`, longer, and mostly in order."""
    organisation = draw(histories.organisations())
    made = draw(histories.rows(organisation, most=14))
    order = draw(st.sampled_from(("as it came", "as it came", "nearly", "any")))
    made = draw(st.permutations(made)) if order == "any" else sorted(made, key=lambda row: row.at)
    if order == "nearly" and len(made) > 1:
        late = draw(st.integers(0, len(made) - 1))
        made.append(made.pop(late))
    told = [touchpoint(row, organisation) for row in made]
    return organisation, draw(ladders()), draw(coverages(organisation)), told


SPACINGS = st.sampled_from(((0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (5, 2), (5, 4)))


CASES = recordings.cases() | cases_in_order()
SIZES = st.just([]) | st.lists(st.integers(1, 4))
CUTS = st.just((0, 99)) | st.tuples(st.integers(0, 9), st.integers(0, 9))
"""How many are recorded before a replay of others; and how many of all before the replay's end."""


def check(
    engine: Engine,
    case: tuple[Any, ...],
    spaced: tuple[int, int] | None,
    sizes: list[int],
    cuts: tuple[int, int],
) -> None:
    """Record the case, then record and replay it in turns: both end in the rows of one replay."""
    organisation, ladder, coverage, touchpoints = case
    with engine.connect() as connection, spacing(*spaced) if spaced else nullcontext() as watch:
        recordings.check(connection, case, sizes)
        connection.rollback()
    if watch is not None:
        event(f"onwards: {watch.onwards > 0}, refused: {watch.refused > 0}")
    begin, stop = sorted(min(cut, len(touchpoints)) for cut in cuts)
    with engine.connect() as connection:
        ended = recordings.mixed(connection, case, begin, stop)
        connection.rollback()
    replayed = recordings.Replayed(touchpoints, ladder, organisation, coverage)
    assert ended == (replayed.movements(), replayed.findings(), replayed.beginnings())


@settings(SLOW, max_examples=examples(120))
@given(case=CASES, spaced=st.none() | SPACINGS, sizes=SIZES, cuts=CUTS)
def test_recording_in_any_order_and_parts_equals_one_replay(
    sqlite_engine: Engine,
    case: tuple[Any, ...],
    spaced: tuple[int, int] | None,
    sizes: list[int],
    cuts: tuple[int, int],
) -> None:
    check(sqlite_engine, case, spaced, sizes, cuts)


@pytest.mark.postgres
@settings(SLOW, max_examples=examples(30))
@given(case=CASES, spaced=st.none() | SPACINGS, sizes=SIZES, cuts=CUTS)
def test_recording_on_postgresql_equals_one_replay(
    pg_engine: Engine,
    case: tuple[Any, ...],
    spaced: tuple[int, int] | None,
    sizes: list[int],
    cuts: tuple[int, int],
) -> None:
    check(pg_engine, case, spaced, sizes, cuts)
