"""Every way that is compared comes to the same movements, ties and month ends included."""

from __future__ import annotations

import random
from datetime import date, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from ladder.engines import columnar
from ladder.model.calendars import DAY, HOUR, to_day
from ladder.model.touchpoint_frame import SCHEMA
from tests.benchmarks.peers.__main__ import BEGIN, END, Bench, main
from tests.benchmarks.peers.children import rows
from tests.benchmarks.peers.counting import WAYS as WAYS_FOLDER
from tests.benchmarks.peers.counting import code_lines, lines
from tests.benchmarks.peers.table import WAYS, Failure, Measured, Run, Way, markdown, terminal
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
def test_peers_give_the_same_movements(way: Way, file: Path) -> None:
    absent = [name for name in NEEDS[way.module] if find_spec(name) is None]
    if absent:
        pytest.skip(f"{', '.join(absent)} not installed (pip install 'ladder-crm[peers]')")
    movements = import_module(f"tests.benchmarks.peers.ways.{way.module}").movements
    assert rows(movements(file)) == rows(columns.movements(file))


def test_histories_are_worth_comparing(file: Path) -> None:
    moved = columnar.evaluate(pl.read_parquet(file), LADDER, ORGANISATION).movements
    assert set(moved["kind"]) >= {"arrived", "climbed", "slipped"}
    assert set(moved["cause"]) == {"clock", "touchpoint"}
    assert {"aware", "engaged", "donor", "major"} <= set(moved["after"])
    acts = pl.read_parquet(file)
    assert acts.select("supporter", "at").is_duplicated().sum() > 50
    ends = moved.filter(pl.col("cause") == "clock").select("supporter", "at")
    assert acts.join(ends, on=["supporter", "at"]).height > 0


def test_code_lines_are_counted_without_blanks_and_comments() -> None:
    source = '"""A page.\n\nOf two."""\n\nimport os  # a comment\n# another\n\n\ndef f():\n'
    assert code_lines(source + '    """Told."""\n    return """x\n\ny"""\n') == 4
    assert lines("with_transitions") > code_lines((WAYS_FOLDER / "with_transitions.py").read_text())


def run(rows: int, seconds: float, *, same: bool = True) -> Run:
    return Run(rows, seconds, 300 * 2**20, "digest", same=same)


def test_tables_in_text_and_markdown_agree() -> None:
    fast = Measured(WAYS[0], "1.0", 30, run(10, 0.5), run(1_000, 1.25))
    slow = Measured(WAYS[-1], "2.0", 90, run(10, 3.0, same=False), None)
    dead = Measured(WAYS[1], "3.0", 45, run(10, 2.0), Failure(1_000, "exit code 1: no memory"))
    page = markdown([fast, slow, dead], 10, 1_000).splitlines()
    assert page[2].startswith("| ladder, columnar 1.0 | 0.50 s | 300 MB | 1.25 s | 300 MB | 30 |")
    assert "| 3.00 s | 300 MB | not run |  | 90 | DIFFERENT |" in page[3]
    assert "| 2.00 s | 300 MB | failed |  | 45 | FAILED |" in page[4]
    shown = terminal([fast, slow, dead], 10, 1_000)
    assert max(map(len, shown.splitlines())) <= 80
    assert "DuckDB, one statement, 1,000 rows: exit code 1: no memory" in shown
    assert [each.fine for each in (fast, slow, dead)] == [True, False, False]


def small(*more: str) -> list[str]:
    return ["--few", "20", "--many", "40", *more]


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "peers.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    monkeypatch.setattr("tests.benchmarks.peers.__main__.PAGE", path)
    monkeypatch.setattr("tests.benchmarks.peers.__main__.QUICK", 0)  # one run of each is enough
    return path


def test_way_that_fails_says_so_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], page: Path
) -> None:
    absent = Way("no_such_way", "absent", "polars", "any_touchpoint")
    monkeypatch.setattr("tests.benchmarks.peers.__main__.WAYS", (absent, WAYS[0]))
    monkeypatch.setattr("tests.benchmarks.peers.__main__.lines", lambda _: 1)
    assert main(small("--write")) == 1
    told = capsys.readouterr().out
    assert "FAILED" in told
    assert "No module named" in told
    assert "the same" in told
    assert "old" in page.read_text()


def test_way_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    found = Bench(tmp_path, 0.01).once(WAYS[0], 20)
    assert isinstance(found, Failure)
    assert found.reason.startswith("stopped after")


def test_different_answer_is_reported(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 60, {20: "what another answered"})
    found = bench.once(WAYS[0], 20)
    assert isinstance(found, Run)
    assert not found.same


def test_whole_table_is_written_between_its_marks(
    monkeypatch: pytest.MonkeyPatch, page: Path
) -> None:
    assert main(small("columns", "--write")) == 1, "one way is no table"
    monkeypatch.setattr("tests.benchmarks.peers.__main__.WAYS", WAYS[:1])
    assert main(small("--write")) == 0
    said = page.read_text()
    assert said.startswith(f"before\n{BEGIN}\n\n| way | 20 rows |")
    assert said.endswith(f"{END}\nafter\n")
    assert "old" not in said


def test_unknown_peer_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["pandsa"])
    assert "no way is called pandsa; known: columns, duckdb_sql" in capsys.readouterr().err
