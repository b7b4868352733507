"""A ladder that an earlier version stored is read with the meaning that it had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ladder import catalogue, documents
from ladder.documents.old_words import modern_document, modern_expression
from ladder.language.ladders import Ladder
from ladder.storage import definitions
from ladder.storage.coverage import declared
from ladder.storage.migrations import upgrade
from ladder.storage.store import Store
from tests.old_rows import FIRST, fill
from tests.shipped_patterns import catalogue as every_pattern

STORED = Path(__file__).parent.parent / "old_words"
"""The documents that version 0.1.0.dev0 stored for its ladders, in the old words."""


def stored(name: str) -> str:
    return (STORED / f"{name}.toml").read_text()


@pytest.mark.parametrize("name", catalogue.names())
def test_shipped_ladder_stored_in_old_words_keeps_its_meaning(name: str) -> None:
    ladder = documents.load(modern_document(stored(name)), trusted=True)
    assert ladder.fingerprint == catalogue.load(name).fingerprint


def test_shipped_patterns_stored_in_old_words_keep_their_meaning() -> None:
    ladder = documents.load(modern_document(stored("all")), trusted=True)
    assert ladder.fingerprint == every_pattern().fingerprint


def test_titles_and_names_in_quotes_are_not_translated() -> None:
    ladder = documents.load(modern_document(stored("words")), trusted=True)
    assert ladder.rungs[0].title == "It \"says\" 'found'"
    assert 'where(page="linked found(x)")' in str(ladder.rungs[0].stay)
    (pattern,) = ladder.patterns
    assert pattern.requires_text == "needs silent shows"
    assert str(pattern.requires) == "is_covered(donation or shared_post, ever)"
    assert str(pattern.evidence) == "in_reply_to(donation) and is_reply"
    assert (pattern.strength, pattern.safeguard) == ("B", True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("anything", "any_touchpoint"),
        ('kind("found") and linked', 'kind("found") and is_reply'),
        (
            'where(note="a \\"linked\\" b", linked=true)',
            'where(note="a \\"linked\\" b", linked=true)',
        ),
        ("brought(answers(donation))", "referred(in_reply_to(donation))"),
    ],
)
def test_expression_is_translated_word_by_word(old: str, new: str) -> None:
    assert modern_expression(old) == new


def test_old_database_has_its_ladders_and_declarations_in_the_words_of_today(
    empty_engine: Engine,
) -> None:
    upgrade(empty_engine, to="ladder_0001")
    with empty_engine.begin() as connection:
        fill(connection)
        change: dict[str, Any] = {"document": stored("default"), "id": FIRST["definition"][1]["id"]}
        connection.execute(
            text("UPDATE ladder_definition SET document = :document WHERE id = :id"), change
        )
        connection.execute(
            text("UPDATE ladder_coverage SET selector = :s"), {"s": "anything and not linked"}
        )
    upgrade(empty_engine)
    today: Ladder = catalogue.load("default")
    with empty_engine.begin() as connection:
        store = Store.open(connection, "alder")
        (definition,) = definitions.adopted(store)
        assert definition.fingerprint == today.fingerprint
        (document,) = definitions.documents(store, [definition])
        assert definition.mark == definitions.digest_of(document)
        assert documents.load(document, trusted=True).fingerprint == today.fingerprint
        (coverage,) = declared(store, today.kinds)
        assert str(coverage.selector) == "any_touchpoint and not is_reply"
