"""`ladder ladders` and `ladder check`: what ships, and what is wrong with one's own."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ladder import catalogue
from tests.cli.conftest import Ladder


def test_shipped_ladders_are_all_listed(ladder: Ladder, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ladder("ladders")
    assert said.code == 0
    assert [line.split()[0] for line in said.rows if line[0] != " "] == list(catalogue.names())
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    shown = ladder("ladders").out
    assert all(name in shown for name in catalogue.names())


def test_listed_ladder_gives_its_rungs_as_json(ladder: Ladder) -> None:
    listed = {each["name"]: each for each in ladder("ladders", "--json").document["ladders"]}
    heights = {rung["key"]: rung["height"] for rung in listed["default"]["rungs"]}
    assert heights["volunteering"] == heights["donating"] == 3
    assert listed["default"]["fingerprint"] == catalogue.load("default").fingerprint


@pytest.mark.parametrize("name", [*catalogue.names(), "patterns"])
def test_shipped_ladder_is_printed_as_its_file(ladder: Ladder, name: str) -> None:
    said = ladder("ladders", name)
    assert said.out == catalogue.text(name)
    assert tomllib.loads(said.out)
    assert ladder("ladders", name, "--json").document == {"name": name, "document": said.out}


def test_printed_ladder_can_be_checked(ladder: Ladder, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(ladder("ladders", "default").out)
    assert ladder("check", tmp_path / "own.toml").code == 0


@pytest.fixture
def shadowed(tmp_path: Path) -> Path:
    """A ladder whose second rung holds whenever its third does, and cannot be told from it."""
    path = tmp_path / "own.toml"
    path.write_text(
        '[ladder]\nkey = "own"\n'
        '[[rung]]\nkey = "one"\nenter = "count(donation, years(1)) >= 1"\n'
        '[[rung]]\nkey = "two"\nenter = "count(donation, years(1)) >= 1"\n'
    )
    return path


def test_problem_has_its_place_and_advice(ladder: Ladder, shadowed: Path) -> None:
    said = ladder("check", shadowed)
    assert said.code == 1
    assert said.rows[0].startswith("own.toml, line ")
    found = ladder("check", shadowed, "--json")
    assert found.code == 1
    assert found.document["readable"] is True
    for each in found.document["problems"]:
        assert each["severity"] in ("error", "warning", "note")
        assert each["line"] > 0
        assert each["what"]
        assert each["todo"]


def test_notes_alone_do_not_fail_the_check(
    ladder: Ladder, shadowed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ladder.lint import Problem  # noqa: PLC0415

    note = Problem("note", "flapping", "rung one", "it may", "look", "own.toml, line 3, column 1")
    monkeypatch.setattr("ladder.cli.commands.check.check", lambda *_: [note])
    said = ladder("check", shadowed)
    assert said.code == 0
    assert "note (rung one)" in said.out
    assert "it may. look." in said.out


def test_ladder_in_another_currency_is_checked_for_it(ladder: Ladder, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[ladder]\nkey = "own"\n'
        '[[rung]]\nkey = "one"\nenter = \'total(donation, years(1)) >= "10 CHF"\'\n'
    )
    assert ladder("check", path, "--currency", "CHF").code == 0
    said = ladder("check", path, "--currency", "EUR", "--json")
    assert said.code == 1
    assert {each["code"] for each in said.document["problems"]} == {"currency"}


def test_unknown_ladder_name_is_reported(ladder: Ladder, tmp_path: Path) -> None:
    said = ladder("check", "netroot")
    assert said.code == 2
    assert "did you mean netroots" in said.err
    assert ladder("check", tmp_path / "no.toml").code == 3
