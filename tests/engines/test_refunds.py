"""Refunds cut, voids undo, placements end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ladder.errors import CurrencyError, TouchpointError
from ladder.model.money import Rates
from tests.engines.tables import Life, Line

GIVEN: Line = ("2024-03-05", "donation", {"amount": "25", "external_id": "gift"})


def refund(at: str, amount: str | None = None, **said: Any) -> Line:
    return (at, "refund", {"answers": "gift", "amount": amount, **said})


def test_refund_cuts_the_gift_from_its_instant() -> None:
    life = Life([GIVEN, refund("2024-04-01 12:00")])
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .. 2024-04-01 12:00"]
    assert life.episodes('total(donation, ever) > "0"') == ["2024-03-05 .. 2024-04-01 12:00"]
    assert life.episodes('distinct(donation, ever, by="kind") >= 1') == [
        "2024-03-05 .. 2024-04-01 12:00"
    ]


@pytest.mark.parametrize("kind", ["refund", "chargeback", "payment_failed"])
def test_chargebacks_and_failures_cut_as_refunds_do(kind: str) -> None:
    life = Life([GIVEN, ("2024-04-01", kind, {"answers": "gift"})])
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .. 2024-04-01"]


def test_partial_refund_lowers_the_amount_from_then_on() -> None:
    life = Life([GIVEN, refund("2024-04-01", "10")])
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .."]
    assert life.value("total(donation, ever)", "2024-03-31") == 2500
    assert life.value("total(donation, ever)", "2024-04-01") == 1500


def test_partial_refunds_that_make_up_the_whole_cut_the_gift() -> None:
    life = Life([GIVEN, refund("2024-04-01", "10"), refund("2024-04-09", "15")])
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .. 2024-04-09"]
    assert life.episodes('total(donation, ever) == "15"') == ["2024-04-01 .. 2024-04-09"]
    assert life.episodes('total(donation, ever) == "0"') == ["2024-04-09 .."]


def test_refunds_of_one_instant_add_up_before_they_act() -> None:
    life = Life([GIVEN, refund("2024-04-01", "10"), refund("2024-04-01", "15")])
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .. 2024-04-01"]


def test_refund_without_an_amount_is_the_whole() -> None:
    life = Life([GIVEN, refund("2024-04-01", "10"), refund("2024-04-09")])
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .. 2024-04-09"]


def test_gift_without_an_amount_is_cut_by_any_refund() -> None:
    life = Life([("2024-03-05", "donation", {"external_id": "gift"}), refund("2024-04-01", "1")])
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .. 2024-04-01"]


def test_refund_beyond_the_gift_never_makes_it_negative() -> None:
    life = Life([GIVEN, refund("2024-04-01", "99")])
    assert life.value("total(donation, ever)", "2024-05-01") == 0


def test_refund_dated_before_its_gift_cuts_it_at_once() -> None:
    life = Life([GIVEN, refund("2024-03-01")])
    assert life.episodes("count(donation, ever) >= 1") == []
    assert life.episodes("count(refund, ever) >= 1") == ["2024-03-01 .."]


def test_partial_refund_dated_before_its_gift_lowers_it_from_the_start() -> None:
    life = Life([GIVEN, refund("2024-03-01", "10")])
    assert life.episodes('total(donation, ever) == "15"') == ["2024-03-05 .."]
    assert life.episodes('total(donation, ever) == "0"') == ["2024-03-01 .. 2024-03-05"]


def test_stretch_that_starts_after_the_refund_starts_with_what_is_left() -> None:
    life = Life([GIVEN, refund("2024-04-01", "10")])
    last_year = "total(donation, year(-1))"
    assert life.value(last_year, "2025-06-01") == 1500
    assert life.episodes(f'{last_year} == "15"') == ["2025-01-01 .. 2026-01-01"]


def test_refund_after_the_stretch_takes_nothing_away() -> None:
    life = Life([GIVEN, refund("2024-06-01", "10")])
    assert life.episodes('total(donation, days(30)) == "25"') == ["2024-03-05 .. 2024-04-05"]
    assert life.value("total(donation, days(30))", "2024-05-01") == 0
    assert life.value("total(donation, days(30))", "2024-07-01") == 0


def test_refund_of_a_refund_cuts_nothing() -> None:
    life = Life(
        [
            GIVEN,
            refund("2024-04-01", external_id="back"),
            ("2024-04-02", "payment_failed", {"answers": "back"}),
        ]
    )
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .. 2024-04-01"]
    assert life.episodes("count(refund, ever) >= 1") == ["2024-04-01 .."]


def test_refund_in_another_currency_than_its_gift_is_rejected() -> None:
    life = Life([GIVEN, refund("2024-04-01", "10", currency="USD")])
    with pytest.raises(CurrencyError, match="refund in USD of a gift in EUR"):
        _ = life.history


def test_voided_gift_never_happened() -> None:
    life = Life([GIVEN, ("2024-06-01", "void", {"answers": "gift"}), ("2024-06-02", "reply")])
    assert life.episodes("count(donation, ever) >= 1") == []
    assert life.episodes("count(any_touchpoint, ever) >= 1") == ["2024-06-02 .."]
    assert life.selected("any_touchpoint") == [2]


def test_voided_refund_leaves_the_gift_whole() -> None:
    life = Life(
        [
            GIVEN,
            refund("2024-04-01", external_id="back"),
            ("2024-04-02", "void", {"answers": "back"}),
        ]
    )
    assert life.episodes("count(donation, ever) >= 1") == ["2024-03-05 .."]


def test_void_that_answers_a_void_does_nothing() -> None:
    life = Life(
        [
            GIVEN,
            ("2024-04-01", "void", {"answers": "gift", "external_id": "oops"}),
            ("2024-04-02", "void", {"answers": "oops"}),
            ("2024-04-03", "reply"),
        ]
    )
    assert life.selected("any_touchpoint") == [3]


def test_void_alone_begins_no_history() -> None:
    life = Life([("2024-04-01", "void", {"answers": "nothing"})])
    assert life.history.t0 is None


def test_original_of_a_voided_answer_is_open_again() -> None:
    life = Life(
        [
            GIVEN,
            ("2024-03-09", "thank_you", {"answers": "gift", "external_id": "thanks"}),
            ("2024-04-01", "void", {"answers": "thanks"}),
        ]
    )
    assert life.episodes("count(donation, until(thank_you)) >= 1") == ["2024-03-05 .."]


def test_answer_to_a_voided_touchpoint_is_no_known_link() -> None:
    life = Life(
        [
            GIVEN,
            ("2024-03-06", "donation"),
            ("2024-03-09", "thank_you", {"answers": "gift"}),
            ("2024-04-01", "void", {"answers": "gift"}),
        ]
    )
    assert life.selected("is_reply") == []
    assert life.episodes("count(donation, until(thank_you)) >= 1") == ["2024-03-06 .. 2024-03-09"]


def test_voids_and_refunds_of_referred_acts_apply() -> None:
    life = Life(
        [],
        brought=[
            ("2024-03-01", "donation", {"external_id": "one"}),
            ("2024-03-02", "donation", {"external_id": "two"}),
            ("2024-03-05", "void", {"answers": "one", "referrer": None}),
            ("2024-03-09", "refund", {"answers": "two", "referrer": None}),
        ],
    )
    assert life.episodes("count(referred(donation), ever) >= 1") == ["2024-03-02 .. 2024-03-09"]
    assert life.selected("referred(any_touchpoint)") == [1]


def test_placement_ends_with_the_day_it_names() -> None:
    life = Life(
        [
            ("2024-03-01", "reply"),
            ("2024-03-05", "placed", {"details": {"rung": "one", "until": "2024-06-30"}}),
        ]
    )
    assert life.episodes("count(placed, until(placed)) >= 1") == ["2024-03-05 .. 2024-07-01"]


def test_placement_until_no_date_is_rejected() -> None:
    life = Life([("2024-03-05", "placed", {"details": {"until": "soon"}})])
    with pytest.raises(TouchpointError, match="must be a date"):
        _ = life.history


RATES = Rates.of(
    "EUR",
    [("USD", date(2024, 1, 1), Decimal("0.9")), ("USD", date(2024, 6, 1), Decimal("0.5"))],
)
DOLLARS: Line = (
    "2024-03-05",
    "donation",
    {"amount": "10.05", "currency": "USD", "external_id": "gift"},
)


def test_amounts_are_converted_at_their_own_date() -> None:
    later = ("2024-07-01", "donation", {"amount": "10.05", "currency": "USD"})
    life = Life([DOLLARS, later], rates=RATES)
    assert life.value("total(donation, ever)", "2024-03-05") == 904  # 9.045, half to even
    assert life.value("total(donation, ever)", "2024-07-01") == 904 + 502


def test_refund_is_converted_at_the_rate_of_the_gift() -> None:
    life = Life([DOLLARS, refund("2024-07-01", "5", currency="USD")], rates=RATES)
    left = life.value("total(donation, ever)", "2024-07-01")
    assert left == 454  # 5.05 USD at 0.9, not at July's rate


def test_amount_before_the_first_rate_is_foreign() -> None:
    life = Life([("2023-03-05", "donation", {"amount": "5", "currency": "USD"})], rates=RATES)
    assert life.episodes("count(donation, ever) >= 1") == ["2023-03-05 .."]
    with pytest.raises(CurrencyError, match="no rate"):
        life.episodes('total(donation, ever) > "1"')


def test_total_rejects_selected_foreign_amounts_only() -> None:
    life = Life(
        [
            ("2024-03-05", "donation", {"amount": "5"}),
            ("2024-03-06", "purchase", {"amount": "5", "currency": "USD"}),
        ]
    )
    assert life.value("total(donation, ever)", "2024-04-01") == 500
    with pytest.raises(CurrencyError, match="USD"):
        life.value('total(family("money"), ever)', "2024-04-01")


def test_rates_into_another_currency_than_the_organisations_are_rejected() -> None:
    with pytest.raises(CurrencyError, match="rates lead to EUR"):
        _ = Life([GIVEN], currency="CHF", rates=RATES).history
