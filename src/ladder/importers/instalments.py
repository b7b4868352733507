"""Gifts that look like the instalments of one commitment: the same amount, month after month.

A monthly gift is one decision and not twelve: patterns count it once, when it is made, and ask for
one word of thanks. But few exports say so in a column of kinds, and then each looks like a gift.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from ladder.engines.columnar.calendar_arrays import days_of, months_of
from ladder.model.calendars import Calendar

IN_A_ROW: Final = 3
"""Months in a row with the same amount: what a fundraising agency (RKD Group) takes for regular."""


class Regular(NamedTuple):
    """How many donations look like instalments, of how many supporters."""

    gifts: int
    supporters: int

    def __str__(self) -> str:
        return (
            f"{self.gifts:,} donations of {self.supporters:,} supporters look like instalments "
            f"(the same amount in {IN_A_ROW} or more months in a row): give them that kind by a "
            "rule under [kinds] if they are, or each counts as a gift that wants thanks"
        )


def regular(frame: pl.DataFrame, calendar: Calendar) -> Regular:
    """Of a touchpoint frame: those of kind donation with an amount."""
    gifts = frame.filter((pl.col("kind") == "donation") & pl.col("amount").is_not_null())
    months = months_of(days_of(calendar, gifts["at"].to_numpy()))
    who = ("supporter", "amount", "currency")
    by_month = (
        gifts.select(who)
        .with_columns(pl.Series("month", months))
        .group_by(*who, "month")
        .agg(pl.len().alias("gifts"))
        .sort(*who, "month")
    )
    # Within a row of months the month and its place in order grow alike.
    row = (pl.col("month") - pl.int_range(pl.len()).over(who)).alias("row")
    rows = by_month.with_columns(row).group_by(*who, "row").agg(pl.len(), pl.col("gifts").sum())
    found = rows.filter(pl.col("len") >= IN_A_ROW)
    return Regular(int(found["gifts"].sum()), found["supporter"].n_unique())
