"""A table of movements from places to places, and its SVG chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from xml.etree import ElementTree as ET

from ladder.language.ladders import Ladder
from ladder.reports.pyramid import pyramid
from ladder.reports.svg import INK, PALE, WIDTH, document, element, text
from ladder.storage.rows import Count


@dataclass(frozen=True)
class Matrix:
    """Number of supporters per pair of places (row: from, column: to).

    `rows` and `columns` map place keys to titles, the highest first.
    """

    rows: Mapping[str, str]
    columns: Mapping[str, str]
    cells: Mapping[tuple[str, str], int]

    def row_total(self, row: str) -> int:
        """Count the supporters who come from a place."""
        return sum(self.cells.get((row, column), 0) for column in self.columns)

    def column_total(self, column: str) -> int:
        """Count the supporters who go to a place."""
        return sum(self.cells.get((row, column), 0) for row in self.rows)

    @cached_property
    def total(self) -> int:
        """Number of all supporters in the table."""
        return sum(self.cells.values())


def matrix(
    old: Ladder, new: Ladder, steps: Iterable[tuple[str, str, int]], more: Mapping[str, str]
) -> Matrix:
    """Arrange steps of (before, after, number) in the order of two ladders' places.

    Places without supporters are left out. `more` maps places that neither ladder has to their
    titles; they come last.
    """
    cells = {(before, after): number for before, after, number in steps}
    rows = _titles(old, {before for before, _ in cells}, more)
    columns = _titles(new, {after for _, after in cells}, more)
    return Matrix(rows, columns, cells)


def _titles(ladder: Ladder, there: set[str], more: Mapping[str, str]) -> dict[str, str]:
    counted = pyramid(ladder, (Count(key, 0, 0) for key in sorted(there - set(more))))
    titles = {step.rungs: step.title for step in counted.steps if step.rungs in there}
    return titles | {key: title for key, title in more.items() if key in there}


# -- SVG -------------------------------------------------------------------------------------------

_LABEL: Final = 190
_CELL: Final = 84
_ROW: Final = 42
_TOP: Final = 190
_UP, _DOWN, _STAYS, _NONE = "#248277", "#bc4b51", "#9fb1b8", "#f4f6f7"


def matrix_svg(table: Matrix, title: str, caption: str) -> str:
    """Draw the table as one SVG document.

    Rows are the places where supporters stand, columns the places where they would stand. Green
    cells lead to a higher row of the list, red cells to a lower one; their colour is stronger the
    more supporters move. Grey cells are supporters who stay.
    """
    width = max(WIDTH, 24 + _LABEL + _CELL * (len(table.columns) + 1) + 24)
    height = _TOP + _ROW * (len(table.rows) + 1) + 24
    return document(height, title, caption, (*_heads(table), *_cells(table)), width)


def _heads(table: Matrix) -> Iterator[ET.Element]:
    for number, head in enumerate([*table.columns.values(), "All"]):
        x, y = _x(number) + _CELL / 2, _TOP - 12
        yield text(x, y, head, 13, transform=f"rotate(-40 {x:.0f} {y})")
    for number, head in enumerate([*table.rows.values(), "All"]):
        yield text(24, _y(number) + _ROW / 2 + 5, head, 15)


def _cells(table: Matrix) -> Iterator[ET.Element]:
    moving = [n for (row, column), n in table.cells.items() if row != column]
    most = max(moving, default=1)
    for down, row in enumerate(table.rows):
        for across, column in enumerate(table.columns):
            number = table.cells.get((row, column), 0)
            colour, strength = _colour(table, row, column, number / most)
            yield element(
                "rect", x=_x(across) + 2, y=_y(down) + 2, width=_CELL - 4, height=_ROW - 4,
                rx=3, fill=colour, fill_opacity=f"{strength:.2f}",
            )  # fmt: skip
            if number:
                yield _number(across, down, number)
        yield _number(len(table.columns), down, table.row_total(row), fill=PALE)
    for across, column in enumerate(table.columns):
        yield _number(across, len(table.rows), table.column_total(column), fill=PALE)
    yield _number(len(table.columns), len(table.rows), table.total)


def _colour(table: Matrix, row: str, column: str, share: float) -> tuple[str, float]:
    if (row, column) not in table.cells:
        return _NONE, 1
    if row == column:
        return _STAYS, 0.35
    order = list(table.columns)
    before = order.index(row) if row in order else len(order)
    return (_UP if order.index(column) < before else _DOWN), 0.15 + 0.6 * min(1, share)


def _number(across: int, down: int, number: int, fill: str = INK) -> ET.Element:
    x, y = _x(across) + _CELL / 2, _y(down) + _ROW / 2 + 5
    return text(x, y, f"{number:,}", 14, fill=fill, text_anchor="middle")


def _x(across: int) -> int:
    return 24 + _LABEL + _CELL * across


def _y(down: int) -> int:
    return _TOP + _ROW * down
