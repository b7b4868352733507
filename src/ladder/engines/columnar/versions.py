"""Evaluate all supporters by several ladder versions, joined at the version boundaries.

For frames, this is the rule of `ladder.engines.reference.versions`. The results before a boundary
may come from an evaluation or from storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from ladder.coverage import BEGINNING, Coverage
from ladder.engines.columnar.evaluator import evaluate
from ladder.engines.columnar.projection import columns
from ladder.engines.columnar.results import Result
from ladder.language.versions import Succession
from ladder.model.calendars import FOREVER
from ladder.model.organisations import Organisation

_SILENT: Final = pl.col("kind") == "silenced"


def columns_all(versions: Succession) -> list[str]:
    """Return the columns that any of the versions reads, without duplicates."""
    return list(dict.fromkeys(name for version in versions for name in columns(version.ladder)))


def evaluate_all(
    frame: pl.DataFrame,
    versions: Succession,
    organisation: Organisation,
    coverage: Sequence[Coverage] = (),
    brought: pl.DataFrame | None = None,
    *,
    threads: int | None = None,
) -> Result:
    """Evaluate all supporters by every version of a ladder within its own period.

    Parameters are those of `evaluate`.
    """
    by_each = [
        evaluate(frame, version.ladder, organisation, coverage, brought, threads=threads)
        for version in versions
    ]
    line = Result(by_each[0].movements.clear(), by_each[0].findings.clear(), by_each[0].first_at)
    for (since, _), sides in zip(versions, by_each, strict=True):
        line = sides if since == BEGINNING else join_results(line, sides, since)
    return line


def join_results(old: Result, new: Result, at: int) -> Result:
    """Join the old results before an instant and the new results from it on.

    `first_at` comes from the new results. Rows are ordered by supporter and instant within each of
    the two parts, but not over both.
    """
    return Result(
        joined_movements(old.movements, new.movements, at),
        joined_findings(old.findings, new.findings, at),
        new.first_at,
    )


def joined_movements(old: pl.DataFrame, new: pl.DataFrame, at: int) -> pl.DataFrame:
    """Join movements at a version boundary, by the rule of the reference engine.

    See `ladder.engines.reference.versions.join_movements`.
    """
    kept = old.filter(pl.col("at") < at)
    ahead = new.filter(pl.col("at") > at)
    seams = _seams(kept, new, ahead, at)
    ends = seams.select("supporter", end=pl.when("moves").then(at).otherwise("next"))
    open_ = pl.col("until") >= at
    closed = kept.join(ends, on="supporter", how="left", maintain_order="left").with_columns(
        until=pl.when(open_).then(pl.col("end").fill_null(FOREVER)).otherwise("until")
    )
    own = new.filter(pl.col("at") == at).join(
        seams.filter("moves", "own"), on="supporter", how="semi"
    )
    by_definition = _rows(seams.filter(pl.col("moves") & ~pl.col("own")), new, at)
    parts = (closed.select(new.columns), own, by_definition, ahead)
    return pl.concat(parts, how="vertical_relaxed")


def _seams(kept: pl.DataFrame, new: pl.DataFrame, ahead: pl.DataFrame, at: int) -> pl.DataFrame:
    """Return, per supporter with a place before, at or after the boundary, the places and the end.

    `moves`: the two places differ. `own`: the new definition makes that movement itself.
    """
    before = _places(kept.filter(pl.col("until") >= at), "before")
    after = _places(new.filter(pl.col("at") <= at, pl.col("until") > at), "after")
    was = _places(new.filter(pl.col("at") < at, pl.col("until") >= at), "was")
    coming = ahead.group_by("supporter").agg(next=pl.col("at").min())
    above = pl.any_horizontal(pl.col("height_before", "height_after") > 0)
    been = kept.filter(above).select("supporter", been=True).unique()
    every = pl.concat([before["supporter"], after["supporter"]]).unique(maintain_order=True)
    sides = every.to_frame()
    for side in (before, after, was, coming, been):
        sides = sides.join(side, on="supporter", how="left", maintain_order="left")
    sides = sides.with_columns(
        pl.col("before", "after", "was").fill_null(""),
        pl.col("height_before", "height_after", "height_was").fill_null(0),
        pl.col("silent_before", "silent_after", "silent_was", "been").fill_null(False),
        pl.col("next").fill_null(FOREVER),
    )
    return sides.with_columns(moves=~_same("before", "after"), own=_same("before", "was"))


def _places(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return the places that these rows lead to."""
    place = pl.col("after").alias(side), pl.col("height_after").alias(f"height_{side}")
    return rows.select("supporter", *place, _SILENT.alias(f"silent_{side}"))


