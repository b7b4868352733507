"""The shipped patterns: what each finds, what its guards spare, and when it cannot know."""

from __future__ import annotations

from typing import Any

import pytest

from ladder import catalogue as catalogue_room
from ladder.documents.absence_checks import find_uncovered
from ladder.engines.reference.movements import findings
from ladder.engines.reference.verdicts import Verdict, verdicts
from ladder.errors import DefinitionErrorGroup
from tests.engines.tables import Life, covered
from tests.shipped_patterns import catalogue

EVERYTHING = (covered("any_touchpoint"),)
KEYS = tuple(pattern.key for pattern in catalogue_room.patterns())
ALL = catalogue()

Row = tuple[Any, ...]


def found(key: str, *rows: Row, coverage: Any = EVERYTHING) -> list[str]:
    """ "high 2024-01-01 .. 2024-02-01" for each finding of that pattern."""
    life = Life(rows, coverage=coverage)
    return [
        f"{each.severity} {life.text(each.at)} .. {life.text(each.until)}".strip()
        for each in findings(life.evaluation(ALL), ALL)
        if each.pattern == key
    ]


def verdict(key: str, *rows: Row, at: str, coverage: Any = EVERYTHING) -> str:
    return told(key, *rows, at=at, coverage=coverage).word


def told(key: str, *rows: Row, at: str, coverage: Any = EVERYTHING) -> Verdict:
    life = Life(rows, coverage=coverage)
    instant = life.organisation.calendar.as_of(life.moment(at))
    every = verdicts(life.evaluation(ALL), ALL, instant)
    return next(each for each in every if each.pattern.key == key)


def test_catalogue_is_whole() -> None:
    organisation = [f"O{number}" for number in range(1, 19)]
    supporter = [f"S{number}" for number in range(1, 11)]
    made_of_others, modes = ["C1", "C2", "C3"], ["M1", "M2", "M3", "M4", "M5"]
    assert list(KEYS) == [*organisation, *supporter, *made_of_others, *modes]


def test_pattern_ships_with_all_that_a_reader_needs() -> None:
    for pattern in catalogue_room.patterns():
        assert pattern.name
        assert pattern.title
        assert pattern.remedy
        assert pattern.caveat
        assert pattern.source
        assert pattern.requires is not None or pattern.safeguard or pattern.refers_to_findings
        assert pattern.requires_text or pattern.safeguard
        assert pattern.evidence is not None
        assert pattern.next is not None or pattern.name == "communal"


@pytest.mark.parametrize("key", KEYS)
def test_gifts_only_log_gives_no_finding(key: str) -> None:
    gifts = [(f"{year}-06-01", "donation") for year in range(2018, 2024)]
    for rows in (gifts[:1], gifts):
        assert found(key, *rows, coverage=()) == []
        word = verdict(key, *rows, at="2024-01-01", coverage=())
        assert word == "not assessable" or (word, key) in (("clear", "O15"), ("clear", "C2"))


@pytest.mark.parametrize("pattern", catalogue_room.patterns(), ids=KEYS)
def test_pattern_requires_the_log_of_each_absence_that_it_claims(pattern: Any) -> None:
    assert find_uncovered(pattern, ALL) == []
    if not (pattern.safeguard or pattern.refers_to_findings):
        assert find_uncovered(pattern.model_copy(update={"requires": None}), ALL) != []


@pytest.mark.parametrize("key", KEYS)
def test_objection_prevents_findings(key: str) -> None:
    rows = (
        ("2020-01-01", "objected"),
        ("2020-01-01", "donation"),
        ("2020-02-01", "appeal"),
        ("2020-03-01", "appeal"),
        ("2021-01-01", "donation"),
    )
    assert (found(key, *rows) == []) == (key != "O15")


# O1 unthanked gift


def test_gift_unthanked_for_days_weeks_a_month_grows_severe() -> None:
    known = ("2023-01-01", "donation", {"external_id": "first"})
    thanks = ("2023-01-02", "thank_you", {"answers": "first"})
    assert found("O1", known, thanks, ("2024-01-01", "donation")) == [
        "low 2024-01-04 .. 2024-01-16",
        "medium 2024-01-16 .. 2024-02-01",
        "high 2024-02-01 .. 2025-01-02",
    ]


def test_first_gift_weighs_more() -> None:
    assert found("O1", ("2024-01-01", "donation")) == [
        "medium 2024-01-04 .. 2024-01-16",
        "high 2024-01-16 .. 2025-01-02",
    ]


