"""Conditions judge a supporter over time."""

from __future__ import annotations

import pytest

from tests.engines.tables import Life, ladder

RECENT = "count(donation, days(10)) >= 1"
LIFE = Life([("2024-01-01", "donation"), ("2024-01-20", "donation"), ("2024-01-25", "reply")])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (RECENT, ["2024-01-01 .. 2024-01-12", "2024-01-20 .. 2024-01-31"]),
        (f"not ({RECENT})", ["2024-01-12 .. 2024-01-20", "2024-01-31 .."]),
        (f"{RECENT} and count(reply, ever) >= 1", ["2024-01-25 .. 2024-01-31"]),
        (f"{RECENT} or count(reply, ever) >= 1", ["2024-01-01 .. 2024-01-12", "2024-01-20 .."]),
        (f"held_for({RECENT}, days(5))", ["2024-01-07 .. 2024-01-12", "2024-01-26 .. 2024-01-31"]),
        (f"held_for({RECENT}, days(20))", []),
        (f"held_for(not {RECENT}, days(0))", ["2024-01-13 .. 2024-01-20", "2024-02-01 .."]),
        (
            f"held_for({RECENT}, hours(36))",
            ["2024-01-02 12:00 .. 2024-01-12", "2024-01-21 12:00 .. 2024-01-31"],
        ),
        (f"latch({RECENT})", ["2024-01-01 .."]),
        (f"latch({RECENT}, count(reply, ever) >= 1)", ["2024-01-01 .. 2024-01-31"]),
        ("latch(count(reply, ever) >= 1)", ["2024-01-25 .."]),
        ("latch(count(question, ever) >= 1)", []),
    ],
)
def test_condition_is_true_during_its_episodes(condition: str, expected: list[str]) -> None:
    assert LIFE.episodes(condition) == expected


def test_touching_episodes_are_no_break() -> None:
    # The first gift stops counting at the very instant of the second one.
    life = Life([("2024-01-01", "donation"), ("2024-01-12", "donation")])
    assert life.episodes(RECENT) == ["2024-01-01 .. 2024-01-23"]
    assert life.episodes(f"held_for({RECENT}, days(15))") == ["2024-01-17 .. 2024-01-23"]


def test_condition_that_ends_and_begins_at_one_instant_is_false_between_the_steps() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-01-12", "donation"), ("2024-01-12", "appeal")])
    assert life.selected(f"appeal.when({RECENT})") == []
    assert life.selected(f"appeal.when(held_for({RECENT}, days(5)))") == []


def test_break_of_one_instant_is_a_break() -> None:
    # From the end of 11 January on nothing counts, until a microsecond past midnight.
    life = Life([("2024-01-01", "donation"), ("2024-01-12 00:00:00.000001", "donation")])
    assert life.episodes(RECENT) == ["2024-01-01 .. 2024-01-12", "2024-01-12 .. 2024-01-23"]
    assert life.episodes(f"held_for({RECENT}, days(10))") == []


def test_break_of_one_shown_instant_is_a_break() -> None:
    # The appeal of the day's last microsecond stops counting at the very next one.
    life = Life([("2024-01-01", "donation"), ("2024-01-05 23:59:59.999999", "appeal")])
    found = life.episodes("held_for(count(appeal, days(0)) < 1, days(2))")
    assert found == ["2024-01-04 .. 2024-01-05 23:59", "2024-01-09 .."]


@pytest.mark.parametrize("span", ["ever", "days(10)"])
def test_entering_wins_over_leaving_while_it_lasts(span: str) -> None:
    # The complaint still counts when entering ends, so the supporter leaves then, and for good.
    life = Life([("2024-01-01", "donation"), ("2024-01-05", "complaint")])
    stays = f"latch({RECENT}, count(complaint, {span}) >= 1)"
    assert life.episodes(stays) == ["2024-01-01 .. 2024-01-12"]


def test_latch_between_the_steps_is_not_left_by_touchpoints_of_the_instant() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-01-20", "complaint"), ("2024-01-20", "appeal")])
    stays = f"latch({RECENT}, count(complaint, ever) >= 1)"
    assert life.selected(f"appeal.when({stays})") == [2]


def test_latch_that_was_left_is_open_to_entering_again() -> None:
    life = Life(
        [
            ("2024-01-01", "donation"),
            ("2024-02-01", "complaint"),
            ("2024-03-01", "donation"),
            ("2024-04-01", "donation"),
        ]
    )
    stays = f"latch({RECENT}, count(complaint, days(5)) >= 1)"
    assert life.episodes(stays) == ["2024-01-01 .. 2024-02-01", "2024-03-01 .."]


def test_hysteresis_keeps_a_rung_until_stay_fails() -> None:
    made = ladder((f"{RECENT}", "count(donation, days(30)) >= 1"))
    life = Life([("2024-01-01", "donation"), ("2024-03-01", "donation")])
    assert life.episodes('on_rung("one")', made) == [
        "2024-01-01 .. 2024-02-01",
        "2024-03-01 .. 2024-04-01",
    ]


def test_latch_that_leaves_and_enters_at_one_instant_was_not_left() -> None:
    # Leaving becomes true at the clock step of 12 January, entering again when its gift acts.
    life = Life([("2024-01-01", "donation"), ("2024-01-12", "donation")])
    stays = f"latch(count(donation, days(1)) >= 1, not {RECENT})"
    assert life.episodes(stays) == ["2024-01-01 .. 2024-01-23"]


def test_latch_between_the_steps_reads_its_leave_condition_there() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-01-12", "donation"), ("2024-01-12", "appeal")])
    stays = f"latch(count(donation, days(1)) >= 1, not {RECENT})"
    assert life.selected(f"appeal.when({stays})") == []


def test_holds_is_by_rule_and_not_by_placement() -> None:
    made = ladder("count(donation, ever) >= 1", 'on_rung("one") and count(reply, ever) >= 1')
    life = Life([("2024-01-01", "reply"), ("2024-01-02", "placed", {"details": {"rung": "one"}})])
    assert life.episodes('on_rung("one")', made) == []
    assert life.movements(made) == ["2024-01-02 arrived one (placement 1)"]


def test_nested_reading_of_the_moment() -> None:
    life = Life(
        [
            ("2024-01-01", "donation"),  # the first
            ("2024-01-05", "appeal"),  # after one gift
            ("2024-02-05", "donation"),
            ("2024-02-06", "appeal"),  # after the second
        ]
    )
    second = "donation.when(count(donation, ever) == 1)"
    assert life.selected(second) == [2]
    assert life.selected(f"appeal.when(count({second}, days(5)) >= 1)") == [3]
