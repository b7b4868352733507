"""Compute the summaries of a ladder that is written in bulk, from the frames.

The numbers equal those of `summaries.refresh`, which reads the rows back from the tables at about a
microsecond per row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import Table, insert

from ladder.storage import models
from ladder.storage.frames import add_rows
from ladder.storage.store import Store
from ladder.storage.summary import summaries
from ladder.storage.summary.summaries import APART, FINDINGS, FINEST, FLOWS, SHIFTS, STANDINGS, Sum

SEVERAL: Final = 8
"""Parts whose changes are kept before they are added up."""

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
"""The keys of each `Sum`, as expressions on a frame."""


@dataclass
class Tally:
    """The changes of the summaries by rows that are written or retracted.

    Written rows are stored as `summed`; retracted rows already were.
    """

    _changes: dict[tuple[str, int], list[pl.DataFrame]] = field(default_factory=dict)

    def add(self, table: Table, rows: pl.DataFrame, factor: int = 1) -> None:
        """Count these stored rows of movements or findings, times `factor`."""
        self._add(table, rows, factor, 1)

    def apart(self, table: Table, rows: pl.DataFrame, factor: int = 1) -> None:
        """Count these rows of supporters suppressed for good separately."""
        self._add(table, rows, factor, APART)

    def _add(self, table: Table, rows: pl.DataFrame, factor: int, sign: int) -> None:
        for each in summaries.SUMS:
            if each.source.name == table.name and len(rows):
                held = self._changes.setdefault((each.table.name, sign), [])
                held.append(_fine(each, rows, factor))
                if len(held) > SEVERAL:
                    held[:] = [_together(held)]

    def write(self, store: Store, definition_id: int, now: int) -> None:
        """Replace the summaries of that ladder by these changes."""
        summaries.forget(store, definition_id)
        self.fold(store, definition_id)
        summary = models.Summary.__table__
        row = {"definition_id": definition_id, "summed_at": now}
        store.connection.execute(insert(summary).values(**row))

    def fold(self, store: Store, definition_id: int) -> None:
        """Add these changes to the summaries of that ladder."""
        for each in summaries.SUMS:
            keys = list(_KEYS[each.table.name])
            name, key = each.table.name, ", ".join(["definition_id", "shift", "slot", *keys])
            added = f"ON CONFLICT ({key}) DO UPDATE SET change = {name}.change + excluded.change"
            for sign in (1, APART):
                held = self._changes.pop((name, sign), None)
                if held:
                    rows = _all_lengths(_together(held), keys, sign)
                    constant = {"definition_id": definition_id}
                    add_rows(store.connection, each.table, rows, constant, added)


def _fine(what: Sum, rows: pl.DataFrame, factor: int) -> pl.DataFrame:
    """Return the changes that these rows make in the shortest slots."""
    keys = _KEYS[what.table.name]
    edges = [(pl.col("at"), factor)]
    if what.ended is not None:
        edges.append((pl.col("until"), -factor))
    changes = [
        rows.lazy().select(slot=at // 2**FINEST, change=pl.lit(sign), **keys).drop_nulls("slot")
        for at, sign in edges
    ]
    by = ["slot", *keys]
    return pl.concat(changes).group_by(by).agg(pl.col("change").cast(pl.Int64).sum()).collect()


def _together(held: list[pl.DataFrame]) -> pl.DataFrame:
    """Add up the changes of several parts."""
    whole = pl.concat(held)
    return whole.group_by(pl.exclude("change")).agg(pl.col("change").sum())


def _all_lengths(fine: pl.DataFrame, keys: list[str], sign: int) -> pl.DataFrame:
    """Return the changes for slots of every length, also where they add up to 0.

    The longest slots show which patterns exist.
    """
    lengths = []
    for shift in SHIFTS:
        longer = fine.with_columns(pl.col("slot") // 2 ** (shift - FINEST))
        changed = longer.group_by("slot", *keys).agg(pl.col("change").sum())
        lengths.append(changed.with_columns(shift=pl.lit(shift * sign)))
    return pl.concat(lengths).sort("shift", "slot", *keys)
