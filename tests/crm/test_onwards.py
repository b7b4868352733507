"""Recording goes on from what is carried along, and ends where reading everything ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ladder.crm import evaluation
from ladder.engines.incremental import checkpoints, snapshot_evaluator, snapshots
from tests import histories
from tests.agreement.test_agreement import coverages, ladders
from tests.crm.test_any_order import check, touchpoint
from tests.sizes import examples

SLOW = settings(suppress_health_check=list(HealthCheck))


class Watch:
    """How often somebody was judged by what was carried along, and how often by everything."""

    def __init__(self) -> None:
        self.onwards = self.refused = 0


@contextmanager
def spacing(long: int, keep: int, named: int = 2) -> Iterator[Watch]:
    """What is carried along moves on after so many touchpoints and leaves so many behind."""
    watch = Watch()
    result = evaluation._IncrementalEvaluation.result

    def noted(self: Any) -> Any:
        try:
            done = result(self)
        except snapshot_evaluator.NotCarried:
            watch.refused += 1
            raise
        watch.onwards += 1
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "LONG", long)
        patch.setattr(evaluation, "LONG", long)
        patch.setattr(checkpoints.checkpoint, "__defaults__", (keep,))
        patch.setattr(snapshot_evaluator, "MOST_NAMED", named)
        patch.setattr(evaluation._IncrementalEvaluation, "result", noted)
        yield watch


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, ...]:
    """As `test_any_order.cases`, longer, and mostly in order."""
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


@SLOW
@given(case=cases(), spaced=SPACINGS)
def test_one_by_one_with_any_spacing_is_one_replay(
    sqlite_engine: Engine, case: tuple[Any, ...], spaced: tuple[int, int]
) -> None:
    with sqlite_engine.connect() as connection, spacing(*spaced) as watch:
        check(connection, case)
        connection.rollback()
    event(f"onwards: {watch.onwards > 0}, refused: {watch.refused > 0}")


@SLOW
@given(case=cases(), spaced=SPACINGS, sizes=st.lists(st.integers(1, 4)))
def test_in_parts_with_any_spacing_is_one_replay(
    sqlite_engine: Engine, case: tuple[Any, ...], spaced: tuple[int, int], sizes: list[int]
) -> None:
    with sqlite_engine.connect() as connection, spacing(*spaced):
        check(connection, case, sizes)
        connection.rollback()


@pytest.mark.postgres
@settings(SLOW, max_examples=examples(20))
@given(case=cases(), spaced=SPACINGS)
def test_the_same_on_postgresql(
    pg_engine: Engine, case: tuple[Any, ...], spaced: tuple[int, int]
) -> None:
    with pg_engine.connect() as connection, spacing(*spaced):
        check(connection, case)
        connection.rollback()
