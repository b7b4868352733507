"""Closing: a gift until it is thanked."""

from __future__ import annotations

import pytest

from tests.engines.tables import Life

UNTHANKED = "count(donation, until(thank_you)) >= 1"


def test_gift_counts_until_it_is_thanked() -> None:
    life = Life([("2024-03-05", "donation"), ("2024-03-09", "thank_you")])
    assert life.episodes(UNTHANKED) == ["2024-03-05 .. 2024-03-09"]


def test_thank_that_answers_nothing_closes_everything_before_it() -> None:
    life = Life(
        [("2024-03-01", "donation"), ("2024-03-05", "donation"), ("2024-03-09", "thank_you")]
    )
    assert life.episodes("count(donation, until(thank_you)) >= 2") == ["2024-03-05 .. 2024-03-09"]
    assert life.episodes(UNTHANKED) == ["2024-03-01 .. 2024-03-09"]


def test_thank_that_answers_a_gift_closes_exactly_that_gift() -> None:
    life = Life(
        [
            ("2024-03-01", "donation", {"external_id": "one"}),
            ("2024-03-05", "donation", {"external_id": "two"}),
            ("2024-03-09", "thank_you", {"answers": "two"}),
        ]
    )
    assert life.episodes(UNTHANKED) == ["2024-03-01 .."]
    assert life.episodes("count(donation, until(thank_you)) >= 2") == ["2024-03-05 .. 2024-03-09"]


def test_thank_that_answers_something_unknown_closes_everything_before_it() -> None:
    life = Life([("2024-03-01", "donation"), ("2024-03-09", "thank_you", {"answers": "who knows"})])
    assert life.episodes(UNTHANKED) == ["2024-03-01 .. 2024-03-09"]


def test_answer_to_something_later_is_no_known_link() -> None:
    life = Life(
        [
            ("2024-03-01 10:00", "donation"),
            ("2024-03-05 10:00", "thank_you", {"answers": "later"}),
            ("2024-03-07 10:00", "donation", {"external_id": "later"}),
        ]
    )
    assert life.episodes(UNTHANKED) == [
        "2024-03-01 10:00 .. 2024-03-05 10:00",
        "2024-03-07 10:00 ..",
    ]
    assert life.selected("is_reply") == []


def test_thank_known_by_date_closes_gifts_later_that_day() -> None:
    life = Life([("2024-03-05 15:00", "donation"), ("2024-03-05", "thank_you")])
    assert life.episodes(UNTHANKED) == []


def test_thank_known_by_date_leaves_the_next_days_gift_open() -> None:
    life = Life([("2024-03-06 00:00", "donation"), ("2024-03-05", "thank_you")])
    assert life.episodes(UNTHANKED) == ["2024-03-06 .."]


def test_earlier_thank_of_the_same_day_at_a_known_time_closes_nothing() -> None:
    life = Life([("2024-03-05 15:00", "donation"), ("2024-03-05 09:00", "thank_you")])
    assert life.episodes(UNTHANKED) == ["2024-03-05 15:00 .."]


def test_thank_of_the_same_instant_closes_the_gift_at_once() -> None:
    life = Life([("2024-03-05", "donation"), ("2024-03-05", "thank_you")])
    assert life.episodes(UNTHANKED) == []


def test_thank_of_the_same_known_time_closes_the_gift_at_once() -> None:
    life = Life([("2024-03-05 10:00", "donation"), ("2024-03-05 10:00", "thank_you")])
    assert life.episodes(UNTHANKED) == []


def test_earliest_thanks_possibly_after_the_gift_close_it() -> None:
    life = Life(
        [
            ("2024-03-05 09:00", "donation"),
            ("2024-03-05 10:00", "thank_you"),
            ("2024-03-05", "thank_you"),
        ]
    )
    assert life.episodes(UNTHANKED) == []


