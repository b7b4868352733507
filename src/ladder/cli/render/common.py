"""Output shared by several commands."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

from ladder.cli.context import Asking
from ladder.cli.output import tell
from ladder.cli.render.console import Column, Paper, Table
from ladder.model.disclosure import SHARE
from ladder.reports.flows import Flows
from ladder.reports.pyramid import Pyramid
from ladder.reports.pyramid_charts import draw
from ladder.storage import supporters

MOST: Final = 40
"""Rows of a table without a given limit."""

GRAVE: Final = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
}
"""The style of a severity."""

MOVED: Final = {
    "arrived": "green",
    "climbed": "green",
    "returned": "green",
    "slipped": "yellow",
    "lapsed": "red",
    "silenced": "dim",
    "unsilenced": "dim",
}
"""The style of a kind of movement."""

Row = TypeVar("Row")


def page(limit: int | None, *, as_json: bool) -> int | None:
    """Return the number of rows to fetch; None (all rows) for 0 and, by default, in JSON."""
    if limit is None:
        return None if as_json else MOST
    return limit or None


def few(rows: Sequence[Row], limit: int | None, what: str) -> Sequence[Row]:
    """Return the first rows, with a remark if there are more."""
    most = MOST if limit is None else limit or len(rows)
    tell_left_out(most, len(rows), what)
    return rows[:most]


def tell_left_out(most: int | None, there: int, what: str) -> None:
    """Write a remark if more than `most` of `there` exist (`most` None: all were shown)."""
    if most is not None and there > most:
        tell(f"{most:,} of {there:,} {what} shown: --limit 0 shows all")


def print_pyramid(paper: Paper, counted: Pyramid) -> None:
    """Print the pyramid as bars; a pipe gets the same lines without styles."""
    for drawn in draw(counted, min(paper.width, 100), blocks=paper.blocks):
        style = "green" if drawn.step.rungs else "dim"
        paper.line(
            (drawn.title, "bold" if drawn.step.rungs else ""),
            "  ",
            (drawn.bar, style),
            drawn.number,
            (drawn.share, "dim"),
        )


def print_left_out(paper: Paper, ask: Asking, counted: Pyramid) -> None:
    """Print how many supporters are left out, and why shares are withheld."""
    everybody = supporters.count(ask.store)
    if everybody > counted.total:
        number = everybody - counted.total
        words = "objected, died, on the staff, a placeholder, or not there yet"
        paper.prose(f"{number:,} of {everybody:,} are left out: {words}", "dim")
    if 0 < counted.total < SHARE:
        paper.prose(f"no shares: of fewer than {SHARE} people they would say nothing", "dim")


def print_flows(paper: Paper, counted: Flows) -> None:
    """Print how many supporters came to each rung, and how many lapsed from it."""
    kinds = [kind for kind in counted.totals if kind != "crossed" or counted.totals[kind]]
    numbers = [Column(kind, right=True, fit="whole") for kind in kinds]
    table = Table((Column("", fit="cut"), *numbers))
    for flow in counted.places:
        table.add(flow.title, *(f"{flow.counts[kind] or '-':>1}" for kind in kinds))
    table.add("All", *(f"{counted.totals[kind]:,}" for kind in kinds), style="bold")
    paper.table(table)
    paper.prose("lapsed: counted at the rung that they left; all others where they came to", "dim")


def print_paths(paper: Paper, counted: Flows, most: int = 6) -> None:
    """Print movements from place to place, the most frequent first."""
    table = Table((Column("from"), Column("to"), Column("movements", right=True, fit="whole")))
    for before, after, number in counted.paths[:most]:
        table.add(before, after, f"{number:,}")
    paper.line()
    paper.table(table)


def saved(path: Path, text: str) -> None:
    """Write a file that is either complete or absent."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
