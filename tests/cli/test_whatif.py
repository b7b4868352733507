"""`ladder whatif` shows what another ladder would change; `ladder adopt` makes it so."""

from __future__ import annotations

import csv
import sqlite3
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ladder import catalogue
from ladder.cli.context import asking
from ladder.cli.render.whatif import matrix_of
from ladder.reports.matrix import Matrix, matrix_svg
from ladder.storage.databases import reading
from ladder.whatif import whatif
from tests.cli.conftest import Ladder


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """The default ladder, but a gift counts for sixty days."""
    text = catalogue.text("default")
    donating = "enter = 'count(given, year_long) >= 1'"
    assert donating in text
    path = tmp_path / "strict.toml"
    path.write_text(text.replace(donating, "enter = 'count(given, days(60)) >= 1'"))
    return path


def rows_of(db: Path) -> list[object]:
    with sqlite3.connect(db) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE name LIKE 'ladder%' AND type='table'"
            )
        ]
        return [connection.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(names)]


def test_whatif_lists_changed_standings_with_reasons(ask: Ladder, db: Path, strict: Path) -> None:
    before = rows_of(db)
    said = ask("whatif", strict)
    assert said.code == 0
    assert "2 of 5 supporters would stand elsewhere: 0 higher, 2 lower; 3 would stay" in said.out
    assert "anna  Donating > Unreached, since 2026-01-31 until 2026-12-02" in said.out
    assert "days(60)) = 0, needs >=" in said.out
    assert "fay" not in said.out
    assert rows_of(db) == before


def test_whatif_on_a_past_date_is_printed_as_json(ask: Ladder, strict: Path) -> None:
    document = ask("whatif", strict, "--at", "2026-03-01", "--json").document
    assert document["supporters"] == 3
    assert document["would_move"] == 1
    (anna,) = document["most_affected"]
    assert (anna["supporter"], anna["from"], anna["to"]) == ("anna", ["donating"], [])
    assert anna["reasons"][0]["old"]["measured"].endswith("days(365)) = 1")
    assert anna["reasons"][0]["new"]["requires"] == "needs >= 1"
    assert {"from": [], "to": [], "supporters": 1} in document["steps"]
    assert [each["pattern"] for each in document["findings"]][:2] == ["O1", "O2"]


def test_whatif_writes_all_supporters_to_csv_and_the_matrix_to_svg(
    ask: Ladder, strict: Path, tmp_path: Path
) -> None:
    people, drawing = tmp_path / "people.csv", tmp_path / "matrix.svg"
    said = ask("whatif", strict, "--people", people, "--svg", drawing, "--limit", 1)
    assert "1 of the 2 most affected shown" in said.err
    assert [row[:4] for row in csv.reader(people.read_text().splitlines())] == [
        ["supporter", "from", "to", "difference"],
        ["anna", "donating", "", "-3"],
        ["cara", "donating", "", "-3"],
    ]
    drawn = ET.fromstring(drawing.read_text())  # noqa: S314 - our own drawing
    texts = [each.text for each in drawn.iter() if each.text]
    assert {"Donating", "Unreached", "All", "2"} <= set(texts)
    assert sorted(path.name for path in tmp_path.iterdir() if "partial" in path.name) == []


