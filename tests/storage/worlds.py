"""A store with a small ladder adopted, and rows as an evaluator would tell them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.calendars import FOREVER
from ladder.model.organisations import Organisation
from ladder.storage import definitions, supporters
from ladder.storage.statements import execute_batch, query_batch
from ladder.storage.store import Store
from ladder.storage.write.bitemporal import (
    Changed,
    FindingRow,
    LadderRows,
    MovementRow,
    StoredRows,
    apply_changes,
    first_at_write,
    stored_rows_query,
)
from ladder.storage.write.bitemporal_bulk import FINDINGS, MOVEMENTS

LITTLE = Ladder(
    key="little",
    rungs=(
        Rung(key="caring", enter=count(kind("subscribed"), ever) >= 1),
        Rung(key="giving", enter=count(kind("donation"), ever) >= 1),
    ),
)
HEIGHTS = {"": 0, "caring": 1, "giving": 2}


@dataclass(frozen=True)
class World:
    """One organisation with one ladder and some supporters."""

    store: Store
    definition_id: int
    ids: dict[str, int]

    @classmethod
    def new(
        cls, connection: Connection, names: Sequence[str] = ("ada",), key: str = "alder"
    ) -> World:
        store = Store.ensure(connection, Organisation(key=key))
        adopted = definitions.adopt(store, LITTLE, "", now=0)
        return cls(store, adopted.id, supporters.intern(store, names))


def replace_rows(
    store: Store,
    definition_id: int,
    supporter_id: int,
    movements: Sequence[MovementRow],
    findings: Sequence[FindingRow],
    *,
    first_at: int | None,
    now: int,
) -> Changed:
    """Write a supporter's movements, findings and line start; count the rows that changed."""
    query = stored_rows_query(store, definition_id, supporter_id)
    (rows,) = query_batch(store.connection, [query])
    stored, wanted = StoredRows.from_rows(rows), LadderRows(movements, findings)
    changes, writes = apply_changes(store, definition_id, supporter_id, stored, wanted, now=now)
    execute_batch(store.connection, [*writes, first_at_write(store, supporter_id, first_at)])
    return changes.counts


def line(
    *steps: tuple[int, str, str], cause: str = "clock", ends: int = FOREVER
) -> list[MovementRow]:
    """A supporter's movements from (instant, kind, rung from then on)."""
    rows, before, peak = [], "", 0
    for n, (at, name, after) in enumerate(steps):
        until = steps[n + 1][0] if n + 1 < len(steps) else ends
        up = HEIGHTS[after] > peak
        rows.append(
            MovementRow(
                at, until, name, before, HEIGHTS[before], after, HEIGHTS[after], "", up, cause
            )
        )
        before, peak = after, max(peak, HEIGHTS[after])
    return rows


def movement_frame(rows: Iterable[tuple[int, MovementRow]]) -> pl.DataFrame:
    """Return the movements in the columns of the columnar evaluator."""
    told = [(whose, *row[:-1], list(row.causes)) for whose, row in rows]
    return pl.DataFrame(told, schema=MOVEMENTS, orient="row")


def finding_frame(rows: Iterable[tuple[int, FindingRow]]) -> pl.DataFrame:
    """Return the findings in the columns of the columnar evaluator."""
    return pl.DataFrame([(whose, *row) for whose, row in rows], schema=FINDINGS, orient="row")


def first_frame(begins: dict[int, int]) -> pl.DataFrame:
    """Where lines begin."""
    return pl.DataFrame(
        list(begins.items()), schema={"supporter": pl.Int64, "first_at": pl.Int64}, orient="row"
    )
