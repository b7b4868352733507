"""Stored standings of all supporters at an instant, in columns.

Every table is read in one pass. Some fifty bytes per supporter stay in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ladder.engines.columnar.queries import Standings
from ladder.model.calendars import FOREVER
from ladder.storage.frames import fetch, ids
from ladder.storage.read.table_scan import slices
from ladder.storage.store import Store

_MOVEMENT_COLUMNS: Final = {
    **ids(["supporter", "since", "until", "place_id"]),
    "silent": pl.Boolean(),
}
_FINDING_COLUMNS: Final = {"supporter": pl.Int64(), "pattern": pl.String(), "severity": pl.String()}


@dataclass(frozen=True)
class StoredStandings:
    """The stored results of one ladder as known now; reading them needs no evaluation.

    The frames hold all supporters, sorted by supporter; `of` selects some.
    """

    movements: pl.DataFrame
    findings: pl.DataFrame
    begun: pl.DataFrame
    at: int
    now: int

    @classmethod
    def read(
        cls, store: Store, root: int, *, at: int, now: int, patterns: Collection[str]
    ) -> StoredStandings:
        """Read the ladder of that root id, with findings of these patterns only."""
        tables = _StoredTables(store, {"root": root, "at": at, "now": now})
        return cls(tables.movements(), tables.findings(patterns), tables.begun(), at, now)

    def of(self, supporters: pl.Series) -> Standings:
        """Select these supporters: ids, ascending and without gaps between them."""
        movements = _among(self.movements, supporters)
        return Standings(
            movements.filter(_open(self.at)),
            movements.filter("silent", _open(self.now))["supporter"],
            _among(self.findings, supporters),
            _among(self.begun, supporters)["supporter"],
        )


@dataclass(frozen=True)
class _StoredTables:
    store: Store
    given: dict[str, int]

    def movements(self) -> pl.DataFrame:
        """Read movements that hold at the instant, and silences that hold now."""
        rows = self._read_slices(
            "movement",
            """
            SELECT supporter_id, at, until, after_id, kind = 'silenced' FROM {movement}
             WHERE definition_id + 0 = :root AND retracted_at IS NULL
               AND ((at <= :at AND (until IS NULL OR until > :at))
                 OR (kind = 'silenced' AND at <= :now AND (until IS NULL OR until > :now)))
            """,
            _MOVEMENT_COLUMNS,
            **self.given,
        )
        places = fetch(
            self.store.connection,
            "SELECT id, rungs, height FROM {place} WHERE definition_id IN "
            "(SELECT id FROM {definition} WHERE id = :root OR first_id = :root)",
            {"place_id": pl.Int64(), "place": pl.String(), "height": pl.Int64()},
            root=self.given["root"],
        )
        placed = rows.join(places, on="place_id", how="left").drop("place_id")
        return placed.with_columns(pl.col("until").fill_null(FOREVER)).sort("supporter")

    def findings(self, patterns: Collection[str]) -> pl.DataFrame:
        """Read findings that are open at the instant."""
        if not patterns:
            return pl.DataFrame(schema=_FINDING_COLUMNS)
        rows = self._read_slices(
            "finding",
            """
            SELECT supporter_id, pattern, severity FROM {finding}
             WHERE definition_id + 0 = :root AND retracted_at IS NULL AND pattern IN :patterns
               AND at <= :at AND (until IS NULL OR until > :at)
            """,
            _FINDING_COLUMNS,
            root=self.given["root"],
            at=self.given["at"],
            patterns=list(patterns),
        )
        return rows.sort("supporter")

    def begun(self) -> pl.DataFrame:
        """Read the supporters whose line has begun."""
        rows = self._read_slices(
            "supporter",
            "SELECT id FROM {supporter} WHERE organisation_id + 0 = :mine AND first_at <= :at",
            ids(["supporter"]),
            mine=self.store.organisation_id,
            at=self.given["at"],
        )
        return rows.sort("supporter")

    def _read_slices(
        self,
        table: str,
        sql: str,
        schema: dict[str, pl.DataType],
        **given: Any,  # noqa: ANN401  (whatever a driver binds)
    ) -> pl.DataFrame:
        """Read a table in its own order, because an index would fetch one row at a time."""
        pieces = [pl.DataFrame(schema=schema), *self._pieces(table, sql, schema, given)]
        return pl.concat(pieces)

    def _pieces(
        self, table: str, sql: str, schema: dict[str, pl.DataType], given: dict[str, Any]
    ) -> Iterator[pl.DataFrame]:
        connection = self.store.connection
        latest = fetch(connection, f"SELECT coalesce(max(id), 0) FROM {{{table}}}", ids(["id"]))  # noqa: S608
        for low, high in slices(int(latest["id"][0])):
            within = f"{sql} AND id > :low AND id <= :high"
            yield fetch(connection, within, schema, low=low, high=high, **given)


def _open(instant: int) -> pl.Expr:
    return (pl.col("since") <= instant) & (pl.col("until") > instant)


def _among(rows: pl.DataFrame, supporters: pl.Series) -> pl.DataFrame:
    """Select the rows of these supporters from rows sorted by supporter."""
    first = rows["supporter"].search_sorted(supporters[0], side="left")
    last = rows["supporter"].search_sorted(supporters[-1], side="right")
    return rows[first:last]
