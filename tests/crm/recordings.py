"""Random touchpoints recorded one by one, in parts, or by a replay, and what a replay says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import note
from hypothesis import strategies as st
from sqlalchemy import Connection

from ladder.coverage import Coverage
from ladder.crm import CRM, evaluation
from ladder.engines import columnar
from ladder.engines.incremental import snapshot_evaluator, snapshots
from ladder.engines.reference.facts import Row, row_of
from ladder.language.ladders import Ladder
from ladder.model.calendars import FOREVER, to_date, to_datetime, to_instant
from ladder.model.kinds import Kinds
from ladder.model.money import QUANTITY_SCALE, to_major
from ladder.model.organisations import Organisation
from ladder.model.touchpoint_frame import SCHEMA
from ladder.model.touchpoints import Key, Touchpoint
from ladder.replay import Source, replay, verify
from tests import histories
from tests.crm import worlds
from tests.crm.worlds import moment
from tests.random_ladders import coverages, ladders


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
    """Return the results of one replay of all touchpoints, in the rows that `worlds` reads."""

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
    assert verify(connection, organisation.key).fine
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


def frame(told: Sequence[Touchpoint], organisation: Organisation, kinds: Kinds) -> pl.DataFrame:
    """The touchpoints as an importer would hand them over."""
    rows = [row_of(each, n, organisation, kinds) for n, each in enumerate(told)]
    told_of = [{name: getattr(row, name) for name in SCHEMA} for row in rows]
    return pl.DataFrame(told_of, schema=SCHEMA)


def end(connection: Connection) -> tuple[worlds.Rows, ...]:
    """Everything that is believed."""
    return (
        worlds.stored_movements(connection),
        worlds.stored_findings(connection),
        worlds.stored_beginnings(connection),
    )


def mixed(
    connection: Connection, case: tuple[Any, ...], begin: int, stop: int
) -> tuple[worlds.Rows, ...]:
    """Record some, replay some more, record the rest, and return the rows that are believed."""
    organisation, ladder, coverage, told = case
    crm = CRM.create(connection, organisation, ladder, now=moment(0))
    crm.record_many(told[:begin], now=moment(1))
    recompute = [each for each in told[:begin] if each.external_id is not None]
    batch = frame([*recompute, *told[begin:stop]], organisation, ladder.kinds)
    source = [Source.of_frames(batch)] if len(batch) else []
    report = replay(
        connection, organisation, ladder, source, now=to_instant(moment(2)), coverage=coverage
    )
    assert report.refused == 0
    for n, each in enumerate(told[stop:], 3):
        crm.record(each, now=moment(n))
    assert verify(connection, organisation.key).fine
    return end(connection)


class Watch:
    """Count evaluations from a snapshot and evaluations from the whole history."""

    def __init__(self) -> None:
        self.onwards = self.refused = 0


@contextmanager
def spacing(long: int, keep: int, named: int = 2) -> Iterator[Watch]:
    """Keep snapshots of histories of `long` touchpoints, `keep` touchpoints behind the last."""
    watch = Watch()
    result = evaluation._IncrementalEvaluation.result

    def noted(self: Any) -> Any:
        try:
            done = result(self)
        except snapshot_evaluator.FullReadRequired:
            watch.refused += 1
            raise
        watch.onwards += 1
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "LONG", long)
        patch.setattr(evaluation, "LONG", long)
        patch.setattr(snapshots.choose_checkpoint, "__defaults__", (keep,))
        patch.setattr(snapshot_evaluator, "MOST_NAMED", named)
        patch.setattr(evaluation._IncrementalEvaluation, "result", noted)
        yield watch
