"""Histories as narrow as a question allows answer it as whole ones do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ladder import catalogue
from ladder.coverage import Coverage
from ladder.crm import CRM
from ladder.engines.columnar.projection import Narrow, columns_of
from ladder.engines.columnar.queries import Look, Standing, Standings
from ladder.errors import CurrencyError
from ladder.language.aggregates import amount_above, amount_at_least, count, total
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.nodes import Condition, Selector
from ladder.language.selectors import (
    any_touchpoint,
    automated,
    campaign,
    family,
    has_rate,
    inbound,
    is_reply,
    kind,
    outbound,
    purpose,
    referred,
    where,
)
from ladder.language.spans import ever, until
from ladder.model.calendars import DAY
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from ladder.storage.read import filtered_histories as narrowly
from ladder.storage.read.history_batches import Part, read_parts
from ladder.storage.read.selector_sql import Where
from ladder.storage.read.table_scan import swept
from ladder.storage.store import Store
from tests import histories
from tests.crm.conftest import ALDER
from tests.crm.recordings import cases
from tests.crm.worlds import clock, moment
from tests.sizes import examples
from tests.strategies import conditions

BARE = Ladder(key="bare")


def narrow_of(*told: Condition) -> Narrow | None:
    return Narrow.of(KINDS, told)


SOME = conditions(1).filter(lambda each: narrow_of(each) is not None)


@st.composite
def questions(draw: st.DrawFn) -> Ladder:
    """Ladders of which some can be read narrowly."""
    return Ladder(
        key="narrow",
        rungs=tuple(Rung(key=key, enter=draw(SOME)) for key in histories.RUNGS[:2]),
        patterns=(
            Pattern(
                key="P", side="supporter", grades=(Grade(severity="low", condition=draw(SOME)),)
            ),
        ),
        suppress_when=draw(st.none() | SOME),
        placements=draw(st.sampled_from(("ignore", "lift", "hold", "cap"))),
    )


def answered(
    read: Iterable[Part], question: Standing, organisation: Organisation, coverage: list[Coverage]
) -> list[Any]:
    """Return the answers to the question, in a fixed order."""
    said = [question.of(part.frame, organisation, coverage, part.brought) for part in read]
    return [
        sorted(pl.concat([getattr(each, name) for each in said]).rows())
        if name in ("places", "findings")
        else sorted(pl.concat([getattr(each, name) for each in said]).to_list())
        for name in Standings._fields
    ]


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(case=cases(), ladder=questions(), data=st.data())
def test_narrow_histories_give_the_answers_of_whole_ones(
    sqlite_engine: Engine, case: tuple[Any, ...], ladder: Ladder, data: st.DataObject
) -> None:
    organisation, _, coverage, touchpoints = case
    start = organisation.calendar.day_start(0)
    at, now = (start + data.draw(st.integers(15_330, 16_000)) * DAY for _ in range(2))
    question = Standing(ladder, at, now, places=data.draw(st.booleans()))
    told = list(question.conditions())
    narrow = narrow_of(*told)
    assume(narrow is not None)
    assert narrow is not None
    event(f"brought: {narrow.brought}")
    with sqlite_engine.connect() as connection:
        crm = CRM.create(connection, organisation, BARE, now=moment(0))
        crm.record_many(touchpoints, now=moment(1))
        store, rows = Store.open(connection, organisation.key), data.draw(st.sampled_from((1, 90)))
        whole = read_parts(store, KINDS.values(), columns=columns_of(told))
        try:
            expected = answered(whole, question, organisation, coverage)
        except CurrencyError:
            with pytest.raises(CurrencyError):
                answered(
                    narrowly.read_narrowly(store, narrow, rows), question, organisation, coverage
                )
        else:
            read = narrowly.read_narrowly(store, narrow, rows)
            assert answered(read, question, organisation, coverage) == expected
        connection.rollback()


@pytest.mark.parametrize(
    "selector",
    [
        kind("donation"),
        inbound & family("word"),
        outbound & ~purpose("ask", "thank"),
        ~automated & outbound,
        ~inbound & campaign("spring"),
        family("money") & amount_at_least("10"),
        kind("donation") & amount_above(total(kind("donation"), ever)),
        inbound & has_rate,
        inbound & where(vip=True),
        (inbound & family("money")).when(count(kind("reply"), ever) >= 1),
        ~((inbound | purpose("thank")) & ~kind("donation")),
    ],
    ids=str,
)
def test_rows_excluded_by_sql_are_selected_by_no_evaluation(
    engine: Engine, selector: Selector
) -> None:
    told: list[dict[str, Any]] = [
        {"kind": "donation", "amount": "10"},
        {"kind": "donation", "campaign": "spring", "details": {"vip": True}},
        {"kind": "reply"},
        {"kind": "reply", "direction": "outbound", "campaign": "spring"},
        {"kind": "thank_you", "automated": True},
        {"kind": "appeal", "campaign": "winter"},
        {"kind": "message", "purposes": "ask,inform"},
        {"kind": "call"},
        {"kind": "receipt"},
    ]
    with engine.connect() as connection:
        crm = CRM.create(connection, ALDER, BARE, clock=clock)
        for n, each in enumerate(told):
            crm.record(supporter="ada", at=date(2024, 1, 1 + n), external_id=f"{n}", **each)
        store, where_ = Store.open(connection, ALDER.key), Where()
        sql = where_.any_of([selector], KINDS)
        read = pl.concat(swept(store, ["supporter", "id"], sql, **where_.values))["id"]
        (whole,) = read_parts(store, KINDS.values())
        frame = whole.frame
        seen = Look(BARE, {"chosen": selector}).at(frame, ALDER).rows.filter("chosen")["id"]
        assert set(seen) <= set(read) < set(frame["id"])
        connection.rollback()


@pytest.mark.parametrize(
    ("condition", "is_narrow"),
    [
        (count(kind("donation"), ever) >= 1, True),
        (count(referred(inbound), ever) >= 1, True),
        (total(family("money"), ever) >= "10", True),
        (count(kind("donation") & amount_above(total(kind("donation"), ever)), ever) >= 1, True),
        (count(kind("staff_joined"), until(kind("staff_left"))) >= 1, True),
        (count(kind("donation"), until(kind("thank_you"))) >= 1, False),
        (count(kind("thank_you") & is_reply, ever) >= 1, False),
        (count(~kind("donation"), ever) >= 1, True),
        (count(any_touchpoint, ever) >= 1, False),
    ],
    ids=str,
)
def test_narrow_reading_applies_to_these_selectors(condition: Condition, is_narrow: bool) -> None:
    assert (narrow_of(condition) is not None) == is_narrow


def test_default_ladders_rungs_are_read_without_letters() -> None:
    ladder = catalogue.load("default")
    question = Standing(ladder, 0, 0, patterns=())
    narrow = Narrow.of(ladder.kinds, question.conditions())
    assert narrow is not None
    assert not {"amount", "answers_id", "external_id"} & set(narrow.columns)
    values = Where()
    values.any_of(narrow.selectors, ladder.kinds)
    named = {name for names in values.values.values() if isinstance(names, list) for name in names}
    assert "donation" in named
    assert not {"newsletter", "appeal", "thank_you", "receipt"} & named
