"""Movements: where one rung's episode gives way to another's, and why."""

from __future__ import annotations

import pytest

from ladder.engines.reference.movements import held_rungs, movements, standing
from ladder.language.standings import GROUND, SILENCE, Place
from ladder.model.calendars import FOREVER
from tests.engines.tables import Life, Line, ladder, names

GIVES = "count(donation, months(1)) >= 1"
HELPS = "count(volunteer_shift, months(1)) >= 1"
SPEAKS = "count(reply, months(1)) >= 1"


def test_supporter_arrives_climbs_slips_and_lapses() -> None:
    life = Life([("2024-01-01", "reply"), ("2024-01-10", "donation"), ("2024-02-05", "reply")])
    assert life.movements(ladder(SPEAKS, GIVES)) == [
        "2024-01-01 arrived one (touchpoint 0)",
        "2024-01-10 climbed two (touchpoint 1)",
        "2024-02-11 slipped one (clock)",
        "2024-03-06 lapsed - (clock)",
    ]


def test_return_to_an_earlier_rung_is_a_movement() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-06-01", "donation")])
    assert life.movements(ladder(GIVES)) == [
        "2024-01-01 arrived one (touchpoint 0)",
        "2024-02-02 lapsed - (clock)",
        "2024-06-01 returned one (touchpoint 1)",
        "2024-07-02 lapsed - (clock)",
    ]
    made = ladder(GIVES)
    moved = movements(life.evaluation(made), made)
    assert [each.new_peak for each in moved] == [True, False, False, False]


def test_rungs_of_one_height_stand_side_by_side() -> None:
    made = ladder(SPEAKS, GIVES)
    made = made.model_copy(
        update={"rungs": tuple(rung.model_copy(update={"height": 1}) for rung in made.rungs)}
    )
    life = Life([("2024-01-01", "reply"), ("2024-01-10", "donation")])
    assert life.movements(made) == [
        "2024-01-01 arrived one (touchpoint 0)",
        "2024-01-10 crossed one+two (touchpoint 1)",
        "2024-02-02 crossed two (clock)",
        "2024-02-11 lapsed - (clock)",
    ]


def test_movement_names_what_was_skipped_and_whether_it_is_a_peak() -> None:
    made = ladder(SPEAKS, HELPS, GIVES)
    life = Life([("2024-01-01", "reply"), ("2024-01-10", "donation"), ("2024-01-20", "reply")])
    moved = movements(life.evaluation(made), made)
    assert [(each.kind, each.skipped, each.new_peak) for each in moved] == [
        ("arrived", (), True),
        ("climbed", ("two",), True),
        ("slipped", (), False),
        ("lapsed", (), False),
    ]


def test_movement_lasts_until_the_next_and_the_last_without_end() -> None:
    made = ladder(GIVES)
    life = Life([("2024-01-01", "donation")])
    first, last = movements(life.evaluation(made), made)
    assert (first.until, last.until) == (last.at, FOREVER)
    assert (first.before, first.after, last.after) == (GROUND, Place(1, ("one",)), GROUND)


def test_gift_that_renews_on_the_last_day_moves_nothing() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-02-01", "donation")])
    assert life.movements(ladder(GIVES)) == [
        "2024-01-01 arrived one (touchpoint 0)",
        "2024-03-02 lapsed - (clock)",
    ]


def test_gift_at_the_very_instant_of_the_lapse_moves_nothing() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-02-02", "donation")])
    assert len(life.movements(ladder(GIVES))) == 2


def test_clock_is_the_cause_when_it_alone_would_do() -> None:
    # The supporter falls from two to one at the end of 1 February; the reply then changes nothing.
    life = Life([("2024-01-01", "donation"), ("2024-01-15", "reply"), ("2024-02-02", "reply")])
    assert life.movements(ladder(SPEAKS, GIVES))[1] == "2024-02-02 slipped one (clock)"


def test_touchpoint_is_the_cause_of_what_the_clock_alone_would_have_ended_elsewhere() -> None:
    # Without the reply of that instant time would have ended the last rung.
    life = Life([("2024-01-01", "donation"), ("2024-02-02", "reply")])
    assert life.movements(ladder(SPEAKS, GIVES))[1] == "2024-02-02 slipped one (touchpoint 1)"


def test_touchpoints_that_cannot_affect_the_standing_are_no_cause() -> None:
    life = Life([("2024-01-01", "newsletter"), ("2024-01-01", "donation")])
    assert life.movements(ladder(GIVES))[0] == "2024-01-01 arrived one (touchpoint 1)"


def test_cause_is_the_necessary_touchpoint() -> None:
    life = Life([("2024-01-01", "reply"), ("2024-01-01", "donation")])
    assert life.movements(ladder(SPEAKS, GIVES))[0] == "2024-01-01 arrived two (touchpoint 1)"


def test_touchpoints_needed_together_are_both_causes() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-01-01", "donation")])
    made = ladder("count(donation, months(1)) >= 2")
    assert life.movements(made)[0] == "2024-01-01 arrived one (touchpoint 0 1)"


def test_touchpoints_each_sufficient_are_both_causes() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-01-01", "donation"), ("2024-01-01", "reply")])
    made = ladder("count(donation, months(1)) >= 1 and count(reply, ever) < 5")
    assert life.movements(made)[0] == "2024-01-01 arrived one (touchpoint 0 1)"


def test_touchpoints_neither_needed_nor_sufficient_are_all_causes() -> None:
    gifts: list[Line] = [("2024-01-01", "donation")] * 3
    made = ladder("count(donation, months(1)) >= 2")
    assert Life(gifts).movements(made)[0] == "2024-01-01 arrived one (touchpoint 0 1 2)"


