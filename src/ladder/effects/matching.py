"""Whom to compare with whom: everybody's giving before a date, coarsened into cells.

Coarsened exact matching (Iacus, King and Porro 2012): two supporters are alike when recency,
frequency and amount fall into the same bins on the same date. The bins are the same whatever the
pattern, and are made from what lies at or before the date alone.
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
"""Gifts within the look-back: up to so many; past the last are 24 and more (monthly givers)."""
AMOUNT: Final = (0.2, 0.4, 0.6, 0.8)
"""What was given within the look-back: the organisation's own fifths of those who gave then."""
TENURE: Final = (12, 36)
"""Who never gave is matched on the months since her line began, for want of anything else."""

_GIVING: Final = len(RECENCY) * (len(FREQUENCY) + 1) * (len(AMOUNT) + 1)
_LONG_AGO: Final = _GIVING
_NEVER: Final = _GIVING + 1
CELLS: Final = _NEVER + len(TENURE) + 1
"""How many cells a date has."""


@dataclass(frozen=True)
class After:
    """Who gave in the months after a date (numbers, ascending), and how much each."""

    who: Ints
    amount: Ints


@dataclass(frozen=True)
class Before:
    """Everybody at an index date: the cell she is in (-1: not looked at), and `record`.

    The record has three rows, 0 for who gave nothing within the look-back: months since the last
    gift, gifts, and amount within the look-back. Cells are made of it.
    """

    cell: Codes
    record: Single


RECORD: Final = ("months since the last gift", "gifts in three years", "amount in three years")
"""What the rows of a record are."""
GAVE: Final = np.arange(CELLS + 1) <= _GIVING
"""Which places (cells counted from 1; 0 is nobody's) are of those who gave within the look-back."""
GAVE[0] = False
_MONTH: Final = 365.25 / 12


def before(gifts: Gifts, index: Index, first_day: Ints, left_out: Mask) -> Before:
    """Everybody's cell and record at an index date; nothing of those who are left out."""
    size = len(first_day)
    known = (gifts.day <= index.day) & (gifts.gone > index.day) & ~left_out[gifts.who]
    last = np.full(size, -(2**31), np.int64)
    last[gifts.who[known]] = gifts.day[known]  # in order, so that the latest stays
    counted = known & (gifts.day > add_months(index.day, -LOOK_BACK))
    number = np.bincount(gifts.who[counted], minlength=size)
    total = amounts(gifts, counted, index.day, size)
    code = np.full(size, _LONG_AGO, np.int16)
    recent = number > 0
    edges = np.quantile(total[recent], AMOUNT) if recent.any() else np.zeros(len(AMOUNT))
    recency = _elapsed(index.day, last, RECENCY)
    frequency = np.searchsorted(FREQUENCY, number, side="left")
    amount = np.searchsorted(edges, total, side="left")
    combined = (recency * (len(FREQUENCY) + 1) + frequency) * (len(AMOUNT) + 1) + amount
    code[recent] = combined[recent]
    never = last == -(2**31)
    code[never] = _NEVER + _elapsed(index.day, first_day, TENURE)[never]
    code[left_out | (first_day > index.day)] = -1
    record = np.stack([(index.day - last) / _MONTH, number, total]).astype(np.float32)
    return Before(code, np.where(recent, record, np.float32(0)))


def after(gifts: Gifts, index: Index, size: int) -> After:
    """What was given after the date, up to the end of the months that count.

    What was given back by then is not counted; what is given back later still is.
    """
    counted = (gifts.day > index.day) & (gifts.day <= index.end) & (gifts.gone > index.end)
    gave = np.zeros(size, np.bool_)
    gave[gifts.who[counted]] = True
    who = np.flatnonzero(gave)
    return After(who, amounts(gifts, counted, index.end, size)[who])


def amounts(gifts: Gifts, counted: Mask, day: int, size: int) -> Ints:
    """Each supporter's sum of these gifts, less what was given back of them by that day."""
    total = np.bincount(gifts.who[counted], gifts.amount[counted], size)
    cut = (gifts.cut_day <= day) & counted[gifts.cut]
    back = np.bincount(gifts.who[gifts.cut[cut]], gifts.cut_amount[cut], size)
    return (total - back).astype(np.int64)


def _elapsed(day: int, since: Ints, months: tuple[int, ...]) -> Ints:
    """Into which of these bins of months before a day each other day falls."""
    edges = np.array([add_months(day, -each) for each in months])[::-1]
    return len(months) - np.searchsorted(edges, since, side="left")