def test_receipt_is_no_thanks() -> None:
    gift = ("2024-01-01", "donation", {"external_id": "g"})
    machine = {"purposes": "thank", "automated": True}
    assert found("O1", gift, ("2024-01-01", "receipt", {"answers": "g"})) != []
    assert found("O1", gift, ("2024-01-01", "message", machine)) != []
    assert found("O1", gift, ("2024-01-02", "thank_you", {"answers": "g"})) == []
    assert found("O1", gift, ("2024-01-02", "call", {"purposes": "thank"})) == []


def test_thanks_for_a_shift_thank_for_no_gift() -> None:
    gift = ("2024-01-01", "donation")
    shift = ("2024-01-01", "volunteer_shift", {"external_id": "s"})
    assert found("O1", gift, shift, ("2024-01-02", "thank_you", {"answers": "s"})) != []


def test_instalments_and_paid_pledges_need_no_thanks_each_time() -> None:
    pledge = ("2024-01-01", "pledge", {"external_id": "p"})
    assert found("O1", pledge, ("2024-02-01", "donation", {"answers": "p"})) == []
    assert found("O1", ("2024-02-01", "instalment")) == []


def test_refunded_gift_needs_no_thanks() -> None:
    gift = ("2024-01-01", "donation", {"external_id": "g"})
    assert found("O1", gift, ("2024-01-10", "refund", {"answers": "g"})) == [
        "medium 2024-01-04 .. 2024-01-10"
    ]


def test_thanks_logged_since_a_day_give_no_finding_before_it() -> None:
    since = Life([]).instant("2024-06-01")
    coverage = (covered("donation"), covered('purpose("thank")', since))
    assert found("O1", ("2024-05-01", "donation"), coverage=coverage) == []
    assert found("O1", ("2024-06-02", "donation"), coverage=coverage) != []


# O2 ask before thank


def test_ask_before_thanks_is_found_until_the_thanks() -> None:
    rows = (
        ("2024-01-01", "donation"),
        ("2024-01-20", "appeal"),
        ("2024-02-01", "thank_you"),
    )
    assert found("O2", *rows) == ["high 2024-01-20 .. 2024-02-01"]
    assert found("O2", *rows[:2]) == ["high 2024-01-20 .. 2025-01-02"]


def test_thanks_that_answer_the_gift_end_the_finding_as_well() -> None:
    rows = (
        ("2024-01-01", "donation", {"external_id": "g1"}),
        ("2024-01-20", "appeal"),
        ("2024-02-01", "thank_you", {"answers": "g1"}),
        ("2024-03-01", "donation", {"external_id": "g2"}),
    )
    assert found("O2", *rows) == ["high 2024-01-20 .. 2024-02-01"]


def test_ask_that_a_gift_answers_the_same_day_came_before_it() -> None:
    assert found("O2", ("2024-01-20", "appeal"), ("2024-01-20", "donation")) == []


def test_ask_after_thanks_or_within_them_is_not() -> None:
    gift = ("2024-01-01", "donation")
    assert found("O2", gift, ("2024-01-02", "thank_you"), ("2024-01-20", "appeal")) == []
    both = {"purposes": "thank,ask", "asks_for": "money"}
    assert found("O2", gift, ("2024-01-20", "message", both)) == []
    assert found("O2", gift, ("2024-01-20", "volunteer_call")) == []


# O7 ask only


def test_year_with_two_asks_and_no_other_contact_is_found() -> None:
    rows = (("2024-01-01", "appeal"), ("2024-06-01", "volunteer_call"))
    assert found("O7", *rows) == ["high 2024-06-01 .. 2025-01-02"]
    assert found("O7", rows[0]) == []
    assert found("O7", *rows, ("2024-03-01", "impact_report")) == []
    assert found("O7", *rows, ("2024-03-01", "receipt")) != []


def test_record_younger_than_two_months_is_left_alone() -> None:
    rows = (("2024-01-01", "appeal"), ("2024-01-15", "appeal"))
    assert found("O7", *rows) == ["high 2024-03-02 .. 2025-01-02"]


# O9 cold ask


def test_first_contact_that_asks_for_money_is_cold() -> None:
    assert found("O9", ("2024-01-01", "appeal")) == ["medium 2024-01-01 .. 2024-04-01"]
    assert found("O9", ("2024-01-01", "appeal"), ("2024-02-01", "donation")) == [
        "medium 2024-01-01 .. 2024-02-01"
    ]
    answer = ("2024-02-01", "reply", {"answers": "n1"})
    news = ("2024-01-15", "newsletter", {"external_id": "n1"})
    assert found("O9", ("2024-01-01", "appeal"), news, answer) == [
        "medium 2024-01-01 .. 2024-02-01"
    ]
    assert found("O9", ("2023-12-01", "newsletter"), ("2024-01-01", "appeal")) == []
    assert found("O9", ("2023-12-01", "question"), ("2024-01-01", "appeal")) == []


