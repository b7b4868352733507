"""Amounts in one currency, and what refunds take away from them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np
import polars as pl

from ladder.calendars import FOREVER, to_date
from ladder.columnar.intervals import Mask, Positions
from ladder.errors import CurrencyError
from ladder.ladders import Ladder
from ladder.organisations import Organisation

Worth = Callable[[int, int], int | None]
"""What so many minor units of a row's currency are in the organisation's; None without a rate."""


@dataclass(frozen=True)
class Reductions:
    """Partial refunds: from an instant on, a row's amount is smaller by so many minor units."""

    rows: Positions
    at: Positions
    amounts: Positions

    @classmethod
    def of(cls, found: Iterable[tuple[int, int, int]]) -> Reductions:
        """From (row, instant, minor units) of each."""
        columns = np.array(list(found), np.int64).reshape(-1, 3).T
        return cls(*columns)

    def within(self, first: int, last: int) -> Reductions:
        """Those of a run of rows, counted from its first."""
        inside = (self.rows >= first) & (self.rows < last)
        return Reductions(self.rows[inside] - first, self.at[inside], self.amounts[inside])


class Refund(NamedTuple):
    """A refund, chargeback or failure and the gift that it answers, by touchpoint id."""

    gift: int
    at: int
    back_id: int
    back: int | None
    back_currency: str
    amount: int | None
    currency: str


@dataclass(frozen=True)
class Cuts:
    """When refunds cut each gift, and by how much partial ones lower it."""

    refunds: tuple[Refund, ...]
    refunded: dict[int, int]
    partial: dict[int, list[tuple[int, int, int]]]

    @classmethod
    def of(cls, pairs: pl.DataFrame, currency: str) -> Cuts:
        """From the pairs of refund and gift."""
        columns = ("id", "back_at", "back_id", "back", "back_currency", "amount", "currency")
        rows = pairs.select(
            pl.col(name).fill_null(currency) if name.endswith("currency") else name
            for name in columns
        ).rows()
        return cls._read(tuple(sorted(map(Refund._make, rows), key=lambda each: each[:3])))

    @classmethod
    def _read(cls, refunds: tuple[Refund, ...]) -> Cuts:
        refunded: dict[int, int] = {}
        partial: dict[int, list[tuple[int, int, int]]] = {}
        for gift, group in groupby(refunds, key=lambda each: each.gift):
            taken, cut = _taken(list(group))
            if cut is not None:
                refunded[gift] = cut
            if taken:
                partial[gift] = taken
        return cls(refunds, refunded, partial)

    @cached_property
    def _by_gift(self) -> dict[int, list[Refund]]:
        return {gift: list(group) for gift, group in groupby(self.refunds, lambda each: each.gift)}

    def of_gift(self, gift: int) -> list[Refund]:
        """The refunds of one gift, in order."""
        return self._by_gift.get(gift, [])

    def without(self, touchpoints: Collection[int]) -> Cuts:
        """As if these touchpoints had never been."""
        kept = tuple(each for each in self.refunds if each.back_id not in touchpoints)
        return self if len(kept) == len(self.refunds) else self._read(kept)

    def refunded_at(self, ids: Positions) -> Positions:
        """For each row the instant at which its gift was given back, or FOREVER."""
        if not self.refunded:
            return np.full(len(ids), FOREVER, np.int64)
        gifts = np.array(sorted(self.refunded), np.int64)
        instants = np.array([self.refunded[int(gift)] for gift in gifts], np.int64)
        place = np.minimum(np.searchsorted(gifts, ids), len(gifts) - 1)
        return np.where(gifts[place] == ids, instants[place], FOREVER)

    def reductions(self, ids: Positions, worth: Worth) -> Reductions:
        """Partial refunds on every row of their gift, converted as the gift was."""
        if not self.partial:
            return Reductions.of(())
        found = []
        for row in np.flatnonzero(np.isin(ids, np.array(list(self.partial), np.int64))).tolist():
            for at, before, left in self.partial[int(ids[row])]:
                was, remains = worth(row, before), worth(row, left)
                if was is not None and remains is not None:
                    found.append((row, at, was - remains))
        return Reductions.of(found)


def _taken(refunds: list[Refund]) -> tuple[list[tuple[int, int, int]], int | None]:
    """One gift's partial refunds (instant, before, left), and when nothing of it was left."""
    left = refunds[0].amount
    taken: list[tuple[int, int, int]] = []
    for at, group in groupby(refunds, key=lambda each: each.at):
        same = list(group)
        backs = [each.back for each in same]
        if left is None or None in backs:
            return taken, at
        for each in same:
            if each.back_currency != each.currency:
                message = f"a refund in {each.back_currency} answers a gift in {each.currency}"
                raise CurrencyError(message)
        before, left = left, left - sum(back for back in backs if back is not None)
        if left <= 0:
            return taken, at
        taken.append((at, before, left))
    return taken, None


def foreign_amounts(where: object, organisation: Organisation) -> CurrencyError:
    """What to say of money that cannot be compared: which definition met it, and what helps."""
    message = (
        f"{where} meets amounts in another currency than {organisation.currency}, for which no "
        "rate is known on their date: name a dated converter in the ladder ([rates])"
    )
    return CurrencyError(message)


class Converter:
    """Amounts in minor units of the organisation's currency, as far as rates are known."""

    def __init__(self, ladder: Ladder, organisation: Organisation) -> None:
        self.rates = ladder.rates
        self.currency = organisation.currency
        self.calendar = organisation.calendar

    def columns(self, rows: pl.DataFrame) -> tuple[Positions, Mask]:
        """The amounts (0 where there is none), and where the currency is foreign."""
        amount = rows["amount"].fill_null(0).to_numpy()
        foreign = np.zeros(rows.height, np.bool_)
        other = (rows["currency"] != self.currency).fill_null(value=False)
        strange = np.flatnonzero((rows["amount"].is_not_null() & other).to_numpy())
        if not len(strange):
            return amount, foreign
        amount = amount.copy()
        for row in strange.tolist():
            value = self.convert(int(amount[row]), rows["currency"][row], rows["at"][row])
            foreign[row] = value is None
            amount[row] = value or 0
        return amount, foreign

    def convert(self, minor: int, currency: str, at: int) -> int | None:
        """In the organisation's currency at the touchpoint's day, or None without a rate."""
        if currency == self.currency:
            return minor
        if self.rates is None or self.rates.currency != self.currency:
            return None
        return self.rates.convert(minor, currency, to_date(self.calendar.day_of(at)))


def worth(rows: pl.DataFrame, order: Positions, converter: Converter) -> Worth:
    """Convert a part of a row's amount as the row's own amount was converted."""

    def of(row: int, minor: int) -> int | None:
        place = int(order[row])
        currency = rows["currency"][place] or converter.currency
        return converter.convert(minor, currency, rows["at"][place])

    return of
