"""Explanations of a standing: cause, end and findings."""

from __future__ import annotations

import json

from ladder.explanations import Explanation, explain, text
from ladder.language.ladders import Ladder
from ladder.language.standings import GROUND, Place
from ladder.model.calendars import FOREVER
from tests.engines.tables import Life, covered, ladder, names, pattern

GIVES = "count(donation, months(12)) >= 2"
SPEAKS = "count(reply, months(1)) >= 1"
LADDER = ladder(SPEAKS, GIVES)
LIFE = Life(
    [
        ("2024-01-01", "donation", {"amount": "25", "external_id": "g1"}),
        ("2024-02-01", "donation", {"amount": "10", "external_id": "g2"}),
        ("2024-02-05", "reply"),
    ]
)


def explained(life: Life, made: Ladder, at: str) -> Explanation:
    return explain(life.evaluation(made), made, life.instant(at))


def words(life: Life, made: Ladder, at: str) -> str:
    return text(explained(life, made, at), life.organisation.calendar)


def test_explanation_states_rung_start_and_cause() -> None:
    found = explained(LIFE, LADDER, "2024-02-10")
    assert found.place == Place(2, ("two",))
    assert found.since == LIFE.instant("2024-02-01")
    assert found.movement is not None
    assert names(found.movement.causes) == ["1"]


def test_explanation_states_the_next_movement_without_further_touchpoints() -> None:
    found = explained(LIFE, LADDER, "2024-02-10")
    assert found.coming is not None
    assert (found.coming.at, found.coming.after) == (LIFE.instant("2025-01-02"), GROUND)


def test_later_touchpoints_are_not_in_the_explanation() -> None:
    found = explained(LIFE, LADDER, "2024-01-15")
    assert (found.place, found.movement, found.coming) == (GROUND, None, None)
    assert found.rungs[1].until == FOREVER


def test_comparison_shows_its_value_what_it_needs_and_what_counts() -> None:
    two = explained(LIFE, LADDER, "2024-02-10").rungs[1]
    assert (two.held, two.rule.true, two.rule.until) == (True, True, LIFE.instant("2025-01-02"))
    (figure,) = two.rule.figures
    assert (figure.measure, figure.value) == ("count(donation, months(12))", "2")
    assert two.rule.requires == "needs >= 2"
    assert names(figure.counted) == ["0", "1"]


def test_thresholds_and_values_are_in_units_that_people_use() -> None:
    made = ladder('total(donation, ever) >= "100 EUR"', 'total(donation, ever, of="quantity") > 2')
    one, two = explained(LIFE, made, "2024-02-10").rungs
    assert (one.rule.figures[0].value, one.rule.requires) == ("35 EUR", "needs >= 100 EUR")
    assert (two.rule.figures[0].value, two.rule.requires) == ("0", "needs > 2")


def test_figures_on_both_sides_are_set_against_each_other() -> None:
    made = ladder(
        "3 * count(donation, ever) <= 5 * count(reply, ever) + 2",
        'total(donation, ever) >= "20 EUR" * count(donation, ever) - "1.50"',
    )
    one, two = explained(LIFE, made, "2024-02-10").rungs
    assert one.rule.requires == "needs 6 <= 7"
    assert two.rule.requires == "needs 35 EUR >= 38.5 EUR"


def test_parts_of_a_condition_are_explained_separately() -> None:
    made = ladder(f"({GIVES} or {SPEAKS}) and not held_for({SPEAKS}, days(5))")
    (one,) = explained(LIFE, made, "2024-02-20").rungs
    either, negated = one.rule.parts
    assert (one.rule.true, either.true, negated.true) == (False, True, False)
    assert [part.true for part in either.parts] == [True, True]
    assert negated.parts[0].parts[0].until == LIFE.instant("2024-03-06")


def test_latch_shows_what_enters_and_what_leaves() -> None:
    made = ladder((SPEAKS, "count(reply, months(3)) >= 1"))
    (one,) = explained(LIFE, made, "2024-04-10").rungs
    assert one.held
    assert [(part.text, part.true) for part in one.rule.parts] == [
        (SPEAKS, False),
        ("not count(reply, months(3)) >= 1", False),
    ]


def test_override_is_distinguished_from_the_rule() -> None:
    placed = ("2024-03-01", "placed", {"details": {"rung": "two", "until": "2024-03-31"}})
    life = Life([("2024-02-05", "reply"), placed])
    _, two = explained(life, LADDER, "2024-03-10").rungs
    assert (two.held, two.by_hand, two.rule.true) == (True, True, False)
    assert two.until == life.instant("2024-04-01")
    assert "(placed by hand)" in words(life, LADDER, "2024-03-10")


