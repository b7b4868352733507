"""Detection of the dialect of a file: its encoding, delimiter, header and end."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ladder.importers.file_format import File, Format
from ladder.importers.header_synonyms import FOOTERS, plain
from ladder.importers.streams import opened

_SAMPLE: Final = 1 << 19
_LINES: Final = 400
_DELIMITERS: Final = (",", ";", "\t", "|")
_CODINGS: Final = ("cp1252", "mac-roman", "cp850")
_LETTERS: Final = frozenset("äöüÄÖÜßéèêëàâçñóíáúôîûœæåøìòãõÉÈÀÇÑÓ€\u2019\u201c\u201d\u2013")
_FIGURE: Final = re.compile(r"[-+]?[$€£]?\s?[0-9][0-9.,/:\s-]*(?:T[0-9:.]+)?Z?")


def sniffed(path: Path) -> tuple[File, list[str]]:
    """Guess the dialect of a file; return it with remarks for the reader of the guess."""
    form = _format(path)
    if form == "parquet":
        return File(format=None if _tells(path, form) else form), []
    encoding, sample = _encoding(path)
    own_format = None if _tells(path, form) else form
    if form == "jsonl":
        return File(format=own_format, encoding=encoding), []
    lines = sample.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    whole = len(lines) < _LINES
    lines = lines[:_LINES] if whole or len(lines) > _LINES else lines
    return _read_delimited(lines if whole else lines[:-1], encoding, own_format)


def _tells(path: Path, form: Format) -> bool:
    name = path.name.lower().removesuffix(".gz")
    endings = {"csv": (".csv", ".tsv", ".txt"), "parquet": (".parquet", ".pq")}
    return name.endswith(endings.get(form, (".jsonl", ".ndjson")))


def _format(path: Path) -> Format:
    with opened(path) as source:
        head = source.bytes.read(200)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b'{"'):
        return "jsonl"
    return "csv"


def _encoding(path: Path) -> tuple[str, str]:
    """Return the encoding, judged by all bytes of the file, and the first text."""
    with opened(path) as source:
        first = source.bytes.read(_SAMPLE)
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", codecs.getincrementaldecoder("utf-16")().decode(first)
        if first[1:400:2].count(0) > len(first[:400]) // 4:
            return "utf-16-le", codecs.getincrementaldecoder("utf-16-le")().decode(first)
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        chunk = first
        try:
            text = decoder.decode(first)
            while chunk := source.bytes.read(_SAMPLE):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            named = max(_CODINGS, key=lambda name: _plausible(chunk or first, name))
            return named, first.decode(named, errors="replace")
        return "utf-8", text


def _plausible(sample: bytes, encoding: str) -> float:
    """Return the share of usual letters among those beyond ASCII; -1 if decoding fails."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    beyond = [letter for letter in text if ord(letter) > 127]  # noqa: PLR2004
    return sum(letter in _LETTERS for letter in beyond) / max(len(beyond), 1)


def _read_delimited(lines: list[str], encoding: str, form: Format | None) -> tuple[File, list[str]]:
    delimiter, width = _delimiter(lines)
    rows = _rows(lines, delimiter)
    fields: dict[str, object] = {}
    remarks = []
    skip = next((place for place, row in enumerate(rows) if len(row) == width), 0)
    if skip and width > 1:
        fields["skip_rows"] = skip
        remarks.append(f"the first {skip} rows have another width and are taken for a title")
    body = [row for row in rows[skip:] if row]
    if body and not _is_header(body[0], body[1:]):
        fields |= {"header": False, "names": tuple(f"column {n + 1}" for n in range(width))}
        remarks.append("there seems to be no header: columns are called column 1, column 2, ...")
    footers = sorted({row[0].strip() for row in body[1:] if plain(row[0]) in FOOTERS})
    if footers:
        fields["stop_at"] = tuple(f"{footer}*" for footer in footers)
        remarks.append(f"rows from {footers[0]!r} on are taken for a footer")
    file = File(format=form, encoding=encoding, delimiter=delimiter, **fields)  # type: ignore[arg-type]
    return file, remarks


def _delimiter(lines: Sequence[str]) -> tuple[str, int]:
    """Return the delimiter that splits most lines into the same number of cells, and that number.

    More than one cell is required; without such a delimiter the result is a comma and 1.
    """
    best: tuple[float, str, int] = (0.0, ",", 1)
    for delimiter in (*_DELIMITERS, "whitespace"):
        widths = Counter(len(row) for row in _rows(lines, delimiter) if row)
        width, count = max(widths.items(), key=lambda width: (width[1], width[0]), default=(1, 0))
        share = count / max(sum(widths.values()), 1)
        score = share * (1.0 if delimiter != "whitespace" else 0.9) + min(width, 50) / 1000
        if width > 1 and share > 0.5 and score > best[0]:  # noqa: PLR2004
            best = (score, delimiter, width)
    return best[1], best[2]


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    if delimiter == "whitespace":
        return [line.split() for line in lines]
    try:
        return list(csv.reader((f"{line}\n" for line in lines), delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in lines]


def _is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether a row is a header: it has no figures, and no row below repeats it."""
    if any(_FIGURE.fullmatch(cell.strip()) for cell in first if cell.strip()):
        return False
    below = [row for row in rest[:50] if len(row) == len(first)]
    return not any(tuple(row) == tuple(first) for row in below)
