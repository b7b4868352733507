"""The two evaluators agree exactly: on every condition, movement, cause and finding."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import findings, movements
from ladder.language.aggregates import count, total
from ladder.language.conditions import IsCovered, OnRung
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.nodes import Condition
from ladder.language.selectors import any_touchpoint, family, kind, referred
from ladder.language.spans import ever, months
from ladder.model.organisations import Organisation
from tests import histories
from tests.strategies import conditions, evaluated_types, plain_selectors

NOTHING_HELD = Ladder(key="bare")


def readings(
    made: list[Row], ladder: Ladder, organisation: Organisation, coverage: list[Coverage]
) -> dict[int, Evaluation]:
    """The reference evaluator on everybody who has any fact."""
    found = {}
    for person in histories.PEOPLE:
        own, brought = histories.of_person(made, person)
        history = History.from_rows(own, organisation, ladder.kinds, brought, None, person)
        if history.facts:
            found[person] = Evaluation(history, organisation, ladder, coverage)
    return found


@st.composite
def coverages(draw: st.DrawFn, organisation: Organisation) -> list[Coverage]:
    """Declared stretches of the log, some of everything, some of plain selectors."""
    selector = st.one_of(st.just(any_touchpoint), plain_selectors(0))
    made = []
    for _ in range(draw(st.integers(0, 3))):
        moments = histories.moments(organisation.calendar)
        since, until = sorted((draw(moments)[0], draw(moments)[0]))
        bounds = draw(st.sampled_from(("both", "since", "until", "always")))
        edges: dict[str, int] = {}
        if bounds in ("both", "since"):
            edges["since"] = since
        if bounds in ("both", "until"):
            edges["until"] = until + 1
        source = draw(st.sampled_from((None, None, "office", "mail")))
        made.append(Coverage(selector=draw(selector), source=source, **edges))
    return made


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


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Three rungs, some of a height, some with hysteresis; two patterns; perhaps a silence."""
    rungs: list[Rung] = []
    for key in histories.RUNGS:
        known = tuple(rung.key for rung in rungs)
        stay = draw(st.none() | conditions(1, known))
        height = draw(st.sampled_from((None, 1, 2)))
        rungs.append(Rung(key=key, enter=draw(conditions(1, known)), stay=stay, height=height))
    plain = conditions(1, histories.RUNGS)
    composed = conditions(1, histories.RUNGS, patterns=("P1",))
    patterns = tuple(
        Pattern(
            key=key,
            side="organisation",
            grades=tuple(
                Grade(severity=severity, condition=draw(asked)) for severity in ("low", "high")
            ),
            requires=draw(st.none() | conditions(1, logged=True)),
            safeguard=draw(st.booleans()),
        )
        for key, asked in (("P1", plain), ("P2", plain), ("P3", composed))
    )
    return Ladder(
        key="random",
        rungs=tuple(rungs),
        patterns=patterns,
        suppress_when=draw(st.none() | conditions(0)),
        placements=draw(st.sampled_from(("ignore", "lift", "hold", "cap"))),
    )


def moved(reading: Evaluation, ladder: Ladder) -> list[tuple[Any, ...]]:
    """The reference evaluator's movements in the columns of the other."""
    return [
        (
            each.at, each.until, each.kind, str(each.before), each.before.height, str(each.after),
            each.after.height, "+".join(each.skipped), each.new_peak, each.cause,
            sorted(fact.id for fact in each.causes),
        )
        for each in movements(reading, ladder)
    ]  # fmt: skip


def both(
    made: list[Row], ladder: Ladder, organisation: Organisation, coverage: list[Coverage]
) -> tuple[columnar.Result, dict[int, Evaluation]]:
    """What each evaluator says."""
    result = columnar.evaluate(histories.frame(made), ladder, organisation, coverage)
    return result, readings(made, ladder, organisation, coverage)


@given(st.data())
def test_movements_causes_and_findings_are_the_same(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    ladder = data.draw(ladders())
    coverage = data.draw(coverages(organisation))
    note("\n".join(f"{rung.key}: {rung.condition}" for rung in ladder.rungs))
    result, reference = both(made, ladder, organisation, coverage)
    expected = [
        (supporter, *row) for supporter, each in reference.items() for row in moved(each, ladder)
    ]
    assert sorted(result.movements.rows()) == sorted(expected)
    opened = [
        (supporter, each.pattern, each.severity, each.at, each.until)
        for supporter, reading in reference.items()
        for each in findings(reading, ladder)
    ]
    assert sorted(result.findings.rows()) == sorted(opened)
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
    seen: set[type[Any]] = set()

    @settings(max_examples=1000, derandomize=True, database=None)
    @given(conditions(2, histories.RUNGS, logged=True))
    def gather(condition: Condition) -> None:
        seen.update(type(node) for node in condition.walk())

    gather()
    assert {OnRung, IsCovered} <= seen
    assert evaluated_types() - seen == set()


GIVING = Ladder(
    key="giving",
    rungs=(
        Rung(key="one", enter=count(kind("donation"), ever) >= 1),
        Rung(key="two", enter=total(kind("donation"), months(12)) >= "30 EUR"),
        Rung(key="three", enter=count(referred(family("money")), ever) >= 1),
    ),
)


@given(st.data())
def test_refunds_and_placements_are_causes_too(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    placements = data.draw(st.sampled_from(("lift", "hold", "cap")))
    ladder = GIVING.model_copy(update={"placements": placements})
    result, reference = both(made, ladder, organisation, [])
    expected = [
        (supporter, *row) for supporter, each in reference.items() for row in moved(each, ladder)
    ]
    assert sorted(result.movements.rows()) == sorted(expected)
