"""Selectors judge one touchpoint."""

from __future__ import annotations

import pytest

from ladder.errors import CurrencyError, DefinitionError, TouchpointError
from ladder.model.kinds import KINDS, Kind
from tests.engines.tables import Life

LIFE = Life(
    [
        ("2024-01-31 23:30", "donation", {"amount": "25", "campaign": "spring"}),  # 0
        ("2024-02-01", "donation", {"amount": "100", "channel": "web"}),  # 1
        ("2024-02-02", "appeal", {"channel": "email"}),  # 2
        ("2024-02-03", "message", {"purposes": "ask,thank", "audience": "individual"}),  # 3
        ("2024-02-04", "receipt"),  # 4
        ("2024-02-05", "volunteer_shift", {"quantity": "2.5"}),  # 5
        ("2024-02-06", "reply", {"details": {"topic": "river", "level": 1, "vip": True}}),  # 6
        ("2024-02-07", "deceased"),  # 7
        ("2024-02-08", "newsletter"),  # 8
    ],
    zone="Europe/Berlin",
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("any_touchpoint", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("donation", [0, 1]),
        ('family("money", "time")', [0, 1, 5]),
        ("inbound", [0, 1, 5, 6]),
        ("outbound", [2, 3, 4, 8]),
        ("not inbound", [2, 3, 4, 7, 8]),
        ('purpose("ask")', [2, 3]),
        ('purpose("thank", "receipt")', [3, 4]),
        ('asks_for("money")', [2]),
        ('channel("web", "email")', [1, 2]),
        ('campaign("spring")', [0]),
        ("individual", [3]),
        ("broadcast", [8]),
        ("automated", [4]),
        ("outbound and not automated", [2, 3, 8]),
        ('amount_at_least("100")', [1]),
        ('amount_above("25 EUR")', [1]),
        ('amount_above("24.99")', [0, 1]),
        ("quantity_at_least(2.5)", [5]),
        ("quantity_above(2.5)", []),
        ("in_months(1)", [0]),
        ("in_months(2) and inbound", [1, 5, 6]),
        ('where(topic="river")', [6]),
        ("where(level=1)", [6]),
        ("where(level=True)", []),
        ("where(vip=True)", [6]),
        ("where(vip=1)", []),
        ("donation or reply", [0, 1, 6]),
        ("not (donation or outbound)", [5, 6, 7]),
        ("not (inbound and not donation)", [0, 1, 2, 3, 4, 7, 8]),
    ],
)
def test_selector_selects_its_touchpoints(selector: str, expected: list[int]) -> None:
    assert LIFE.selected(selector) == expected


def test_kinds_defaults_fill_what_is_left_unsaid_and_nothing_else() -> None:
    life = Life([("2024-02-02", "appeal", {"purposes": "inform"})])
    assert life.selected('purpose("ask")') == []
    assert life.selected('asks_for("money")') == [0]


ANSWERED = Life(
    [
        ("2024-03-01", "appeal", {"external_id": "ask"}),  # 0
        ("2024-03-02", "donation", {"external_id": "gift", "answers": "ask"}),  # 1
        ("2024-03-03", "thank_you", {"answers": "gift"}),  # 2
        ("2024-03-04", "thank_you", {"answers": "lost"}),  # 3
        ("2024-03-05", "thank_you", {"answers": ("elsewhere", "gift")}),  # 4
        ("2024-03-06", "reply", {"external_id": "self", "answers": "self"}),  # 5
    ]
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("is_reply", [1, 2]),
        ("not is_reply", [0, 3, 4, 5]),
        ("in_reply_to(appeal)", [1]),
        ("in_reply_to(donation)", [2]),
        ("in_reply_to(not appeal)", [2]),
        ("not in_reply_to(appeal)", [0, 2, 3, 4, 5]),
        ("in_reply_to(in_reply_to(appeal))", [2]),
    ],
)
def test_answers_looks_at_what_is_answered_when_that_is_known(
    selector: str, expected: list[int]
) -> None:
    assert ANSWERED.selected(selector) == expected


