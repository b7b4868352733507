"""Parts, portions, threads and the order of rows never change an answer.

Held against one reading of everything: the very frames, row for row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ladder.engines import columnar
from ladder.engines.columnar import Result
from ladder.engines.columnar.conditions import LineReading
from ladder.engines.columnar.facts import Facts
from ladder.engines.reference.facts import Row
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.organisations import Organisation
from tests import histories
from tests.agreement.engines import GIVING
from tests.random_ladders import ladders

MOST = 14
World = tuple[Organisation, Ladder, list[Row]]


@contextmanager
def parts_of(rows: int) -> Iterator[None]:
    """Every part ends after so many rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ladder.engines.columnar.partitions.PART_ROWS", rows)
        yield


def same(found: Result, expected: Result) -> None:
    """Check for equal rows in equal order."""
    for name in ("movements", "findings", "first_at"):
        left, right = getattr(found, name), getattr(expected, name)
        if name == "findings":
            order = ["supporter", "pattern", "at"]
            left, right = left.sort(order), right.sort(order)
        assert_frame_equal(left, right)


def joined(results: list[Result]) -> Result:
    return Result(
        pl.concat([each.movements for each in results]),
        pl.concat([each.findings for each in results]),
        pl.concat([each.first_at for each in results]),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """An organisation, a ladder and a history; every third ladder watches refunds and acts."""
    organisation = draw(histories.organisations())
    ladder = draw(st.one_of(ladders(), ladders(), st.just(GIVING)))
    return organisation, ladder, draw(histories.rows(organisation, most=MOST))


@given(worlds(), st.integers(1, 4), st.integers(1, 3), st.randoms(use_true_random=False))
def test_parts_threads_and_row_order_change_nothing(
    world: World, rows: int, threads: int, random: Random
) -> None:
    organisation, ladder, made = world
    frame = histories.frame(made)
    whole = columnar.evaluate(frame, ladder, organisation, threads=1)
    shuffled = list(made)
    random.shuffle(shuffled)
    with parts_of(rows):
        parted = columnar.evaluate(histories.frame(shuffled), ladder, organisation, threads=threads)
    same(parted, whole)


@given(worlds(), st.integers(1, 6))
def test_portions_evaluated_in_turn_give_the_answer_of_the_whole(world: World, rows: int) -> None:
    organisation, ladder, made = world
    frame = histories.frame(made)
    results = list(columnar.evaluate_portions(frame.lazy(), ladder, organisation, rows=rows))
    same(joined(results), columnar.evaluate(frame, ladder, organisation))


@given(worlds())
def test_supporters_with_names_are_evaluated_as_those_with_numbers(world: World) -> None:
    organisation, ladder, made = world
    frame = histories.frame(made)
    names = pl.format("person {}", pl.col("supporter")), pl.format("person {}", pl.col("referrer"))
    named = frame.with_columns(supporter=names[0], referrer=names[1])
    expected = columnar.evaluate(frame, ladder, organisation)
    found = columnar.evaluate(named, ladder, organisation)
    for name in ("movements", "findings", "first_at"):
        said = getattr(expected, name).with_columns(supporter=names[0])
        assert sorted(getattr(found, name).rows()) == sorted(said.rows())


def test_file_is_read_as_a_frame_is(tmp_path: Path) -> None:
    rows = [
        Row(
            id=n, supporter=n % 3, kind="donation", at=n * 86_400_000_000, date_only=False,
            direction="inbound", purposes="", asks_for=None, channel=None, audience=None,
            automated=None, campaign=None, amount=2_000, currency="EUR", quantity=None,
            answers_source=None, answers_id=None, referrer=(n + 1) % 3 if n % 2 else None,
            source="crm", external_id=str(n), details=None,
        )
        for n in range(12)
    ]  # fmt: skip
    frame, path = histories.frame(rows), tmp_path / "log"
    path.mkdir()
    frame[:5].write_parquet(path / "1.parquet")
    frame[5:].write_parquet(path / "2.parquet")
    expected = columnar.evaluate(frame, GIVING, histories.ORGANISATIONS[0])
    assert expected.movements.height > 0
    lazy = pl.scan_parquet(path)
    same(columnar.evaluate(lazy, GIVING, histories.ORGANISATIONS[0]), expected)
    results = list(columnar.evaluate_portions(lazy, GIVING, histories.ORGANISATIONS[0], rows=4))
    assert len(results) > 1
    same(joined(results), expected)


def test_columns_hold_only_touchpoints_that_a_selector_can_match(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = ["subscribed", "email_opened", "donation", "email_opened", "newsletter", "donation"]
    frame = pl.DataFrame(
        {
            "supporter": [1] * 6,
            "kind": kinds,
            "at": [n * 86_400_000_000 for n in range(6)],
        }
    )
    carried: list[int] = []

    def watched(facts: Facts, *rest: Any) -> LineReading:
        carried.extend(facts.ids.tolist())
        return LineReading(facts, *rest)

    monkeypatch.setattr("ladder.engines.columnar.evaluator.LineReading", watched)
    gifts = Ladder(
        key="gifts", rungs=(Rung(key="giver", enter=count(kind("donation"), ever) >= 1),)
    )
    found = columnar.evaluate(frame, gifts, histories.ORGANISATIONS[0])
    assert carried == [0, 2, 5], "her gifts, and what her line begins with"
    assert found.first_at.rows() == [(1, 0)]
    assert found.movements.select("at", "causes").rows() == [(2 * 86_400_000_000, [2])]


def test_touchpoint_without_a_source_cannot_be_answered() -> None:
    frame = pl.DataFrame(
        {
            "supporter": [1, 1],
            "kind": ["donation", "void"],
            "at": [0, 86_400_000_000],
            "external_id": ["g1", None],
            "answers_id": [None, "g1"],
        }
    )
    found = columnar.evaluate(frame, GIVING, histories.ORGANISATIONS[0])
    assert found.movements["kind"].to_list() == ["arrived"]
    sourced = frame.with_columns(source=pl.lit("crm"))
    assert columnar.evaluate(sourced, GIVING, histories.ORGANISATIONS[0]).movements.is_empty()
