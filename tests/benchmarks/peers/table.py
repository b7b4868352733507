"""The ways side by side, and what is told of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """One way to the same movements.

    `package` is the distribution whose version is told; `share` is the part of the rows that it is
    given, because all of them would take it more than three minutes; `cannot` is what the ladder
    language says and this way does not, short of writing that too.
    """

    module: str
    title: str
    package: str
    cannot: str
    share: int = 1


WAYS = (
    Way(
        "columns", "ladder, columnar", "ladder-crm", "what happens within the run: it is one answer"
    ),
    Way(
        "duckdb_sql", "DuckDB, one statement", "duckdb",
        "causes, late facts without a new run, refunds, links, hysteresis: each is SQL to write",
    ),
    Way(
        "pandas_groupby", "pandas, group-by", "pandas",
        "the same as DuckDB; nothing larger than memory",
    ),
    Way(
        "recording", "ladder, live (stored, committed)", "ladder-crm", "nothing of the ladder",
        share=100,
    ),
    Way(
        "with_transitions", "transitions", "transitions",
        "windows (our own deques), late facts, corrections, storing, reasons",
    ),
    Way(
        "with_eventsourcing", "eventsourcing (kept in memory)", "eventsourcing",
        "windows (our own deques), late facts; corrects by further events only",
    ),
    Way(
        "with_statemachine", "python-statemachine", "python-statemachine",
        "windows (our own deques), late facts, corrections, storing, reasons",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """A way as it went: over how many rows, in how many seconds and bytes, with which answer.

    `busy` are the seconds that a core worked, of any process's threads together.
    """

    way: Way
    version: str
    lines: int
    rows: int
    seconds: float
    busy: float
    peak: float
    same: bool

    @property
    def all_rows(self) -> float:
        """Seconds for all rows, by the rule of three where it got a part of them."""
        return self.seconds * self.way.share

    def cells(self, fastest: float) -> list[str]:
        """Its line of the table."""
        part = self.way.share > 1
        times = self.all_rows / fastest
        return [
            f"{self.way.title} {self.version}",
            f"{'≈ ' * part}{self.all_rows:,.1f} s",
            f"{'≈ ' * part}{self.busy * self.way.share:,.1f} s",
            f"{times:,.1f}" if times < 100 else f"{times:,.0f}",
            f"{self.peak / 2**20:,.0f} MB" + f" ({self.rows:,} rows)" * part,
            f"{self.lines}",
            "the same" if self.same else "DIFFERENT",
            self.way.cannot,
        ]


HEAD = (
    "way", "time", "work of a core", "times the fastest", "peak memory", "lines", "answer",
    "cannot express",
)  # fmt: skip


def markdown(measured: Sequence[Measured]) -> str:
    """The table."""
    fastest = min(each.all_rows for each in measured)
    rows = [HEAD, ["---", *["---:"] * 5, "---", "---"]]
    rows += [each.cells(fastest) for each in measured]
    return "\n".join(_line(row) for row in rows)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
