"""The metrics are what plain loops over the same touchpoints count, in every number."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import polars as pl
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

from ladder.coverage import Coverage
from ladder.engines.reference.facts import Row
from ladder.language.ladders import Ladder
from ladder.language.selectors import any_touchpoint
from ladder.model.organisations import Organisation
from ladder.reports.metrics import Metrics, MetricsQuestion, Pieces, Value, measure_parts
from ladder.storage.read.history_batches import Part
from tests import histories
from tests.reports.metrics import lives
from tests.reports.metrics.plainly import Plain
from tests.six_patterns import six
from tests.sizes import examples

LADDER = six()
QUIET = Ladder(key="quiet", suppress_when=LADDER.suppress_when)


def part(rows: list[Row]) -> Part:
    """Everybody in one part, as storage hands them on."""
    frame = histories.frame(rows)
    names = pl.Series(sorted({row.supporter for row in rows}))
    brought = frame.filter(pl.col("referrer").is_not_null() | pl.col("answers_id").is_not_null())
    return Part(names, frame, brought)


def told(value: Value) -> tuple[Any, ...]:
    shown = value.value if value.denominator else None
    return (shown, value.numerator, value.denominator, value.young, value.unknown)


def asked(organisation: Organisation, question: dict[str, Any], ladder: Ladder) -> MetricsQuestion:
    coverage = [
        Coverage(selector=any_touchpoint, since=a, until=b) for a, b in question["complete"]
    ]
    since, until = question["period"]
    return MetricsQuestion(
        organisation, ladder, coverage, Pieces.from_catalogue(), since, until, question["now"]
    )


def compare(rows: list[Row], organisation: Organisation, question: dict[str, Any], by: Any) -> None:
    receipts = question.get("receipts", False)
    plain = Plain(rows, organisation.calendar, **question)
    question_ = asked(organisation, question, QUIET)
    if receipts:
        question_ = MetricsQuestion(
            **vars_of(question_) | {"pieces": question_.pieces.with_receipts()}
        )
    found = measure_parts(question_, [part(rows)], by, minimum=0)
    same(found, "total", plain.total.told(), found.total.values)
    for row in found.rows:
        same(found, row.name, plain.by[by][row.name].told(), row.values)
    counted = {name for name, count in plain.by[by].items() if any_of(count.told())}
    assert counted <= {row.name for row in found.rows}
    event(f"thanked: {found.total.values['thanked_soon'].status}")


def vars_of(asked: MetricsQuestion) -> dict[str, Any]:
    names = ("organisation", "ladder", "coverage", "pieces", "since", "until", "now")
    return {name: getattr(asked, name) for name in names}


def same(found: Metrics, name: Any, plain: dict[str, Any], values: Any) -> None:
    for key, value in values.items():
        if key != "atm_exposure":
            note(f"{name} {key}: {told(value)}, plainly {plain[key]}")
            assert told(value) == plain[key], (name, key, found.question.now)


def any_of(said: dict[str, tuple[Any, ...]]) -> bool:
    return any(any(number for number in values[2:]) for values in said.values())


@given(st.integers(0, 2**32), st.sampled_from(("month", "campaign")))
def test_metrics_equal_an_independent_count(seed: int, by: str) -> None:
    rng = Random(seed)
    organisation = rng.choice(histories.ORGANISATIONS)
    rows = lives.rows(rng, organisation)
    compare(rows, organisation, lives.question(rng, rows), by)


@settings(max_examples=examples(40))
@given(st.data())
def test_metrics_of_random_histories_equal_an_independent_count(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    rows = data.draw(histories.rows(organisation, 12))
    question = lives.question(Random(data.draw(st.integers(0, 99))), rows)
    compare(rows, organisation, question, "month")


def test_random_histories_are_full() -> None:
    """Else the agreement above would be one about nothing."""
    found: Counter[tuple[str, str]] = Counter()
    for seed in range(60):
        rng = Random(seed)
        rows = lives.rows(rng, histories.ORGANISATIONS[1])
        plain = Plain(rows, histories.ORGANISATIONS[1].calendar, **lives.question(rng, rows))
        for key, said in plain.total.told().items():
            words = ("value", "numerator", "denominator", "young", "unknown")
            found.update((key, word) for word, number in zip(words, said, strict=True) if number)
    assert len(found) > 55