def test_ask_after_a_year_of_silence_is_nearly_as_cold() -> None:
    assert found("O9", ("2020-01-01", "donation"), ("2024-01-01", "appeal")) == [
        "low 2024-01-01 .. 2024-04-01"
    ]


# S1 one and done


def test_single_gift_followed_by_an_inactive_year_is_found_until_the_next_act() -> None:
    gift = ("2020-01-01", "donation")
    assert found("S1", gift) == ["medium 2021-01-02 .. 2023-01-02"]
    assert found("S1", gift, ("2021-06-01", "reply")) == ["medium 2021-01-02 .. 2021-06-01"]
    assert found("S1", gift, ("2020-06-01", "reply")) == []
    call = ("2020-05-01", "action_call", {"external_id": "c1"})
    assert found("S1", gift, call, ("2020-06-01", "petition_signed", {"answers": "c1"})) == []
    assert found("S1", gift, ("2020-06-01", "donation")) == []
    assert found("S1", gift, ("2020-06-01", "email_opened")) != []


# S4 money only


def test_money_alone_over_two_years_is_found_only_where_something_else_was_offered() -> None:
    gifts = (("2020-03-01", "donation"), ("2021-03-01", "donation"))
    invited = ("2020-05-01", "invitation")
    assert found("S4", *gifts, invited) == ["low 2021-03-01 .. 2023-03-02"]
    assert found("S4", *gifts) == []
    assert verdict("S4", *gifts, at="2021-06-01") == "not assessable"
    assert found("S4", *gifts, invited, ("2020-06-01", "petition_signed")) == []
    assert found("S4", gifts[0], invited) == []


def test_four_years_of_money_alone_weigh_more() -> None:
    gifts = [(f"{year}-03-01", "donation") for year in range(2020, 2024)]
    assert found("S4", *gifts, ("2020-05-01", "invitation"))[1].startswith("medium 2023-03-01")


@pytest.mark.parametrize(
    "setting",
    [
        "year = 'months(18)'",
        "year = 'months(6)'",
        "lapse = 'months(24)'",
        "report_due = 'days(365)'",
    ],
)
def test_needs_of_patterns_go_with_the_settings(setting: str) -> None:
    assert len(catalogue(setting).patterns) == len(catalogue_room.patterns())


def test_invalid_setting_is_reported_with_its_name_and_uses() -> None:
    text = """
        [ladder]
        key = "mine"
        [include]
        patterns = ["O6"]
        [settings]
        report_due = 'days(2000)'
    """
    with pytest.raises(DefinitionErrorGroup, match=r"patterns\.toml as it ships, line") as caught:
        catalogue_room.read(text)
    assert "changed [settings]: report_due" in str(caught.value)


TAKEN = [
    ("2022-06-01", "donation"), ("2022-09-01", "appeal"), ("2023-01-01", "appeal"),
    ("2023-06-01", "donation"), ("2023-09-01", "appeal"), ("2024-01-01", "appeal"),
]  # fmt: skip
"""Asked and given, and nothing else was ever offered."""


def test_pattern_of_findings_names_the_finding_that_is_unassessable() -> None:
    said = told("C2", *TAKEN, at="2024-02-01")
    assert (said.word, said.missing) == ("not assessable", ())
    assert said.reason.startswith("The requirements of the patterns on both sides")
    assert "Not known: S4 (That the log holds everything" in said.reason
    assert "S1" not in said.reason.split("Not known: ")[1]
    assert ["invite" in str(each) for each in said.unmet] == [True]


def test_pattern_of_past_findings_states_until_when_it_is_unassessable() -> None:
    stirred = [("2024-02-01", "reply"), ("2024-02-03", "volunteer_call")]
    said = told("C2", *TAKEN, *stirred, at="2024-02-10")
    assert (said.word, said.missing, said.unmet) == ("not assessable", (), ())
    assert "Not known: S4 until 2024-02-03 00:00 (" in said.reason
    assert told("S4", *TAKEN, *stirred, at="2024-02-10").word == "clear"


def test_pattern_of_findings_lacks_the_coverage_that_they_lack() -> None:
    said = told("C1", ("2022-06-01", "donation"), at="2024-02-01", coverage=(covered("inbound"),))
    assert said.word == "not assessable"
    assert {each.what for each in said.missing} >= {"all thanks"}
    assert "Not known: O1 (" in said.reason
    assert "S1 (" not in said.reason
