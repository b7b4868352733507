"""Every way that is compared comes to the same movements, ties and month ends included."""

from __future__ import annotations

import random
from datetime import date, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from ladder import columnar
from ladder.calendars import DAY, HOUR, to_day
from ladder.frames import SCHEMA
from tests.benchmarks.peers.children import rows
from tests.benchmarks.peers.counting import WAYS as WAYS_FOLDER
from tests.benchmarks.peers.counting import code_lines, lines
from tests.benchmarks.peers.table import WAYS, Measured, Way, markdown
from tests.benchmarks.peers.ways import columns
from tests.benchmarks.peers.ways.giving import LADDER, ORGANISATION

NEEDS = {
    "columns": (),
    "duckdb_sql": ("duckdb", "pyarrow"),
    "pandas_groupby": ("pandas", "pyarrow"),
    "recording": (),
    "with_eventsourcing": ("eventsourcing", "pyarrow"),
    "with_statemachine": ("statemachine", "pyarrow"),
    "with_transitions": ("transitions", "pyarrow"),
}
KINDS = (
    *("donation", "donation", "petition_signed", "event_attended", "volunteer_shift"),
    *("email_opened", "email_clicked", "newsletter", "appeal", "thank_you"),
)
DAYS = (
    date(2020, 2, 29), date(2021, 2, 28), date(2021, 3, 1), date(2021, 3, 28), date(2021, 10, 31),
    date(2022, 3, 27), date(2022, 10, 30), date(2022, 10, 31), date(2021, 12, 31), date(2022, 1, 1),
)  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Histories whose acts often share an instant, or fall on the one at which others run out."""
    chance, made = random.Random(7), []
    calendar = ORGANISATION.calendar
    for n in range(1_500):
        day = to_day(chance.choice(DAYS) + timedelta(days=chance.choice((0, 0, 1, 365, 366))))
        at = calendar.day_start(day) + chance.choice((0, 0, 0, 10 * HOUR, 10 * HOUR, DAY - HOUR))
        kind = chance.choice(KINDS)
        cents = chance.choice((1_000, 20_000, 25_000, 50_000, 49_999))
        amount = cents if kind == "donation" else None
        made.append((n, chance.randrange(1, 150), kind, at, amount))
    frame = pl.DataFrame(made, ["id", "supporter", "kind", "at", "amount"], orient="row")
    rest = {name: kind for name, kind in SCHEMA.items() if name not in frame.columns}
    frame = frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in rest.items())
    path = tmp_path_factory.mktemp("peers") / "touchpoints.parquet"
    frame.sort("at").write_parquet(path)
    return path


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.module)
def test_the_same_movements(way: Way, file: Path) -> None:
    absent = [name for name in NEEDS[way.module] if find_spec(name) is None]
    if absent:
        pytest.skip(f"{', '.join(absent)} not installed (pip install 'ladder-crm[peers]')")
    movements = import_module(f"tests.benchmarks.peers.ways.{way.module}").movements
    assert rows(movements(file)) == rows(columns.movements(file))


def test_the_histories_are_worth_comparing(file: Path) -> None:
    moved = columnar.evaluate(pl.read_parquet(file), LADDER, ORGANISATION).movements
    assert set(moved["kind"]) >= {"arrived", "climbed", "slipped"}
    assert set(moved["cause"]) == {"clock", "touchpoint"}
    assert {"aware", "engaged", "donor", "major"} <= set(moved["after"])
    acts = pl.read_parquet(file)
    assert acts.select("supporter", "at").is_duplicated().sum() > 50
    ends = moved.filter(pl.col("cause") == "clock").select("supporter", "at")
    assert acts.join(ends, on=["supporter", "at"]).height > 0


def test_what_counts_as_a_line() -> None:
    source = '"""A page.\n\nOf two."""\n\nimport os  # a comment\n# another\n\n\ndef f():\n'
    assert code_lines(source + '    """Told."""\n    return """x\n\ny"""\n') == 4
    assert lines("with_transitions") > code_lines((WAYS_FOLDER / "with_transitions.py").read_text())


def test_a_part_of_the_rows_is_told_as_such() -> None:
    whole = Measured(WAYS[0], "1.0", 30, 1_000, 0.5, 0.9, 2**20, same=True)
    slow = Way("x", "slow", "slow", "much", share=10)
    part = Measured(slow, "2.0", 90, 100, 3.0, 2.5, 2**20, same=False)
    table = markdown([whole, part]).splitlines()
    assert "| ladder, columnar 1.0 | 0.5 s | 0.9 s | 1.0 | 1 MB | 30 | the same |" in table[2]
    assert "| ≈ 30.0 s | ≈ 25.0 s | 60.0 | 1 MB (100 rows) | 90 | DIFFERENT |" in table[3]
