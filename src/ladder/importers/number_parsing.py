"""Texts of amounts and quantities to exact integers, without floats."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import polars as pl

from ladder.importers.file_format import Amounts

_FINEST: Final = 6
"""The most decimals: no currency has more than four, and quantities are in millionths."""

_DIGITS: Final = 12
"""The most whole digits, below a million millions: with six decimals they fit into 64 bits."""

_MINUS: Final = "[-\u2212\u2013]"
_BLANKS: Final = "[\\s\u00a0\u202f]*"


def figures(texts: pl.Series, decimals: pl.Series, style: Amounts) -> pl.DataFrame:
    """Parse texts to `figure` (integer without sign), `negative` and `problem`.

    `decimals` is the number of digits after the mark per row: 2 for cents, 6 for millionths. A
    minus may stand before or behind, or be brackets, as accountants write it. A blank text has
    neither figure nor problem. Thousands marks must stand between thousands, so that a wrong mark
    is noticed.
    """
    bare = texts
    for symbol in style.symbols:
        bare = bare.str.replace_all(symbol, "", literal=True)
    parts = bare.str.extract_groups(_pattern(style)).struct.unnest()
    whole = parts["whole"]
    if style.thousands:
        whole = whole.str.replace_all(f"[{_marks(style)}]", "")
    rows = pl.DataFrame(
        {
            "text": texts,
            "whole": whole.fill_null("").str.strip_chars_start("0"),
            "rest": parts["rest"].fill_null("").str.strip_chars_end("0"),
            "fits": parts["all"].is_not_null()
            & (whole.is_not_null() | parts["rest"].str.contains("[0-9]"))
            & (parts["bracket"].is_null() == parts["closed"].is_null()),
            "negative": parts["before"].is_not_null()
            | parts["behind"].is_not_null()
            | parts["bracket"].is_not_null(),
            "decimals": decimals.cast(pl.Int64),
        }
    )
    parsed = rows.with_columns(_figure(), fine=pl.col("rest").str.len_chars() > pl.col("decimals"))
    return _with_problems(parsed, style)


def _figure() -> pl.Expr:
    """Scale whole units and decimals; null without a number, or if it would not fit."""
    scale = pl.lit(10, pl.Int64).pow(pl.col("decimals")).cast(pl.Int64)
    cut = pl.lit(10, pl.Int64).pow(_FINEST - pl.col("decimals")).cast(pl.Int64)
    rest = pl.col("rest").str.slice(0, _FINEST).str.pad_end(_FINEST, "0").cast(pl.Int64) // cut
    small = pl.col("whole").str.len_chars() <= _DIGITS
    whole = pl.when(small).then(pl.col("whole").replace("", "0")).cast(pl.Int64)
    return pl.when(pl.col("fits")).then(whole * scale + rest).alias("figure")


def _with_problems(parsed: pl.DataFrame, style: Amounts) -> pl.DataFrame:
    missed = pl.col("text").is_not_null() & (pl.col("figure").is_null() | pl.col("fine"))
    parsed = parsed.with_row_index("place")
    figure, negative = parsed["figure"].to_list(), parsed["negative"]
    problems: list[str | None] = [None] * len(parsed)
    odd = parsed.filter(missed)
    if not len(odd):
        return parsed.select("figure", "negative", pl.lit(None, pl.String).alias("problem"))
    for row in odd.iter_rows(named=True):
        place = row["place"]
        if row["fits"] and row["fine"] and style.finer == "round" and figure[place] is not None:
            figure[place] = _round(row)
        else:
            problems[place] = _words(row, style)
    return pl.DataFrame(
        {
            "figure": pl.Series(figure, dtype=pl.Int64),
            "negative": negative,
            "problem": pl.Series(problems, dtype=pl.String),
        }
    )


def _round(row: dict[str, str | int]) -> int:
    exact = Decimal(f"{row['whole'] or 0}.{row['rest']}").scaleb(int(row["decimals"]))
    return int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


def _words(row: dict[str, str | int], style: Amounts) -> str:
    text = repr(row["text"])
    if not row["fits"]:
        marks = f"thousands mark {style.thousands!r}" if style.thousands else "no thousands mark"
        return f"{text} is no number (decimal mark {style.decimal!r}, {marks})"
    if len(str(row["whole"])) > _DIGITS:
        return f"{text} is too large: up to {_DIGITS} digits before the decimal mark are taken"
    return f'{text} is finer than {row["decimals"]} decimals: say finer = "round" to round it'


def _marks(style: Amounts) -> str:
    """Return the thousands marks for a character class; a blank stands for all kinds of blanks."""
    blanks = "\\s\u00a0\u202f" if " " in style.thousands else ""
    return "".join(re.escape(mark) for mark in style.thousands if mark != " ") + blanks


def _pattern(style: Amounts) -> str:
    decimal = re.escape(style.decimal)
    plain = "[0-9]+"
    if style.thousands:
        mark = f"[{_marks(style)}]"
        plain = f"[0-9]{{1,3}}(?:{mark}[0-9]{{2,3}})*{mark}[0-9]{{3}}|[0-9]+"
    number = f"(?P<whole>{plain})?(?:{decimal}(?P<rest>[0-9]*))?"
    opens, closes = "(?P<bracket>\\()?", "(?P<closed>\\))?"
    before, behind = f"(?P<before>{_MINUS})?", f"(?P<behind>{_MINUS})?"
    signed = f"{opens}{before}\\+?{_BLANKS}{number}{_BLANKS}{behind}{closes}"
    return f"^(?P<all>{_BLANKS}{signed}{_BLANKS})$"
