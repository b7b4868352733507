"""All gifts in columns, about 25 bytes per gift: supporter, day, amount, day of refund."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ladder.effects.arrays import Ints, Small
from ladder.engines.columnar.amounts import Converter, Cuts, Refund
from ladder.engines.columnar.calendar_arrays import days_of
from ladder.errors import NotFoundError, nearest
from ladder.language.ladders import Ladder
from ladder.model.calendars import FOREVER, Calendar
from ladder.model.kinds import Kinds
from ladder.storage.frames import STORED
from ladder.storage.read.filtered_histories import read_kinds
from ladder.storage.store import Store

BOUGHT: Final = ("purchase", "membership")
"""Money for something in return: no giving, as in the ladders that ship."""
NEVER: Final = 2**31 - 1

_FEW: Final = ("kind", "currency", "source", "answers_source")
_COLUMNS: Final = ("id", "at", *_FEW, "amount", "answers_id", "external_id")
_SCHEMA: Final = {
    name: pl.Categorical() if name in _FEW else STORED[name] for name in ("supporter", *_COLUMNS)
}
_KEY: Final = ("supporter", "source", "external_id")
_LINK: Final = ("supporter", "answers_source", "answers_id")
_CURRENCIES: Final = ("currency", "back_currency")
_ROLES: Final = ("refund", "void")


def giving_kinds(kinds: Kinds, names: Collection[str] = ()) -> tuple[str, ...]:
    """Return the kinds that count as giving: `names`, or all money but purchases and membership.

    Raises:
        NotFoundError: A kind does not exist.
    """
    for name in names:
        if name not in kinds:
            message = f"unknown kind {name!r}{nearest(name, kinds)}"
            raise NotFoundError(message)
    money = [kind.name for kind in kinds.values() if kind.family == "money" and not kind.role]
    return tuple(names) or tuple(name for name in money if name not in BOUGHT)


@dataclass(frozen=True)
class Gifts:
    """Gifts ordered by supporter and time, without voided ones.

    `supporter` is a number, `day` is local, `amount` is in minor units (0 where it is unknown).
    `gone` is the day on which the whole gift was refunded (or NEVER). Partial refunds lower a gift
    (`cut`, by its row) from a day on (`cut_day`) by `cut_amount`.
    """

    supporter: Small
    day: Small
    amount: Ints
    gone: Small
    cut: Ints
    cut_day: Small
    cut_amount: Ints
    unpriced: int = 0


def read_gifts(store: Store, ladder: Ladder, giving: Collection[str], supporters: Ints) -> Gifts:
    """Read the gifts of these supporters (ids, ascending)."""
    kinds = ladder.kinds.values()
    roles = {role: [kind.name for kind in kinds if kind.role == role] for role in _ROLES}
    frames = read_kinds(store, [*giving, *roles["refund"], *roles["void"]], _COLUMNS)
    rows = pl.concat([pl.DataFrame(schema=_SCHEMA), *map(_narrow, frames)])
    converter = Converter(ladder, store.organisation)
    happened = _without_voids(rows, roles["void"])
    back = pl.col("kind").cast(pl.String).is_in(roles["refund"])
    gifts = happened.filter(~back).sort("supporter", "at", "id")
    cuts = Cuts.of(_refunds(gifts, happened.filter(back), converter.currency), converter)
    return _gifts(gifts, cuts, supporters, store.organisation.calendar)


def _narrow(frame: pl.DataFrame) -> pl.DataFrame:
    """Encode texts with few values; a link without a source means the row's own source."""
    source = pl.coalesce("answers_source", "source").alias("answers_source")
    return frame.with_columns(source).cast(dict.fromkeys(_FEW, pl.Categorical()))


def _without_voids(rows: pl.DataFrame, voids: Collection[str]) -> pl.DataFrame:
    """Drop voids and the rows that they void; a void of a void has no effect."""
    void = pl.col("kind").cast(pl.String).is_in(voids)
    links = rows.filter(void).select(_LINK)
    if links.is_empty():
        return rows
    gone = _join_targets(rows, links)["id"]
    return rows.filter(~void & ~pl.col("id").is_in(gone.implode()))


def _refunds(gifts: pl.DataFrame, backs: pl.DataFrame, currency: str) -> Iterator[Refund]:
    """Pair each refund with its gift."""
    answers = backs.select(
        *_LINK, pl.col("id").alias("back_id"), pl.col("at").alias("back_at"),
        pl.col("amount").alias("back"), pl.col("currency").alias("back_currency"),
    )  # fmt: skip
    named = {name: pl.col(name).cast(pl.String).fill_null(currency) for name in _CURRENCIES}
    pairs = _join_targets(gifts, answers).with_columns(**named)
    columns = ("id", "back_at", "back_id", "back", "back_currency", "amount", "currency", "at")
    return map(Refund._make, pairs.select(columns).rows())


def _join_targets(rows: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that these links point to, each with its link; few ids are tried first."""
    links = links.drop_nulls(_LINK)
    targets = pl.col("external_id").is_in(links["answers_id"].unique().implode())
    some = rows.filter(targets).drop(_LINK[1:]).cast({"source": pl.String})
    return some.join(links.cast({"answers_source": pl.String}), left_on=_KEY, right_on=_LINK)


def _gifts(rows: pl.DataFrame, cuts: Cuts, supporters: Ints, calendar: Calendar) -> Gifts:
    """Build the columns; an amount of 0 is no gift."""
    ours = pl.col("currency").cast(pl.String).fill_null(cuts.converter.currency)
    foreign = (pl.col("amount").is_not_null() & (ours != cuts.converter.currency)).alias("foreign")
    rows = rows.with_columns(foreign, ours.alias("currency"))
    rows = rows.filter(pl.col("foreign") | (pl.col("amount").fill_null(1) > 0))
    amount = rows["amount"].fill_null(0).to_numpy().copy()
    unpriced = 0
    for row in np.flatnonzero(rows["foreign"].to_numpy()).tolist():
        worth = cuts.converter.convert(int(amount[row]), rows["currency"][row], rows["at"][row])
        unpriced += worth is None
        amount[row] = worth or 0
    ids = rows["id"].to_numpy()
    lowered, refunded = cuts.reductions(ids), cuts.refunded_at(ids)
    gone = np.full(len(ids), NEVER, np.int32)
    if refunded is not None:
        back = refunded < FOREVER
        gone[back] = days_of(calendar, refunded[back])
    return Gifts(
        supporter=np.searchsorted(supporters, rows["supporter"].to_numpy()).astype(np.int32),
        day=days_of(calendar, rows["at"].to_numpy()).astype(np.int32),
        amount=amount,
        gone=gone,
        cut=lowered.rows,
        cut_day=days_of(calendar, lowered.at).astype(np.int32),
        cut_amount=lowered.amounts,
        unpriced=unpriced,
    )
