"""Where everybody of a part stands at an instant: as stored, and as a new definition says.

Frames of `supporter, place, height, since, until`, one row for everybody whose line has begun and
whose place is not the ground that she never left; FOREVER where nothing ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import polars as pl

from ladder.calendars import FOREVER
from ladder.columnar import Result
from ladder.storage.frames import fetch, ids
from ladder.storage.store import Store
from ladder.whatif.results import SILENT

_SILENT: Final = pl.col("kind") == "silenced"


class Stand(NamedTuple):
    """One definition's word on some supporters: where they stand, what is found, who is silent.

    `found`: supporter, pattern, severity. `begun`: the supporters whose line has begun. `silent`:
    those of whom nothing is shown now.
    """

    places: pl.DataFrame
    found: pl.DataFrame
    begun: pl.Series
    silent: pl.Series


@dataclass(frozen=True)
class Stored:
    """What storage says, as it is believed now: nothing has to be evaluated for it."""

    store: Store
    root: int
    at: int
    now: int

    def of(self, whose: pl.Series) -> Stand:
        """Of these supporters (ids, ascending, and nobody left out between them)."""
        low, high = int(whose[0]), int(whose[-1])
        moved = self._fetch(
            """
            SELECT m.supporter_id, m.at, m.until, m.kind, p.rungs, p.height
              FROM {movement} m JOIN {place} p ON p.id = m.after_id
             WHERE m.definition_id = :root AND m.supporter_id BETWEEN :low AND :high
               AND m.retracted_at IS NULL
               AND ((m.at <= :at AND (m.until IS NULL OR m.until > :at))
                 OR (m.kind = 'silenced' AND m.at <= :now AND (m.until IS NULL OR m.until > :now)))
            """,
            ids(["supporter", "since", "until"])
            | {"kind": pl.String(), "place": pl.String(), "height": pl.Int64()},
            low, high,
        )  # fmt: skip
        found = self._fetch(
            """
            SELECT supporter_id, pattern, severity FROM {finding}
             WHERE definition_id = :root AND supporter_id BETWEEN :low AND :high
               AND retracted_at IS NULL AND at <= :at AND (until IS NULL OR until > :at)
            """,
            {"supporter": pl.Int64(), "pattern": pl.String(), "severity": pl.String()},
            low, high,
        )  # fmt: skip
        begun = self._fetch(
            "SELECT id FROM {supporter} WHERE organisation_id + 0 = :mine "
            "AND id BETWEEN :low AND :high AND first_at <= :at",
            ids(["supporter"]), low, high,
        )  # fmt: skip
        moved = moved.with_columns(pl.col("until").fill_null(FOREVER))
        return _stand(moved, found, begun["supporter"], self.at, self.now)

    def _fetch(self, sql: str, schema: dict[str, pl.DataType], low: int, high: int) -> pl.DataFrame:
        given = {"root": self.root, "at": self.at, "now": self.now, "low": low, "high": high}
        used = {name: value for name, value in given.items() if f":{name}" in sql}
        if ":mine" in sql:
            used["mine"] = self.store.organisation_id
        return fetch(self.store.connection, sql, schema, **used)


def evaluated(said: Result, at: int, now: int) -> Stand:
    """What an evaluation says."""
    moved = said.movements.select(
        "supporter", "until", "kind", since="at", place="after", height="height_after"
    )
    open_ = (pl.col("at") <= at) & (pl.col("until") > at)
    found = said.findings.filter(open_).select("supporter", "pattern", "severity")
    begun = said.first_at.filter(pl.col("first_at") <= at)["supporter"]
    return _stand(moved, found, begun, at, now)


def _stand(moved: pl.DataFrame, found: pl.DataFrame, begun: pl.Series, at: int, now: int) -> Stand:
    def open_at(instant: int) -> pl.Expr:
        return (pl.col("since") <= instant) & (pl.col("until") > instant)

    places = moved.filter(open_at(at)).select(
        "supporter",
        pl.when(_SILENT).then(pl.lit(SILENT)).otherwise("place").alias("place"),
        pl.col("height").cast(pl.Int64),
        "since",
        "until",
    )
    silent = moved.filter(_SILENT & open_at(now))["supporter"]
    return Stand(places, found, begun, silent)
