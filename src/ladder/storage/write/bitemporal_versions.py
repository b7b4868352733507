"""What another definition says from an instant on, sewn to what is stored of the time before it.

The line so far is there already, as it is believed: it need not be worked out again, and what ended
before the seam need not even be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from ladder.engines.columnar.versions import joined_findings, joined_movements
from ladder.model.calendars import FOREVER
from ladder.storage import models
from ladder.storage.write.bitemporal_bulk import (
    FINDINGS,
    MOVEMENTS,
    WRITTEN,
    Writer,
    Written,
    begin,
    finding_rows,
    movement_rows,
    places_of,
    standing,
)

_MOVEMENT: Final = models.Movement.__table__
_FINDING: Final = models.Finding.__table__


@dataclass
class VersionWriter(Writer):
    """Writes what a definition says that speaks from `since` on; what is older stays as it is.

    The same as `Writer` for what all definitions say together, each in its time.
    """

    since: int

    def write(
        self,
        supporters: pl.Series,
        movements: pl.DataFrame,
        findings: pl.DataFrame,
        first_at: pl.DataFrame,
    ) -> Written:
        """Make these what is said of those supporters (ids) from the seam on."""
        stored = {} if self.first else self._reaching(supporters)
        before = {name: rows.filter(pl.col("at") < self.since) for name, rows in stored.items()}
        reaching = pl.col("until") >= self.since
        moved = joined_movements(self._told(before), movements.filter(reaching), self.since)
        found = joined_findings(_found(before), findings.filter(reaching), self.since)
        begin(self.store, supporters, first_at)
        return self._replace(
            stored,
            {
                _MOVEMENT.name: movement_rows(moved, self._places.ids(places_of(moved))),
                _FINDING.name: finding_rows(found),
            },
        )

    def _reaching(self, supporters: pl.Series) -> dict[str, pl.DataFrame]:
        """What is stored of them and reaches the seam, or lies beyond.

        Of whoever has come to the ground from the ground (she was silent, or is) all of it: whether
        she ever stood on a rung is what her next movement is called by.
        """
        found = {
            table.name: standing(self.store, self.definition_id, table, supporters, self.since)
            for table in WRITTEN
        }
        moved = found[_MOVEMENT.name]
        ground = [number for (_, height), number in self._places.ids(()).items() if not height]
        both = pl.col("before_id").is_in(ground) & pl.col("after_id").is_in(ground)
        unknown = moved.filter(both, pl.col("at") < self.since)["supporter_id"].unique()
        if len(unknown):
            lines = standing(self.store, self.definition_id, _MOVEMENT, unknown)
            found[_MOVEMENT.name] = pl.concat([moved, lines]).unique("id", maintain_order=True)
        return found

    def _told(self, stored: dict[str, pl.DataFrame]) -> pl.DataFrame:
        """Stored movements as an evaluator tells them."""
        if not stored:
            return pl.DataFrame(schema=MOVEMENTS)
        named = [(number, *place) for place, number in self._places.ids(()).items()]
        rows = stored[_MOVEMENT.name]
        for side in ("before", "after"):
            schema = {f"{side}_id": pl.Int64(), side: pl.String(), f"height_{side}": pl.Int64()}
            places = pl.DataFrame(named, schema=schema, orient="row")
            rows = rows.join(places, on=f"{side}_id", how="left", maintain_order="left")
        others = pl.col("cause_others").str.json_decode(pl.List(pl.Int64()))
        first = pl.when(pl.col("cause_id").is_not_null()).then(pl.concat_list("cause_id"))
        nothing = pl.lit([], pl.List(pl.Int64()))
        causes = pl.concat_list(first.fill_null(nothing), others.fill_null(nothing))
        told = rows.with_columns(
            pl.col("until").fill_null(FOREVER), supporter="supporter_id", causes=causes
        )
        return told.select(pl.col(name).cast(kind) for name, kind in MOVEMENTS.items())


def _found(stored: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Stored findings as an evaluator tells them."""
    if not stored:
        return pl.DataFrame(schema=FINDINGS)
    rows = stored[_FINDING.name]
    told = rows.with_columns(pl.col("until").fill_null(FOREVER), supporter="supporter_id")
    return told.select(pl.col(name).cast(kind) for name, kind in FINDINGS.items())
