"""Pieces that several commands show."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

from ladder.cli.output import tell
from ladder.cli.paper import Paper
from ladder.reports import Pyramid, draw

MOST: Final = 40
"""Rows of a table that nobody limited."""

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


def few(rows: Sequence[Row], limit: int | None, what: str) -> Sequence[Row]:
    """The first rows, and a remark where there are more."""
    most = MOST if limit is None else limit or len(rows)
    if len(rows) > most:
        tell(f"{most:,} of {len(rows):,} {what} shown: --limit 0 shows all")
    return rows[:most]


def print_pyramid(paper: Paper, counted: Pyramid) -> None:
    """Bars on a terminal, the same lines in a pipe."""
    for drawn in draw(counted, min(paper.width, 100), blocks=paper.blocks):
        style = "green" if drawn.step.rungs else "dim"
        paper.line(
            (drawn.title, "bold" if drawn.step.rungs else ""),
            "  ",
            (drawn.bar, style),
            drawn.number,
            (drawn.share, "dim"),
        )


def saved(path: Path, text: str) -> None:
    """Write a file that is either whole or not there."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
