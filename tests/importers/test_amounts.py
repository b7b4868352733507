"""Texts to exact integers, in every style that people write numbers in."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.importers.file_format import Amounts
from ladder.importers.number_parsing import figures
from tests.importers.exports import GIFTS, Exports

STYLES = st.sampled_from(
    (
        *(
            Amounts(),
            Amounts(decimal=","),
            Amounts(thousands=","),
            Amounts(decimal=",", thousands="."),
        ),
        *(Amounts(thousands="'"), Amounts(decimal=",", thousands=" ")),
    )
)


def told(texts: list[str | None], style: Amounts, decimals: int = 2) -> pl.DataFrame:
    return figures(pl.Series(texts, dtype=pl.String), pl.Series([decimals] * len(texts)), style)


def written(value: Decimal, style: Amounts, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}" if style.thousands else f"{abs(value):.{decimals}f}"
    text = text.replace(",", "\x00").replace(".", style.decimal)
    return text.replace("\x00", style.thousands[:1])


@given(st.integers(0, 10**14), STYLES, st.integers(0, 4))
def test_amounts_written_in_a_style_are_read_back_exactly(
    minor: int, style: Amounts, decimals: int
) -> None:
    text = written(Decimal(minor).scaleb(-decimals), style, decimals)
    whole = len(text.split(style.decimal)[0].replace(style.thousands, "").replace(" ", ""))
    read = told([text], style, decimals)
    if whole <= 12:
        assert read.row(0) == (minor, False, None)
    else:
        assert "too large" in read["problem"][0]


@given(st.decimals(0, 10**6, places=5), st.integers(0, 3))
def test_finer_amounts_are_rejected_or_rounded_half_to_even(value: Decimal, decimals: int) -> None:
    exact = value.scaleb(decimals)
    refused = told([f"{value:f}"], Amounts(), decimals)
    if exact == exact.to_integral_value():
        assert refused.row(0) == (int(exact), False, None)
    else:
        assert "is finer than" in refused["problem"][0]
        rounded = told([f"{value:f}"], Amounts(finer="round"), decimals)
        assert rounded.row(0) == (int(exact.quantize(Decimal(1))), False, None)


@pytest.mark.parametrize(
    "text", ["-3.50", "3.50-", "(3.50)", "\u22123.50", "- 3.50", "($3.50)", "-$3.50"]
)
def test_minus_may_stand_before_behind_or_be_brackets(text: str) -> None:
    assert told([text], Amounts(symbols=("$",))).row(0) == (350, True, None)


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1,5", "1.2.3", "1e3", "12 €", "(3", "3)", "--3", "ten", "NaN", "0x10"]
)
def test_invalid_number_is_rejected(text: str) -> None:
    figure, _, problem = told([text], Amounts()).row(0)
    assert figure is None
    assert "is no number" in problem


@pytest.mark.parametrize("text", ["1.23", "12.5", "1.2345", "1.234.5"])
def test_wrong_decimal_mark_is_reported(text: str) -> None:
    assert told([text], Amounts(decimal=",", thousands="."))["problem"][0] is not None


def test_groups_of_two_are_thousands_in_india() -> None:
    assert told(["12,34,567.50"], Amounts(thousands=",")).row(0) == (123_456_750, False, None)


def test_blanks_and_apostrophes_separate_thousands() -> None:
    texts = ["1 250", "1\u00a0250", "1\u202f250", "1'250", "1\u2019250"]
    read = told([*texts], Amounts(thousands=" '\u2019"))
    assert read["figure"].to_list() == [125_000] * 5


def test_symbols_and_codes_around_a_number_are_ignored() -> None:
    read = told(["€ 5", "5 €", "5.00 EUR", "EUR5"], Amounts(symbols=("€", "EUR")))
    assert read["figure"].to_list() == [500] * 4


def test_dinar_has_three_decimals_and_a_yen_none(exports: Exports) -> None:
    mapping = GIFTS.replace("[kinds]", 'currency = "cur"\n[kinds]')
    result = exports.read(
        "who,date,amount,cur\na,2024-01-01,1.234,KWD\na,2024-01-01,500,jpy\na,2024-01-01,1.5,JPY\n",
        mapping,
    )
    assert result.column("amount") == [1234, 500]
    assert result.column("currency") == ["KWD", "JPY"]
    assert result.reasons == [
        "row 4, column 'amount': '1.5' is finer than 0 decimals: say finer = \"round\" to round it"
    ]


def test_minor_units_are_taken_as_they_are(exports: Exports) -> None:
    assert exports.gift(amount="1250", amounts="minor_units = true").only["amount"] == 1250


def test_negative_amount_is_rejected_by_default(exports: Exports) -> None:
    assert exports.gift(amount="-5").reasons == [
        (
            "row 2, column 'amount': '-5' is negative: say negative = \"refund\" under "
            "[amounts] if it gives a gift back"
        )
    ]


def test_blank_and_zero_amounts_are_rejected_by_default(exports: Exports) -> None:
    assert "is blank" in exports.gift(amount="").reasons[0]
    assert "'0.00' is no gift" in exports.gift(amount="0.00").reasons[0]
    assert exports.gift(amount="", amounts='blank = "keep"').only["amount"] is None
    assert exports.gift(amount="", amounts='blank = "keep"').only["currency"] is None
    assert exports.gift(amount="-0", amounts='zero = "keep"').only["amount"] == 0


def test_amount_is_required_of_money_kinds_only(exports: Exports) -> None:
    mapping = GIFTS.replace('default = "donation"', "") + '[columns.kind]\ncolumn = "what"\n'
    result = exports.read("who,date,amount,what\na,2024-01-01,,appeal\n", mapping)
    assert result.only["amount"] is None


def test_minus_of_a_refund_is_ignored(exports: Exports) -> None:
    mapping = GIFTS.replace('"donation"', '"refund"')
    assert exports.read("who,date,amount\na,2024-01-01,-5\n", mapping).only["amount"] == 500


def test_hours_are_kept_in_millionths(exports: Exports) -> None:
    mapping = """source = "crm"
    columns = { supporter = "who", at = "date", quantity = "hours" }
    kinds = { default = "volunteer_shift" }
    """
    result = exports.read(
        "who,date,hours\na,2024-01-01,2.5\na,2024-01-01,0.3333333\na,2024-01-01,-1\n", mapping
    )
    assert result.column("quantity") == [2_500_000]
    assert [reason.split(":")[0] for reason in result.reasons] == [
        "row 3, column 'hours'",
        "row 4, column 'hours'",
    ]
