"""The sums of a ladder that is written in bulk, from the frames as they pass by.

The same numbers that `sums.refresh` would read back from the tables, where it takes about a
microsecond a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import Table, insert

from ladder.storage import models, sums
from ladder.storage.frames import add_rows
from ladder.storage.store import Store
from ladder.storage.sums import FINDINGS, FINEST, FLOWS, SHIFTS, STANDINGS, Sum

_KEYS: Final[Mapping[str, Mapping[str, pl.Expr]]] = {
    STANDINGS.table.name: {
        "place_id": pl.col("after_id"),
        "silent": pl.col("kind") == "silenced",
    },
    FLOWS.table.name: {
        **{name: pl.col(name) for name in ("kind", "before_id", "after_id", "new_peak")},
        "seam": pl.col("cause") == "definition",
    },
    FINDINGS.table.name: {name: pl.col(name) for name in ("pattern", "severity")},
}
"""What `Sum.keys` says, of a frame."""


@dataclass
class Tally:
    """Adds rows up that are about to be written, all of them new and `summed`."""

    _parts: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def add(self, table: Table, rows: pl.DataFrame) -> None:
        """Count these rows of movements or findings, as they are stored."""
        for each in sums.SUMS:
            if each.source.name == table.name:
                self._parts.setdefault(each.table.name, []).append(_fine(each, rows))

    def write(self, store: Store, definition_id: int, now: int) -> None:
        """Make these the sums of that ladder."""
        sums.forget(store, definition_id)
        for each in sums.SUMS:
            parts = self._parts.get(each.table.name)
            if parts:
                rows = _all_lengths(pl.concat(parts), list(_KEYS[each.table.name]))
                add_rows(store.connection, each.table, rows, {"definition_id": definition_id})
        summary = models.Summary.__table__
        row = {"definition_id": definition_id, "summed_at": now}
        store.connection.execute(insert(summary).values(**row))


def _fine(what: Sum, rows: pl.DataFrame) -> pl.DataFrame:
    """What these rows change in each of the shortest slots."""
    keys = _KEYS[what.table.name]
    edges = (
        [(pl.col("at"), 1)] if what.ended is None else [(pl.col("at"), 1), (pl.col("until"), -1)]
    )
    changes = [
        rows.lazy().select(slot=at // 2**FINEST, change=pl.lit(sign), **keys).drop_nulls("slot")
        for at, sign in edges
    ]
    by = ["slot", *keys]
    return pl.concat(changes).group_by(by).agg(pl.col("change").cast(pl.Int64).sum()).collect()


def _all_lengths(fine: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The same for slots of every length."""
    lengths = []
    for shift in SHIFTS:
        longer = fine.with_columns(pl.col("slot") // 2 ** (shift - FINEST))
        changed = longer.group_by("slot", *keys).agg(pl.col("change").sum())
        lengths.append(changed.with_columns(shift=pl.lit(shift)))
    return pl.concat(lengths).filter(pl.col("change") != 0).sort("shift", "slot", *keys)
