"""The cells of a batch that a mapping reads, and conditions on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from ladder.errors import ImportFileError, nearest
from ladder.importers.csv_reader import globbed
from ladder.importers.mapping_model import Cell


def repeated(text: str | None, length: int) -> pl.Series:
    """Return a column with the same text in every row."""
    return pl.repeat(text, length, dtype=pl.String, eager=True)


def text_of(cells: pl.DataFrame, cell: Cell | None) -> pl.Series:
    """Return the text of a mapped cell per row, or null where it has none."""
    if cell is None or cell.block is not None or cell.column == "":
        return repeated(None, len(cells))
    if cell.value is not None:
        return repeated(cell.value.strip() or None, len(cells))
    texts = cells[cell.column] if cell.column else _join(cells, cell)
    if not cell.values:
        return texts
    blank = cell.values.get("")
    replacements = texts.replace({key.strip(): value for key, value in cell.values.items() if key})
    return replacements if blank is None else replacements.fill_null(blank)


def _join(cells: pl.DataFrame, cell: Cell) -> pl.Series:
    """Join the columns of a cell, without blank ones."""
    parts = [cells[name] for name in cell.columns]
    whole = pl.select(pl.concat_str(parts, separator=cell.join, ignore_nulls=True)).to_series()
    return whole.set(whole == "", None)


def label(cell: Cell | None, field: str) -> str:
    """Name a cell for error messages: column 'Date', or columns 'day' and 'hour'."""
    if cell is None or not cell.reads:
        return field
    names = " and ".join(repr(name) for name in cell.reads)
    return f"column {names}" if len(cell.reads) == 1 else f"columns {names}"


def meeting(cells: pl.DataFrame, condition: Mapping[str, tuple[str, ...]]) -> pl.Series:
    """Return a mask of the rows that meet all parts of a condition."""
    result = pl.repeat(True, len(cells), dtype=pl.Boolean, eager=True)
    for column, texts in condition.items():
        result = result & matching(cells[column], texts)
    return result


def matching(texts: pl.Series, patterns: tuple[str, ...]) -> pl.Series:
    """Return a mask of the texts that match one of the patterns; "" matches a blank."""
    pattern = globbed([pattern for pattern in patterns if pattern])
    fits = texts.is_null() if "" in patterns else texts.is_null() & False
    return fits | texts.str.contains(pattern).fill_null(value=False) if pattern else fits


def check_columns(required: Iterable[tuple[str, str]], columns: list[str], place: str) -> None:
    """Reject a mapping that names missing columns; `asked` are pairs of column and mapping key.

    Raises:
        ImportFileError: if a column is missing; the message suggests similar names.
    """
    missing = {name: asker for name, asker in required if name and name not in columns}
    if not missing:
        return
    lines = [f"{place}: {asker}: {_missing(name, columns)}" for name, asker in missing.items()]
    lines.append(f"{place}: the file's columns are: {', '.join(map(repr, columns))}")
    if len(columns) == 1:
        lines.append(f"{place}: only one column: is the delimiter another one?")
    raise ImportFileError("\n".join(lines))


def _missing(name: str, columns: list[str]) -> str:
    several = [
        column for column in columns if column.startswith(f"{name} (") and column[-2:-1].isdigit()
    ]
    if several:
        return f"{name!r} stands {len(several)} times in the header: say {' or '.join(several)}"
    return f"no column {name!r}{nearest(name, columns)}"
