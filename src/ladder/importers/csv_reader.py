"""Reader of delimited text.

Polars splits lines without a quotation mark, nearly all, as one column; this is ten times as fast
as line by line. Python's csv reads the other lines. Both give equal results.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from ladder.errors import ImportFileError
from ladder.importers.file_format import File
from ladder.importers.rejections import BEYOND, Refused
from ladder.importers.streams import Lines, Stretch

_END: Final = "\x00the end of the lines\x00"
"""A sentinel that no file contains: a row that swallows it has an unclosed quotation mark."""

_UNIT: Final = "\x1f"


class Delimited:
    """A delimited file; its header is read at construction.

    Rows are counted as records: a quoted cell of several lines is part of one row.
    """

    def __init__(self, path: Path, file: File, lines: Lines) -> None:
        self._path = path
        self._file = file
        self._lines = lines
        self._row = len(lines.take(file.skip_rows))
        self._delimiter = _UNIT if file.delimiter == "whitespace" else file.delimiter
        self._quotes = "" if file.delimiter == "whitespace" or file.widths else file.quote
        self._stop = globbed(file.stop_at)
        self._ignore = globbed(file.ignore)
        self._stopped = False
        self.columns = self._header()

    def parts(self, batch_rows: int) -> Iterator[Stretch]:
        """Yield the rows below the header, `batch_rows` lines at a time.

        The first part comes even when it is empty.
        """
        lines = self._lines.take(batch_rows)
        yield self._part(lines)
        while lines := self._lines.take(batch_rows):
            yield self._part(lines)

    def _header(self) -> list[str]:
        if not self._file.header:
            return unambiguous(self._file.names)
        line: str | None = ""
        while line is not None and not line.strip():
            line = self._lines.one()
            self._row += 1
        if line is None:
            message = f"{self._path}: is empty: a header was expected"
            raise ImportFileError(message)
        cells = self._slowly([line])[0]
        if self._file.names and len(self._file.names) != len(cells):
            count = len(self._file.names)
            message = f"{self._path}: {len(cells)} columns but {count} names are given"
            raise ImportFileError(message)
        return unambiguous(self._file.names or cells)

    def _part(self, lines: list[str]) -> Stretch:
        if self._stopped:
            self._row += len(lines)
            return Stretch(_frame((), self.columns), _numbers(()), ignored=len(lines))
        first = self._row + 1
        prepared = self._prepare(pl.Series("line", lines, dtype=pl.String))
        split = self._split(prepared, lines, first)
        self._row = first + split.count - 1
        return self._passed_over(split)

    def _prepare(self, lines: pl.Series) -> pl.Series:
        """Rewrite fixed widths and runs of blanks as cells between single delimiters."""
        if self._file.widths:
            widths, mark = self._file.widths, self._delimiter
            cells = [
                lines.str.slice(sum(widths[:place]), width).alias(str(place))
                for place, width in enumerate(widths)
            ]
            beyond = lines.str.slice(sum(widths)).str.strip_chars_end()
            joined = pl.select(pl.concat_str(cells, separator=mark)).to_series()
            extra = pl.select(pl.concat_str([joined, beyond], separator=mark)).to_series()
            return joined.zip_with(beyond.str.len_chars() == 0, extra)
        if self._file.delimiter == "whitespace":
            return lines.str.strip_chars().str.replace_all(r"\s+", _UNIT)
        return lines

    def _split(self, prepared: pl.Series, lines: list[str], first: int) -> _Split:
        marked = self._find_marked(prepared)
        if marked is None:
            return self._plain(prepared, _numbers(range(first, first + len(lines))))
        quoted = self._singly(prepared.filter(marked).to_list())
        if quoted is None:
            rows = self._slowly(lines)
            numbers = _numbers(range(first, first + len(rows)))
            return _Split(len(rows)).add_rows(rows, numbers, self.columns)
        numbers = _numbers(range(first, first + len(lines)))
        split = self._plain(prepared.filter(~marked), numbers.filter(~marked))
        split.count = len(lines)
        return split.add_rows(quoted, numbers.filter(marked), self.columns)

    def _find_marked(self, lines: pl.Series) -> pl.Series | None:
        """Return a mask of lines with a quotation mark or an escape; None without any."""
        marks = [mark for mark in (self._quotes, self._file.escape) if mark]
        marked = pl.Series([False]).new_from_index(0, len(lines))
        for mark in marks:
            marked = marked | lines.str.contains(mark, literal=True)
        return marked if marked.any() else None

    def _plain(self, lines: pl.Series, numbers: pl.Series) -> _Split:
        width = len(self.columns)
        filled = lines.str.strip_chars().str.len_chars() > 0
        shaped = lines.str.count_matches(self._delimiter, literal=True) == width - 1
        good = lines.filter(filled & shaped)
        if width == 1:
            cells = good.to_frame(self.columns[0])
        else:
            parts = good.str.split_exact(self._delimiter, width - 1).struct.unnest()
            cells = parts.rename(dict(zip(parts.columns, self.columns, strict=True)))
        split = _Split(len(lines), cells, numbers.filter(filled & shaped))
        split.ignored = len(lines) - int(filled.sum())
        odd = filled & ~shaped
        for number, line in zip(numbers.filter(odd), lines.filter(odd), strict=True):
            row = line.split(self._delimiter)
            if any(cell.strip() for cell in row):
                split.ragged.append((number, row))
            else:
                split.ignored += 1
        return split

    def _dialect(self) -> dict[str, Any]:
        return {
            "delimiter": self._delimiter,
            "quotechar": self._quotes or None,
            "escapechar": self._file.escape or None,
            "quoting": csv.QUOTE_MINIMAL if self._quotes else csv.QUOTE_NONE,
        }

    def _singly(self, lines: list[str]) -> list[list[str]] | None:
        """Return the cells per line, or None if a line is not a row of its own."""
        try:
            rows = list(csv.reader([*lines, _END], **self._dialect()))
        except csv.Error:
            return None
        return rows[:-1] if len(rows) == len(lines) + 1 and rows[-1] == [_END] else None

    def _slowly(self, lines: Sequence[str]) -> list[list[str]]:
        """Return the rows of these lines, and read more lines until the last row is complete."""
        taken = 0

        def feed() -> Iterator[str]:
            nonlocal taken
            for line in lines:
                taken += 1
                yield self._prepare(pl.Series([line]))[0] + "\n"
            while (more := self._lines.one()) is not None:
                taken += 1
                yield more + "\n"
            taken += 1
            yield _END

        rows: list[list[str]] = []
        reader = csv.reader(feed(), **self._dialect())
        while taken < len(lines):
            try:
                rows.append(next(reader))
            except csv.Error as error:
                message = (
                    f"{self._path}: row {self._row + len(rows) + 1}: {error}: is a quotation mark "
                    'never closed? Mend it, or say quote = "" under [file]'
                )
                raise ImportFileError(message) from error
        return rows

    def _passed_over(self, split: _Split) -> Stretch:
        """Remove footers and other rows that the mapping ignores."""
        cells, numbers, ragged = split.cells(self.columns), split.numbers(), split.ragged
        ignored = split.ignored
        if self._stop or self._ignore:
            leads = cells.select(pl.coalesce(_is_set(name) for name in cells.columns)).to_series()
            sides = [next((cell for cell in row if cell.strip()), "").strip() for _, row in ragged]
            stops = [*numbers.filter(_matching(leads, self._stop)).to_list()]
            stops += [ragged[n][0] for n, lead in enumerate(sides) if _matches(lead, self._stop)]
            end = min(stops, default=self._row + 1)
            self._stopped = bool(stops)
            keep = (numbers < end) & ~_matching(leads, self._ignore)
            kept = [
                entry
                for entry, lead in zip(ragged, sides, strict=True)
                if entry[0] < end and not _matches(lead, self._ignore)
            ]
            ignored += len(cells) - int(keep.sum()) + len(ragged) - len(kept)
            cells, numbers, ragged = cells.filter(keep), numbers.filter(keep), kept
        refused = tuple(self._rejection(number, row) for number, row in ragged)
        return Stretch(cells, numbers, refused, ignored)

    def _rejection(self, number: int, row: list[str]) -> Refused:
        width = len(self.columns)
        reason = f"row {number}: {len(row)} cells where the header has {width}"
        if any(_END in cell for cell in row):
            reason = f"row {number}: a quotation mark is never closed, down to the end of the file"
        elif any("\n" in cell for cell in row):
            reason += " (a cell spans several lines: is a quotation mark never closed?)"
        raw = dict(zip(self.columns, row, strict=False))
        raw |= {f"{BEYOND} {n}": cell for n, cell in enumerate(row[width:], start=1)}
        return Refused(number, (reason,), {k: v.replace(_END, "") for k, v in raw.items()})


class _Split:
    """The rows of a stretch of lines: rows of the right width, ragged rows, and the total count."""

    def __init__(
        self, count: int, cells: pl.DataFrame | None = None, numbers: pl.Series | None = None
    ) -> None:
        self.count = count
        self.ignored = 0
        self.ragged: list[tuple[int, list[str]]] = []
        self._cells = [] if cells is None else [cells]
        self._numbers = [] if numbers is None else [numbers]

    def add_rows(self, rows: list[list[str]], numbers: pl.Series, columns: list[str]) -> _Split:
        """Add rows that csv has read."""
        good, places = [], []
        for number, row in zip(numbers.to_list(), rows, strict=True):
            if not any(cell.strip() for cell in row):
                self.ignored += 1
            elif len(row) == len(columns) and not any(_END in cell for cell in row[-1:]):
                good.append(row)
                places.append(number)
            else:
                self.ragged.append((number, row))
        self.ragged.sort()
        self._cells.append(_frame(good, columns))
        self._numbers.append(_numbers(places))
        return self

    def cells(self, columns: list[str]) -> pl.DataFrame:
        """Return the rows of the right width, in the order of the file."""
        together = pl.concat(self._cells) if self._cells else _frame((), columns)
        return together if len(self._cells) < 2 else together[self._order()]  # noqa: PLR2004

    def numbers(self) -> pl.Series:
        """Return the numbers of the rows of the right width, ascending."""
        return pl.concat(self._numbers).sort() if self._numbers else _numbers(())

    def _order(self) -> pl.Series:
        return pl.concat(self._numbers).arg_sort()


def unambiguous(names: Sequence[str]) -> list[str]:
    """Return column names without surrounding blanks, all of them different.

    Nameless columns become `column 3`, repeated ones `Date (1)` and `Date (2)`. A mapping that
    names just `Date` then gets an error instead of an arbitrary column.
    """
    bare = [name.strip() or f"column {place}" for place, name in enumerate(names, start=1)]
    repeated = {name for name, count in Counter(bare).items() if count > 1}
    counts: Counter[str] = Counter()
    for place, name in enumerate(bare):
        if name in repeated:
            counts[name] += 1
            bare[place] = f"{name} ({counts[name]})"
    return bare


def globbed(patterns: Sequence[str]) -> str:
    """Build one regular expression from texts in which `*` stands for anything; "" for no texts.

    Blanks around a text are dropped, as they are around cells.
    """
    parts = [text.strip().split("*") for text in patterns]
    pieces = [".+" if part == ["", ""] else ".*".join(map(re.escape, part)) for part in parts]
    return f"^(?s:{'|'.join(pieces)})$" if pieces else ""


def _is_set(name: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text)


def _matching(texts: pl.Series, pattern: str) -> pl.Series:
    if not pattern:
        return pl.Series([False]).new_from_index(0, len(texts))
    return texts.fill_null("").str.contains(pattern)


def _matches(text: str, pattern: str) -> bool:
    return bool(pattern) and re.search(pattern, text) is not None


def _numbers(rows: Sequence[int]) -> pl.Series:
    return pl.Series("row", rows, dtype=pl.Int64)


def _frame(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> pl.DataFrame:
    cells = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pl.DataFrame(
        [pl.Series(name, cell, dtype=pl.String) for name, cell in zip(columns, cells, strict=True)]
    )
