"""Rejected rows with all reasons, in a file that can be corrected and read again."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import polars as pl

from ladder.errors import ImportFileError


class Reasons:
    """The reasons of a batch of rows, added field by field."""

    def __init__(self, numbers: pl.Series, block: str) -> None:
        self._numbers = numbers
        self._block = f", block {block}" if block else ""
        self._problems: list[tuple[pl.Series, str, Callable[[int], str | None]]] = []

    def add(self, bad: pl.Series, where: str, words: Callable[[int], str | None]) -> None:
        """Add bad rows (a mask), the column at fault, and a function from position to message."""
        if bad.any():
            self._problems.append((bad, where, words))

    def add_texts(self, problems: pl.Series, where: str) -> None:
        """Add problems from a column of texts that is null where nothing is wrong."""
        self.add(problems.is_not_null(), where, lambda place: problems[place])

    def clean(self) -> pl.Series:
        """Return a mask of the rows without any reason."""
        bad = pl.repeat(False, len(self._numbers), dtype=pl.Boolean, eager=True)
        for problem, _, _ in self._problems:
            bad = bad | problem
        return ~bad

    def by_row(self) -> dict[int, list[str]]:
        """Return row numbers with their reasons."""
        reason_list: dict[int, list[str]] = {}
        for bad, where, words in self._problems:
            for place in np.flatnonzero(bad.to_numpy()).tolist():
                number = int(self._numbers[place])
                reason = f"row {number}{self._block}, {where}: {words(place)}"
                reason_list.setdefault(number, []).append(reason)
        return reason_list


BEYOND = "beyond"
"""The column of a file of rejected rows that holds cells beyond those of the header."""


@dataclass(frozen=True)
class Refused:
    """A rejected row: its number in the file, the reasons, and its original cells.

    Rows are counted as in a spreadsheet: the header is row 1, and a quoted cell of several lines is
    part of one row.
    """

    row: int
    reasons: tuple[str, ...]
    raw: Mapping[str, str]

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "; ".join(self.reasons)


class RefusedFile:
    """Writer of rejected rows to a CSV file: row, reason, then the original columns.

    The rows go to a temporary file in the same folder. It takes the name only at the end, so that
    an incomplete file is never read. Without rejected rows there is no file, and an earlier one is
    removed. If an error leaves the block, the temporary file is removed.

    >>> with RefusedFile("refused.csv", ["who"]) as file:
    ...     file.write([])
    >>> file.written
    0
    """

    def __init__(self, path: str | Path, columns: Iterable[str] = ()) -> None:
        self.path = Path(path)
        self.written = 0
        self._columns = list(columns)
        self._partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.partial")
        self._file: IO[str] | None = None
        self._rows: Any = None  # The type of a csv.writer is not public.

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is None:
            if kind is None:
                self.path.unlink(missing_ok=True)
            return
        try:
            self._file.close()
            if kind is None:
                self._partial.replace(self.path)
        except OSError as trouble:
            raise self._trouble(trouble) from trouble
        finally:
            self._partial.unlink(missing_ok=True)

    def write(self, refused: Iterable[Refused]) -> None:
        """Add rows.

        Raises:
            ImportFileError: if the file cannot be written.
        """
        try:
            for rejection in refused:
                if self._file is None:
                    self._open(rejection)
                cells = [rejection.raw.get(column, "") for column in self._columns]
                rest = [text for name, text in rejection.raw.items() if name not in self._columns]
                self._rows.writerow([rejection.row, rejection.reason, *cells, " | ".join(rest)])
                self.written += 1
        except OSError as trouble:
            raise self._trouble(trouble) from trouble

    def _open(self, first: Refused) -> None:
        self._columns = self._columns or list(first.raw)
        self._file = self._partial.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(["row", "reason", *self._columns, BEYOND])

    def _trouble(self, trouble: OSError) -> ImportFileError:
        return ImportFileError(f"{self.path}: refused rows cannot be written: {trouble.strerror}")