UNTHANKED = pattern(
    "unthanked",
    requires="is_covered(outbound, ever)",
    low="count(donation, older_than(days(2)) and until(thank_you)) >= 1",
).model_copy(update={"remedy": "Thank her today.", "caveat": "Phone calls may not be logged."})
PATTERNED = ladder(GIVES, patterns=(UNTHANKED,))


def test_open_finding_comes_with_its_evidence_remedy_and_caveat() -> None:
    life = Life(LIFE.rows, coverage=[covered("outbound")])
    (finding,) = explained(life, PATTERNED, "2024-02-10").findings
    assert (finding.severity, names(finding.evidence)) == ("low", ["0", "1"])
    said = words(life, PATTERNED, "2024-02-10")
    assert "low: unthanked, since 2024-01-04 00:00" in said
    assert "remedy: Thank her today." in said
    assert "caveat: Phone calls may not be logged." in said


def test_unassessable_pattern_gives_its_reason() -> None:
    found = explained(LIFE, PATTERNED, "2024-02-10")
    assert found.findings == ()
    assert [verdict.reason for verdict in found.unassessed_patterns] == ["we do not know"]
    assert "unthanked: we do not know" in words(LIFE, PATTERNED, "2024-02-10")


def test_suppressed_supporter_has_no_explanation() -> None:
    made = ladder(GIVES, suppress_when="count(objected, ever) >= 1", patterns=(UNTHANKED,))
    life = Life([*LIFE.rows, ("2024-02-08", "objected")], coverage=[covered("outbound")])
    found = explained(life, made, "2024-02-10")
    assert found.place.silent
    assert (found.rungs, found.lifts, found.findings) == ((), (), ())
    assert words(life, made, "2024-02-10") == (
        "As of 2024-02-10 00:00\n"
        "Standing: silent, since 2024-02-08 00:00\n"
        "Why:      silenced from one: objected on 2024-02-08\n"
        "Next:     stays so if nothing happens"
    )


def test_explanation_before_the_first_touchpoint_has_no_rung() -> None:
    found = explained(LIFE, LADDER, "2023-01-01")
    assert (found.place, found.title, found.since) == (GROUND, "ground", None)


def test_explanation_is_plain_json() -> None:
    life = Life(LIFE.rows, coverage=[covered("outbound")])
    plain = explained(life, PATTERNED, "2024-02-10").to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["standing"] == {"height": 1, "rungs": ["one"], "silent": False, "title": "one"}
    assert plain["since"] == "2024-02-01T00:00:00+00:00"
    assert plain["next"]["kind"] == "lapsed"
    assert plain["movement"]["touchpoints"][0]["external_id"] == "g2"
    assert plain["findings"][0]["until"] is None


def test_text_fits_a_terminal_and_tells_the_same() -> None:
    life = Life([*LIFE.rows, *[("2024-02-06", "reply")] * 7])
    long = ladder(
        SPEAKS, f"{GIVES} and ({' or '.join([SPEAKS] * 2)}) and not ({GIVES} and {SPEAKS})"
    )
    for made in (LADDER, long):
        said = words(life, made, "2024-02-10")
        assert all(len(line) <= 80 for line in said.splitlines()), said
    assert words(LIFE, LADDER, "2024-02-10").splitlines() == [
        "As of 2024-02-10 00:00",
        "Standing: two, since 2024-02-01 00:00",
        "Why:      arrived from the ground: donation 10 EUR on 2024-02-01 (app g2)",
        "Next:     lapsed to the ground on 2025-01-02 00:00 if nothing happens",
        "",
        "[x] two, until 2025-01-02 00:00",
        "    yes count(donation, months(12)) = 2, needs >= 2; so until 2025-01-02 00:00",
        "        - donation 25 EUR on 2024-01-01 (app g1)",
        "        - donation 10 EUR on 2024-02-01 (app g2)",
        "[x] one, until 2024-03-06 00:00",
        "    yes count(reply, months(1)) = 1, needs >= 1; so until 2024-03-06 00:00",
        "        - reply on 2024-02-05",
    ]


def test_numerous_touchpoints_are_counted_and_the_latest_shown() -> None:
    life = Life([*LIFE.rows, *[(f"2024-02-0{day}", "reply") for day in range(1, 9)]])
    said = words(life, LADDER, "2024-02-10")
    assert "- and 4 earlier ones" in said
    assert "- reply on 2024-02-08" in said
