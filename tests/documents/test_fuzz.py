"""Arbitrary input gives a definition or an error with its place, never a crash."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ladder import catalogue
from ladder.documents import dump, load, parse
from ladder.errors import DefinitionError
from ladder.language.ladders import Ladder, Rung
from ladder.language.nodes import Condition
from ladder.model.kinds import KINDS
from tests.sizes import examples
from tests.strategies import conditions

FULL = Path(__file__).with_name("full.toml").read_text(encoding="utf-8")

PLACE = re.compile(r"line \d+, column \d+")
TYPED = """
count total distinct share lasting latch holds until aged ever months days donation reply inbound
not and or when where by of if else is in lambda None True 1 2.5 '3' "250 EUR" ( ) ( ) , . >= < ==
!= = + - * / & | ~ [ ] { } : # f'' b'' 1e9 0x1 _ @ ! && $ é
"""
WORDS = (*TYPED.split(), "\n")


def answer(text: str) -> DefinitionError | None:
    try:
        parse(text)
    except DefinitionError as error:
        return error
    return None


def answered(text: str) -> None:
    error = answer(text)
    assert error is None or (PLACE.match(error.place) and error.message), error


@given(st.text())
@example("\x00")
@example("\ud800")
@example("a\x0cb")
@example("'" * 3)
@example("9" * 5000)
@example("count(donation, ever) >= " + "9" * 4000)
@example("months(" + "9" * 30 + ")")
def test_arbitrary_text_is_parsed_or_rejected(text: str) -> None:
    answered(text)


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_arbitrary_language_words_are_parsed_or_rejected(text: str) -> None:
    answered(text)


@given(conditions(1), st.data())
def test_mistyped_expression_is_parsed_or_rejected(
    condition: Condition, data: st.DataObject
) -> None:
    text = str(condition)
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    typed = data.draw(st.sampled_from(("", "(", ")", ",", " ", "x", '"', "=", ">", "&", "not ")))
    answered(text[:at] + typed + text[at + cut :])


@settings(max_examples=examples(100))
@given(st.data())
def test_mistyped_document_is_parsed_or_rejected(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from((FULL, catalogue.text("default"), catalogue.text("patterns"))))
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 12))
    typed = data.draw(st.sampled_from(("", "'", '"', "[", "]", "=", "\n", "x", "1", "true", "[[")))
    with contextlib.suppress(DefinitionError):
        load(text[:at] + typed + text[at + cut :])


@given(st.lists(conditions(1), min_size=1, max_size=3))
def test_ladder_loads_from_its_dump(found: list[Condition]) -> None:
    rungs = tuple(Rung(key=f"rung_{n}", enter=each) for n, each in enumerate(found))
    ladder = Ladder(key="any", rungs=rungs, suppress_when=found[0], own_kinds=(KINDS["donation"],))
    assert load(dump(ladder), trusted=True) == ladder
