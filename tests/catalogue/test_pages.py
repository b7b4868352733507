"""The pages of the patterns are made of the catalogue and its cases."""

from __future__ import annotations

from ladder import catalogue
from ladder.catalogue.pattern_texts import pattern_texts
from tests.catalogue.page import FOLDER, pages


def test_pages_are_made_of_the_catalogue() -> None:
    made = pages()
    assert {path.name for path in FOLDER.glob("*.md")} == {*made, "hits-and-misses.md"}
    for name, text in made.items():
        written = (FOLDER / name).read_text(encoding="utf-8")
        assert written == text, f"{name}: run python -m tests.library"


def test_settings_are_each_read_by_a_pattern() -> None:
    read = {name for sheet in pattern_texts().values() for name in sheet.settings}
    assert read == set(catalogue.settings())


def test_patterns_state_their_rules() -> None:
    assert all(pattern.rule for pattern in catalogue.patterns())
