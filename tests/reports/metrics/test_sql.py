"""Out of a database: the same figures on both, and what plain SQL counts in a river charity."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from sqlalchemy import Engine

from ladder.cli.context import asking
from ladder.coverage import Coverage
from ladder.language.selectors import any_touchpoint
from ladder.model.calendars import to_instant
from ladder.model.organisations import Organisation
from ladder.replay import Source, replay
from ladder.reports.metrics import Metrics, measure
from ladder.storage.store import Store
from tests.histories import frame
from tests.reports.metrics import lives
from tests.reports.metrics.plainly import NEVER, Plain
from tests.six_patterns import six

ROOT = Path(__file__).parents[3]
BERLIN = Organisation(key="alder", zone="Europe/Berlin", currency="EUR")
NOW = to_instant(datetime(2026, 11, 15, 23, 59, 59, tzinfo=ZoneInfo("Europe/Berlin")))


@pytest.mark.parametrize("seed", [1, 2])
def test_metrics_in_sql_equal_an_independent_count(engine: Engine, seed: int) -> None:
    rng = Random(seed)
    rows = lives.rows(rng, BERLIN, 30)
    period, now = (0, 10**16 // 6 + 1), 10**16 // 6
    keyed = frame(rows).with_columns(
        (pl.lit("p") + pl.col(name).cast(pl.String)).alias(name)
        for name in ("supporter", "referrer")
    )
    everything = [Coverage(selector=any_touchpoint)]
    ladder = six()
    replay(engine, BERLIN, ladder, [Source.of_frames(keyed.drop("id"))], now=now,
           coverage=everything)  # fmt: skip
    with engine.connect() as connection:
        store = Store.open(connection, "alder")
        found = measure(store, ladder, now=now, by="month", since=period[0], minimum=1)
    plain = Plain(rows, BERLIN.calendar, [(-NEVER, NEVER)], period, now)
    for row in (found.total, *found.rows):
        said = (plain.total if row.name is None else plain.by["month"][row.name]).told()
        for key, value in row.values.items():
            if key != "atm_exposure":
                assert (value.numerator, value.denominator) == said[key][1:3], (row.name, key)


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The river charity with 300 supporters."""
    folder = tmp_path_factory.mktemp("river")
    demo = ROOT / "examples" / "river" / "demo.py"
    words = ["--out", str(folder), "--supporters", "300", "--until", "2026-11-15"]
    subprocess.run([sys.executable, str(demo), *words], check=True, capture_output=True)
    return folder / "river.db"


@pytest.fixture(scope="module")
def found(river: Path) -> Metrics:
    """Its metrics of six years."""
    with asking(str(river), None, None, date(2026, 11, 15)) as ask:
        return measure(ask.store, ask.ladder, now=NOW, by="month", since=0)


@pytest.fixture(scope="module")
def sql(river: Path) -> Iterator[sqlite3.Connection]:
    """The database, with a table of the valid touchpoints of supporters who are not suppressed."""
    with sqlite3.connect(river) as connection:
        connection.execute(
            f"""
            CREATE TEMP TABLE happened AS SELECT t.* FROM ladder_touchpoint t
            WHERE t.kind <> 'void' AND t.at <= {NOW}
              AND NOT EXISTS (SELECT 1 FROM ladder_touchpoint v
                  WHERE v.kind = 'void' AND v.supporter_id = t.supporter_id
                    AND v.answers_id = t.external_id)
              AND NOT EXISTS (SELECT 1 FROM ladder_touchpoint s
                  WHERE s.supporter_id = t.supporter_id AND s.at <= {NOW}
                    AND s.kind IN ('objected', 'deceased', 'erased', 'staff_joined'))
            """
        )
        yield connection


def one(sql: sqlite3.Connection, query: str) -> tuple[int, ...]:
    found: tuple[int, ...] = sql.execute(query).fetchone()
    return found


PERSONAL = "direction = 'outbound' AND coalesce(automated, 0) = 0 AND kind <> 'refund'"
ASKS = "',' || purposes || ',' LIKE '%,ask,%'"


def test_contacts_and_asks_are_counted_in_sql(sql: sqlite3.Connection, found: Metrics) -> None:
    value = found.total.values["nonask_per_ask"]
    asks = f"direction = 'outbound' AND {ASKS} AND asks_for = 'money'"
    query = f"SELECT sum({PERSONAL} AND NOT {ASKS}), sum({asks}) FROM happened"
    assert (value.numerator, value.denominator) == one(sql, query)
    assert value.denominator > 300


def test_conversations_are_counted_in_sql(sql: sqlite3.Connection, found: Metrics) -> None:
    value = found.total.values["conversation"]
    answered = """EXISTS (SELECT 1 FROM happened q WHERE q.supporter_id = h.supporter_id
        AND q.external_id = h.answers_id AND q.at <= h.at AND q.kind IN
        ('reply', 'comment', 'question', 'complaint', 'feedback', 'survey_answered'))"""
    query = f"""SELECT sum({PERSONAL} AND coalesce(audience, '') <> 'broadcast'
        AND (kind IN ('call', 'meeting') OR {answered})), sum({PERSONAL}) FROM happened h"""
    assert (value.numerator, value.denominator) == one(sql, query)
    assert value.numerator


def test_first_asks_are_counted_in_sql(sql: sqlite3.Connection, found: Metrics) -> None:
    value = found.total.values["asked_first"]
    query = f"""
        SELECT sum(NOT EXISTS (SELECT 1 FROM happened n WHERE n.supporter_id = f.supporter_id
                   AND n.at < f.at AND {PERSONAL} AND NOT {ASKS})), count(*)
        FROM (SELECT supporter_id, min(at) AS at FROM happened WHERE direction = 'outbound'
              AND {ASKS} AND asks_for = 'money' GROUP BY supporter_id) f"""
    assert (value.numerator, value.denominator) == one(sql, query)


def test_exposure_is_what_is_stored_as_findings(sql: sqlite3.Connection, found: Metrics) -> None:
    counted = 0
    for row in found.rows:
        at = row.until - 1
        query = f"""
            SELECT count(DISTINCT f.supporter_id) FROM ladder_finding f
            WHERE f.retracted_at IS NULL AND f.pattern GLOB 'O*'
              AND f.severity IN ('high', 'critical')
              AND f.at <= {at} AND (f.until IS NULL OR f.until > {at})
              AND f.supporter_id IN (SELECT supporter_id FROM happened)"""
        (number,) = one(sql, query)
        assert row.values["atm_exposure"].numerator == number, row.name
        counted += number
    assert counted > 100


def test_river_charity_is_as_its_generator_means_it(found: Metrics) -> None:
    """Nine in ten are thanked, most within days; 5 % of its people come by a cold letter."""
    values = {key: value.value for key, value in found.total.values.items()}
    assert 0.65 < (values["thanked_late"] or 0) < 0.95
    assert 0.02 < (values["unthanked"] or 0) < 0.15
    assert 0.6 < (values["answered"] or 0) < 0.95
    assert 0.02 < (values["asked_first"] or 0) < 0.2
    assert 1 < (values["thank_days"] or 0) < 3
