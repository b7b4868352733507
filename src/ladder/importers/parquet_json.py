"""Rows of Parquet and JSON Lines as texts, so that all formats are parsed in one way."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl

from ladder.errors import ImportFileError
from ladder.importers.file_format import File
from ladder.importers.rejections import Refused
from ladder.importers.streams import Lines, Source, Stretch

_EXACT: Final = 2**53
"""The largest float up to which whole floats are exact integers."""


def _number(text: str) -> str:
    return f"{Decimal(text):f}" if "e" in text.lower() else text


_DECODER: Final = json.JSONDecoder(parse_float=_number, parse_int=str)
"""Made once, because `json.loads` makes a new decoder for every line if it gets such options."""


def json_parts(lines: Lines, file: File, batch_rows: int) -> Iterator[Stretch]:
    """Read one object per line.

    Keys of inner objects are joined by points (`payment.method`); a list is kept as JSON. Numbers
    keep their text and never pass through a float.
    """
    row = len(lines.take(file.skip_rows))
    first = True
    while (texts := lines.take(batch_rows)) or first:
        yield _json_part(texts, row, file)
        row += len(texts)
        first = False


def _json_part(texts: list[str], row: int, file: File) -> Stretch:
    objects: list[dict[str, str | None]] = []
    numbers: list[int] = []
    refused: list[Refused] = []
    blank = 0
    for number, text in enumerate(texts, start=row + 1):
        if not text.strip():
            blank += 1
            continue
        try:
            objects.append(_flat(_parse(text)))
            numbers.append(number)
        except ValueError as error:
            refused.append(Refused(number, (f"row {number}: {error}",), {"line": text}))
    names = dict.fromkeys((*file.names, *(key for row in objects for key in row)))
    cells = pl.DataFrame(
        [pl.Series(name, [row.get(name) for row in objects], dtype=pl.String) for name in names]
    )
    return Stretch(cells, pl.Series("row", numbers, dtype=pl.Int64), tuple(refused), blank)


def _parse(text: str) -> Mapping[str, Any]:
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        message = f"no JSON: {error.msg} at character {error.pos + 1}"
        raise ValueError(message) from error
    if not isinstance(value, dict):
        message = "a JSON object is expected in each line"
        raise ValueError(message)  # noqa: TRY004  (the caller collects reasons)
    return value


def _flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for key, inner in value.items():
        if inner is None or isinstance(inner, str):
            flat[prefix + key] = inner
        elif isinstance(inner, dict):
            flat |= _flat(inner, f"{prefix}{key}.")
        elif isinstance(inner, bool):
            flat[prefix + key] = "true" if inner else "false"
        else:
            flat[prefix + key] = json.dumps(inner, ensure_ascii=False)
    return flat


def parquet_parts(source: Source, batch_rows: int) -> Iterator[Stretch]:
    """Yield the rows of a Parquet file, counted from 1."""
    with _unpack(source) as path:
        try:
            scan = pl.scan_parquet(path)
            count = scan.select(pl.len()).collect().item()
            for start in range(0, max(count, 1), batch_rows):
                rows = scan.slice(start, batch_rows).collect()
                numbers = pl.int_range(start + 1, start + len(rows) + 1, eager=True).alias("row")
                share = min((start + batch_rows) / max(count, 1), 1.0)
                yield Stretch(_texts(rows), numbers, share=share)
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError) as error:
            message = f"{source.path}: is no Parquet file that can be read: {error}"
            raise ImportFileError(message) from error


@contextmanager
def _unpack(source: Source) -> Iterator[Path]:
    """Unpack a gzip to a temporary file, because a Parquet reader needs random access."""
    if not source.packed:
        yield source.path
        return
    with tempfile.TemporaryDirectory(prefix="ladder-") as folder:
        path = Path(folder) / "unpacked.parquet"
        with path.open("wb") as target:
            shutil.copyfileobj(source.bytes, target)
        yield path


def _texts(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame([_text(column) for column in rows.get_columns()])


def _text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind.is_float():
        return _float_text(column)
    if isinstance(kind, pl.Datetime):
        mark = "Z" if kind.time_zone else ""
        whole = column.dt.convert_time_zone("UTC") if kind.time_zone else column
        return whole.dt.strftime(f"%Y-%m-%dT%H:%M:%S%.6f{mark}")
    if isinstance(kind, pl.List | pl.Array | pl.Struct | pl.Object | pl.Binary):
        texts = [None if v is None else json.dumps(v, default=str) for v in column.to_list()]
        return pl.Series(column.name, texts, dtype=pl.String)
    return column.cast(pl.String)


def _float_text(column: pl.Series) -> pl.Series:
    """Return the shortest text per float, whole ones without ".0".

    Integer ids in a column with gaps become floats.
    """
    column = column.fill_nan(None)
    whole = (column == column.round(0)) & (column.abs() <= _EXACT)
    integers = column.zip_with(whole.fill_null(value=False), pl.Series([None], dtype=column.dtype))
    return integers.cast(pl.Int64).cast(pl.String).fill_null(column.cast(pl.String))
