"""Write the results of a new ladder version from its effective date on.

The results before that date are stored already and stay, so they are not evaluated again, and rows
that end before it are not even read.
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
    finding_rows,
    movement_rows,
    places_of,
    standing,
    write_line_starts,
)

_MOVEMENT: Final = models.Movement.__table__
_FINDING: Final = models.Finding.__table__


@dataclass
class VersionWriter(Writer):
    """Writes the results of a version that is effective from `since` on, and keeps older results.

    The rows are those that `Writer` would write for the results of all versions.
    """

    since: int

    def write(
        self,
        supporters: pl.Series,
        movements: pl.DataFrame,
        findings: pl.DataFrame,
        first_at: pl.DataFrame,
    ) -> Written:
        """Make these the results of those supporters (ids) from the effective date on."""
        stored = {} if self.first else self._reaching(supporters)
        before = {name: rows.filter(pl.col("at") < self.since) for name, rows in stored.items()}
        reaching = pl.col("until") >= self.since
        moved = joined_movements(
            self._evaluator_movements(before), movements.filter(reaching), self.since
        )
        found = joined_findings(_evaluator_findings(before), findings.filter(reaching), self.since)
        write_line_starts(self.store, supporters, first_at)
        return self._replace(
            stored,
            {
                _MOVEMENT.name: movement_rows(moved, self._places.ids(places_of(moved))),
                _FINDING.name: finding_rows(found),
            },
        )

    def _reaching(self, supporters: pl.Series) -> dict[str, pl.DataFrame]:
        """Read the stored rows that reach the effective date or lie beyond.

        A supporter who came from the ground to the ground (by a silence) needs all of their rows:
        the kind of the next movement depends on whether they ever stood on a rung.
        """
        stored = {
            table.name: standing(self.store, self.definition_id, table, supporters, self.since)
            for table in WRITTEN
        }
        moved = stored[_MOVEMENT.name]
        ground = [number for (_, height), number in self._places.ids(()).items() if not height]
        both = pl.col("before_id").is_in(ground) & pl.col("after_id").is_in(ground)
        unknown = moved.filter(both, pl.col("at") < self.since)["supporter_id"].unique()
        if len(unknown):
            lines = standing(self.store, self.definition_id, _MOVEMENT, unknown)
            stored[_MOVEMENT.name] = pl.concat([moved, lines]).unique("id", maintain_order=True)
        return stored

    def _evaluator_movements(self, stored: dict[str, pl.DataFrame]) -> pl.DataFrame:
        """Convert stored movements to the columns of the evaluator."""
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
        movements = rows.with_columns(
            pl.col("until").fill_null(FOREVER), supporter="supporter_id", causes=causes
        )
        return movements.select(pl.col(name).cast(kind) for name, kind in MOVEMENTS.items())


def _evaluator_findings(stored: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Convert stored findings to the columns of the evaluator."""
    if not stored:
        return pl.DataFrame(schema=FINDINGS)
    rows = stored[_FINDING.name]
    findings = rows.with_columns(pl.col("until").fill_null(FOREVER), supporter="supporter_id")
    return findings.select(pl.col(name).cast(kind) for name, kind in FINDINGS.items())
