"""The evidence of a finding: the touchpoints that its condition counts at that instant."""

from __future__ import annotations

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from ladder.catalogue import load
from ladder.catalogue import pattern as pattern_of
from ladder.documents.expression_parser import parse_selector
from ladder.engines.incremental.indexed_evaluator import IndexedEvaluation
from ladder.engines.reference.evidence import evidence, proofs
from ladder.engines.reference.verdicts import verdicts
from ladder.language.selectors import kind
from ladder.model.calendars import DAY
from tests import histories
from tests.agreement.engines import readings
from tests.engines.plain_evidence import expected_evidence
from tests.engines.tables import Life, Line, covered, ladder, names, pattern
from tests.random_ladders import coverages, ladders
from tests.strategies import selectors

SHOPS = load("default")


def shown(life: Life, key: str, at: str) -> list[str]:
    """The rows that prove a shipped pattern's finding."""
    evaluation = life.evaluation(SHOPS)
    return names(evidence(evaluation, SHOPS, SHOPS.pattern(key), life.instant(at)))


def gifts(*days: str) -> list[Line]:
    return [(day, "donation", {"external_id": day, "source": "x"}) for day in days]


def everything() -> tuple[object, ...]:
    return (covered("any_touchpoint"),)


def test_thanked_gift_is_no_evidence() -> None:
    thanks = ("2024-03-20", "thank_you", {"answers": "2024-03-01", "source": "x"})
    life = Life([*gifts("2024-03-01", "2024-03-05"), thanks], coverage=everything())
    assert shown(life, "O1", "2024-03-19") == ["0", "1"]
    assert shown(life, "O1", "2024-03-21") == ["1"]
    assert shown(life, "O1", "2024-03-02") == []


def test_gift_is_evidence_from_the_day_on_which_it_is_old_enough() -> None:
    life = Life(gifts("2024-03-01", "2024-03-18"), coverage=everything())
    assert shown(life, "O1", "2024-03-20") == ["0"]
    assert shown(life, "O1", "2024-03-21") == ["0", "1"]


def test_evidence_comes_from_all_true_grades() -> None:
    """Else what a milder grade counts would be news the day that it ages into the next one."""
    life = Life(gifts("2024-03-01", "2024-04-10"), coverage=everything())
    said = next(
        each
        for each in verdicts(life.evaluation(SHOPS), SHOPS, life.instant("2024-04-14"))
        if each.pattern.key == "O1"
    )
    assert said.severity == "high"
    assert names(said.evidence) == ["0", "1"]


def test_asks_after_a_waiting_gift_are_evidence() -> None:
    """The condition counts gifts; the pattern shows the requests too, since the earliest gift."""
    rows = [
        ("2024-02-01", "appeal"), *gifts("2024-03-01"), ("2024-03-10", "appeal"),
        ("2024-04-10", "appeal"),
    ]  # fmt: skip
    life = Life(rows, coverage=everything())
    assert shown(life, "O2", "2024-03-10") == ["1", "2"]
    assert shown(life, "O2", "2024-04-10") == ["1", "2", "3"]


def test_touchpoints_outside_a_measure_are_no_evidence() -> None:
    """A second gift is a gift, but only the first one comes before any other act."""
    life = Life(gifts("2024-03-01", "2024-03-09"), coverage=everything())
    only = pattern_of("S10")
    made = ladder("count(reply, ever) >= 1", patterns=(only,))
    assert names(evidence(life.evaluation(made), made, only, life.instant("2024-03-10"))) == ["0"]


def test_true_alternatives_alone_give_evidence() -> None:
    either = pattern("E", low="count(donation, ever) >= 2 or count(appeal, ever) >= 1")
    made = ladder("count(reply, ever) >= 1", patterns=(either,))
    life = Life([("2024-03-01", "donation"), ("2024-03-02", "appeal"), ("2024-03-05", "donation")])

    def at(day: str) -> list[str]:
        return names(evidence(life.evaluation(made), made, either, life.instant(day)))

    assert at("2024-03-02") == ["1"]
    assert at("2024-03-05") == ["0", "1", "2"]


