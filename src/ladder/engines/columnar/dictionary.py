"""Profiles: the distinct combinations of descriptive fields, evaluated once per combination.

Kind, direction, purposes and similar fields have few combinations, regardless of the number of
touchpoints. Each combination is a *profile*. Selectors are evaluated on the profiles, and the
result is looked up for the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ladder.engines.columnar.intervals import Mask, Positions

Codes = NDArray[np.integer]
FEW = 2**17
"""The largest combined code; above it, the occurring codes are renumbered."""


@dataclass(frozen=True)
class CodeColumn:
    """Texts as codes; the code after the last value marks an absent text."""

    codes: Positions
    values: Sequence[str]

    def mask(self, judge: Callable[[str], bool]) -> Mask:
        """Return which codes have a value that satisfies the test."""
        different, which = distinct(self.codes)
        size = len(self.values)
        verdicts = [code < size and judge(self.values[code]) for code in different.tolist()]
        chosen: Mask = np.array(verdicts, np.bool_)[which]
        return chosen


@dataclass(frozen=True)
class Profiles:
    """The number of each row's profile, and the values of the profiles by field."""

    codes: Positions
    fields: Mapping[str, CodeColumn]

    @classmethod
    def of(cls, columns: Mapping[str, Codes], values: Mapping[str, Sequence[str]]) -> Profiles:
        """Build from the codes of each field, all of one length."""
        size = len(next(iter(columns.values())))
        codes, number = np.zeros(size, np.int64), 1
        for name, column in columns.items():
            width = len(values[name]) + 1
            if number * width > FEW and number > 1:
                different, codes = distinct(codes)
                number = len(different)
            codes = codes * width + column
            number *= width
        different, codes = distinct(codes)
        sample = np.empty(len(different), np.int64)
        sample[codes] = np.arange(size)
        fields = {
            name: CodeColumn(column[sample].astype(np.int64), values[name])
            for name, column in columns.items()
        }
        return cls(codes, fields)

    def __len__(self) -> int:
        return len(self.fields["kind"].codes)

    def __getitem__(self, rows: Positions) -> Profiles:
        return Profiles(self.codes[rows], self.fields)

    def mask(self, field: str, judge: Callable[[str], bool]) -> Mask:
        """Return which rows have a value of that field that satisfies the test."""
        return self.rows(self.fields[field].mask(judge))

    def rows(self, profiles: Mask) -> Mask:
        """Return which rows have one of these profiles."""
        chosen: Mask = profiles[self.codes]
        return chosen

    def numbers(self, field: str, name: Callable[[str], str | None]) -> Positions:
        """Number each row's value of that field, by name; -1 without a value."""
        column = self.fields[field]
        known: dict[str | None, int] = {}
        different, which = distinct(column.codes)
        named = [
            name(column.values[c]) if c < len(column.values) else None for c in different.tolist()
        ]
        table = [-1 if text is None else known.setdefault(text, len(known)) for text in named]
        return np.array(table, np.int64)[which][self.codes]


def distinct(codes: Positions) -> tuple[Positions, Positions]:
    """Return the different codes in order, and the place of each code among them.

    Codes are small, so counting them is ten times faster than the sort of `np.unique`.
    """
    if not len(codes) or int(codes.max()) > 4 * len(codes) + FEW:
        different, which = np.unique(codes, return_inverse=True)
        return different, which
    present = np.bincount(codes) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[codes]
