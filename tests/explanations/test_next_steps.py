"""Suggested next steps are tried on the history, so that each one lifts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.engines.incremental.indexed_evaluator import IndexedEvaluation
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import standing
from ladder.explanations import explain
from ladder.explanations.candidate_touchpoints import Draft
from ladder.explanations.next_steps import Lifting, lifts
from ladder.language.ladders import Ladder, Rung
from tests.engines.tables import Life, Line, ladder
from tests.histories import history_of, organisations, rows
from tests.strategies import conditions

LIFE: list[Line] = [
    ("2024-01-01", "donation", {"amount": "25", "external_id": "gift"}),
    ("2024-01-05", "appeal", {"external_id": "ask"}),
]


def lifted(
    condition: str, life: Sequence[Line] = LIFE, at: str = "2024-02-01", **more: Any
) -> list[str]:
    made = ladder(condition, **more)
    her = Life(life)
    found = explain(her.evaluation(made), made, her.instant(at)).lifts
    return [" and ".join(str(act) for act in lift.acts) for lift in found]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("count(reply, months(1)) >= 1", ["1 x reply"]),
        ("count(donation, ever) >= 3", ["2 x donation"]),
        ("count(donation, ever) > 3", ["3 x donation"]),
        ("count(donation, ever) >= 30", []),
        (
            'count(donation and amount_at_least("100"), ever) >= 1',
            ["1 x donation of at least 100 EUR"],
        ),
        (
            'count(donation and amount_above("100"), ever) >= 1',
            ["1 x donation of at least 100.01 EUR"],
        ),
        ('total(donation, ever) >= "250 EUR"', ["1 x donation of at least 225 EUR"]),
        ('total(donation, ever) > "250 EUR"', ["1 x donation of at least 225.01 EUR"]),
        ('total(volunteer_shift, ever, of="quantity") >= 4', ["1 x volunteer_shift of at least 4"]),
        (
            'count(inbound and family("time"), ever) >= 1',
            ["1 x volunteer_shift", "1 x event_hosted", "1 x in_kind_service"],
        ),
        ("count(referred(donation), ever) >= 1", ["1 x donation by a person they refer"]),
        ('distinct(referred(reply), ever, by="person") >= 2', ["2 x reply by a person they refer"]),
        ('count(reply and where(topic="river"), ever) >= 1', ["1 x reply with topic river"]),
        ('count(reply and channel("email"), ever) >= 1', ["1 x reply with channel email"]),
        (
            "count(donation and in_reply_to(appeal), ever) >= 1",
            ["1 x donation answering the appeal"],
        ),
        ("count(reply and is_reply, ever) >= 1", ["1 x reply answering the appeal"]),
        ("count(call and inbound, ever) >= 1", ["1 x call inbound"]),
        ("count(reply.when(count(donation, ever) >= 1), ever) >= 1", ["1 x reply"]),
        ("count(donation.when(count(donation, ever) < 1), ever) >= 2", []),
        ("count(reply and not reply, ever) >= 1", []),
        ("count(reply, ever) >= 1 or count(question, ever) >= 2", ["1 x reply", "2 x question"]),
        ("count(reply, ever) >= 1 and count(question, ever) >= 2", ["1 x reply and 2 x question"]),
        ("count(reply, ever) >= 1 and count(complaint, ever) < 1", ["1 x reply"]),
        ("latch(count(reply, days(1)) >= 1, count(complaint, ever) >= 1)", ["1 x reply"]),
        ("held_for(count(reply, ever) >= 1, days(3))", []),
        ("2 * count(reply, ever) > 3 * count(donation, ever)", ["2 x reply"]),
        ("count(deceased, ever) >= 1", []),
        ('count(family("status"), ever) >= 1', []),
    ],
)
def test_next_steps_are_the_smallest_acts(condition: str, expected: list[str]) -> None:
    assert lifted(condition) == expected


def test_cap_by_hand_cannot_be_lifted_by_acts() -> None:
    capped = [*LIFE, ("2024-01-10", "placed", {"details": {"rung": "one"}})]
    made = ladder("count(donation, ever) >= 1", "count(reply, ever) >= 1", placements="cap")
    life = Life(capped)
    assert explain(life.evaluation(made), made, life.instant("2024-02-01")).lifts == ()


def test_act_may_lead_higher_than_the_rung_it_was_tried_for() -> None:
    made = ladder("count(reply, ever) >= 1", "count(reply, ever) >= 1")
    life = Life(LIFE)
    found = explain(life.evaluation(made), made, life.instant("2024-02-01")).lifts
    assert [(lift.rung, str(lift.place)) for lift in found] == [("one", "two"), ("two", "two")]


def test_rung_that_looks_at_a_lower_one_can_be_reached() -> None:
    made = ladder("count(reply, ever) >= 1", 'on_rung("one")')
    life = Life(LIFE)
    found = explain(life.evaluation(made), made, life.instant("2024-02-01")).lifts
    assert [str(lift.acts[0]) for lift in found] == ["1 x reply", "1 x reply"]


@given(st.data())
def test_suggested_steps_all_lift(data: st.DataObject) -> None:
    organisation = data.draw(organisations())
    made = data.draw(rows(organisation))
    target = data.draw(conditions(depth=1))
    definition = Ladder(key="test", rungs=(Rung(key="one", enter=target),))
    evaluation = Evaluation(history_of(made, organisation), organisation, definition)
    at = data.draw(st.sampled_from([fact.at for fact in evaluation.history.facts] or [0]))
    lifting = Lifting(evaluation, definition, at)
    for compare in lifting.failing(target):
        for trial in lifting.ways(compare):
            ((draft, times),) = trial.drafts
            facts = Draft.facts(draft, times, evaluation, at)
            later = evaluation.history.plus(facts)
            assert Evaluation(later, organisation, definition).at(compare, at)
    before = standing(evaluation, definition, at)
    for lift in lifting.to(definition.rungs[0]):
        assert lift.place.height >= before.height


@given(st.data())
def test_lifts_of_the_indexed_evaluation_equal_those_of_the_plain_one(data: st.DataObject) -> None:
    organisation = data.draw(organisations())
    made = data.draw(rows(organisation))
    rung = Rung(key="one", enter=data.draw(conditions(depth=1)))
    definition = Ladder(key="test", rungs=(rung,))
    history = history_of(made, organisation)
    at = data.draw(st.sampled_from([fact.at for fact in history.facts] or [0]))
    plain, indexed = (
        engine(history, organisation, definition) for engine in (Evaluation, IndexedEvaluation)
    )
    assert list(lifts(indexed, definition, at)) == list(lifts(plain, definition, at))
