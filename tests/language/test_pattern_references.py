"""`has_finding(…)` is sure where it helps and possible where it hinders."""

from __future__ import annotations

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.errors import DefinitionErrorGroup
from ladder.language.aggregates import count, total
from ladder.language.conditions import HasFinding, has_finding, held_for, latch
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.language.pattern_references import read
from ladder.language.selectors import kind
from ladder.language.spans import days, ever, until
from ladder.model.intervals import Episodes, complement, intersection, union
from tests import histories
from tests.strategies import conditions

GIFT = kind("donation")
MANY = count(GIFT, ever) >= 3


def pattern(key: str, condition: Condition, requires: Condition | None = None) -> Pattern:
    grade = Grade(severity="high", condition=condition)
    return Pattern(key=key, side="organisation", grades=(grade,), requires=requires)


@st.composite
def made_of_findings(draw: st.DrawFn) -> Ladder:
    parts = [
        pattern(key, draw(conditions(1)), draw(st.none() | conditions(1))) for key in ("P1", "P2")
    ]
    whole = pattern("C", draw(conditions(2, patterns=("P1", "P2"))))
    return Ladder(key="made", patterns=(*parts, whole))


def within(inner: Episodes, outer: Episodes) -> bool:
    return intersection(inner, outer) == union(inner)


@given(st.data())
def test_unknown_findings_are_bounded_by_the_sure_and_the_possible_reading(
    data: st.DataObject,
) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    ladder = data.draw(made_of_findings())
    unknown = data.draw(conditions(1))
    note(str(ladder.pattern("C").grades[0].condition))
    own, brought = histories.of_person(made, histories.PEOPLE[0])
    history = History.from_rows(own, organisation, ladder.kinds, brought, None, histories.PEOPLE[0])
    reading = Evaluation(history, organisation)

    def guessed(asked: HasFinding, _: bool) -> Condition:
        known = ladder.pattern(asked.pattern)
        (grade,) = known.grades
        return ladder.sure(known, grade) | (ladder.possible(known) & unknown)

    condition = ladder.pattern("C").grades[0].condition
    truth = reading.positions(read(condition, guessed, sure=True))
    assert within(reading.positions(ladder.expand(condition)), truth)
    assert within(truth, reading.positions(ladder.expand(condition, sure=False)))


@given(st.data())
def test_verdicts_partition_the_history(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    ladder = data.draw(made_of_findings())
    own, brought = histories.of_person(made, histories.PEOPLE[0])
    history = History.from_rows(own, organisation, ladder.kinds, brought, None, histories.PEOPLE[0])
    reading = Evaluation(history, organisation)
    for each in ladder.patterns:
        sure = reading.positions(ladder.sure(each, each.grades[0]))
        possible = reading.positions(ladder.possible(each))
        requires = ladder.assessable(each)
        known = [history.line] if requires is None else reading.positions(requires)
        assert within(sure, possible)
        assert within(sure, known)
        unknown = intersection(possible, complement(sure, history.line))
        assert intersection(unknown, known) == []


def test_severity_asks_for_findings_as_grave_as_that() -> None:
    low = Grade(severity="low", condition=count(GIFT, ever) >= 1)
    high = Grade(severity="high", condition=MANY)
    asked = Pattern(key="A", side="organisation", grades=(low, high))
    ladder = Ladder(key="made", patterns=(asked, pattern("C", has_finding("A", "medium"))))
    assert ladder.expand(has_finding("A")) == low.condition | MANY
    assert ladder.expand(has_finding("A", "medium")) == MANY


def test_finding_is_not_open_during_suppression_unless_it_is_a_safeguard() -> None:
    silent = count(kind("objected"), ever) >= 1
    plain, safeguard = pattern("A", MANY), pattern("B", MANY).model_copy(update={"safeguard": True})
    ladder = Ladder(key="made", patterns=(plain, safeguard), suppress_when=silent)
    assert ladder.expand(has_finding("A")) == MANY & ~silent
    assert ladder.expand(has_finding("B")) == MANY


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (has_finding("B"), "that this ladder lacks: take it in"),
        (has_finding("A", "low") & has_finding("C"), "goes round in a circle: C > C"),
        (has_finding("A", "critical"), "never as severe as critical"),
        (count(GIFT, until(GIFT.when(has_finding("A")))) >= 1, r"cannot stand within until"),
        (total(GIFT.when(has_finding("A")), ever) > "5", r"cannot stand within total"),
    ],
)
def test_found_that_has_no_reading_is_rejected(condition: Condition, words: str) -> None:
    with pytest.raises(DefinitionErrorGroup, match=words):
        Ladder(key="made", patterns=(pattern("A", MANY), pattern("C", condition)))


def test_findings_are_referenced_by_grades_of_patterns_only() -> None:
    asking = pattern("C", MANY, requires=has_finding("A"))
    with pytest.raises(DefinitionErrorGroup, match="grades of a pattern only"):
        Ladder(key="made", patterns=(pattern("A", MANY), asking))


def test_exact_figure_is_read_from_both_sides() -> None:
    ladder = Ladder(key="made", patterns=(pattern("A", MANY, requires=count(GIFT, days(9)) >= 1),))
    exactly = count(GIFT.when(has_finding("A")), ever) == 2
    assert isinstance(exactly, Condition)
    read_out = ladder.expand(held_for(exactly, days(3)) | latch(exactly))
    assert "found" not in str(read_out)
    assert ">= 2" in str(read_out)
    assert "<= 2" in str(read_out)


def test_negated_finding_reference_ignores_constant_conditions() -> None:
    ladder = Ladder(key="made", patterns=(pattern("A", MANY),))
    never = count(GIFT.when(has_finding("A")), ever) == 0
    assert isinstance(never, Condition)
    assert ladder.expand(never) == (count(GIFT.when(MANY), ever) <= 0)
