"""Each pattern of the catalogue, on both sides of its thresholds, by both evaluators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
import pytest

from ladder import catalogue
from ladder.engines import columnar
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import findings
from ladder.language.conditions import HasFinding as Asked
from ladder.language.ladders import Ladder, Pattern
from ladder.model.calendars import FOREVER
from tests.catalogue.cases import Found, cases
from tests.histories import SCHEMA
from tests.spec.cases import SUPPORTER

KEYS = [each.key for each in catalogue.patterns()]
PARAMS = [pytest.param(each, id=f"{each.pattern}: {each.title}") for each in cases()]


def told(found: Found, rows: Iterable[tuple[str, int, int]]) -> list[str]:
    return [
        f"{severity} {_text(found, at)} .. {_text(found, until)}"
        for severity, at, until in sorted(rows, key=lambda row: row[1])
    ]


def _text(found: Found, instant: int) -> str:
    if instant == FOREVER:
        return ""
    return found.case.calendar.text(instant).removesuffix(" 00:00")


@pytest.mark.parametrize("found", PARAMS)
def test_reference_evaluator_finds_it(found: Found) -> None:
    case = found.case
    history = History.from_rows(case.rows, case.where, found.ladder.kinds, supporter=SUPPORTER)
    reading = Evaluation(history, case.where, found.ladder, case.declared)
    among = findings(reading, found.ladder, {found.pattern})
    assert told(found, [(each.severity, each.at, each.until) for each in among]) == [*found.found]


@pytest.mark.parametrize("key", KEYS)
def test_columnar_evaluator_finds_it(key: str) -> None:
    """All cases of a pattern that share their settings at once, each as a supporter."""
    mine = [each for each in cases() if each.pattern == key]
    for together in {(each.ladder.fingerprint, each.logged) for each in mine}:
        group = [each for each in mine if (each.ladder.fingerprint, each.logged) == together]
        rows = [row for number, each in enumerate(group) for row in numbered(number, each)]
        case, whole = group[0].case, group[0].ladder
        ladder = whole.model_copy(update={"patterns": tuple(needed(whole, key))})
        frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
        result = columnar.evaluate(frame, ladder, case.where, case.declared).findings
        for number, each in enumerate(group):
            hers = result.filter(pl.col("supporter") == number, pl.col("pattern") == key)
            found = hers.select("severity", "at", "until").rows()
            assert told(each, found) == [*each.found], each.title


def numbered(number: int, found: Found) -> Iterator[Row]:
    """Return a case's rows in a frame of many: ids, links and keys carry the number of the case."""
    source = f"case {number}"
    for row in found.case.rows:
        linked = None if row.answers_id is None else source
        yield row._replace(
            id=row.id + 100 * number, supporter=number, source=source, answers_source=linked
        )


def needed(ladder: Ladder, key: str) -> Iterator[Pattern]:
    """The pattern, after those of whose findings it is made."""
    pattern = ladder.pattern(key)
    nodes = [node for grade in pattern.grades for node in grade.condition.walk()]
    asked = {node.pattern for node in nodes if isinstance(node, Asked)}
    yield from (each for each in ladder.patterns if each.key in asked)
    yield pattern


@pytest.mark.parametrize("pattern", catalogue.patterns(), ids=lambda each: each.key)
def test_pattern_has_cases_of_each_grade_and_near_misses(pattern: Any) -> None:
    mine = [each for each in cases() if each.pattern == pattern.key]
    shown = {line.split()[0] for each in mine for line in each.found}
    assert shown == {grade.severity for grade in pattern.grades}
    ends = [line for each in mine for line in each.found if not line.endswith("..")]
    assert ends
    assert any(not each.found for each in mine)
