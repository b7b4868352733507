"""Money: integer minor units inside, `Decimal` outside, ISO 4217 codes. Never a float."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from ladder.errors import CurrencyError

QUANTITY_SCALE: Final = 1_000_000
"""The scale of quantities (hours, items), which are stored as integer millionths of their unit."""

_MONEY: Final = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*(?:([A-Z]{3}))?\s*$")


@dataclass(frozen=True)
class Money:
    """An amount in major units; `currency` None means the organisation's own.

    >>> Money.parse("250 EUR")
    Money(amount=Decimal('250'), currency='EUR')
    """

    amount: Decimal
    currency: str | None = None

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read "250 EUR", "99.50 USD" or "0"; the decimal mark is the point."""
        match = _MONEY.match(text)
        if match is None:
            message = f"{text!r} is no amount of money: write it like '250 EUR' or '0'"
            raise CurrencyError(message)
        return cls(Decimal(match[1]), match[2])

    def __str__(self) -> str:
        amount = f"{self.amount.normalize():f}"
        return f"{amount} {self.currency}" if self.currency else amount


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Return the currency's number of decimals: EUR 2, JPY 0, KWD 3; reject an unknown code."""
    from babel.core import get_global  # noqa: PLC0415  (slow to import, seldom needed)

    known: Mapping[str, object] = get_global("all_currencies")
    if currency not in known:
        message = f"{currency!r} is no ISO 4217 currency code"
        raise CurrencyError(message)
    fractions: Mapping[str, tuple[int, ...]] = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def to_minor(amount: Decimal, currency: str) -> int:
    """Convert major units to integer minor units; reject fractions of a minor unit."""
    scaled = amount.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        message = f"{amount} {currency} is finer than the smallest unit of {currency}"
        raise CurrencyError(message)
    return int(scaled)


def to_major(minor: int, currency: str) -> Decimal:
    """Convert integer minor units to a `Decimal` in major units."""
    return Decimal(minor).scaleb(-exponent(currency))


def to_quantity(value: Decimal | int | str) -> int:
    """Convert a quantity to integer millionths; reject fractions of a millionth."""
    try:
        scaled = Decimal(value) * QUANTITY_SCALE
    except InvalidOperation as error:
        message = f"{value!r} is no number"
        raise CurrencyError(message) from error
    if scaled != scaled.to_integral_value():
        message = f"{value} is finer than a millionth of a unit"
        raise CurrencyError(message)
    return int(scaled)


@dataclass(frozen=True)
class Rates:
    """A dated converter into one currency: rates by foreign currency and first day.

    A rate is the price of one unit of the foreign currency. It holds from its day until the next
    rate's day. Converted amounts are rounded half to even to the minor unit.
    """

    currency: str
    table: tuple[tuple[str, tuple[tuple[date, Decimal], ...]], ...]

    @classmethod
    def of(cls, currency: str, rows: Iterable[tuple[str, date, Decimal]]) -> Rates:
        """Build the converter from rows of (currency, first day, rate)."""
        grouped: dict[str, list[tuple[date, Decimal]]] = {}
        for foreign, day, rate in rows:
            exponent(foreign)
            if rate <= 0:
                message = f"the rate of {foreign} from {day} must be above 0"
                raise CurrencyError(message)
            grouped.setdefault(foreign, []).append((day, rate))
        return cls(currency, tuple((key, tuple(sorted(grouped[key]))) for key in sorted(grouped)))

    def convert(self, minor: int, foreign: str, on: date) -> int | None:
        """Convert minor units of `foreign` to ours; None without a rate on that day."""
        if foreign == self.currency:
            return minor
        rows = dict(self.table).get(foreign, ())
        place = bisect.bisect_right(rows, on, key=lambda row: row[0])
        if place == 0:
            return None
        major = to_major(minor, foreign) * rows[place - 1][1]
        return int(major.scaleb(exponent(self.currency)).quantize(Decimal(1), ROUND_HALF_EVEN))