def test_counted_touchpoints_are_evidence_where_the_shown_ones_do_not_count() -> None:
    odd = pattern("E", low="count(donation, ever) >= 1").model_copy(
        update={"evidence": kind("reply")}
    )
    made = ladder("count(reply, ever) >= 1", patterns=(odd,))
    life = Life([("2024-03-01", "donation")])
    assert names(evidence(life.evaluation(made), made, odd, life.instant("2024-03-02"))) == ["0"]


def test_absence_has_no_evidence() -> None:
    nothing = pattern("E", low="count(appeal, days(5)) < 1")
    made = ladder("count(reply, ever) >= 1", patterns=(nothing,))
    life = Life([("2024-03-01", "appeal")])
    assert evidence(life.evaluation(made), made, nothing, life.instant("2024-03-20")) == ()


def test_touchpoints_that_hold_a_rung_are_evidence_of_a_finding_about_it() -> None:
    waits = pattern("E", low='held_for(on_rung("one"), days(30))')
    made = ladder("count(donation, ever) >= 1", patterns=(waits,))
    life = Life([("2024-01-01", "donation")])
    assert names(evidence(life.evaluation(made), made, waits, life.instant("2024-02-02"))) == ["0"]


def test_money_without_a_rate_keeps_no_finding_from_being_proved() -> None:
    shows = parse_selector('donation and amount_at_least("10")')
    large = pattern("E", low="count(donation, ever) >= 1").model_copy(update={"evidence": shows})
    made = ladder("count(reply, ever) >= 1", patterns=(large,))
    life = Life([("2024-03-01", "donation", {"amount": "20", "currency": "CHF"})])
    assert names(evidence(life.evaluation(made), made, large, life.instant("2024-03-02"))) == ["0"]


def test_touchpoints_of_an_untrue_grade_are_no_evidence() -> None:
    """Not now, when it does not count: it is no request that ended something either."""
    small, large = "count(donation, days(0)) >= 1", 'count(amount_at_least("9"), ever) >= 1'
    both = pattern("E", low=small, high=large).model_copy(update={"evidence": kind("donation")})
    made = ladder("count(reply, ever) >= 1", patterns=(both,))
    life = Life([("2024-03-01", "donation", {"amount": amount}) for amount in ("1", "10")])

    def at(day: str) -> list[str]:
        return names(evidence(life.evaluation(made), made, both, life.instant(day)))

    assert at("2024-03-01") == ["0", "1"]
    assert at("2024-03-03") == ["1"]


@given(st.data())
def test_evidence_over_time_equals_the_evidence_at_single_instants(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    rows = data.draw(histories.rows(organisation))
    made = data.draw(ladders())
    coverage = data.draw(coverages(organisation))
    shows = data.draw(st.none() | selectors(1))
    patterns = tuple(each.model_copy(update={"evidence": shows}) for each in made.patterns)
    made = made.model_copy(update={"patterns": patterns})
    note(f"{made.patterns}")
    for reading in readings(rows, made, organisation, coverage).values():
        edges = {fact.at for fact in reading.history.facts}
        for each in made.patterns:
            whole = proofs(reading, made, each, 0, 2**60)
            indexed = IndexedEvaluation(reading.history, organisation, made, coverage)
            assert proofs(indexed, made, each, 0, 2**60) == whole
            ends = {
                edge for sort in whole.sorts for when in sort.values() for e in when for edge in e
            }
            for edge in sorted(edges | {end for end in ends if end < 2**60}):
                for at in (edge - 1, edge, edge + DAY):
                    expected = expected_evidence(reading, made, each.key, at)
                    assert set(whole.at(at)) == expected
                    assert set(evidence(reading, made, each, at)) == expected


@pytest.mark.parametrize("key", [each.key for each in SHOPS.patterns])
def test_shipped_patterns_declare_their_evidence(key: str) -> None:
    assert SHOPS.pattern(key).evidence is not None
