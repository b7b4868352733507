"""Rows of another system's export to touchpoints: exact, vectorised and without loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ladder.errors import CalendarError, ImportFileError
from ladder.importers.cells import check_columns, repeated
from ladder.importers.mapping import Mapping
from ladder.importers.money_columns import is_currency
from ladder.importers.readers import RawBatch, raw_batches
from ladder.importers.rejections import Refused
from ladder.importers.row_mapper import BlockReader, rows_of
from ladder.model.calendars import Calendar
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation
from ladder.model.touchpoint_frame import SCHEMA

NUMBER: Final = "\0row"
"""The column of row numbers in `Batch.cells`; no column of a file has such a name."""


@dataclass(frozen=True)
class Batch:
    """The touchpoints of some rows of a file.

    `frame` has the columns of `ladder.model.touchpoint_frame.SCHEMA`, in the order of the file.
    `refused` holds rejected rows. `ignored` counts rows that the mapping ignores. `rows` has the
    row number of every touchpoint, `columns` the columns of the file. `bytes_done` of `bytes_total`
    is the progress. `cells` are the rows as read, with their numbers in the column `NUMBER`, so
    that a row rejected later can be written as it stood.
    """

    frame: pl.DataFrame
    rows: pl.Series
    refused: tuple[Refused, ...]
    rows_read: int
    ignored: int
    bytes_done: int
    bytes_total: int
    columns: tuple[str, ...] = ()
    cells: pl.DataFrame | None = None

    def texts(self, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
        """Return the cells of rows by row number; empty if the cells are not known."""
        if self.cells is None or not numbers:
            return {}
        rows = self.cells.filter(pl.col(NUMBER).is_in(list(numbers))).fill_null("")
        return {row.pop(NUMBER): row for row in rows.iter_rows(named=True)}


def read(
    path: str | Path,
    mapping: Mapping,
    organisation: Organisation,
    kinds: Kinds,
    *,
    batch_rows: int = 50_000,
) -> Iterator[Batch]:
    """Yield the touchpoints of a file batch by batch; the first batch comes even without rows.

    A row that cannot be read is rejected with all its reasons, and reading goes on.

    Raises:
        ImportFileError: for problems of every row: an unreadable file, a missing column, or a
            mapping with an unknown kind.
    """
    rows = _Rows(mapping, organisation, kinds, str(path))
    for number, raw in enumerate(raw_batches(path, mapping.file, batch_rows)):
        if number == 0 and raw.cells.columns:
            check_columns(rows.asked(), raw.cells.columns, str(path))
        yield rows.batch(raw)


class _Rows:
    def __init__(
        self, mapping: Mapping, organisation: Organisation, kinds: Kinds, place: str
    ) -> None:
        self._mapping = mapping
        self._check_constants(place)
        self._readers = [
            BlockReader(block, mapping, organisation, kinds, place) for block in mapping.blocks()
        ]

    def asked(self) -> list[tuple[str, str]]:
        identity = [(name, "file.identity") for name in self._mapping.file.identity]
        return [pair for reader in self._readers for pair in reader.asked()] + identity

    def batch(self, raw: RawBatch) -> Batch:
        """Apply all blocks to these rows."""
        made: dict[str, pl.DataFrame] = {}
        reasons: dict[int, list[str]] = {}
        taken = pl.repeat(False, len(raw.cells), dtype=pl.Boolean, eager=True)
        cells = self._widen(raw.cells)
        for reader in self._readers:
            mine = rows_of(reader.block, cells)
            taken = taken | mine
            result = reader.made(cells.filter(mine), raw.numbers.filter(mine), made)
            made[reader.block.name] = result.frame
            for number, words in result.reasons.items():
                reasons.setdefault(number, []).extend(words)
        if self._mapping.otherwise == "refuse":
            for number in raw.numbers.filter(~taken).to_list():
                reasons[number] = [f"row {number}: no [[rows]] block takes it"]
        refused = sorted([*raw.refused, *_rejections(raw, reasons)], key=lambda item: item.row)
        frame = pl.concat(list(made.values())).sort("row", maintain_order=True)
        accounted = pl.concat([frame["row"], pl.Series(list(reasons), dtype=pl.Int64)]).n_unique()
        return Batch(
            frame=frame.select(*SCHEMA),
            rows=frame["row"],
            refused=tuple(refused),
            rows_read=raw.rows_read,
            ignored=raw.ignored + len(raw.cells) - accounted,
            bytes_done=raw.bytes_done,
            bytes_total=raw.bytes_total,
            columns=tuple(raw.cells.columns),
            cells=raw.cells.with_columns(raw.numbers.alias(NUMBER)),
        )

    def _widen(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Add missing columns as blank: in JSON Lines a batch may lack a key in all its rows."""
        absent = {name for name, _ in self.asked() if name} - set(cells.columns)
        blank = repeated(None, len(cells))
        return cells.with_columns(blank.alias(name) for name in sorted(absent))

    def _check_constants(self, place: str) -> None:
        zone, currency = self._mapping.dates.zone, self._mapping.amounts.currency
        try:
            Calendar(zone or "UTC")
        except CalendarError as error:
            message = f"{place}: dates.zone: {error}"
            raise ImportFileError(message) from error
        if currency is not None and not is_currency(currency):
            message = f"{place}: amounts.currency: {currency!r} is no ISO 4217 currency code"
            raise ImportFileError(message)


def _rejections(raw: RawBatch, reasons: dict[int, list[str]]) -> Iterator[Refused]:
    if not reasons:
        return
    numbers = raw.numbers.is_in(list(reasons))
    rows = raw.cells.filter(numbers).fill_null("").iter_rows(named=True)
    for number, cells in zip(raw.numbers.filter(numbers).to_list(), rows, strict=True):
        yield Refused(number, tuple(reasons[number]), cells)
