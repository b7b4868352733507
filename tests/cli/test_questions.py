"""The commands that read a database, as tables and as JSON."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ladder.storage.models import MOVEMENT_KINDS
from tests.cli.conftest import Ladder
from tests.cli.worlds import MAPPING, NOW, write


def test_standings_count_supporters_once(ask: Ladder) -> None:
    said = ask("standings")
    assert said.code == 0
    assert [line.split()[0] for line in said.rows[2:8]] == [
        "Evangelising", "Volunteering", "Donating", "Engaging", "Hearing", "Unreached",
    ]  # fmt: skip
    assert "1 of 6 are left out" in said.out
    places = {
        tuple(each["rungs"]): each["supporters"]
        for each in ask("standings", "--json").document["places"]
    }
    assert places == {
        ("evangelising",): 1, ("volunteering",): 0, ("donating",): 2, ("engaging",): 1,
        ("hearing",): 0, (): 1,
    }  # fmt: skip


def test_future_date_shows_standings_without_further_touchpoints(ask: Ladder) -> None:
    now = ask("standings", "--rung", "donating", "--json").document["people"]
    assert [one["supporter"] for one in now] == ["anna", "cara"]
    later = ask("standings", "--rung", "donating", "--at", "2026-12-02", "--json").document[
        "people"
    ]
    assert [one["supporter"] for one in later] == ["cara"]


def test_past_date_means_its_end(ask: Ladder) -> None:
    rungs = {
        day: ask("standings", "--at", day, "--list", "--json").document["people"]
        for day in ("2025-05-31", "2025-06-01")
    }
    assert [one["supporter"] for one in rungs["2025-05-31"]] == ["anna", "erik"]
    assert [one["supporter"] for one in rungs["2025-06-01"]] == ["ben", "anna", "erik"]


def test_known_standings_before_the_adoption_are_empty(ask: Ladder) -> None:
    said = ask("standings", "--known-at", "2026-11-14")
    assert said.code == 2
    assert "no ladder was adopted" in said.err


def test_correction_leaves_what_was_known_before(
    ladder: Ladder, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADDER_DB", str(db))
    late = write(tmp_path, "12,erik,donation,2026-11-10,5.00,,,\n")
    assert ladder(*late, "--now", "2026-11-20").code == 0
    when = ("--rung", "ground", "--at", "2026-11-15", "--now", "2026-11-21", "--json")
    assert ladder("standings", *when).document["people"] == []
    before = ladder("standings", *when, "--known-at", "2026-11-16").document["people"]
    assert [one["supporter"] for one in before] == ["erik"]


def test_unknown_rung_names_those_there_are(ask: Ladder) -> None:
    said = ask("standings", "--rung", "donatin")
    assert said.code == 2
    assert "did you mean donating" in said.err


def test_standings_are_drawn(ask: Ladder, tmp_path: Path) -> None:
    assert ask("standings", "--svg", tmp_path / "pyramid.svg").code == 0
    assert (tmp_path / "pyramid.svg").read_text().startswith("<svg")
    said = ask("standings", "--svg", tmp_path / "no" / "pyramid.svg")
    assert said.code == 3
    assert "No such file" in said.err


def test_movements_name_both_rungs_and_the_cause(ask: Ladder) -> None:
    said = ask("movements", "--supporter", "ben")
    assert said.code == 0
    assert [line.split()[0:3] for line in said.rows[1:4]] == [
        ["2025-06-01", "ben", "arrived"],
        ["2026-02-01", "ben", "climbed"],
        ["2026-03-05", "ben", "climbed"],
    ]
    assert "petition_signed, a friend's" in said.rows[3]


def test_movements_default_to_the_last_thirty_days(ask: Ladder) -> None:
    assert ask("movements", "--json").document["movements"] == []
    year = ask("movements", "--since", "2026-01-01", "--json").document["movements"]
    assert {each["supporter"] for each in year} == {"ben", "cara", "dora"}
    ahead = ask("movements", "--until", "2026-12-31", "--since", NOW, "--json").document
    assert [each["kind"] for each in ahead["movements"]] == ["lapsed"]


def test_movements_can_be_limited_to_one_kind(ask: Ladder) -> None:
    lapsed = ask("movements", "--since", "2024-01-01", "--kind", "lapsed", "--json").document
    assert [each["supporter"] for each in lapsed["movements"]] == ["erik"]
    assert ask("movements", "--kind", "fallen").code == 2
    assert "arrived" in MOVEMENT_KINDS


def test_movements_are_summed_up(ask: Ladder) -> None:
    document = ask("movements", "--since", "2024-01-01", "--summary", "--json").document
    assert document["totals"]["arrived"] == 5
    assert sum(path["movements"] for path in document["paths"]) == sum(document["totals"].values())
    assert "All" in ask("movements", "--since", "2024-01-01", "--summary").out


def test_suppressed_supporter_is_in_no_list(ask: Ladder) -> None:
    assert ask("movements", "--supporter", "fay", "--json").document["movements"] == []
    assert "nothing is shown of them" in ask("explain", "fay", "--short").out


def test_upcoming_falls_come_with_their_day(ask: Ladder) -> None:
    assert ask("upcoming", "--days", "16", "--json").document["upcoming"] == []
    falls = ask("upcoming", "--days", "17", "--json").document["upcoming"]
    assert [(each["supporter"], each["at"]) for each in falls] == [
        ("anna", "2026-12-02T00:00:00+01:00")
    ]
    said = ask("upcoming", "--days", "17")
    assert said.rows[1].split() == [
        "2026-12-02",
        "17",
        "anna",
        "lapses",
        "Donating",
        ">",
        "Unreached",
    ]


def test_upcoming_movements_can_be_of_other_kinds(ladder: Ladder, db: Path) -> None:
    states = ("--db", db, "--ladder", "donor_states", "--now", NOW, "--json")
    assert ladder("replay", *states).code == 0
    assert ladder("upcoming", "--days", "60", *states).document["upcoming"] == []
    ahead = ladder("upcoming", "--days", "60", "--kind", "crossed", *states).document["upcoming"]
    assert {each["kind"] for each in ahead} == {"crossed"}


def test_explain_shows_the_evidence_and_its_end(ask: Ladder) -> None:
    said = ask("explain", "anna")
    assert said.code == 0
    assert "donation 25 EUR on 2025-12-01 (list 2)" in said.out
    short = ask("explain", "anna", "--short")
    assert "they will lapse to Unreached on 2026-12-02" in short.out
    assert "count(" not in short.out
    document = ask("explain", "anna", "--json").document
    assert document["standing"]["rungs"] == ["donating"]
    assert document["next"]["kind"] == "lapsed"


def test_explain_an_unknown_supporter_is_a_usage_error(ask: Ladder) -> None:
    said = ask("explain", "hannah")
    assert said.code == 2
    assert said.err.startswith("Error: no supporter 'hannah'")


def test_findings_come_with_their_evidence(ask: Ladder) -> None:
    patterns = {each["pattern"]: each for each in ask("findings", "--json").document["patterns"]}
    (finding,) = patterns["O1"]["findings"]
    assert finding["supporter"] == "cara"
    assert [each["external_id"] for each in finding["touchpoints"]] == ["6"]
    said = ask("findings")
    assert "2026-09-01  donation 50 EUR  (6)" in said.out
    assert "What to do:" in said.out


def test_findings_say_how_many_cannot_be_judged_and_why(ask: Ladder) -> None:
    patterns = {each["pattern"]: each for each in ask("findings", "--json").document["patterns"]}
    assert patterns["O1"]["assessable"] == 5
    assert patterns["S4"]["not_assessable"] == 5
    assert "never invited" in patterns["S4"]["reason"]
    for each in patterns.values():
        assert sum(each["found"].values()) + each["clear"] + each["not_assessable"] == 5


def test_gifts_only_log_gives_no_finding(ladder: Ladder, tmp_path: Path) -> None:
    rows = "1,anna,donation,2025-12-01,25.00,,,\n2,ben,donation,2024-12-01,25.00,,,\n"
    mapping = MAPPING.partition("[[coverage]]")[0]
    db = tmp_path / "gifts.db"
    assert ladder(*write(tmp_path, rows, mapping=mapping), "--db", db, "--now", NOW).code == 0
    said = ladder("findings", "--db", db, "--now", NOW, "--json").document["patterns"]
    assert all(each["findings"] == [] for each in said)
    duties = [each for each in said if each["pattern"] == "O15"]
    assert [each["clear"] for each in duties] == [2]  # it reads what is there, and no absence
    others = [each for each in said if each not in duties]
    assert all(each["not_assessable"] == 2 and each["reason"] for each in others)


def test_findings_of_one_pattern_and_of_a_severity(ask: Ladder) -> None:
    said = ask("findings", "--pattern", "unthanked_gift", "--json").document["patterns"]
    assert [each["pattern"] for each in said] == ["O1"]
    none = ask("findings", "--severity", "critical", "--json").document["patterns"]
    assert all(each["findings"] == [] for each in none)
    assert none[0]["found"]["high"] == 1, "what is not listed is counted all the same"
    unknown = ask("findings", "--pattern", "O99")
    assert unknown.code == 3
    assert "known: O1" in unknown.err


def test_verify_finds_rows_written_around_the_library(ask: Ladder, db: Path) -> None:
    assert ask("verify").code == 0
    with sqlite3.connect(db) as other:
        other.execute("DELETE FROM ladder_movement WHERE kind = 'lapsed'")
    said = ask("verify", "--json")
    assert said.code == 1
    assert {row["what"] for row in said.document["differences"]} == {"movement"}
    assert "computed, not stored" in ask("verify").out


def test_sole_organisation_needs_no_name(
    ladder: Ladder, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADDER_DB", str(db))
    second = ("--organisation", "second", "--now", NOW)
    assert ladder(*write(tmp_path), *second).code == 0
    said = ladder("standings", "--now", NOW)
    assert said.code == 2
    assert "organisation or second" in said.err
    assert ladder("standings", *second).code == 0


@pytest.mark.parametrize("words", [["standings", "--at", "soon"], ["upcoming", "--days", "-1"]])
def test_invalid_date_or_number_is_a_usage_error(ask: Ladder, words: list[str]) -> None:
    assert ask(*words).code == 2


def test_time_without_a_zone_is_the_organisations(ask: Ladder) -> None:
    before = ask("standings", "--at", "2025-06-01T18:29", "--list", "--json").document["people"]
    after = ask("standings", "--at", "2025-06-01T18:30", "--list", "--json").document["people"]
    assert "ben" not in {one["supporter"] for one in before}
    assert "ben" in {one["supporter"] for one in after}


def test_suppressed_supporter_is_explained_at_no_date(ask: Ladder) -> None:
    """fay objected in July: earlier touchpoints are not shown either."""
    said = ask("explain", "fay", "--short", "--at", "2026-06-15")
    assert said.code == 0
    assert "nothing is shown of them" in said.out
