"""Recording touchpoints one by one, in any order, ends where one replay of them all ends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ladder.coverage import Coverage
from ladder.crm import CRM
from ladder.engines import columnar
from ladder.engines.reference.facts import Row, row_of
from ladder.language.ladders import Ladder
from ladder.model.calendars import FOREVER, to_date, to_datetime
from ladder.model.money import QUANTITY_SCALE, to_major
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Key, Touchpoint
from tests import histories
from tests.agreement.test_agreement import coverages, ladders
from tests.crm import worlds
from tests.sizes import examples

SLOW = settings(suppress_health_check=list(HealthCheck))


def touchpoint(row: Row, organisation: Organisation) -> Touchpoint:
    """A random row as a host would tell it."""
    day = to_date(organisation.calendar.day_of(int(row.at)))  # type: ignore[call-overload]
    answered = row.answers_id and Key(row.answers_source or row.source, row.answers_id)
    return Touchpoint(
        supporter=f"p{row.supporter}",
        kind=row.kind,
        at=day if row.date_only else to_datetime(int(row.at)),  # type: ignore[call-overload]
        direction=row.direction,
        purposes=row.purposes,
        asks_for=row.asks_for,
        channel=row.channel,
        audience=row.audience,
        automated=row.automated,
        campaign=row.campaign,
        amount=None if row.amount is None else to_major(row.amount, "EUR"),
        currency=row.currency,
        quantity=None if row.quantity is None else Decimal(row.quantity) / QUANTITY_SCALE,
        answers=answered,
        referrer=None if row.referrer is None else f"p{row.referrer}",
        source=row.source,
        external_id=row.external_id,
        details=json.loads(row.details) if row.details else None,
    )


class Replayed:
    """What one replay of all touchpoints says, in the rows that `worlds` reads."""

    def __init__(
        self,
        told: Sequence[Touchpoint],
        ladder: Ladder,
        organisation: Organisation,
        coverage: Sequence[Coverage],
    ) -> None:
        numbers = {f"p{person}": person for person in histories.PEOPLE}
        rows = []
        for n, each in enumerate(told):
            row = row_of(each, n, organisation, ladder.kinds)
            referrer = None if row.referrer is None else numbers[str(row.referrer)]
            rows.append(row._replace(supporter=numbers[str(row.supporter)], referrer=referrer))
        self.names = {r.id: (r.source, r.external_id, r.kind, r.at) for r in rows}
        self.rows = histories.frame(rows)
        self.result = columnar.evaluate(self.rows, ladder, organisation, coverage)

    def movements(self) -> worlds.Rows:
        rows = []
        for supporter, at, until, *told, causes in self.result.movements.rows():
            named = sorted((self.names[number] for number in causes), key=repr)
            rows.append((f"p{supporter}", at, _ending(until), *told, named))
        return worlds.in_order(rows)

    def findings(self) -> worlds.Rows:
        return worlds.in_order(
            (f"p{supporter}", pattern, severity, at, _ending(until))
            for supporter, pattern, severity, at, until in self.result.findings.rows()
        )

    def beginnings(self) -> worlds.Rows:
        return worlds.in_order(
            (f"p{supporter}", at) for supporter, at in self.result.first_at.rows()
        )


def _ending(until: int) -> int | None:
    return None if until >= FOREVER else until


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, ...]:
    """An organisation, its ladder and coverage, and touchpoints in some order."""
    organisation = draw(histories.organisations())
    made = draw(histories.rows(organisation))
    told = [touchpoint(row, organisation) for row in draw(st.permutations(made))]
    return organisation, draw(ladders()), draw(coverages(organisation)), told


def check(connection: Connection, case: tuple[Any, ...], sizes: Sequence[int] = ()) -> None:
    """Record them all, compare with the replay, then ask what was believed at each step."""
    organisation, ladder, coverage, told = case
    note("\n".join(str(each) for each in told))
    crm = CRM.create(connection, organisation, ladder, coverage=coverage, now=worlds.moment(0))
    believed = {}
    for n, some in enumerate(_parts(told, sizes), 1):
        if len(some) == 1:
            assert crm.record(some[0], now=worlds.moment(n)).new
        else:
            assert crm.record_many(some, now=worlds.moment(n)).new == len(some)
        believed[n] = (worlds.stored_movements(connection), worlds.stored_findings(connection))
    for each in told:
        assert each.external_id is None or not crm.record(each).new
    replayed = Replayed(told, ladder, organisation, coverage)
    assert worlds.stored_movements(connection) == replayed.movements()
    assert worlds.stored_findings(connection) == replayed.findings()
    assert worlds.stored_beginnings(connection) == replayed.beginnings()
    for n, (movements, findings) in believed.items():
        assert worlds.stored_movements(connection, worlds.moment(n)) == movements
        assert worlds.stored_findings(connection, worlds.moment(n)) == findings


def _parts(told: Sequence[Touchpoint], sizes: Sequence[int]) -> Iterator[Sequence[Touchpoint]]:
    """One by one, or in parts of these sizes and then one by one."""
    begin = 0
    for size in (*sizes, *(1 for _ in told)):
        if begin < len(told):
            yield told[begin : begin + size]
            begin += size


@SLOW
@given(case=cases())
def test_one_by_one_in_any_order_is_one_replay(
    sqlite_engine: Engine, case: tuple[Any, ...]
) -> None:
    with sqlite_engine.connect() as connection:
        check(connection, case)
        connection.rollback()


@SLOW
@given(case=cases(), sizes=st.lists(st.integers(1, 4)))
def test_in_parts_of_any_size_is_one_replay(
    sqlite_engine: Engine, case: tuple[Any, ...], sizes: list[int]
) -> None:
    with sqlite_engine.connect() as connection:
        check(connection, case, sizes)
        connection.rollback()


@pytest.mark.postgres
@settings(SLOW, max_examples=examples(20))
@given(case=cases(), sizes=st.lists(st.integers(1, 2), max_size=2))
def test_the_same_on_postgresql(pg_engine: Engine, case: tuple[Any, ...], sizes: list[int]) -> None:
    with pg_engine.connect() as connection:
        check(connection, case, sizes)
        connection.rollback()
