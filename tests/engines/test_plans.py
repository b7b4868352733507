"""What is worked out once for a ladder."""

from __future__ import annotations

from ladder.documents.expression_parser import parse_condition
from ladder.engines.reference.ladder_index import plan_of
from ladder.engines.reference.node_ids import Numbers
from tests.engines.tables import Life, ladder

GIVES = "count(donation, months(12)) >= 1"
MADE = ladder(GIVES, f"{GIVES} and count(reply, ever) >= 1")


def test_equal_nodes_have_one_number_and_different_ones_their_own() -> None:
    numbers = Numbers()
    one, same = parse_condition(GIVES), parse_condition(GIVES)
    assert one is not same
    assert numbers[one] == numbers[same]
    assert numbers[parse_condition("count(donation, months(13)) >= 1")] != numbers[one]


def test_an_evaluation_adds_nothing_to_its_ladders_numbers() -> None:
    plan = plan_of(MADE)
    before = len(plan.numbers)
    life = Life([("2024-01-01", "donation")])
    assert life.episodes("count(donation, days(7)) >= 1", MADE) == ["2024-01-01 .. 2024-01-09"]
    assert life.episodes("count(donation, days(8)) >= 1", MADE) == ["2024-01-01 .. 2024-01-10"]
    assert len(plan.numbers) == before


def test_a_ladder_is_planned_once() -> None:
    assert plan_of(MADE) is plan_of(MADE)
    assert plan_of(MADE) is not plan_of(ladder(GIVES))


def test_one_plan_serves_organisations_of_different_currencies() -> None:
    rich = ladder('total(donation, ever) >= "10"')
    euros = Life([("2024-01-01", "donation", {"amount": "10"})])
    yen = Life([("2024-01-01", "donation", {"amount": "10"})], currency="JPY")
    dinar = Life([("2024-01-01", "donation", {"amount": "9.999"})], currency="KWD")
    assert [len(life.movements(rich)) for life in (euros, yen, dinar)] == [1, 1, 0]


def test_months_of_different_calendars_do_not_mix() -> None:
    rows = [("2024-01-01", "donation")]
    made = ladder("count(donation, fiscal_year(0)) >= 1")
    for fiscal, end in (((1, 1), "2025-01-01"), ((7, 1), "2024-07-01")):
        life = Life(rows, fiscal=fiscal, zone="Europe/Berlin")
        assert life.episodes('holds("one")', made) == [f"2024-01-01 .. {end}"]