BROUGHT = Life(
    [("2024-03-01", "donation"), ("2024-03-02", "reply")],  # 0, 1
    brought=[("2024-03-03", "donation"), ("2024-03-04", "petition_signed")],  # 2, 3
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("any_touchpoint", [0, 1]),
        ("donation", [0]),
        ("not donation", [1]),
        ("referred(any_touchpoint)", [2, 3]),
        ("referred(donation)", [2]),
        ("referred(not donation)", [3]),
        ("not referred(donation)", [0, 1]),
        ("donation or referred(donation)", [0, 2]),
        ("donation and referred(donation)", []),
        ("not (donation and referred(donation))", [0, 1]),
        ("not (not referred(donation))", [2]),
        ("not (donation or not referred(any_touchpoint))", []),
        ("referred(any_touchpoint).when(count(reply, ever) >= 1)", [2, 3]),
        ("not (referred(donation).when(count(reply, ever) >= 1))", [0, 1]),
    ],
)
def test_anothers_history_is_seen_through_brought_alone(selector: str, expected: list[int]) -> None:
    assert BROUGHT.selected(selector) == expected


def test_referred_acts_begin_the_history() -> None:
    life = Life([], brought=[("2024-03-03", "donation")])
    assert life.episodes("count(referred(donation), months(12)) >= 1") == [
        "2024-03-03 .. 2025-03-04"
    ]
    assert life.episodes("not count(donation, ever) >= 1") == ["2024-03-03 .."]


def test_when_is_read_between_the_two_steps() -> None:
    life = Life([("2024-03-01", "appeal"), ("2024-03-05", "donation"), ("2024-03-05", "appeal")])
    assert life.selected("appeal.when(count(donation, ever) < 1)") == [0, 2]
    assert life.selected("appeal.when(count(appeal, days(3)) >= 1)") == []
    assert life.selected("appeal.when(count(appeal, days(4)) >= 1)") == [2]


def test_negated_moment_keeps_the_rest_of_the_history() -> None:
    life = Life([("2024-03-01", "appeal"), ("2024-03-05", "donation"), ("2024-03-06", "appeal")])
    assert life.selected("not appeal.when(count(donation, ever) < 1)") == [1, 2]
    assert life.selected("appeal and not appeal.when(count(donation, ever) < 1)") == [2]


def test_moment_before_the_history_is_never_true() -> None:
    life = Life([("2024-01-01", "staff_joined"), ("2024-03-05", "donation")])
    assert life.selected("any_touchpoint.when(not count(reply, ever) >= 1)") == [1]


def test_amount_in_another_currency_is_rejected_by_amount_selectors() -> None:
    life = Life([("2024-03-01", "donation", {"amount": "5", "currency": "USD"})])
    assert life.selected("donation") == [0]
    with pytest.raises(CurrencyError, match="USD"):
        life.selected('donation and amount_above("0")')


def test_unread_foreign_amount_is_not_rejected() -> None:
    usd = ("2024-03-01", "donation", {"amount": "5", "currency": "USD"})
    life = Life([("2024-03-02", "donation", {"amount": "5"})], brought=[usd])
    assert life.selected('amount_above("0")') == [0]
    with pytest.raises(CurrencyError, match="USD"):
        life.selected('referred(amount_above("0"))')


def test_definition_in_another_currency_is_rejected() -> None:
    with pytest.raises(CurrencyError, match="names USD"):
        LIFE.selected('amount_above("5 USD")')


def test_kind_that_was_never_declared_is_rejected() -> None:
    with pytest.raises(TouchpointError, match="unknown kind 'adoption'"):
        _ = Life([("2024-03-01", "adoption")]).history


def test_declared_kind_counts_like_any_other() -> None:
    kinds = KINDS.plus([Kind("adoption", "voice", "inbound")])
    life = Life([("2024-03-01", "adoption")], kinds=kinds)
    assert life.selected('adoption and inbound and family("voice")') == [0]


def test_rung_that_no_ladder_has_is_an_error() -> None:
    with pytest.raises(DefinitionError, match="does not have"):
        LIFE.episodes('on_rung("nowhere")')
