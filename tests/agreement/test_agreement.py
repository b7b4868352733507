"""The two evaluators agree exactly: on every condition, movement, cause and finding."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

from ladder.engines import columnar
from ladder.language.conditions import IsCovered, OnRung
from ladder.language.ladders import Ladder
from tests import histories
from tests.agreement.engines import GIVING, both, readings, reference_rows
from tests.random_ladders import coverages, ladders
from tests.strategies import conditions, evaluated_types, missing_types

NOTHING_HELD = Ladder(key="bare")


@given(st.data())
def test_condition_is_true_at_the_same_instants(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    condition = data.draw(conditions(2, logged=True))
    coverage = data.draw(coverages(organisation))
    for node in condition.walk():
        event(type(node).__name__)
    expected = sorted(
        (person, start, end)
        for person, reading in readings(made, NOTHING_HELD, organisation, coverage).items()
        for start, end in reading.episodes(condition)
    )
    found = columnar.episodes(
        condition, histories.frame(made), NOTHING_HELD, organisation, coverage
    )
    note(str(condition))
    assert sorted(found.rows()) == expected


@given(st.data())
def test_movements_causes_and_findings_are_the_same(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    ladder = data.draw(ladders())
    coverage = data.draw(coverages(organisation))
    note("\n".join(f"{rung.key}: {rung.condition}" for rung in ladder.rungs))
    result, reference = both(made, ladder, organisation, coverage)
    movements, opened = reference_rows(reference, ladder)
    assert sorted(result.movements.rows()) == movements
    assert sorted(result.findings.rows()) == opened
    begun = [
        (supporter, each.history.t0)
        for supporter, each in reference.items()
        if each.history.t0 is not None
    ]
    assert sorted(result.first_at.rows()) == sorted(begun)


@given(st.data())
def test_parts_and_separate_frames_change_nothing(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation, most=14))
    ladder = data.draw(ladders())
    whole = columnar.evaluate(histories.frame(made), ladder, organisation)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ladder.engines.columnar.partitions.PART_ROWS", data.draw(st.integers(1, 4)))
        parted = columnar.evaluate(histories.frame(made), ladder, organisation)
    assert sorted(parted.movements.rows()) == sorted(whole.movements.rows())
    assert sorted(parted.findings.rows()) == sorted(whole.findings.rows())
    rows: list[Any] = []
    for person in histories.PEOPLE:
        own, brought = histories.of_person(made, person)
        alone = columnar.evaluate(
            histories.frame(own),
            ladder,
            organisation,
            brought=histories.frame(brought).with_columns(
                pl.when(pl.col("referrer") == person).then("referrer").alias("referrer")
            ),
        )
        rows += alone.movements.rows()
    assert sorted(rows) == sorted(whole.movements.rows())


def test_node_types_are_all_drawn() -> None:
    """A node that the generator never draws would be a node that nothing proves."""
    strategy = conditions(2, histories.RUNGS, logged=True)
    assert {OnRung, IsCovered} <= evaluated_types()
    assert missing_types(strategy, evaluated_types()) == set()


@given(st.data())
def test_refunds_and_placements_are_causes_too(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    placements = data.draw(st.sampled_from(("lift", "hold", "cap")))
    ladder = GIVING.model_copy(update={"placements": placements})
    result, reference = both(made, ladder, organisation, [])
    movements, _ = reference_rows(reference, ladder)
    assert sorted(result.movements.rows()) == movements