def test_first_touchpoint_is_the_cause_of_its_arrival() -> None:
    # Without the first touchpoint there would be no line, and nothing is true off the line.
    life = Life([("2024-01-01", "donation")])
    assert life.movements(ladder("count(donation, ever) >= 1"))[0].endswith("(touchpoint 0)")


def test_refund_is_the_cause_of_the_fall() -> None:
    life = Life(
        [
            ("2024-01-01", "donation", {"amount": "5", "external_id": "gift"}),
            ("2024-01-05", "refund", {"answers": "gift"}),
        ]
    )
    assert life.movements(ladder(GIVES)) == [
        "2024-01-01 arrived one (touchpoint 0)",
        "2024-01-05 lapsed - (touchpoint 1)",
    ]


def test_refund_of_a_referred_gift_is_the_cause_of_the_fall() -> None:
    life = Life(
        [],
        brought=[
            ("2024-01-01", "donation", {"external_id": "gift"}),
            ("2024-01-05", "refund", {"answers": "gift", "referrer": None}),
        ],
    )
    assert life.movements(ladder("count(referred(donation), months(1)) >= 1")) == [
        "2024-01-01 arrived one (touchpoint 0)",
        "2024-01-05 lapsed - (touchpoint 1)",
    ]


def test_causes_are_the_same_whatever_the_order_of_recording() -> None:
    rows = [
        ("2024-01-01", "donation", {"external_id": "b"}),
        ("2024-01-01", "donation", {"external_id": "a"}),
    ]
    made = ladder("count(donation, months(1)) >= 2")
    keys = []
    for order in (rows, rows[::-1]):
        (first, _) = movements(Life(order).evaluation(made), made)
        keys.append([fact.key for fact in first.causes])
    assert keys[0] == keys[1] == [("app", "a"), ("app", "b")]


def placed(at: str, rung: str, until: str | None = None) -> Line:
    return (at, "placed", {"details": {"rung": rung} | ({"until": until} if until else {})})


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ignore", ["2024-01-01 arrived one (touchpoint 0)", "2024-02-02 lapsed - (clock)"]),
        (
            "lift",
            [
                "2024-01-01 arrived one (touchpoint 0)",
                "2024-01-10 climbed two (placement 1)",
                "2024-03-01 lapsed - (clock)",
            ],
        ),
        (
            "hold",
            [
                "2024-01-01 arrived one (touchpoint 0)",
                "2024-01-10 climbed two (placement 1)",
                "2024-03-01 lapsed - (clock)",
            ],
        ),
        ("cap", ["2024-01-01 arrived one (touchpoint 0)", "2024-02-02 lapsed - (clock)"]),
    ],
)
def test_override_lifts_holds_or_caps_the_rung(rule: str, expected: list[str]) -> None:
    life = Life([("2024-01-01", "reply"), placed("2024-01-10", "two", "2024-02-29")])
    assert life.movements(ladder(SPEAKS, GIVES, placements=rule)) == expected


def test_cap_limits_the_rung() -> None:
    life = Life([("2024-01-01", "reply"), placed("2024-01-05", "one"), ("2024-01-10", "donation")])
    assert life.movements(ladder(SPEAKS, GIVES, placements="cap")) == [
        "2024-01-01 arrived one (touchpoint 0)",
        "2024-02-02 lapsed - (clock)",
    ]


def test_later_placement_replaces_the_earlier_one() -> None:
    life = Life([("2024-01-01", "reply"), placed("2024-01-05", "two"), placed("2024-01-09", "one")])
    assert life.movements(ladder(SPEAKS, GIVES))[1:] == [
        "2024-01-05 climbed two (placement 1)",
        "2024-01-09 slipped one (placement 2)",
    ]


SILENT = "count(objected, until(resubscribed)) >= 1"


def test_suppression_ends_the_standing_and_its_end_restores_it() -> None:
    made = ladder("count(donation, ever) >= 1", suppress_when=SILENT)
    life = Life(
        [("2024-01-01", "donation"), ("2024-02-01", "objected"), ("2024-03-01", "resubscribed")]
    )
    assert life.movements(made) == [
        "2024-01-01 arrived one (touchpoint 0)",
        "2024-02-01 silenced - (touchpoint 1)",
        "2024-03-01 returned one (touchpoint 2)",
    ]


def test_suppression_that_ends_below_the_ladder_is_a_movement() -> None:
    made = ladder(GIVES, suppress_when=SILENT)
    life = Life(
        [("2024-01-01", "donation"), ("2024-01-05", "objected"), ("2024-03-01", "resubscribed")]
    )
    assert [line.split()[1] for line in life.movements(made)] == [
        "arrived",
        "silenced",
        "unsilenced",
    ]
    assert standing(life.evaluation(made), made, life.instant("2024-02-01")) == SILENCE


def test_standing_gives_the_rung_and_all_rungs_held() -> None:
    made = ladder(SPEAKS, GIVES)
    life = Life([("2024-01-01", "reply"), ("2024-01-10", "donation")])
    evaluation = life.evaluation(made)
    when = life.instant("2024-01-15")
    assert standing(evaluation, made, when) == Place(2, ("two",))
    assert [rung.key for rung in held_rungs(evaluation, made, when)] == ["one", "two"]
    assert standing(evaluation, made, life.instant("2023-12-31")) == GROUND
    assert names(evaluation.history.facts) == ["0", "1"]
