"""Actions on findings from the command line, and their display."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Ladder, Ran
from tests.cli.worlds import MAPPING, write

NOW = "2026-11-16"
REASON = "Thanked on the phone, never written down"


@pytest.fixture
def findings(ladder: Ladder, db: Path, monkeypatch: pytest.MonkeyPatch) -> Ladder:
    """`ladder findings …` on 16 November 2026, or on another day."""
    monkeypatch.setenv("LADDER_DB", str(db))

    def call(*words: object, now: str = NOW) -> Ran:
        return ladder("findings", *words, "--now", now)

    return call


def of(said: Ran, pattern: str) -> dict[str, object]:
    (found,) = (each for each in said.document["patterns"] if each["pattern"] == pattern)
    assert isinstance(found, dict)
    return found


def test_finding_is_dismissed_and_shown_as_it_is_then(findings: Ladder) -> None:
    said = findings("dismiss", "cara", "O1", "--reason", REASON, "--by", "zoe")
    assert said.code == 0
    assert said.rows == [
        "O1  Unthanked gift",
        "  high  since 2026-09-16, open since 2026-09-04  dismissed",
        "    2026-09-01  donation 50 EUR  (6)",
        f"    dismissed 2026-11-16 by zoe: {REASON}",
    ]


def test_finding_is_dismissed_by_pattern_name_and_printed_as_json(findings: Ladder) -> None:
    said = findings("acknowledge", "cara", "unthanked_gift", "--note", "card", "--json")
    (found,) = said.document["findings"]
    assert (found["pattern"], found["state"], found["opened"][:10]) == (
        "O1", "acknowledged", "2026-09-04",
    )  # fmt: skip
    (action,) = found["actions"]
    assert (action["action"], action["by"], action["reason"]) == ("acknowledged", "", "card")
    assert [each["external_id"] for each in action["touchpoints"]] == ["6"]
    assert found["touchpoints"] == action["touchpoints"]
    assert isinstance(found["touchpoints"][0]["id"], int)


def test_dismissed_findings_are_counted_apart_and_listed_on_request(findings: Ladder) -> None:
    findings("dismiss", "cara", "O1", "--reason", REASON)
    listed = findings("--pattern", "O1", "--json")
    found = of(listed, "O1")
    assert (found["found"]["high"], found["dismissed"], found["findings"]) == (0, 1, [])  # type: ignore[index]
    assert found["assessable"] == found["clear"] + found["dismissed"]  # type: ignore[operator]
    only = findings("--pattern", "O1", "--state", "dismissed", "--json")
    assert [each["supporter"] for each in of(only, "O1")["findings"]] == ["cara"]  # type: ignore[attr-defined]
    shown = findings("--pattern", "O1")
    assert "dismissed" in shown.rows[0]
    assert "cara" not in shown.out
    assert "cara" in findings("--pattern", "O1", "--state", "dismissed").out
    assert "cara" not in findings("--pattern", "O1", "--state", "open").out


def test_acknowledged_finding_stays_in_the_list(findings: Ladder) -> None:
    findings("acknowledge", "cara", "O1")
    assert "cara  high  since 2026-09-16, open since 2026-09-04  acknowledged" in findings().out
    found = of(findings("--pattern", "O1", "--json"), "O1")
    assert (found["found"]["high"], found["acknowledged"]) == (1, 1)  # type: ignore[index]
    assert "cara" not in findings("--pattern", "O1", "--state", "open").out


def test_reopened_finding_is_open_again(findings: Ladder) -> None:
    findings("dismiss", "cara", "O1", "--reason", REASON)
    said = findings("reopen", "cara", "O1", "--reason", "no such call", now="2026-11-17")
    assert said.rows[1] == "  high  since 2026-09-16, open since 2026-09-04"
    assert said.rows[-1].strip() == "taken back 2026-11-17: no such call"


def test_action_takes_the_date_given(findings: Ladder) -> None:
    findings("dismiss", "cara", "O1", "--reason", REASON, "--at", "2026-10-01")
    states = [
        findings("--supporter", "cara", "--pattern", "O1", "--at", day, "--json").document[
            "findings"
        ][0]["state"]
        for day in ("2026-09-30", "2026-10-01")
    ]
    assert states == ["open", "dismissed"]
    moment = findings("reopen", "cara", "O1", "--at", "2026-10-02T08:00")
    assert moment.code == 0


def test_findings_of_a_supporter_are_listed_with_their_states(
    findings: Ladder, ladder: Ladder, tmp_path: Path
) -> None:
    findings("acknowledge", "cara", "O1", "--by", "zoe")
    more = write(tmp_path, "20,cara,thank_you,2026-11-20,,,6,\n")
    assert ladder(*more, "--now", "2026-11-21").code == 0
    said = findings("--supporter", "cara", "--pattern", "O1", now="2026-11-22")
    assert said.rows == [
        "O1  Unthanked gift",
        "  high  2026-09-04 to 2026-11-20  resolved",
        "    2026-09-01  donation 50 EUR  (6)",
        "    acknowledged 2026-11-16 by zoe",
        "    over 2026-11-20: thank_you (20)",
    ]
    listed = findings("--state", "resolved", "--pattern", "O1", now="2026-11-22")
    assert listed.rows == ["O1  cara", *said.rows[1:]]
    (found,) = findings(
        "--state", "resolved", "--pattern", "O1", "--json", now="2026-11-22"
    ).document["findings"]
    assert found["resolved_by"]["cause"] == "touchpoint"
    assert [each["external_id"] for each in found["resolved_by"]["touchpoints"]] == ["20"]
    assert found["closes"][:10] == "2026-11-20"
    known = findings(
        "--supporter", "cara", "--pattern", "O1", "--known-at", "2026-11-20", now="2026-11-22"
    )
    assert known.rows[1].endswith("acknowledged")


def test_thanks_recorded_late_withdraw_the_finding(
    findings: Ladder, ladder: Ladder, tmp_path: Path
) -> None:
    assert ladder("verify").code == 0
    late = write(tmp_path, "21,cara,thank_you,2026-09-02,,,6,\n", mapping=MAPPING)
    assert ladder(*late, "--now", "2026-11-21").code == 0
    said = findings("--supporter", "cara", "--pattern", "O1", now="2026-11-22")
    assert said.rows[-1].strip() == (
        "withdrawn 2026-11-21: it never was, as told by thank_you (21) of 2026-09-02"
    )
    assert findings("--state", "resolved", "--pattern", "O1", now="2026-11-22").rows == [
        "nothing was resolved from 2026-10-23 to 2026-11-22"
    ]


def test_findings_are_limited_by_start_severity_and_number(
    findings: Ladder, ladder: Ladder, tmp_path: Path
) -> None:
    more = write(tmp_path, "20,cara,thank_you,2026-11-20,,,6,\n")
    assert ladder(*more, "--now", "2026-11-21").code == 0

    def shown(*words: object) -> int:
        said = findings("--state", "resolved", *words, now="2026-12-31")
        assert said.code == 0
        assert ("--limit 0 shows all" in said.err) == ("1" in words)
        return len([row for row in said.rows if row.endswith("  resolved")])

    assert shown("--since", "2026-11-01", "--limit", "0") > 1
    assert shown("--since", "2026-11-01", "--limit", "1") == 1
    assert shown("--since", "2026-12-01", "--pattern", "O1") == 0
    assert shown("--since", "2026-11-01", "--severity", "critical") == 0


def test_suppressed_supporter_is_not_shown(findings: Ladder) -> None:
    assert findings("--supporter", "fay").rows == ["fay: no finding on 2026-11-16"]
    said = findings("dismiss", "fay", "O1", "--reason", "x")
    assert said.code == 2
    assert "fay has no finding O1" in said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["dismiss", "cara", "O1"], "Missing option '--reason'"),
        (["dismiss", "cara", "O1", "--reason", " "], "a dismissal needs a reason"),
        (["dismiss", "cara", "S4", "--reason", "x"], "cara has no finding S4 on 2026-11-16"),
        (["dismiss", "carla", "O1", "--reason", "x"], "no supporter 'carla'"),
        (["reopen", "cara", "O1"], "there is nothing to take back"),
        (["dismis", "cara", "O1"], "did you mean dismiss"),
        (["acknowledge", "cara", "O1", "--at", "2027-01-01"], "lies ahead"),
        (["--since", "2026-01-01"], "--since is for --state resolved"),
        (["--known-at", "2026-01-01"], "say --supporter KEY too"),
        (["--state", "closed"], "'closed' is not one of"),
    ],
)
def test_impossible_action_is_reported_and_changes_nothing(
    findings: Ladder, db: Path, words: list[str], message: str
) -> None:
    said = findings(*words)
    assert said.code == 2
    assert message in said.err
    rows = sqlite3.connect(db).execute("SELECT count(*) FROM ladder_finding_action").fetchone()
    assert rows == (0,)


def test_help_names_the_list_and_the_actions(ladder: Ladder) -> None:
    said = ladder("findings", "--help")
    assert "--state" in said.out
    assert "reopen" in said.out
    for word in ("acknowledge", "dismiss", "reopen", "list"):
        assert ladder("findings", word, "--help").code == 0


def test_metrics_leave_dismissed_ones_out(findings: Ladder, ladder: Ladder) -> None:
    def exposure(*words: str) -> tuple[int, int]:
        said = ladder(
            "metrics", "--metric", "atm_exposure", "--minimum", "1", "--now", NOW, "--json", *words
        )
        (metric,) = said.document["metrics"]
        return metric["numerator"], metric["dismissed"]

    before = exposure()
    for each in findings("--supporter", "cara", "--json").document["findings"]:
        if each["state"] == "open":
            findings("dismiss", "cara", each["pattern"], "--reason", REASON)
    assert exposure() == (before[0] - 1, 1)
    assert exposure("--with-dismissed") == (before[0], 1)
    told = ladder("metrics", "--metric", "atm_exposure", "--minimum", "1", "--now", NOW)
    assert "1 not counted, for all was dismissed" in told.out
