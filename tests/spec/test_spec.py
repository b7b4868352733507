"""Every case of the language reference, on both evaluators; and the page that is made of them."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from ladder.documents import parse
from ladder.engines import columnar
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from tests.histories import SCHEMA
from tests.spec.cases import SUPPORTER, Case, chapters
from tests.spec.page import PAGE, page
from tests.strategies import evaluated_types

CASES = [
    pytest.param(case, id=f"{chapter.name}: {case.title}")
    for chapter in chapters()
    for case in chapter.cases
]


@pytest.mark.parametrize("case", CASES)
def test_reference_evaluator_keeps_the_rule(case: Case) -> None:
    own = [row for row in case.rows if row.supporter == SUPPORTER]
    others = [row for row in case.rows if row.supporter != SUPPORTER]
    history = History.from_rows(
        own, case.where, case.ladder.kinds, others, case.ladder.rates, supporter=SUPPORTER
    )
    reading = Evaluation(history, case.where, case.ladder, case.declared)
    assert shown(case, reading.episodes(case.asked)) == shown(case, case.expected)


@pytest.mark.parametrize("case", CASES)
def test_columnar_evaluator_keeps_the_rule(case: Case) -> None:
    schema: dict[str, Any] = SCHEMA | {"supporter": pl.String, "referrer": pl.String}
    frame = pl.DataFrame(case.rows, schema=schema, orient="row")
    found = columnar.episodes(case.asked, frame, case.ladder, case.where, case.declared)
    hers = sorted((start, end) for supporter, start, end in found.rows() if supporter == SUPPORTER)
    assert shown(case, hers) == shown(case, case.expected)


def shown(case: Case, episodes: list[tuple[int, int]]) -> list[str]:
    """Episodes as people read them, to the microsecond where it matters."""
    return [f"{_shown(case, start)} .. {_shown(case, end)}" for start, end in episodes]


def _shown(case: Case, instant: int) -> str:
    return f"{case.calendar.text(instant)} ({instant})"


def test_expressions_print_back() -> None:
    for case in (each.values[0] for each in CASES):
        assert isinstance(case, Case)
        assert parse(str(case.asked)) == case.asked, case.title


def test_node_types_all_have_a_case() -> None:
    seen = {
        type(node) for chapter in chapters() for case in chapter.cases for node in case.asked.walk()
    }
    assert evaluated_types() - seen == set()


def test_page_is_made_of_the_cases() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.spec"
