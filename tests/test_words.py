"""No file contains words or names that the style keeps out, except those still listed."""

from __future__ import annotations

import pytest

from tests.style_words import (
    EXCEPTIONS,
    ROOT,
    is_participle,
    offences_by_file,
    offences_in_comments,
    offences_in_names,
    offences_in_prose,
    offences_in_test_names,
    read_pending,
)


def test_words_of_every_file_are_as_few_as_listed() -> None:
    offences = offences_by_file()
    pending = read_pending()
    more = [
        f"{name}:{offence.line}: {offence.text}"
        for name, listed in offences.items()
        if len(listed) > pending.get(name, 0)
        for offence in listed
    ]
    assert more == [], "words that the style keeps out (tests/style_words.py)"
    fewer = {
        name: len(offences.get(name, ()))
        for name, number in pending.items()
        if len(offences.get(name, ())) < number
    }
    assert fewer == {}, "the list is out of date: python -m tests.style_words"


def test_exceptions_name_files_that_need_them_and_give_a_reason() -> None:
    for (name, word), reason in EXCEPTIONS.items():
        assert reason
        text = (ROOT / name).read_text(encoding="utf-8")
        names = offences_in_names(text) if name.endswith(".py") else ()
        assert word in {offence.text for offence in (*offences_in_prose(text), *names)}, name


def test_phrase_over_two_lines_is_found_on_its_first_line() -> None:
    text = "# One line.\n# Lost for\n# want of a nail, and Whoever-else; the shepherd is there.\n"
    assert [tuple(offence) for offence in offences_in_prose(text)] == [
        (2, "for want of"),
        (3, "whoever"),
    ]


def test_banned_names_are_found_where_they_are_bound() -> None:
    text = (
        '"""The same, in bulk."""\n'
        "def told(each, hers=1):\n"
        "    found = [asked for asked in each]\n"
        "    return found, shown\n"
        "class Recorded: ...\n"
        "class RecordedRow: ...\n"
    )
    assert sorted(offence.text for offence in offences_in_names(text)) == [
        "name asked",
        "name each",
        "name found",
        "name hers",
        "name told",
        "participle Recorded",
        "the same, ",
    ]


def test_docstrings_and_comments_of_tests_are_read_and_their_data_are_not() -> None:
    text = '"""What is\nlikewise."""\n\nROW = "her"  # of whom\nX = 1\n"""The whole."""\n'
    assert [tuple(offence) for offence in offences_in_comments(text)] == [
        (2, "likewise"),
        (1, "What"),
        (4, "whom"),
    ]


def test_test_names_begin_with_a_subject() -> None:
    names = (
        "gift_moves_the_supporter",
        "a_gift_moves",
        "what_moves",
        "gift_moves_her",
        "told_gift",
    )
    text = "".join(f"def test_{name}(): ...\n" for name in names)
    assert [offence.line for offence in offences_in_test_names(text)] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("_carried", True), ("Restated", True), ("taken", True), ("need", False), ("is_held", False)],
)
def test_participle_is_one_word_that_ends_like_one(name: str, expected: bool) -> None:
    assert is_participle(name) is expected
