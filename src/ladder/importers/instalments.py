"""Gifts that look like instalments of one commitment: the same amount, month after month.

A monthly gift is one decision, not twelve: patterns count it once, when it is made, and ask for one
thank-you. But few exports mark instalments in a column of kinds, and then all look like gifts.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from ladder.engines.columnar.calendar_arrays import days_of, months_of
from ladder.model.calendars import Calendar

IN_A_ROW: Final = 3
"""Months in a row with the same amount; RKD Group, a fundraising agency, takes this as regular."""


class Regular(NamedTuple):
    """Number of donations that look like instalments, and of their supporters."""

    gifts: int
    supporters: int

    def __str__(self) -> str:
        return (
            f"{self.gifts:,} donations of {self.supporters:,} supporters look like instalments "
            f"(the same amount in {IN_A_ROW} or more months in a row): give them that kind by a "
            "rule under [kinds] if they are, or each counts as a gift that wants thanks"
        )


def regular(frame: pl.DataFrame, calendar: Calendar) -> Regular:
    """Count donations with an amount in a touchpoint frame that look like instalments."""
    gifts = frame.filter((pl.col("kind") == "donation") & pl.col("amount").is_not_null())
    months = months_of(days_of(calendar, gifts["at"].to_numpy()))
    supporter = ("supporter", "amount", "currency")
    by_month = (
        gifts.select(supporter)
        .with_columns(pl.Series("month", months))
        .group_by(*supporter, "month")
        .agg(pl.len().alias("gifts"))
        .sort(*supporter, "month")
    )
    # In consecutive months the difference of month and position is constant.
    row = (pl.col("month") - pl.int_range(pl.len()).over(supporter)).alias("row")
    rows = (
        by_month.with_columns(row).group_by(*supporter, "row").agg(pl.len(), pl.col("gifts").sum())
    )
    series = rows.filter(pl.col("len") >= IN_A_ROW)
    return Regular(int(series["gifts"].sum()), series["supporter"].n_unique())
