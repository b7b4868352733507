"""A file of supporters to ask: their keys, the channels and the amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ladder.errors import ImportFileError, nearest
from ladder.importers.dialect import sniffed
from ladder.importers.format_detection import amount_style
from ladder.importers.header_synonyms import rank
from ladder.importers.number_parsing import figures
from ladder.importers.readers import RawBatch, raw_batches
from ladder.model.money import exponent
from ladder.model.organisations import Organisation

_CHANNEL_HEADS: Final = ("channel", "kanal", "canal", "medium", "by")
_AMOUNT_HEADS: Final = ("amount", "ask", "ask_amount", "betrag", "montant", "importe")


@dataclass(frozen=True)
class Wishes:
    """The contents of a request file.

    `cells` are the rows as written and `numbers` their row numbers. `wanted` has `supporter`,
    `channel` and `amount` (minor units) per row. `wrong` is the reason why a row cannot be read, or
    null. `column` is the column of the supporters. `broken` are lines that are not rows, with the
    reason.
    """

    cells: pl.DataFrame
    numbers: pl.Series
    wanted: pl.DataFrame
    wrong: pl.Series
    column: str
    broken: tuple[tuple[int, str], ...] = ()


def read_wishes(
    path: Path,
    organisation: Organisation,
    channels: Sequence[str],
    *,
    column: str | None = None,
    channel: str | None = None,
    amount: int | None = None,
) -> Wishes:
    """Read a list from a delimited file, Parquet or JSON Lines; the dialect is detected.

    `column` is the column of the supporters' keys. Without it, the column with a known heading is
    taken, or the only one. Columns of channels and amounts go by their headings. `channel` and
    `amount` (minor units) apply to all rows without a value of their own.

    Raises:
        ImportFileError: if the file cannot be read or has no such column.
    """
    file, _ = sniffed(path)
    batches = list(raw_batches(path, file))
    cells = pl.concat([batch.cells for batch in batches], how="diagonal_relaxed")
    numbers = pl.concat([batch.numbers for batch in batches])
    key_column = _supporters(path, cells.columns, column)
    others = [name for name in cells.columns if name != key_column]
    how, why_not = _channels(cells, _column_of(others, _CHANNEL_HEADS), channels, channel)
    much, odd = _amounts(cells, _column_of(others, _AMOUNT_HEADS), organisation.currency, amount)
    nobody = pl.when(cells[key_column].is_null()).then(
        pl.lit(f"no supporter in column {key_column!r}")
    )
    wrong = cells.select(pl.coalesce(nobody, why_not, odd)).to_series()
    wanted = pl.DataFrame({"supporter": cells[key_column], "channel": how, "amount": much})
    return Wishes(cells, numbers, wanted, wrong, key_column, tuple(_broken(batches)))


def _broken(batches: Sequence[RawBatch]) -> list[tuple[int, str]]:
    return [(row.row, row.reason) for batch in batches for row in batch.refused]


def _supporters(path: Path, columns: Sequence[str], wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in columns:
            known = f"known: {', '.join(columns)}"
            message = f"{path}: no column is called {wanted!r}{nearest(wanted, columns)}; {known}"
            raise ImportFileError(message)
        return wanted
    named = max(columns, key=lambda head: rank("supporter", head), default="")
    if named and (len(columns) == 1 or rank("supporter", named)):
        return named
    message = f"{path}: which column has the supporters? Say --column, one of {', '.join(columns)}"
    raise ImportFileError(message)


def _column_of(columns: Sequence[str], heads: Sequence[str]) -> str | None:
    plain = {name.strip().lower().replace(" ", "_"): name for name in columns}
    return next((plain[head] for head in heads if head in plain), None)


def _channels(
    cells: pl.DataFrame, column: str | None, known: Sequence[str], for_all: str | None
) -> tuple[pl.Series, pl.Series]:
    """Read the channel per row, and a problem where the channel is unknown."""
    if column is None:
        nothing = pl.repeat(None, len(cells), dtype=pl.String, eager=True)
        return nothing.fill_null(for_all) if for_all else nothing, nothing
    names = cells[column].str.to_lowercase().str.replace_all("-", "").str.replace_all(" ", "_")
    unknown = names.is_not_null() & ~names.is_in(list(known))
    written = pl.lit(cells[column])
    after = pl.lit(f"; known: {', '.join(known)}")
    words = pl.format("column {}: unknown channel '{}'{}", pl.lit(repr(column)), written, after)
    wrong = pl.select(pl.when(unknown).then(words)).to_series()
    return names.fill_null(for_all) if for_all else names, wrong


def _amounts(
    cells: pl.DataFrame, column: str | None, currency: str, for_all: int | None
) -> tuple[pl.Series, pl.Series]:
    """Read the amount per row in minor units, and a problem where the text is not an amount."""
    none = pl.repeat(None, len(cells), dtype=pl.String, eager=True)
    if column is None:
        nothing = pl.repeat(for_all, len(cells), dtype=pl.Int64, eager=True)
        return nothing, none
    texts = cells[column]
    decimals = pl.repeat(exponent(currency), len(texts), dtype=pl.Int64, eager=True)
    parsed = figures(texts, decimals, amount_style(texts).amounts)
    texts_with_problems = pl.DataFrame(
        {"text": texts, "problem": parsed["problem"], "minus": parsed["negative"]}
    )
    words = pl.format("column {}: {}", pl.lit(repr(column)), "problem")
    minus = pl.format("column {}: '{}' is negative", pl.lit(repr(column)), "text")
    wrong = texts_with_problems.select(
        pl.when(pl.col("problem").is_not_null()).then(words).when("minus").then(minus)
    ).to_series()
    figure = parsed["figure"]
    return figure if for_all is None else figure.fill_null(for_all), wrong
