"""The evaluator against a brute-force reading, and what must be true of any reading."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ladder.documents.expression_parser import parse_condition
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import movements
from ladder.language.ladders import Ladder, Rung
from ladder.language.nodes import Condition
from ladder.model.intervals import INF, holds
from tests.engines.brute import Brute
from tests.histories import history_of, organisations, rows
from tests.strategies import conditions

LOWER = parse_condition("count(donation, months(2)) >= 1")
LADDER = Ladder(key="test", rungs=(Rung(key="lower", enter=LOWER),))


@given(st.data())
def test_reference_engine_equals_a_brute_force_reading(data: st.DataObject) -> None:
    organisation = data.draw(organisations())
    history = history_of(data.draw(rows(organisation)), organisation)
    condition = data.draw(conditions(depth=2, rungs=("lower",)))
    brute = Brute(history, {"lower": LOWER})
    places = brute.prepare(condition)
    found = Evaluation(history, organisation, LADDER).positions(condition)
    assert {edge for episode in found for edge in episode} <= {*places, INF}
    for place in places:
        assert holds(found, place) == brute.reads(condition, place), place


@given(st.data())
def test_episodes_are_sorted_disjoint_and_within_the_history(data: st.DataObject) -> None:
    organisation = data.draw(organisations())
    history = history_of(data.draw(rows(organisation)), organisation)
    condition = data.draw(conditions(depth=2))
    evaluation = Evaluation(history, organisation)
    for found, line in (
        (evaluation.positions(condition), history.line),
        (evaluation.episodes(condition), (history.line[0] // 2, INF // 2)),
    ):
        edges = [line[0], *(edge for episode in found for edge in episode), line[1]]
        assert edges[0] <= edges[1] if found else True
        assert edges[1:-1] == sorted(set(edges[1:-1]))
        assert edges[-2] <= edges[-1]


@given(st.data())
def test_value_at_an_instant_depends_only_on_touchpoints_at_or_before_it(
    data: st.DataObject,
) -> None:
    # Voids reach back (it never happened), and a date speaks for its whole day: both left out.
    organisation = data.draw(organisations())
    drawn = data.draw(rows(organisation))
    made = [row._replace(date_only=False) for row in drawn if row.kind != "void"]
    assume(made)
    now: Any = data.draw(st.sampled_from([row.at for row in made]))
    condition = data.draw(conditions(depth=2))
    whole = Evaluation(history_of(made, organisation), organisation)
    past = [row for row in made if isinstance(row.at, int) and row.at <= now]
    known = Evaluation(history_of(past, organisation), organisation)
    assert before(whole, condition, now) == before(known, condition, now)


def before(evaluation: Evaluation, condition: Condition, now: int) -> list[tuple[int, int]]:
    stop = 2 * now + 2
    found = evaluation.positions(condition)
    return [(start, min(end, stop)) for start, end in found if start < stop]


@given(st.data())
def test_order_of_recording_never_matters(data: st.DataObject) -> None:
    organisation = data.draw(organisations())
    made = data.draw(rows(organisation))
    enter, more = data.draw(conditions(depth=2)), data.draw(conditions(depth=1, rungs=("one",)))
    ladder = Ladder(key="test", rungs=(Rung(key="one", enter=enter), Rung(key="two", enter=more)))
    moved = [
        movements(Evaluation(history_of(order, organisation), organisation, ladder), ladder)
        for order in (made, data.draw(st.permutations(made)))
    ]
    assert [said(each) for each in moved[0]] == [said(each) for each in moved[1]]


def said(movement: Any) -> tuple[Any, ...]:
    causes = [fact.id for fact in movement.causes]
    return (movement.at, movement.until, movement.kind, movement.after, movement.cause, causes)
