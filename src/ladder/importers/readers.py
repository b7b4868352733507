"""Batches of raw rows in bounded memory: every cell as the original text.

Reads CSV (any delimiter, runs of blanks, fixed columns), Parquet and JSON Lines, plain or gzip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ladder.errors import ImportFileError
from ladder.importers.csv_reader import Delimited
from ladder.importers.file_format import File, Format
from ladder.importers.parquet_json import json_parts, parquet_parts
from ladder.importers.rejections import Refused
from ladder.importers.streams import Lines, Source, Stretch, opened

_ENDINGS: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


@dataclass(frozen=True)
class RawBatch:
    """The raw rows of a part of a file.

    `cells` has one String column per column of the file, stripped, and null where blank. `numbers`
    are their row numbers. `refused` are lines that are not rows. `ignored` counts rows without any
    text and rows that the mapping ignores.
    """

    cells: pl.DataFrame
    numbers: pl.Series
    refused: tuple[Refused, ...]
    ignored: int
    bytes_done: int
    bytes_total: int

    @property
    def rows_read(self) -> int:
        """Number of rows in this batch: accepted, rejected and ignored."""
        return len(self.cells) + len(self.refused) + self.ignored


def format_of(path: Path, file: File) -> Format:
    """Return the format of the mapping, or that of the name's ending; `.gz` may follow it."""
    if file.format is not None:
        return file.format
    endings = [ending.lower() for ending in path.suffixes if ending.lower() != ".gz"]
    if endings and endings[-1] in _ENDINGS:
        return _ENDINGS[endings[-1]]
    known = ", ".join(_ENDINGS)
    message = f'{path}: its name ends in none of {known}: say format = "csv" under [file]'
    raise ImportFileError(message)


def raw_batches(path: str | Path, file: File, batch_rows: int = 50_000) -> Iterator[RawBatch]:
    """Yield the rows of a file in batches; the first batch comes even without rows.

    A line that is not a row (ragged, not JSON) is rejected, and reading goes on.

    Raises:
        ImportFileError: if the file cannot be read at all: missing, in another encoding, a damaged
            gzip, without a header.
    """
    path = Path(path)
    form = format_of(path, file)
    with opened(path) as source:
        for part in _parts(source, file, form, batch_rows):
            cells = tidied(part.cells, file)
            filled = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
            share = part.share
            yield RawBatch(
                cells.filter(filled),
                part.numbers.filter(filled),
                part.refused,
                part.ignored + len(cells) - int(filled.sum()),
                source.done if share is None else int(share * source.total),
                source.total,
            )


def _parts(source: Source, file: File, form: Format, batch_rows: int) -> Iterator[Stretch]:
    if form == "parquet":
        return parquet_parts(source, batch_rows)
    lines = Lines(source, file.encoding)
    if form == "jsonl":
        return json_parts(lines, file, batch_rows)
    return Delimited(source.path, file, lines).parts(batch_rows)


def tidied(cells: pl.DataFrame, file: File) -> pl.DataFrame:
    """Strip blanks around cells, and turn blank cells and texts of `nulls` into null."""
    text = pl.all().str.strip_chars()
    return cells.select(pl.when(~text.is_in(["", *file.nulls])).then(text))
