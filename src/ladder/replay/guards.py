"""Rows that a ladder cannot read, rejected before they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from ladder.errors import nearest
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare
from ladder.language.selectors import AmountIs
from ladder.model.organisations import Organisation

_TEXTS: Final = (
    "supporter", "channel", "campaign", "answers_source", "answers_id", "referrer", "source",
    "external_id", "details",
)  # fmt: skip


@dataclass(frozen=True)
class Guard:
    """A check of touchpoint frames for one ladder and organisation."""

    ladder: Ladder
    organisation: Organisation

    def judge(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows to reject: `index` (from 0) and `reason`, ordered by index.

        Rejected are texts with a zero byte, unknown kinds and supporters who refer themselves.
        Where the ladder reads money, amounts in a currency without a rate for that day are rejected
        as well.
        """
        reason = pl.coalesce(*_zero_bytes(), self._kind(frame), self._self(), self._currency(frame))
        judged = frame.select(reason.alias("reason")).with_row_index("index")
        return judged.filter(pl.col("reason").is_not_null())

    @cached_property
    def reads_money(self) -> bool:
        """Whether any condition adds up or compares amounts."""
        nodes = (node for condition in self.ladder.conditions() for node in condition.walk())
        return any(
            isinstance(node, AmountIs) or (isinstance(node, Compare) and node.unit == "money")
            for node in nodes
        )

    def _kind(self, frame: pl.DataFrame) -> pl.Expr:
        kinds = self.ladder.kinds
        unknown = [name for name in frame["kind"].unique().drop_nulls() if name not in kinds]
        words = {
            name: f"unknown kind {name!r}{nearest(name, kinds)}: correct the mapping, or declare "
            f"it in the ladder under [kinds.{name}]"
            for name in unknown
        }
        if not words:
            return pl.lit(None, pl.String)
        return pl.col("kind").replace_strict(words, default=None, return_dtype=pl.String)

    def _self(self) -> pl.Expr:
        words = pl.lit("referrer and supporter are the same: a supporter cannot refer themselves")
        return pl.when(pl.col("referrer") == pl.col("supporter")).then(words)

    def _currency(self, frame: pl.DataFrame) -> pl.Expr:
        ours = self.organisation.currency
        amounts = frame.filter(pl.col("amount").is_not_null())
        foreign = amounts.filter(pl.col("currency") != ours)["currency"].unique().sort().to_list()
        if not foreign or not self.reads_money:
            return pl.lit(None, pl.String)
        reasons = [self._without_rate(currency) for currency in foreign]
        return pl.when(pl.col("amount").is_not_null()).then(pl.coalesce(reasons))

    def _without_rate(self, currency: str) -> pl.Expr:
        """Reject amounts before the first rate of the currency; all, if it has no rate."""
        table = dict(self.ladder.rates.table) if self.ladder.rates is not None else {}
        here = pl.col("currency") == currency
        ours = self.organisation.currency
        words = f"an amount in {currency} and the ladder adds up {ours}: give rates, or leave out"
        if table.get(currency):
            first = self.organisation.calendar.instant(table[currency][0][0])
            here &= pl.col("at") < first
            words = f"no rate of {currency} is known that day: give an earlier one, or leave out"
        return pl.when(here).then(pl.lit(words))


def _zero_bytes() -> list[pl.Expr]:
    """Reject zero bytes: PostgreSQL cannot store them, and functions of SQLite stop at them."""
    return [
        pl.when(pl.col(name).str.contains("\0", literal=True)).then(
            pl.lit(f"the {name} holds a zero byte, which no database keeps: take it out")
        )
        for name in _TEXTS
    ]
