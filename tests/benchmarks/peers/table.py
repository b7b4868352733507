"""The ways side by side, what is told of each, and the table: for a terminal and for the docs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 80


@dataclass(frozen=True)
class Way:
    """One way to the same movements.

    `package` is the distribution whose version is told; `cannot` is what the ladder language says
    and this way does not, short of writing that too. Who commits every touchpoint is `slow`: not
    given the many rows, which would take it longer than all others together.
    """

    module: str
    title: str
    package: str
    cannot: str
    slow: bool = False


WAYS = (
    Way(
        "columns", "ladder, columnar", "ladder-crm",
        "late facts without a new run (the live path takes them)"
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
        "with_transitions", "transitions", "transitions",
        "windows (our own deques), late facts, corrections, storing, reasons",
    ),
    Way(
        "with_eventsourcing", "eventsourcing (in memory)", "eventsourcing",
        "windows (our own deques), late facts; corrects by further events only",
    ),
    Way(
        "with_statemachine", "python-statemachine", "python-statemachine",
        "windows (our own deques), late facts, corrections, storing, reasons",
    ),
    Way(
        "recording", "ladder, live (stored)", "ladder-crm",
        "whole files in little time (the columns do)", slow=True,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """How a way went over so many rows: seconds, the most bytes, a digest of the answer."""

    rows: int
    seconds: float
    peak: float
    digest: str
    same: bool = True


@dataclass(frozen=True)
class Failure:
    """That it did not come to an end, and why."""

    rows: int
    reason: str


@dataclass(frozen=True)
class Measured:
    """A way, its version, the lines that a user writes, and how it went over few and many rows."""

    way: Way
    version: str
    lines: int
    few: Run | Failure
    many: Run | Failure | None

    @property
    def failures(self) -> list[Failure]:
        """Describe the runs that failed."""
        return [each for each in (self.few, self.many) if isinstance(each, Failure)]

    @property
    def fine(self) -> bool:
        """Whether it came to an end with the same answer as the others."""
        return self.answer == "the same"

    @property
    def answer(self) -> str:
        """Describe the agreement of the answers."""
        if self.failures:
            return "FAILED"
        runs = [each for each in (self.few, self.many) if isinstance(each, Run)]
        return "the same" if all(each.same for each in runs) else "DIFFERENT"

    def figures(self) -> list[str]:
        """Time and memory over few rows and over many."""
        return [*_figures(self.few), *_figures(self.many)]


def _figures(run: Run | Failure | None) -> tuple[str, str]:
    if run is None:
        return "not run", ""
    if isinstance(run, Failure):
        return "failed", ""
    return f"{run.seconds:,.2f} s", f"{run.peak / 2**20:,.0f} MB"


def markdown(measured: Sequence[Measured], few: int, many: int) -> str:
    """The table for the docs."""
    head = [
        "way", f"{few:,} rows", "peak memory", f"{many:,} rows", "peak memory", "lines", "answer",
        "cannot express",
    ]  # fmt: skip
    rows = [head, ["---", *["---:"] * 5, "---", "---"]]
    rows += [
        [
            f"{each.way.title} {each.version}", *each.figures(), f"{each.lines}", each.answer,
            each.way.cannot,
        ]
        for each in measured
    ]  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def terminal(measured: Sequence[Measured], few: int, many: int) -> str:
    """Return the table within the width of a terminal."""
    rows = [["", f"{few:,} rows", "MB", f"{many:,} rows", "MB", "lines", "answer"]]
    for each in measured:
        figures = [cell.removesuffix(" MB") for cell in each.figures()]
        rows.append([each.way.title, *figures, f"{each.lines}", each.answer])
    return "\n".join([*(_line(*row) for row in rows), "", *_notes(measured)])


def _line(title: str, few: str, peak: str, many: str, more: str, lines: str, answer: str) -> str:
    return f"{title:<25}{few:>12}{peak:>6}{many:>13}{more:>7}{lines:>6}  {answer}".rstrip()


def _notes(measured: Iterable[Measured]) -> Iterable[str]:
    for each in measured:
        for failure in each.failures:
            yield _wrapped(f"{each.way.title}, {failure.rows:,} rows: {failure.reason}")
    yield "What they cannot express:"
    for each in measured:
        yield _wrapped(f"{each.way.title} {each.version}: {each.way.cannot}")


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