def test_csv_of_no_changes_has_its_header(ask: Ladder, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    said = ask("whatif", "default", "--people", people)
    assert "0 of 5 supporters would stand elsewhere" in said.out
    assert people.read_text() == "supporter,from,to,difference,since,until\n"


def test_adoption_from_a_date_keeps_the_past_and_reports_the_version_boundary(
    ask: Ladder, strict: Path
) -> None:
    said = ask("adopt", strict, "--from", "2026-03-01")
    assert said.code == 0
    assert "speaks from 2026-03-01 00:00 on" in said.out
    assert "1 of them stand elsewhere from then on" in said.out
    moved = ask("movements", "--supporter", "anna").out
    assert "2026-03-01  anna       lapsed     Donating > Unreached  another definition" in moved
    assert ask("verify").code == 0
    flows = ask("movements", "--since", "2026-03-01", "--until", "2026-03-01", "--summary").out
    assert "lapsed" not in flows.replace("lapsed: counted", "").splitlines()[-1]
    assert ask("standings", "--rung", "donating", "--at", "2026-02-28").rows[1].startswith("anna")
    assert "they lapsed from Donating to Unreached (another definition" in (
        ask("explain", "anna", "--short", "--at", "2026-03-02").out
    )
    again = ask("adopt", strict, "--from", "2026-03-01")
    assert (again.code, "nothing was changed" in again.out) == (0, True)


def test_version_boundary_is_in_no_summary(ask: Ladder, strict: Path) -> None:
    before = ask("movements", "--since", "2025-01-01", "--summary").out
    ask("adopt", strict, "--from", "2026-11-10")
    assert ask("movements", "--since", "2025-01-01", "--summary").out == before
    assert len(ask("movements", "--since", "2026-11-10").rows) == 3  # anna, cara and the heading


def test_retroactive_adoption_restates_the_past_and_keeps_it_as_known(
    ask: Ladder, strict: Path
) -> None:
    document = ask("adopt", strict, "--retroactive", "--json").document
    assert document["effective_from"] is None
    assert document["supporters"] == 6
    assert document["retracted"] > 0
    assert "2026-01-30" in ask("movements", "--supporter", "anna").out.replace("-31", "-30")
    assert ask("verify").code == 0


def test_dry_run_points_to_whatif_and_changes_nothing(ask: Ladder, db: Path, strict: Path) -> None:
    before = rows_of(db)
    said = ask("adopt", strict, "--from", "2026-03-01", "--dry-run")
    assert "1 of 3 supporters would stand elsewhere on 2026-03-01: 0 higher, 1 lower" in said.out
    assert f"who and why: ladder whatif {strict} --at 2026-03-01" in said.out
    assert rows_of(db) == before


def test_impossible_adoption_is_reported(ask: Ladder, ladder: Ladder, tmp_path: Path) -> None:
    both = ask("adopt", "kanter", "--from", "2026-01-01", "--retroactive")
    assert (both.code, "say one" in both.err) == (2, True)
    assert ask("whatif", "kantar").code == 2
    assert ask("whatif", tmp_path / "missing.toml").code == 3
    assert ladder("adopt", "kanter", "--db", tmp_path / "none.db").code == 4
    empty = tmp_path / "empty.db"
    assert ladder("db", "upgrade", "--db", empty).code == 0
    nobody = ladder("adopt", "kanter", "--db", empty)
    assert (nobody.code, "replay" in nobody.err) == (2, True)


def test_drawing_fits_what_it_shows(db: Path) -> None:
    with reading(str(db)) as store:
        found = whatif(
            store.connection, store.organisation.key, catalogue.load("kanter"), now=2**50
        )
    text = matrix_svg(matrix_of(found), "A & B", "<caption>")
    drawn = ET.fromstring(text)  # noqa: S314 - our own drawing
    wide, high = float(drawn.attrib["width"]), float(drawn.attrib["height"])
    for each in drawn:
        if each.tag.endswith("rect"):
            assert float(each.attrib.get("x", 0)) + float(each.attrib["width"]) <= wide
            assert float(each.attrib.get("y", 0)) + float(each.attrib["height"]) <= high


def test_rungs_without_supporters_are_not_in_the_matrix() -> None:
    table = Matrix({"a": "A"}, {"b": "B"}, {("a", "b"): 3})
    assert (table.row_total("a"), table.column_total("b"), table.total) == (3, 3, 3)


def test_ladder_at_an_instant_is_the_version_in_force(ask: Ladder, db: Path, strict: Path) -> None:
    ask("adopt", strict, "--from", "2026-03-01")
    with asking(str(db), None, None, None) as today:
        early, late = (today.at(0).ladder, today.at(2**51).ladder)
    assert early.fingerprint != late.fingerprint
