"""Findings and verdicts of patterns."""

from __future__ import annotations

from ladder.engines.reference.movements import findings
from ladder.engines.reference.verdicts import Verdict, verdicts
from ladder.language.ladders import Ladder, Pattern
from ladder.language.selectors import kind
from tests.engines.tables import Life, covered, ladder, names, pattern

UNTHANKED = pattern(
    "unthanked",
    requires='is_covered(outbound and purpose("thank"), ever)',
    low="count(donation, older_than(days(2), months(12)) and until(thank_you)) >= 1",
    high="count(donation, older_than(days(30), months(12)) and until(thank_you)) >= 1",
)
LOGGED = (covered("outbound"),)


def with_patterns(*patterns: Pattern, **more: object) -> Ladder:
    return ladder("count(donation, ever) >= 1", patterns=patterns, **more)


def found(life: Life, made: Ladder) -> list[str]:
    return [
        f"{each.pattern} {each.severity} {life.text(each.at)} .. {life.text(each.until)}".strip()
        for each in findings(life.evaluation(made), made)
    ]


def verdict(life: Life, made: Ladder, at: str) -> Verdict:
    (only,) = verdicts(life.evaluation(made), made, life.instant(at))
    return only


def test_finding_has_the_severest_true_grade() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-03-01", "thank_you")], coverage=LOGGED)
    assert found(life, with_patterns(UNTHANKED)) == [
        "unthanked low 2024-01-04 .. 2024-02-01",
        "unthanked high 2024-02-01 .. 2024-03-01",
    ]


def test_interrupted_severity_makes_rows_of_its_own() -> None:
    life = Life(
        [
            ("2024-01-01", "donation", {"external_id": "old"}),
            ("2024-01-28", "donation"),
            ("2024-02-10", "thank_you", {"answers": "old"}),
        ],
        coverage=LOGGED,
    )
    assert found(life, with_patterns(UNTHANKED)) == [
        "unthanked low 2024-01-04 .. 2024-02-01",
        "unthanked high 2024-02-01 .. 2024-02-10",
        "unthanked low 2024-02-10 .. 2024-02-28",
        "unthanked high 2024-02-28 .. 2025-01-29",
    ]


def test_milder_grades_that_come_and_go_under_a_severer_one_do_not_split_it() -> None:
    asked = pattern("asked", low="count(appeal, days(5)) >= 1", high="count(appeal, days(30)) >= 1")
    life = Life([("2024-01-01", "appeal"), ("2024-01-20", "appeal")])
    assert found(life, with_patterns(asked)) == ["asked high 2024-01-01 .. 2024-02-20"]


def test_gifts_only_log_gives_no_finding() -> None:
    made = with_patterns(UNTHANKED)
    life = Life([("2024-01-01", "donation")])
    assert found(life, made) == []
    said = verdict(life, made, "2024-03-01")
    assert (said.word, said.reason) == ("not assessable", "we do not know")


def test_verdict_shows_its_evidence_and_how_long_it_is_open() -> None:
    made = with_patterns(UNTHANKED)
    life = Life([("2024-01-01", "donation"), ("2024-01-20", "donation")], coverage=LOGGED)
    said = verdict(life, made, "2024-02-05")
    assert (said.word, said.severity, names(said.evidence)) == ("found", "high", ["0", "1"])
    assert said.since == life.instant("2024-02-01")


def test_evidence_is_that_of_the_pattern() -> None:
    both = pattern("both", low="count(donation, ever) < 3 * count(appeal, ever)")
    made = with_patterns(both.model_copy(update={"evidence": kind("appeal")}))
    life = Life([("2024-01-01", "donation"), ("2024-01-20", "appeal")])
    assert names(verdict(life, made, "2024-02-05").evidence) == ["1"]
    assert names(verdict(life, with_patterns(both), "2024-02-05").evidence) == ["0", "1"]


def test_pattern_neither_found_nor_unassessable_is_clear() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-01-02", "thank_you")], coverage=LOGGED)
    assert verdict(life, with_patterns(UNTHANKED), "2024-02-05").word == "clear"


SILENT = "count(objected, ever) >= 1"


def test_suppression_ends_findings_except_safeguards() -> None:
    rows = [("2024-01-01", "donation"), ("2024-01-20", "objected"), ("2024-01-25", "appeal")]
    life = Life(rows, coverage=LOGGED)
    asked = pattern("asked", low="count(appeal.when(count(objected, ever) >= 1), days(30)) >= 1")
    safeguard = asked.model_copy(update={"safeguard": True})
    assert found(life, with_patterns(UNTHANKED, suppress_when=SILENT)) == [
        "unthanked low 2024-01-04 .. 2024-01-20"
    ]
    assert found(life, with_patterns(asked, suppress_when=SILENT)) == []
    assert found(life, with_patterns(safeguard, suppress_when=SILENT)) == [
        "asked low 2024-01-25 .. 2024-02-25"
    ]
    assert (
        verdict(life, with_patterns(UNTHANKED, suppress_when=SILENT), "2024-02-05").word == "clear"
    )


def test_finding_may_look_at_rungs() -> None:
    waits = pattern("waits", low='held_for(on_rung("one"), days(30))')
    life = Life([("2024-01-01", "donation")])
    assert found(life, with_patterns(waits)) == ["waits low 2024-02-01 .."]
