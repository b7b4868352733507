"""Supporters with only dismissed findings count apart, except on request."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from ladder.catalogue import load
from ladder.coverage import Coverage
from ladder.crm import CRM
from ladder.documents.expression_parser import parse_condition
from ladder.language.selectors import any_touchpoint
from ladder.model.calendars import DAY, to_datetime, to_instant
from ladder.replay import Source, replay
from ladder.reports.metrics import Metrics, measure
from ladder.reports.metrics.dismissals import Dismissals
from ladder.storage.store import Store
from tests.crm.worlds import ALDER
from tests.histories import frame
from tests.reports.metrics import lives

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


class Charity:
    """One that thanks nobody, and somebody who looks at its findings."""

    def __init__(self, session: Session) -> None:
        coverage = [Coverage(selector=any_touchpoint)]
        self.session = session
        self.crm = CRM.create(session, ALDER, load("default"), coverage=coverage, clock=lambda: NOW)

    def record(self, supporter: str, kind: str, month: int, day: int) -> None:
        key = f"{supporter} {kind} {month} {day}"
        self.crm.record(supporter=supporter, kind=kind, at=date(2024, month, day), external_id=key)

    def dismiss(self, supporter: str, pattern: str, month: int, day: int) -> None:
        at = date(2024, month, day)
        (found,) = (each for each in self.crm.findings(supporter, at) if each.pattern == pattern)
        self.crm.dismiss(found, reason="so", at=at)

    def exposure(self, *, with_dismissed: bool = False) -> list[tuple[int | None, int, int]]:
        """By month: numerator, denominator, dismissed."""
        found = measured(self.session, to_instant(NOW), with_dismissed=with_dismissed)
        values = (row.values["atm_exposure"] for row in found.rows)
        return [(value.numerator, value.denominator, value.dismissed) for value in values]


def measured(session: Session, now: int, since: date = date(2024, 3, 1), **more: bool) -> Metrics:
    store = Store.open(session, "alder")
    begins = store.organisation.calendar.instant(since)
    return measure(store, load("default"), now=now, by="month", since=begins, minimum=1, **more)


@pytest.fixture
def charity(sqlite_engine: Engine) -> Charity:
    """Ada and ben gave in March; by the end of the month both are grave findings."""
    charity = Charity(Session(sqlite_engine))
    charity.record("ada", "donation", 3, 1)
    charity.record("ben", "donation", 3, 2)
    return charity


def test_dismissed_finding_is_counted_apart_from_then_on(charity: Charity) -> None:
    charity.dismiss("ada", "O1", 4, 10)
    assert charity.exposure() == [(2, 2, 0), (1, 2, 1), (1, 2, 1), (1, 2, 1)]
    assert charity.exposure(with_dismissed=True) == [(2, 2, 0), (2, 2, 1), (2, 2, 1), (2, 2, 1)]


def test_dismissed_finding_next_to_an_open_one_is_not_counted_apart(charity: Charity) -> None:
    charity.dismiss("ada", "O1", 4, 10)
    charity.record("ada", "appeal", 5, 5)
    assert charity.exposure() == [(2, 2, 0), (1, 2, 1), (2, 2, 0), (2, 2, 0)]


def test_acknowledged_finding_is_counted(charity: Charity) -> None:
    (found,) = (each for each in charity.crm.findings("ada") if each.pattern == "O1")
    charity.crm.acknowledge(found, at=date(2024, 4, 10))
    assert charity.exposure() == [(2, 2, 0)] * 4


def test_metrics_without_dismissals_read_no_further_rows() -> None:
    found = {"O1": parse_condition("count(donation, ever) >= 1")}
    assert Dismissals().conditions(found) == {"found": found["O1"]}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_exposure_is_what_is_stored_and_not_dismissed(engine: Engine, seed: int) -> None:
    rng = Random(seed)
    keyed = frame(lives.rows(rng, ALDER, 60))
    told = keyed.with_columns(
        ("p" + keyed[name].cast(str)).alias(name) for name in ("supporter", "referrer")
    )
    ladder, now = load("default"), to_instant(datetime(2013, 1, 1, tzinfo=UTC))
    replay(
        engine, ALDER, ladder, [Source.of_frames(told.drop("id"))], now=now,
        coverage=[Coverage(selector=any_touchpoint)],
    )  # fmt: skip
    serious = [
        each.key
        for each in ladder.patterns
        if each.side == "organisation"
        and any(grade.severity in ("high", "critical") for grade in each.grades)
    ]
    with Session(engine) as session:
        crm = CRM(session, "alder", clock=lambda: to_datetime(now))
        done = 0
        for person in 3 * sorted(set(told["supporter"])):
            at = to_datetime(now - rng.randrange(1, 300) * DAY)
            for each in crm.findings(person, at):
                if each.pattern in serious and rng.random() < 0.7:
                    crm.dismiss(each, reason="so", at=at)
                    done += 1
        assert done > 4
        found = measured(session, now, since=date(2012, 1, 1))
        dismissed = 0
        for row in found.rows:
            value, last = row.values["atm_exposure"], {"at": min(row.until - 1, now)}
            query = _COUNT.format(serious=", ".join(map(repr, serious)))
            open_ = session.scalar(text(query + _NOT_DISMISSED), last) or 0
            hidden = (session.scalar(text(query), last) or 0) - open_
            assert (value.numerator, value.dismissed) == (open_, hidden), row.name
            dismissed += hidden
        assert dismissed > 0


_COUNT = """
    SELECT count(DISTINCT f.supporter_id) FROM ladder_finding f
    WHERE f.retracted_at IS NULL AND f.pattern IN ({serious}) AND f.severity IN ('high', 'critical')
      AND f.at <= :at AND (f.until IS NULL OR f.until > :at)
      AND f.supporter_id NOT IN (SELECT m.supporter_id FROM ladder_movement m
          WHERE m.retracted_at IS NULL AND m.kind = 'silenced' AND m.until IS NULL)
"""
_NOT_DISMISSED = """
      AND NOT EXISTS (SELECT 1 FROM ladder_finding_state s
          WHERE s.supporter_id = f.supporter_id AND s.pattern = f.pattern AND s.state = 'dismissed'
            AND s.retracted_at IS NULL AND s.at <= :at AND (s.until IS NULL OR s.until > :at))
"""
