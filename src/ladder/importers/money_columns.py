"""The money of a batch of rows: amounts, currencies, and the treatment of unusual amounts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ladder.errors import CurrencyError
from ladder.importers.cells import label, text_of
from ladder.importers.file_format import Amounts
from ladder.importers.mapping_model import Columns
from ladder.importers.number_parsing import figures
from ladder.importers.rejections import Reasons
from ladder.model.money import QUANTITY_SCALE, exponent

_QUANTITY_DECIMALS = len(str(QUANTITY_SCALE)) - 1


@dataclass(frozen=True)
class Sums:
    """Amount, currency and quantity per row, null where there is none.

    Amounts are in minor units, quantities in millionths. `given_back` marks negative amounts that
    become refunds.
    """

    amount: pl.Series
    currency: pl.Series
    quantity: pl.Series
    given_back: pl.Series


def sums(
    cells: pl.DataFrame,
    columns: Columns,
    style: Amounts,
    own_currency: str,
    kinds: pl.DataFrame,
    reasons: Reasons,
) -> Sums:
    """Read amounts and quantities; `kinds` has `family` and `role` per row."""
    texts = text_of(cells, columns.amount)
    where = label(columns.amount, "amount")
    named = _currencies(cells, columns, style, own_currency, texts, reasons)
    decimals = _decimals(named, style)
    parsed = figures(texts, decimals, style)
    reasons.add_texts(parsed["problem"], where)
    amount = parsed["figure"]
    negative = parsed["negative"] & (amount > 0).fill_null(value=False)
    money = kinds["family"].eq_missing("money")
    back = kinds["role"].eq_missing("refund")
    _refuse_odd(texts, amount, negative, money, back, style, columns, reasons)
    return Sums(
        amount=amount,
        currency=named.set(amount.is_null(), None),
        quantity=_quantities(cells, columns, style, reasons),
        given_back=negative & money & (style.negative == "refund"),
    )


def _refuse_odd(
    texts: pl.Series,
    amount: pl.Series,
    negative: pl.Series,
    money: pl.Series,
    back: pl.Series,
    style: Amounts,
    columns: Columns,
    reasons: Reasons,
) -> None:
    """Reject negative, blank and zero amounts that the mapping does not permit.

    A negative refund is accepted, because its kind already says that it is given back.
    """
    where = label(columns.amount, "amount")
    refunded = money if style.negative == "refund" else money & False
    advice = 'say negative = "refund" under [amounts] if it gives a gift back'
    reasons.add(
        negative & ~back & ~refunded, where, lambda n: f"{texts[n]!r} is negative: {advice}"
    )
    if columns.amount is None or columns.amount.column == "":
        return
    if style.blank == "refuse":
        blank = 'is blank: say blank = "keep" under [amounts] to take it without'
        reasons.add(money & texts.is_null(), where, lambda _: blank)
    if style.zero == "refuse":
        zero = 'is no gift: say zero = "keep" under [amounts] to count it'
        nothing = money & (amount == 0).fill_null(value=False)
        reasons.add(nothing, where, lambda n: f"{texts[n]!r} {zero}")


def _currencies(
    cells: pl.DataFrame,
    columns: Columns,
    style: Amounts,
    own_currency: str,
    amounts: pl.Series,
    reasons: Reasons,
) -> pl.Series:
    """Read the currency per row.

    With an amount it must be a known one, and the organisation's own if the mapping requires it.
    """
    named = text_of(cells, columns.currency).str.to_uppercase()
    named = named.fill_null(style.currency or own_currency)
    where = label(columns.currency, "currency")
    unknown = [code for code in named.unique().to_list() if not is_currency(code)]
    filled = amounts.is_not_null()
    reasons.add(
        filled & named.is_in(unknown), where, lambda n: f"{named[n]!r} is no ISO 4217 currency code"
    )
    if style.foreign_currency == "refuse":
        other = filled & (named != own_currency)
        reasons.add(
            other, where, lambda n: f"{named[n]} is not {own_currency}, the organisation's own"
        )
    return named.set(named.is_in(unknown), own_currency)


def is_currency(code: str) -> bool:
    """Whether a code is one of ISO 4217, past or present."""
    try:
        exponent(code)
    except CurrencyError:
        return False
    return True


def _decimals(currencies: pl.Series, style: Amounts) -> pl.Series:
    codes = currencies.unique().to_list()
    if style.minor_units:
        codes_to = dict.fromkeys(codes, 0)
    else:
        codes_to = {code: exponent(code) for code in codes}
    return currencies.replace_strict(codes_to, return_dtype=pl.Int64)


def _quantities(
    cells: pl.DataFrame, columns: Columns, style: Amounts, reasons: Reasons
) -> pl.Series:
    texts = text_of(cells, columns.quantity)
    where = label(columns.quantity, "quantity")
    decimals = pl.repeat(_QUANTITY_DECIMALS, len(texts), dtype=pl.Int64, eager=True)
    parsed = figures(texts, decimals, style)
    reasons.add_texts(parsed["problem"], where)
    negative = parsed["negative"] & (parsed["figure"] > 0).fill_null(value=False)
    reasons.add(negative, where, lambda n: f"{texts[n]!r} is negative: a quantity counts from 0 up")
    return parsed["figure"]
