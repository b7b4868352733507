"""Why rows are refused: every reason of a row, in words for whoever has the file open."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl


class Reasons:
    """The reasons of a batch of rows, added field by field."""

    def __init__(self, numbers: pl.Series, block: str) -> None:
        self._numbers = numbers
        self._block = f", block {block}" if block else ""
        self._found: list[tuple[pl.Series, str, Callable[[int], str | None]]] = []

    def add(self, bad: pl.Series, where: str, words: Callable[[int], str | None]) -> None:
        """Rows that are bad, the column at fault, and what to say of the nth row."""
        if bad.any():
            self._found.append((bad, where, words))

    def add_texts(self, problems: pl.Series, where: str) -> None:
        """The same, from a column of texts that is null where nothing is wrong."""
        self.add(problems.is_not_null(), where, lambda place: problems[place])

    def clean(self) -> pl.Series:
        """Rows without any reason."""
        bad = pl.repeat(False, len(self._numbers), dtype=pl.Boolean, eager=True)
        for each, _, _ in self._found:
            bad = bad | each
        return ~bad

    def by_row(self) -> dict[int, list[str]]:
        """Row number to its reasons."""
        told: dict[int, list[str]] = {}
        for bad, where, words in self._found:
            for place in np.flatnonzero(bad.to_numpy()).tolist():
                number = int(self._numbers[place])
                reason = f"row {number}{self._block}, {where}: {words(place)}"
                told.setdefault(number, []).append(reason)
        return told
