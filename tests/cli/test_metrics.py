"""`ladder metrics`."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Ladder


def test_line_for_each_metric_fits_the_page(ask: Ladder) -> None:
    done = ask("metrics", "--minimum", 1)
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert any(row.startswith("Thanked within 48 hours") for row in done.rows)
    assert any("50 %" in row and "2 gifts" in row for row in done.rows)


def test_too_few_cases_are_reported(ask: Ladder) -> None:
    done = ask("metrics")
    assert "too few" in done.out
    assert "%" not in done.out


@pytest.mark.parametrize("by", ["month", "campaign"])
def test_table_for_each_theme_fits_the_page(ask: Ladder, by: str) -> None:
    done = ask("metrics", "--by", by, "--minimum", 1)
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert ("2026-09" if by == "month" else "(no campaign)") in done.out


def test_json_holds_every_number(ask: Ladder) -> None:
    document = ask("metrics", "--by", "month", "--minimum", 1, "--json").document
    assert document["by"] == "month"
    assert len(document["rows"]) == 12
    assert document["pieces"]["thank_soon"] == "hours(48)"
    by_key = {each["metric"]: each for each in document["metrics"]}
    thanked = by_key["thanked_soon"]
    assert (thanked["status"], thanked["value"]) == ("measured", 0.5)
    assert (thanked["numerator"], thanked["denominator"]) == (1, 2)
    assert document["rows"][0]["metrics"]["thanked_soon"]["numerator"] == 1
    assert ask("metrics", "--json").document["rows"] == []


def test_single_metric_is_printed_alone(ask: Ladder) -> None:
    done = ask("metrics", "--metric", "unthanked", "--minimum", 1)
    assert len(done.rows) == 4
    assert "50 %" in done.out


def test_metrics_cover_the_period_given(ask: Ladder) -> None:
    words = ("metrics", "--minimum", 1, "--json", "--metric", "unthanked")
    document = ask(*words, "--since", "2025-12-01", "--until", "2025-12-31").document
    assert document["metrics"][0]["denominator"] == 1
    assert document["since"] == "2025-12-01T00:00:00+01:00"
    assert document["until"] == "2025-12-31T23:59:59.999999+01:00"


def test_trends_are_drawn(ask: Ladder, tmp_path: Path) -> None:
    done = ask("metrics", "--svg", "trends.svg", "--minimum", 1)
    assert done.code == 0
    tree = ET.fromstring((tmp_path / "trends.svg").read_text(encoding="utf-8"))  # noqa: S314  (ours)
    texts = [each.text for each in tree.iter() if each.tag.endswith(("text", "title"))]
    assert "Thanked within 48 hours" in texts
    assert "2025-12: 100 %" in texts


def test_campaigns_are_not_drawn(ask: Ladder) -> None:
    done = ask("metrics", "--by", "campaign", "--svg", "trends.svg")
    assert done.code == 2
    assert "--svg draws months" in done.err


def test_custom_definitions_are_applied(ask: Ladder, tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("[let]\nthank_soon = 'days(1)'\n")
    done = ask("metrics", "--pieces", "ours.toml", "--metric", "thanked_soon")
    assert "Thanked within 1 day " in done.out
    (tmp_path / "ours.toml").write_text("[let]\nthanked = 'thank_yuo'\n")
    done = ask("metrics", "--pieces", "ours.toml")
    assert done.code == 3
    assert "did you mean thank_you" in done.err


def test_receipts_count_as_thanks_on_request(ask: Ladder) -> None:
    document = ask("metrics", "--receipts", "--json").document
    assert "receipt" in document["pieces"]["thanked"]


def test_unlogged_contacts_are_unknown(ladder: Ladder, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("id,who,what,when\n1,anna,donation,2026-03-01\n")
    (tmp_path / "list.toml").write_text(
        'source = "list"\n[columns]\nsupporter = "who"\nkind = "what"\nat = "when"\n'
        'external_id = "id"\n[dates]\nformats = ["iso"]\nzone = "Europe/Berlin"\n'
        '[amounts]\ncurrency = "EUR"\n'
    )
    db = tmp_path / "list.db"
    ladder("replay", tmp_path / "list.csv", "--mapping", tmp_path / "list.toml", "--db", db)
    done = ladder("metrics", "--db", db, "--now", "2026-11-15")
    assert done.code == 0
    assert "%" not in done.out
    assert "Not known, because the log is not declared to hold what is needed:" in done.out
    told = ladder("metrics", "--db", db, "--now", "2026-11-15", "--json").out
    metrics = {each["metric"]: each["status"] for each in json.loads(told)["metrics"]}
    assert set(metrics.values()) == {"not assessable"}
