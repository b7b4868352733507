"""Match supporters: their giving before a date, coarsened into cells.

Coarsened exact matching (Iacus, King and Porro 2012): two supporters are alike when recency,
frequency and amount fall into the same bins on the same date. The bins do not depend on the
pattern, and are computed from touchpoints at or before the date alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ladder.effects.arrays import Codes, Ints, Mask, Single
from ladder.effects.gifts import Gifts
from ladder.effects.index_dates import Index
from ladder.model.calendars import add_months

LOOK_BACK: Final = 36
"""Months before the date in which gifts are counted and added up."""
RECENCY: Final = (3, 6, 9, 12, 15, 18, 24, 36)
"""Months since the last gift: less than the first, …; past the last, number and amount are 0."""
FREQUENCY: Final = (1, 2, 3, 5, 8, 11, 23)
"""Upper bounds of gifts within the look-back; past the last are 24 and more (monthly donors)."""
AMOUNT: Final = (0.2, 0.4, 0.6, 0.8)
"""Quantiles of the amount within the look-back, of the supporters who gave then (fifths)."""
TENURE: Final = (12, 36)
"""Months since the line began, by which supporters who never gave are matched."""

_GIVING: Final = len(RECENCY) * (len(FREQUENCY) + 1) * (len(AMOUNT) + 1)
_LONG_AGO: Final = _GIVING
_NEVER: Final = _GIVING + 1
CELLS: Final = _NEVER + len(TENURE) + 1
"""The number of cells of a date."""


@dataclass(frozen=True)
class After:
    """The supporters who gave in the months after a date (numbers, ascending), and the amounts."""

    supporter: Ints
    amount: Ints


@dataclass(frozen=True)
class Before:
    """All supporters at an index date: their cell (-1: not observed), and `record`.

    The record has three rows, 0 for supporters who gave nothing within the look-back: months since
    the last gift, gifts, and amount within the look-back. Cells are computed from it.
    """

    cell: Codes
    record: Single


RECORD: Final = ("months since the last gift", "gifts in three years", "amount in three years")
"""The names of the rows of a record."""
GAVE: Final = np.arange(CELLS + 1) <= _GIVING
"""The places (cells counted from 1; 0 is no cell) of supporters who gave within the look-back."""
GAVE[0] = False
_MONTH: Final = 365.25 / 12


def before(gifts: Gifts, index: Index, first_day: Ints, left_out: Mask) -> Before:
    """Return all supporters' cells and records at an index date, except those in `left_out`."""
    size = len(first_day)
    known = (gifts.day <= index.day) & (gifts.gone > index.day) & ~left_out[gifts.supporter]
    last = np.full(size, -(2**31), np.int64)
    last[gifts.supporter[known]] = gifts.day[known]  # ordered by time: the latest stays
    counted = known & (gifts.day > add_months(index.day, -LOOK_BACK))
    number = np.bincount(gifts.supporter[counted], minlength=size)
    total = amounts(gifts, counted, index.day, size)
    code = np.full(size, _LONG_AGO, np.int16)
    recent = number > 0
    edges = np.quantile(total[recent], AMOUNT) if recent.any() else np.zeros(len(AMOUNT))
    recency = _recency_bin(index.day, last, RECENCY)
    frequency = np.searchsorted(FREQUENCY, number, side="left")
    amount = np.searchsorted(edges, total, side="left")
    combined = (recency * (len(FREQUENCY) + 1) + frequency) * (len(AMOUNT) + 1) + amount
    code[recent] = combined[recent]
    never = last == -(2**31)
    code[never] = _NEVER + _recency_bin(index.day, first_day, TENURE)[never]
    code[left_out | (first_day > index.day)] = -1
    record = np.stack([(index.day - last) / _MONTH, number, total]).astype(np.float32)
    return Before(code, np.where(recent, record, np.float32(0)))


def after(gifts: Gifts, index: Index, size: int) -> After:
    """Return the gifts after the date, up to the end of the outcome's months.

    Gifts that were fully refunded by then do not count; gifts refunded later do.
    """
    counted = (gifts.day > index.day) & (gifts.day <= index.end) & (gifts.gone > index.end)
    gave = np.zeros(size, np.bool_)
    gave[gifts.supporter[counted]] = True
    supporter = np.flatnonzero(gave)
    return After(supporter, amounts(gifts, counted, index.end, size)[supporter])


def amounts(gifts: Gifts, counted: Mask, day: int, size: int) -> Ints:
    """Return each supporter's sum of these gifts, less partial refunds by that day."""
    total = np.bincount(gifts.supporter[counted], gifts.amount[counted], size)
    cut = (gifts.cut_day <= day) & counted[gifts.cut]
    back = np.bincount(gifts.supporter[gifts.cut[cut]], gifts.cut_amount[cut], size)
    return (total - back).astype(np.int64)


def _recency_bin(day: int, since: Ints, months: tuple[int, ...]) -> Ints:
    """Return the bin of months before a day into which each other day falls."""
    edges = np.array([add_months(day, -month) for month in months])[::-1]
    return len(months) - np.searchsorted(edges, since, side="left")