def _same(one: str, other: str) -> pl.Expr:
    """Return whether two places are equal."""
    alike = (pl.col(f"{part}{one}") == pl.col(f"{part}{other}") for part in ("", "height_"))
    return pl.all_horizontal(*alike, pl.col(f"silent_{one}") == pl.col(f"silent_{other}"))


def _rows(moves: pl.DataFrame, like: pl.DataFrame, at: int) -> pl.DataFrame:
    """Return the movements that the definition causes, in the columns of the other movements."""
    names = pl.col("supporter", "before", "height_before", "after", "height_after")
    rows = moves.select(
        names,
        at=pl.lit(at, pl.Int64),
        until="next",
        kind=_kind(),
        skipped=pl.lit(""),
        new_peak=pl.lit(False),
        cause=pl.lit("definition"),
        causes=pl.lit([], pl.List(pl.Int64)),
    )
    return rows.select(pl.col(name).cast(kind) for name, kind in like.schema.items())


def _kind() -> pl.Expr:
    """Return the kind of each movement, by the rule of `ladder.language.versions.boundary_kind`."""
    up = pl.col("height_after") > pl.col("height_before")
    down = pl.col("height_after") < pl.col("height_before")
    same = (pl.col("before") == pl.col("after")) & (pl.col("before") != "")
    return (
        pl.when("silent_after").then(pl.lit("silenced"))
        .when(same).then(pl.lit("crossed"))
        .when((pl.col("height_after") == 0) & pl.col("silent_before")).then(pl.lit("unsilenced"))
        .when(pl.col("height_after") == 0).then(pl.lit("lapsed"))
        .when((pl.col("height_before") == 0) & pl.col("been")).then(pl.lit("returned"))
        .when(pl.col("height_before") == 0).then(pl.lit("arrived"))
        .when(up).then(pl.lit("climbed"))
        .when(down).then(pl.lit("slipped"))
        .otherwise(pl.lit("crossed"))
    )  # fmt: skip


def joined_findings(old: pl.DataFrame, new: pl.DataFrame, at: int) -> pl.DataFrame:
    """Join findings at a version boundary, by the rule of the reference engine.

    See `ladder.engines.reference.versions.join_findings`.
    """
    kept = old.filter(pl.col("at") < at).with_columns(until=pl.min_horizontal("until", pl.lit(at)))
    ahead = new.filter(pl.col("until") > at).with_columns(at=pl.max_horizontal("at", pl.lit(at)))
    supporter = ["supporter", "pattern", "severity"]
    goes_on = ahead.filter(pl.col("at") == at).select(*supporter, then="until")
    ends_here = kept.filter(pl.col("until") == at)
    across = ends_here.join(goes_on, on=supporter, how="left", maintain_order="left").with_columns(
        until=pl.coalesce("then", "until")
    )
    fresh = ahead.join(
        ends_here.with_columns(at=pl.lit(at, pl.Int64)), on=[*supporter, "at"], how="anti"
    )
    parts = (kept.filter(pl.col("until") < at), across.select(new.columns), fresh)
    return pl.concat(parts, how="vertical_relaxed")
