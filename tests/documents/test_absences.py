"""The absences that a condition claims, and how far back."""

from __future__ import annotations

from math import inf

import pytest

from ladder import catalogue
from ladder.documents import parse_condition, parse_span
from ladder.documents.absence_checks import absences, find_uncovered, reach, true_of_nothing
from ladder.language.ladders import Grade, Ladder, Pattern, Rung

LADDER = Ladder(
    key="tried",
    rungs=(Rung(key="talking", enter=parse_condition("count(reply, months(6)) >= 1")),),
)


def absent(text: str) -> list[tuple[str, float]]:
    found = absences(parse_condition(text), LADDER)
    return sorted({(str(each.selector), round(each.days, 0)) for each in found})


def lacking(requires: str | None, text: str) -> list[str]:
    pattern = Pattern(
        key="P",
        side="organisation",
        grades=(Grade(severity="low", condition=parse_condition(text)),),
        requires=None if requires is None else parse_condition(requires),
    )
    return find_uncovered(pattern, LADDER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(donation, ever) >= 1", []),
        ("count(donation, days(30)) < 1", [("donation", 30)]),
        ("count(donation, days(30)) <= 2", [("donation", 30)]),
        ("count(donation, days(30)) == 1", [("donation", 30)]),
        ("not count(donation, days(30)) >= 1", [("donation", 30)]),
        ("not count(donation, days(30)) < 1", []),
        ("count(donation, ever) < count(reply, days(7))", [("donation", inf)]),
        ("count(reply, days(7)) > 2 * count(donation, ever)", [("donation", inf)]),
        ("count(donation, days(9) and until(thank_you)) >= 1", [("thank_you", 9)]),
        ("count(donation, days(9) and until(thank_you)) < 1", [("donation", 9)]),
        ("count(donation, older_than(days(2), days(9)) and until(reply)) >= 1", [("reply", 9)]),
        (
            "count(donation.when(count(appeal, days(5)) < 1), days(10)) >= 1",
            [("appeal", 15)],
        ),
        (
            "count(donation.when(count(appeal, days(5)) >= 1), days(10)) < 1",
            [("appeal", 15), ("donation.when(count(appeal, days(5)) >= 1)", 10)],
        ),
        ("held_for(count(reply, days(5)) < 1, days(10))", [("reply", 15)]),
        ("latch(count(reply, days(5)) >= 1, count(appeal, days(5)) >= 1)", [("appeal", inf)]),
        ('not on_rung("talking")', [("reply", 183)]),
        ('on_rung("talking")', []),
    ],
)
def test_negated_selectors_are_collected(text: str, expected: list[tuple[str, float]]) -> None:
    assert absent(text) == expected


@pytest.mark.parametrize(
    ("requires", "covered"),
    [
        (None, False),
        ("is_covered(thank_you, months(12))", True),
        ("is_covered(thank_you, years(1))", True),
        ("is_covered(thank_you, days(365))", True),
        ("is_covered(outbound, ever)", True),
        ("is_covered(thank_you, months(12)) and count(donation, ever) >= 2", True),
        ("is_covered(thank_you, months(6))", False),
        ("is_covered(appeal, ever)", False),
        ("is_covered(thank_you, ever) or is_covered(appeal, ever)", False),
        ("not is_covered(thank_you, ever)", False),
    ],
)
def test_requirements_cover_their_selectors_far_enough_back(
    requires: str | None, covered: bool
) -> None:
    text = "count(donation, months(12) and until(thank_you)) >= 1"
    assert (lacking(requires, text) == []) is covered


def test_requirements_may_cover_one_absence_together() -> None:
    text = "count(donation, months(12) and until(thank_you or impact_report)) >= 1"
    assert lacking("is_covered(thank_you, ever) and is_covered(impact_report, ever)", text) == []
    assert lacking("is_covered(thank_you, ever)", text) != []


def test_patterns_without_an_absence_require_nothing() -> None:
    assert (
        lacking(None, "count(unsubscribed.when(count(appeal, days(7)) >= 1), days(90)) >= 1") == []
    )


@pytest.mark.parametrize(
    ("span", "days"),
    [
        ("ever", inf),
        ("hours(36)", 1.5),
        ("days(10) and until(reply)", 10),
        ("until(reply)", inf),
        ("older_than(days(3), days(10))", 10),
        ("older_than(days(3))", inf),
        ("days(1) + days(2)", 3),
        ("week(0)", 7),
        ("week(-1)", 14),
    ],
)
def test_span_reaches_back_its_number_of_days(span: str, days: float) -> None:
    assert reach(parse_span(span)) == days


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("count(donation, ever) >= 1", False),
        ("count(donation, ever) < 1", True),
        ("count(donation, ever) == 0", True),
        ("count(donation, ever) < count(reply, ever)", False),
        ("count(donation, ever) <= count(reply, ever)", True),
        ('total(donation, ever) <= "5" * count(reply, ever)', True),
        ("count(donation, ever) < 1 and count(reply, ever) >= 1", False),
        ("count(donation, ever) < 1 or count(reply, ever) >= 1", True),
        ("not count(donation, ever) >= 1", True),
        ("held_for(count(donation, ever) < 1, days(1))", False),
        ("latch(count(donation, ever) < 1, count(reply, ever) >= 1)", True),
        ("latch(count(reply, ever) >= 1, count(donation, ever) < 1)", False),
        ('on_rung("talking")', False),
        ('not on_rung("talking")', True),
    ],
)
def test_conditions_true_of_an_empty_history_are_recognised(text: str, true: bool) -> None:
    assert true_of_nothing(parse_condition(text), LADDER) is true


def test_shipped_rungs_are_false_of_an_empty_history() -> None:
    for name in catalogue.names():
        ladder = catalogue.load(name)
        assert not any(true_of_nothing(rung.condition, ladder) for rung in ladder.rungs)
