"""At each instant the clock strikes first; then that instant's touchpoints act, all together."""

from __future__ import annotations

from tests.engines.tables import Life


def test_gift_dated_the_first_of_january_is_the_first_of_its_year() -> None:
    life = Life([("2023-06-01", "donation"), ("2024-01-01", "donation")])
    assert life.selected("donation.when(count(donation, year(0)) < 1)") == [0, 1]
    assert life.episodes("count(donation, year(0)) == 1") == ["2023-06-01 .. 2025-01-01"]


def test_ask_on_day_31_is_not_within_30_days() -> None:
    life = Life([("2024-03-01", "donation"), ("2024-03-31", "appeal"), ("2024-04-01", "appeal")])
    assert life.selected("appeal.when(count(donation, days(30)) >= 1)") == [1]


def test_condition_true_only_between_the_steps_is_not_shown() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-01-12", "donation")])
    quiet = "count(donation, days(10)) < 1"
    assert life.episodes(quiet) == ["2024-01-23 .."]
    assert life.selected(f"donation.when({quiet})") == [0, 1]


def test_first_contact_can_be_a_cold_ask() -> None:
    cold = "appeal.when(not count(appeal or inbound, ever) >= 1)"
    life = Life([("2024-01-01", "appeal"), ("2024-02-01", "appeal")])
    assert life.selected(cold) == [0]
    assert life.episodes(f"count({cold}, days(90)) >= 1") == ["2024-01-01 .. 2024-04-01"]


def test_ask_after_a_status_only_is_still_the_first_contact() -> None:
    cold = "appeal.when(not count(appeal or inbound, ever) >= 1)"
    life = Life([("2023-01-01", "staff_joined"), ("2024-01-01", "appeal")])
    assert life.selected(cold) == [1]


def test_empty_history_is_read_at_the_first_instant() -> None:
    life = Life([("2024-01-01", "donation")])
    assert life.selected("donation.when(count(donation, ever) < 1)") == [0]
    assert life.selected("donation.when(held_for(count(donation, ever) < 1, days(0)))") == []
    assert life.selected("donation.when(latch(count(donation, ever) < 1))") == [0]
    assert life.selected("donation.when(latch(count(donation, ever) >= 1))") == []


def test_touchpoints_of_an_instant_act_together() -> None:
    life = Life([("2024-01-01", "reply"), ("2024-01-05", "donation"), ("2024-01-05", "donation")])
    assert life.selected("donation.when(count(donation, ever) < 1)") == [1, 2]


def test_facts_dated_ahead_act_when_their_time_comes() -> None:
    life = Life([("2024-01-01", "donation"), ("2090-01-01", "donation")])
    assert life.episodes("count(donation, ever) >= 2") == ["2090-01-01 .."]
