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

_MOVED: Final = {
    **ids(["supporter", "since", "until", "place_id"]),
    "silent": pl.Boolean(),
}
_FOUND: Final = {"supporter": pl.Int64(), "pattern": pl.String(), "severity": pl.String()}


@dataclass(frozen=True)
class Stored:
    """The stored results of one ladder as known now; reading them needs no evaluation.

    The frames hold all supporters, sorted by supporter; `of` selects some.
    """

    moved: pl.DataFrame
    found: pl.DataFrame
    begun: pl.DataFrame
    at: int
    now: int

    @classmethod
    def read(
        cls, store: Store, root: int, *, at: int, now: int, patterns: Collection[str]
    ) -> Stored:
        """Read the ladder of that root id, with findings of these patterns only."""
        asked = _Asked(store, {"root": root, "at": at, "now": now})
        return cls(asked.moved(), asked.found(patterns), asked.begun(), at, now)

    def of(self, whose: pl.Series) -> Standings:
        """Select these supporters: ids, ascending and without gaps between them."""
        moved = _among(self.moved, whose)
        return Standings(
            moved.filter(_open(self.at)),
            moved.filter("silent", _open(self.now))["supporter"],
            _among(self.found, whose),
            _among(self.begun, whose)["supporter"],
        )


@dataclass(frozen=True)
class _Asked:
    store: Store
    given: dict[str, int]

    def moved(self) -> pl.DataFrame:
        """Read movements that hold at the instant, and silences that hold now."""
        rows = self._sliced(
            "movement",
            """
            SELECT supporter_id, at, until, after_id, kind = 'silenced' FROM {movement}
             WHERE definition_id + 0 = :root AND retracted_at IS NULL
               AND ((at <= :at AND (until IS NULL OR until > :at))
                 OR (kind = 'silenced' AND at <= :now AND (until IS NULL OR until > :now)))
            """,
            _MOVED,
            **self.given,
        )
        places = fetch(
            self.store.connection,
            "SELECT id, rungs, height FROM {place} WHERE definition_id IN "
            "(SELECT id FROM {definition} WHERE id = :root OR first_id = :root)",
            {"place_id": pl.Int64(), "place": pl.String(), "height": pl.Int64()},
            root=self.given["root"],
        )
        found = rows.join(places, on="place_id", how="left").drop("place_id")
        return found.with_columns(pl.col("until").fill_null(FOREVER)).sort("supporter")

    def found(self, patterns: Collection[str]) -> pl.DataFrame:
        """Read findings that are open at the instant."""
        if not patterns:
            return pl.DataFrame(schema=_FOUND)
        rows = self._sliced(
            "finding",
            """
            SELECT supporter_id, pattern, severity FROM {finding}
             WHERE definition_id + 0 = :root AND retracted_at IS NULL AND pattern IN :patterns
               AND at <= :at AND (until IS NULL OR until > :at)
            """,
            _FOUND,
            root=self.given["root"],
            at=self.given["at"],
            patterns=list(patterns),
        )
        return rows.sort("supporter")

    def begun(self) -> pl.DataFrame:
        """Read the supporters whose line has begun."""
        rows = self._sliced(
            "supporter",
            "SELECT id FROM {supporter} WHERE organisation_id + 0 = :mine AND first_at <= :at",
            ids(["supporter"]),
            mine=self.store.organisation_id,
            at=self.given["at"],
        )
        return rows.sort("supporter")

    def _sliced(
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


def _among(rows: pl.DataFrame, whose: pl.Series) -> pl.DataFrame:
    """Select the rows of these supporters from rows sorted by supporter."""
    first = rows["supporter"].search_sorted(whose[0], side="left")
    last = rows["supporter"].search_sorted(whose[-1], side="right")
    return rows[first:last]