def test_gift_that_is_itself_selected_is_not_closed_by_an_earlier_answer_to_it() -> None:
    life = Life(
        [
            ("2024-03-05 15:00", "donation", {"external_id": "gift"}),
            ("2024-03-05", "donation", {"answers": "gift"}),
        ]
    )
    assert life.selected("is_reply") == [1]
    assert life.episodes("count(donation, until(donation)) >= 1") == ["2024-03-05 .."]


def test_linked_thank_dated_the_same_day_closes_its_gift_at_once() -> None:
    life = Life(
        [
            ("2024-03-05 15:00", "donation", {"external_id": "gift"}),
            ("2024-03-05", "thank_you", {"answers": "gift"}),
        ]
    )
    assert life.selected("is_reply") == [1]
    assert life.episodes(UNTHANKED) == []


def test_span_until_a_gift_begins_at_the_latest_gift() -> None:
    life = Life([("2024-03-01", "donation"), ("2024-03-05", "donation")])
    assert life.episodes("count(donation, until(donation)) == 1") == ["2024-03-01 .."]
    assert life.episodes("count(donation, until(donation)) >= 2") == []


def test_gifts_of_one_instant_are_both_the_latest() -> None:
    life = Life(
        [("2024-03-01", "donation"), ("2024-03-05", "donation"), ("2024-03-05", "donation")]
    )
    assert life.episodes("count(donation, until(donation)) == 2") == ["2024-03-05 .."]


def test_gift_that_answers_an_older_gift_closes_that_one_alone() -> None:
    life = Life(
        [
            ("2024-03-01", "donation", {"external_id": "one"}),
            ("2024-03-02", "donation", {"external_id": "two"}),
            ("2024-03-05", "donation", {"answers": "one"}),
        ]
    )
    # The second closes the first; the third, which answers the first, closes nothing else.
    assert life.episodes("count(donation, until(donation)) >= 2") == ["2024-03-05 .."]


def test_date_only_gift_does_not_close_a_gift_later_that_day() -> None:
    life = Life([("2024-03-05 15:00", "donation"), ("2024-03-05", "donation")])
    assert life.episodes("count(donation, until(donation)) == 1") == ["2024-03-05 .."]


def test_stretches_may_end_in_any_order() -> None:
    life = Life(
        [
            ("2024-03-01", "question", {"external_id": "a"}),
            ("2024-03-02", "question", {"external_id": "b"}),
            ("2024-03-03", "question", {"external_id": "c"}),
            ("2024-03-04", "message", {"answers": "b"}),
            ("2024-03-05", "message", {"answers": "c"}),
            ("2024-03-06", "message", {"answers": "a"}),
        ]
    )
    waiting = "count(question, until(message))"
    assert life.episodes(f"{waiting} >= 3") == ["2024-03-03 .. 2024-03-04"]
    assert life.episodes(f"{waiting} >= 2") == ["2024-03-02 .. 2024-03-05"]
    assert life.episodes(f"{waiting} >= 1") == ["2024-03-01 .. 2024-03-06"]


def test_closers_may_be_chosen_by_the_moment() -> None:
    life = Life(
        [("2024-03-01", "donation"), ("2024-03-02", "thank_you"), ("2024-04-15", "thank_you")]
    )
    late = "count(donation, until(thank_you.when(count(donation, days(30)) < 1))) >= 1"
    assert life.episodes(late) == ["2024-03-01 .. 2024-04-15"]


def test_referred_acts_can_close_a_gift() -> None:
    life = Life([("2024-03-01", "donation")], brought=[("2024-03-09", "donation")])
    found = life.episodes("count(donation, until(referred(donation))) >= 1")
    assert found == ["2024-03-01 .. 2024-03-09"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_order_in_which_touchpoints_were_recorded_never_matters(order: tuple[int, ...]) -> None:
    rows = [("2024-03-05", "donation"), ("2024-03-05", "thank_you"), ("2024-03-09", "donation")]
    life = Life([rows[place] for place in order])
    assert life.episodes(UNTHANKED) == ["2024-03-09 .."]
