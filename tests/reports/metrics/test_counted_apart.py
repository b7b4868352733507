"""The metrics are what plain loops over the same touchpoints count, in every number."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import event, given, note
from hypothesis import strategies as st

from ladder.calendars import DAY
from ladder.coverage import Coverage
from ladder.ladders import Ladder
from ladder.library import load
from ladder.live.facts import Row
from ladder.organisations import Organisation
from ladder.reports.metrics import Asked, Metrics, Pieces, Value, measured
from ladder.selectors import anything
from ladder.storage.parts import Part
from tests import histories
from tests.reports.metrics import lives
from tests.reports.metrics.plainly import NEVER, Plain

LADDER = load("default")
QUIET = Ladder(key="quiet", silent=LADDER.silent)


def part(rows: list[Row]) -> Part:
    """Everybody in one part, as storage hands them on."""
    frame = histories.frame(rows)
    names = pl.Series(sorted({row.supporter for row in rows}))
    brought = frame.filter(pl.col("referrer").is_not_null() | pl.col("answers_id").is_not_null())
    return Part(names, frame, brought)


def told(value: Value) -> tuple[Any, ...]:
    shown = value.value if value.denominator else None
    return (shown, value.numerator, value.denominator, value.young, value.unknown)


@st.composite
def questions(draw: st.DrawFn, rows: list[Row]) -> dict[str, Any]:
    """A log that is complete during some stretches, a time, and a present, all near the rows."""
    instants = sorted({row.at for row in rows if isinstance(row.at, int)})
    near = st.sampled_from(instants)
    edges = sorted(draw(near) + draw(st.sampled_from((0, 0, 1, 40 * DAY))) for _ in range(2))
    complete = draw(st.sampled_from((
        [(-NEVER, NEVER)], [(-NEVER, NEVER)], [(edges[0], NEVER)], [(-NEVER, edges[1])],
        [(-NEVER, edges[0]), (edges[1], NEVER)],
    )))  # fmt: skip
    later = draw(st.sampled_from((0, 0, 1, DAY, 10 * DAY, 200 * DAY, 200 * DAY, 200 * DAY)))
    now = draw(near) + later
    since = draw(st.sampled_from((instants[0], edges[0])))
    return {
        "complete": [(a, b) for a, b in complete if a < b],
        "period": (since, now + 1),
        "now": now,
    }


def asked(organisation: Organisation, question: dict[str, Any], ladder: Ladder) -> Asked:
    coverage = [Coverage(selector=anything, since=a, until=b) for a, b in question["complete"]]
    since, until = question["period"]
    return Asked(organisation, ladder, coverage, Pieces.shipped(), since, until, question["now"])


def compare(rows: list[Row], organisation: Organisation, question: dict[str, Any], by: Any) -> None:
    receipts = question.get("receipts", False)
    plain = Plain(rows, organisation.calendar, receipts=receipts, **{
        name: value for name, value in question.items() if name != "receipts"
    })  # fmt: skip
    question_ = asked(organisation, question, QUIET)
    if receipts:
        question_ = Asked(**vars_of(question_) | {"pieces": question_.pieces.with_receipts()})
    found = measured(question_, [part(rows)], by, minimum=0)
    same(found, "total", plain.total.told(), found.total.values)
    for row in found.rows:
        same(found, row.name, plain.by[by][row.name].told(), row.values)
    counted = {name for name, count in plain.by[by].items() if any_of(count.told())}
    assert counted <= {row.name for row in found.rows}
    event(f"thanked: {found.total.values['thanked_soon'].status}")


def vars_of(asked: Asked) -> dict[str, Any]:
    names = ("organisation", "ladder", "coverage", "pieces", "since", "until", "now")
    return {name: getattr(asked, name) for name in names}


def same(found: Metrics, name: Any, plain: dict[str, Any], values: Any) -> None:
    for key, value in values.items():
        if key != "atm_exposure":
            note(f"{name} {key}: {told(value)}, plainly {plain[key]}")
            assert told(value) == plain[key], (name, key, found.asked.now)


def any_of(said: dict[str, tuple[Any, ...]]) -> bool:
    return any(any(number for number in values[2:]) for values in said.values())


@given(st.data(), st.sampled_from(("month", "campaign")), st.booleans())
def test_every_number_is_counted_apart(data: st.DataObject, by: str, receipts: bool) -> None:
    organisation = data.draw(histories.organisations())
    rows = data.draw(lives.rows(organisation))
    question = data.draw(questions(rows))
    compare(rows, organisation, question | {"receipts": receipts}, by)


@given(st.data())
def test_so_it_is_of_any_history(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    rows = data.draw(histories.rows(organisation, 12))
    compare(rows, organisation, data.draw(questions(rows)), "month")
