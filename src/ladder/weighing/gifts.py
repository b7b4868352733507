"""Everybody's gifts in columns, some 25 bytes each: by whom, on which day, how much, until when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ladder.calendars import FOREVER
from ladder.columnar.facts import Table
from ladder.columnar.preparing import prepare
from ladder.errors import NotKnown, nearest
from ladder.kinds import Kinds
from ladder.ladders import Ladder
from ladder.storage.frames import STORED
from ladder.storage.kinds import read_kinds
from ladder.storage.store import Store
from ladder.weighing.arrays import Ints, Small

BOUGHT: Final = ("purchase", "membership")
"""Money for something in return: no giving, here as in the ladders that ship."""
NEVER: Final = 2**31 - 1

_FEW: Final = ("kind", "currency", "source", "answers_source")
_COLUMNS: Final = ("id", "at", *_FEW, "date_only", "amount", "answers_id", "external_id")
_SCHEMA: Final = {
    name: pl.Categorical() if name in _FEW else STORED[name] for name in ("supporter", *_COLUMNS)
}
_PART: Final = 500_000
"""Rows that are settled at a time."""


def giving_kinds(kinds: Kinds, asked: Collection[str] = ()) -> tuple[str, ...]:
    """The kinds that count as giving: those asked for, or all money but purchases and membership.

    Raises `NotKnown` for a kind that is not there.
    """
    for name in asked:
        if name not in kinds:
            message = f"unknown kind {name!r}{nearest(name, kinds)}"
            raise NotKnown(message)
    money = [kind.name for kind in kinds.values() if kind.family == "money" and not kind.role]
    return tuple(asked) or tuple(name for name in money if name not in BOUGHT)


@dataclass(frozen=True)
class Gifts:
    """Gifts ordered by supporter and time, net of what was voided.

    `who` numbers the supporters, `day` is local, `amount` in minor units (0 where it is not known).
    `gone` is the day on which all of it was given back (NEVER). Parts given back lower a gift
    (`cut`, by its row) from a day on (`cut_day`) by `cut_amount`.
    """

    who: Small
    day: Small
    amount: Ints
    gone: Small
    cut: Ints
    cut_day: Small
    cut_amount: Ints
    unpriced: int = 0


def read_gifts(store: Store, ladder: Ladder, giving: Collection[str], supporters: Ints) -> Gifts:
    """The gifts of these supporters (ids, ascending)."""
    roles = [kind.name for kind in ladder.kinds.values() if kind.role]
    frames = (
        frame.with_columns(pl.coalesce("answers_source", "source").alias("answers_source")).cast(
            dict.fromkeys(_FEW, pl.Categorical())
        )
        for frame in read_kinds(store, [*giving, *roles], _COLUMNS)
    )
    rows = pl.concat([pl.DataFrame(schema=_SCHEMA), *frames]).sort("supporter", "at", "id")
    return _joined(list(_settled(store, ladder, giving, supporters, rows)))


def _settled(
    store: Store,
    ladder: Ladder,
    giving: Collection[str],
    supporters: Ints,
    rows: pl.DataFrame,
) -> Iterator[Gifts]:
    """Voids, refunds and currencies as the evaluator settles them, some supporters at a time."""
    start = 0
    while start < rows.height:
        end = min(start + _PART, rows.height)
        last = rows["supporter"][end - 1]
        end = int(rows["supporter"].search_sorted(last, side="right"))
        part = (
            rows[start:end]
            .cast(dict.fromkeys(_FEW, pl.String))
            .with_columns(referrer=pl.lit(None, pl.Int64), details=pl.lit(None, pl.String))
        )
        table, names = prepare(part, part.clear(), ladder, store.organisation, (), ())
        yield _gifts(table, np.searchsorted(supporters, names.to_numpy()), giving)
        start = end


def _gifts(table: Table, numbers: Ints, giving: Collection[str]) -> Gifts:
    given = table.coded["kind"].mask(lambda kind: kind in giving)
    nothing = table.flags["has_amount"] & ~table.foreign & (table.amount <= 0)
    rows = np.flatnonzero(given & ~nothing)
    place = np.full(len(table.at), -1, np.int64)
    place[rows] = np.arange(len(rows))
    days, cuts = table.clock.days, table.reductions
    kept = place[cuts.rows] >= 0
    gone = np.full(len(rows), NEVER, np.int32)
    back = table.refunded[rows]
    gone[back < FOREVER] = days(back[back < FOREVER])
    return Gifts(
        who=numbers[table.supporter[rows]].astype(np.int32),
        day=days(table.at[rows]).astype(np.int32),
        amount=table.amount[rows],
        gone=gone,
        cut=place[cuts.rows][kept],
        cut_day=days(cuts.at[kept]).astype(np.int32),
        cut_amount=cuts.amounts[kept],
        unpriced=int(table.foreign[rows].sum()),
    )


def _joined(parts: Sequence[Gifts]) -> Gifts:
    """All parts as one; supporters ascend from part to part."""
    sizes = np.cumsum([0, *(len(part.who) for part in parts)])

    def joined(name: str, kind: type) -> NDArray[Any]:
        return np.concatenate([np.empty(0, kind), *(getattr(part, name) for part in parts)])

    cuts = [part.cut + start for part, start in zip(parts, sizes, strict=False)]
    return Gifts(
        who=joined("who", np.int32),
        day=joined("day", np.int32),
        amount=joined("amount", np.int64),
        gone=joined("gone", np.int32),
        cut=np.concatenate([np.empty(0, np.int64), *cuts]),
        cut_day=joined("cut_day", np.int32),
        cut_amount=joined("cut_amount", np.int64),
        unpriced=sum(part.unpriced for part in parts),
    )
