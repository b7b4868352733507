"""Text for people: headings, lines and tables that fit the terminal; plain text in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from textwrap import wrap
from typing import Final, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

PLAIN_WIDTH: Final = 80
"""Columns of a text that is not written to a terminal."""

_LEAST: Final = 12
"""Least width of a folded column."""

Fit = Literal["whole", "fold", "cut"]


@dataclass(frozen=True)
class Column:
    """A table column: heading, alignment, style, and treatment when it is too narrow.

    `whole` is never shortened, `fold` continues in a second line, `cut` ends in an ellipsis.
    """

    title: str
    right: bool = False
    style: str = ""
    fit: Fit = "cut"


@dataclass
class Table:
    """Rows of texts under columns; `styles` may give a whole row a style.

    A table that continues an earlier one has no `head`.
    """

    columns: Sequence[Column]
    rows: list[Sequence[str]] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    head: bool = True

    def add(self, *cells: str, style: str = "") -> None:
        """Add a row, one text per column."""
        self.rows.append(cells)
        self.styles.append(style)


class _Console(Console):
    """A console that leaves a closed pipe to the command (rich alone would exit with 1)."""

    def on_broken_pipe(self) -> None:
        """Raise the error for the command."""
        raise BrokenPipeError


class Paper:
    """Text output: a terminal with styles, or plain text for a pipe or a file.

    In a pipe nothing is cut, because cut text is lost and a long line is not. Prose and cells of
    sentences are wrapped at 80 columns there too.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _Console(highlight=False, emoji=False, markup=False)
        self.fancy = self.console.is_terminal
        self.width = self.console.width if self.fancy else PLAIN_WIDTH

    @property
    def blocks(self) -> bool:
        """Whether the encoding has the characters of a chart."""
        return (self.console.encoding or "").lower().replace("-", "").startswith("utf")

    def heading(self, text: str) -> None:
        """Write a title with an empty line above it."""
        self.line()
        self.line(text, "bold")
        if not self.fancy:
            self.line("-" * cell_len(text))

    def line(self, *parts: str | tuple[str, str]) -> None:
        """Write one line without wrapping; a part is a text or (text, style)."""
        if len(parts) == 2 and all(isinstance(part, str) for part in parts):  # noqa: PLR2004
            parts = ((str(parts[0]), str(parts[1])),)
        self.console.print(Text.assemble(*parts), soft_wrap=True)

    def prose(self, text: str, style: str = "", indent: int = 0) -> None:
        """Write a wrapped paragraph."""
        lines = Text(text, style).wrap(self.console, self.width - indent)
        for line in lines:
            line.rstrip()
            self.console.print(Text(" " * indent) + line, soft_wrap=True)

    def table(self, table: Table, indent: int = 0) -> None:
        """Write a table; nothing without rows."""
        if not table.rows:
            return
        if self.fancy:
            self._fit(table, indent)
            return
        for line in _lines(table, self.width - indent):
            self.console.print(Text(" " * indent + line), soft_wrap=True)

    def _fit(self, table: Table, indent: int) -> None:
        made = RichTable(
            box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim",
            show_header=table.head,
        )  # fmt: skip
        for column in table.columns:
            made.add_column(
                column.title,
                justify="right" if column.right else "left",
                style=column.style,
                no_wrap=column.fit != "fold",
                overflow="fold" if column.fit == "fold" else "ellipsis",
                min_width=_widest(table, column) if column.fit == "whole" else None,
            )
        for row, style in zip(table.rows, table.styles, strict=True):
            made.add_row(*map(Text, row), style=style)
        self.console.print(Padding(made, (0, 0, 0, indent)))


def _widest(table: Table, column: Column) -> int:
    place = list(table.columns).index(column)
    return max(cell_len(text) for text in [column.title, *(row[place] for row in table.rows)])


def _lines(table: Table, width: int) -> Iterator[str]:
    """Yield the table as plain lines: columns as wide as their widest cell, two blanks between.

    If that is too wide, columns that may fold are narrowed; the others stay whole.
    """
    heads = [column.title for column in table.columns]
    widths = [_widest(table, column) for column in table.columns]
    over = sum(widths) + 2 * (len(widths) - 1) - width
    for place, column in enumerate(table.columns):
        if column.fit == "fold" and over > 0:
            min_group = max(_LEAST, widths[place] - over)
            over -= widths[place] - min_group
            widths[place] = min_group
    for row in [heads, *table.rows] if table.head else table.rows:
        folded = [
            wrap(text, room) if column.fit == "fold" else [text]
            for text, room, column in zip(row, widths, table.columns, strict=True)
        ]
        for parts in zip_longest(*(lines or [""] for lines in folded), fillvalue=""):
            cells = map(_pad, parts, widths, table.columns)
            yield "  ".join(cells).rstrip()


def _pad(text: str, width: int, column: Column) -> str:
    blanks = " " * (width - cell_len(text))
    return blanks + text if column.right else text + blanks
