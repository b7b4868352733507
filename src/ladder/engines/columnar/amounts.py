"""Convert amounts to one currency, and reduce them by refunds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np

from ladder.engines.columnar.intervals import Mask, Positions
from ladder.engines.columnar.profiles import CodeColumn
from ladder.errors import CurrencyError
from ladder.language.ladders import Ladder
from ladder.model.calendars import FOREVER, to_date
from ladder.model.organisations import Organisation


@dataclass(frozen=True)
class Reductions:
    """Partial refunds: from each instant on, a row's amount is smaller by `amounts` minor units."""

    rows: Positions
    at: Positions
    amounts: Positions

    @classmethod
    def of(cls, triples: Iterable[tuple[int, int, int]]) -> Reductions:
        """Build from triples (row, instant, minor units)."""
        columns = np.array(list(triples), np.int64).reshape(-1, 3).T
        return cls(*columns)


class Refund(NamedTuple):
    """A refund, chargeback or failure and the gift that it answers, by touchpoint id."""

    gift: int
    at: int
    back_id: int
    back: int | None
    back_currency: str
    amount: int | None
    currency: str
    gift_at: int


@dataclass(frozen=True)
class Cuts:
    """The instants at which gifts (by id) are fully refunded, and the partial refunds of gifts.

    `partial` holds pairs (instant, reduction in minor units).
    """

    by_gift: dict[int, list[Refund]]
    refunded: dict[int, int]
    partial: dict[int, list[tuple[int, int]]]
    converter: Converter

    @classmethod
    def of(cls, refunds: Iterable[Refund], converter: Converter) -> Cuts:
        """Build from refunds and their gifts; duplicate pairs count once."""
        by_gift: dict[int, list[Refund]] = defaultdict(list)
        for refund in sorted(set(refunds), key=lambda refund: refund[:3]):
            by_gift[refund.gift].append(refund)
        refunded: dict[int, int] = {}
        partial: dict[int, list[tuple[int, int]]] = {}
        for gift, same in by_gift.items():
            taken, cut = _partial_refunds(same)
            if cut is not None:
                refunded[gift] = cut
            if taken:
                partial[gift] = list(converter.reduce_gift(same[0], taken))
        return cls(by_gift, refunded, partial, converter)

    def without(self, touchpoints: Collection[int]) -> Cuts:
        """Leave these touchpoints out."""
        refunds = [refund for same in self.by_gift.values() for refund in same]
        kept = [refund for refund in refunds if refund.back_id not in touchpoints]
        return self if len(kept) == len(refunds) else self.of(kept, self.converter)

    def refunded_at(self, ids: Positions) -> Positions | None:
        """Return when each row's gift was refunded, or FOREVER; None if no gift was."""
        if not self.refunded:
            return None
        gifts = np.array(sorted(self.refunded), np.int64)
        instants = np.array([self.refunded[int(gift)] for gift in gifts], np.int64)
        place = np.minimum(np.searchsorted(gifts, ids), len(gifts) - 1)
        return np.where(gifts[place] == ids, instants[place], FOREVER)

    def reductions(self, ids: Positions) -> Reductions:
        """Return the partial refunds of all rows of refunded gifts."""
        if not self.partial:
            return Reductions.of(())
        given = np.flatnonzero(np.isin(ids, np.array(list(self.partial), np.int64)))
        return Reductions.of(
            (row, at, less) for row in given.tolist() for at, less in self.partial[int(ids[row])]
        )


def _partial_refunds(refunds: list[Refund]) -> tuple[list[tuple[int, int, int]], int | None]:
    """Return one gift's partial refunds (instant, before, left), and when nothing was left.

    Raises:
        CurrencyError: A refund is in another currency than its gift.
    """
    left = refunds[0].amount
    taken: list[tuple[int, int, int]] = []
    for at, group in groupby(refunds, key=lambda refund: refund.at):
        same = list(group)
        backs = [refund.back for refund in same]
        if left is None or None in backs:
            return taken, at
        for refund in same:
            if refund.back_currency != refund.currency:
                raise CurrencyError(
                    f"a refund in {refund.back_currency} answers a gift in {refund.currency}"
                )
        before, left = left, left - sum(back for back in backs if back is not None)
        if left <= 0:
            return taken, at
        taken.append((at, before, left))
    return taken, None


def foreign_amounts(where: object, organisation: Organisation) -> CurrencyError:
    """Build the error for amounts that cannot be compared: the definition and the remedy."""
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

    def columns(
        self, amount: Positions, given: Mask, currency: CodeColumn, at: Positions
    ) -> tuple[Positions, Mask]:
        """Return converted amounts, and a mask of those without a rate (their amount is 0).

        An amount without a currency is in the organisation's currency.
        """
        foreign = np.zeros(len(amount), np.bool_)
        strange = np.flatnonzero(given & currency.mask(lambda name: name != self.currency))
        if not len(strange):
            return amount, foreign
        amount = amount.copy()
        for row in strange.tolist():
            named = currency.values[int(currency.codes[row])]
            value = self.convert(int(amount[row]), named, int(at[row]))
            foreign[row] = value is None
            amount[row] = value or 0
        return amount, foreign

    def reduce_gift(
        self, gift: Refund, taken: Iterable[tuple[int, int, int]]
    ) -> Iterator[tuple[int, int]]:
        """Yield by how much each partial refund lowers the gift, at the rate of the gift's day."""
        for at, before, left in taken:
            was = self.convert(before, gift.currency, gift.gift_at)
            remains = self.convert(left, gift.currency, gift.gift_at)
            if was is not None and remains is not None:
                yield at, was - remains

    def convert(self, minor: int, currency: str, at: int) -> int | None:
        """Convert to the organisation's currency at the touchpoint's day; None without a rate."""
        if currency == self.currency:
            return minor
        if self.rates is None or self.rates.currency != self.currency:
            return None
        return self.rates.convert(minor, currency, to_date(self.calendar.day_of(at)))
