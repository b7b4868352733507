"""Running totals of a comparison: counts by columns, and a short list of the most affected.

Only counts and the rows of the most affected outlive a part, so memory stays bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from ladder.engines.columnar.queries import Standings
from ladder.language.ladders import Ladder
from ladder.model.calendars import FOREVER, Calendar, to_date
from ladder.whatif.results import SILENT, PatternChange, Step

_ROW: Final = ("supporter", "before", "after", "difference", "since", "until")


@dataclass
class Tally:
    """The totals of all parts so far.

    `movers` is called part by part with a frame of the supporters who would move, without those who
    are silent by the ladder in force.
    """

    old: Ladder
    new: Ladder
    most: int
    movers: Callable[[pl.DataFrame], None] | None = None
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    patterns: Counter[tuple[str, str]] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    left_out: int = 0
    higher: int = 0
    lower: int = 0
    top: pl.DataFrame | None = None

    def keep(self, numbers: Mapping[str, int]) -> None:
        """Add counts of open findings, by key of patterns that mean the same in both."""
        for pattern, number in numbers.items():
            self.patterns[pattern, "kept"] += number

    def add(
        self, supporters: pl.Series, old: Standings, new: Standings, calendar: Calendar
    ) -> None:
        """Add another part."""
        both = _side_by_side(supporters, old, new)
        self.left_out += len(supporters) - len(both)
        for before, after, number in both.group_by("before", "after").len().iter_rows():
            self.steps[before, after] += number
        moved = self._with_differences(both.filter(pl.col("before") != pl.col("after")))
        self.higher += moved.filter(pl.col("difference") > 0).height
        self.lower += moved.filter(pl.col("difference") < 0).height
        self._count_years(moved, calendar)
        self._findings(old, new)
        movers = moved.filter(pl.col("before") != SILENT)
        if self.movers is not None and len(movers):
            self.movers(movers)
        self._keep(movers)

    def _with_differences(self, moved: pl.DataFrame) -> pl.DataFrame:
        """Add the difference in heights, on the scale of the new ladder where it has the rungs."""
        heights = {rung.key: self.new.height(rung) for rung in self.new.rungs}

        def height(place: str, own: int) -> int:
            return max((heights[key] for key in place.split("+") if key in heights), default=own)

        pairs = moved.select("before", "height_before").unique().rows()
        scaled = pl.DataFrame(
            [(place, own, height(place, own)) for place, own in pairs],
            schema={"before": pl.String, "height_before": pl.Int64, "scaled": pl.Int64},
            orient="row",
        )
        joined = moved.join(scaled, on=["before", "height_before"], how="left")
        difference = pl.col("height_after") - pl.col("scaled")
        return joined.with_columns(difference=difference).select(_ROW)

    def _keep(self, moved: pl.DataFrame) -> None:
        """Keep the supporters with the largest difference in height; of equals the lowest ids."""
        every = moved if self.top is None else pl.concat([self.top, moved])
        far = every.sort([pl.col("difference").abs(), "supporter"], descending=[True, False])
        self.top = far.head(self.most)

    def _count_years(self, moved: pl.DataFrame, calendar: Calendar) -> None:
        """Count moved supporters by calendar year of the organisation; there are few years."""
        rest = moved["since"].drop_nulls().sort()
        while len(rest):
            year = to_date(calendar.day_of(int(rest[0]))).year
            within = int(rest.search_sorted(calendar.instant(date(year + 1, 1, 1))))
            self.years[year] += within
            rest = rest.slice(within)

    def _findings(self, old: Standings, new: Standings) -> None:
        """Count findings by pattern; silent supporters count only for safeguard patterns."""
        was, now = _findings_to_show(old, self.old), _findings_to_show(new, self.new)
        pairs = was.join(now, on=["supporter", "pattern"], how="full", coalesce=True, suffix="_new")
        kind = (
            pl.when(pl.col("severity").is_null()).then(pl.lit("gained"))
            .when(pl.col("severity_new").is_null()).then(pl.lit("lost"))
            .when(pl.col("severity") != pl.col("severity_new")).then(pl.lit("regraded"))
            .otherwise(pl.lit("kept"))
        )  # fmt: skip
        counted = pairs.select("pattern", kind=kind).group_by("pattern", "kind").len()
        for pattern, what, number in counted.iter_rows():
            self.patterns[pattern, what] += number

    def sorted_steps(self) -> tuple[Step, ...]:
        """Return the steps, the most frequent first."""
        order = sorted(self.steps.items(), key=lambda step: (-step[1], step[0]))
        return tuple(Step(before, after, number) for (before, after), number in order)

    def changes(self) -> tuple[PatternChange, ...]:
        """Return one change per pattern, first those of the new ladder in its order."""
        old, new = ([pattern.key for pattern in ladder.patterns] for ladder in (self.old, self.new))
        return tuple(self._change(key, old, new) for key in dict.fromkeys([*new, *old]))

    def _change(self, key: str, old: Collection[str], new: Collection[str]) -> PatternChange:
        gained, lost, regraded, kept = (
            self.patterns[key, what] for what in ("gained", "lost", "regraded", "kept")
        )
        both = kept + regraded
        return PatternChange(
            key, both + lost, both + gained, gained, lost, regraded, key in old, key in new
        )


def _side_by_side(supporters: pl.Series, old: Standings, new: Standings) -> pl.DataFrame:
    """Join both places of all supporters whose line has begun by either ladder.

    Supporters who are silent by both are left out.
    """
    rows = supporters.alias("supporter").to_frame()
    for side, stand in (("before", old), ("after", new)):
        begun = stand.begun.alias("supporter").to_frame().with_columns(begun=pl.lit(value=True))
        silent = stand.silent.alias("supporter").to_frame().unique()
        silent = silent.with_columns(silent_now=pl.lit(value=True))
        there = begun.join(silent, on="supporter", how="left")
        there = there.join(stand.places, on="supporter", how="left")
        hidden = pl.any_horizontal(pl.col("silent", "silent_now").fill_null(value=False))
        place = pl.when(hidden).then(pl.lit(SILENT)).otherwise(pl.col("place").fill_null(""))
        height = pl.when(hidden).then(0).otherwise(pl.col("height").fill_null(0))
        named = there.select(
            "supporter", place.alias(side), height.alias(f"height_{side}"),
            pl.col("since").alias(f"since_{side}"), pl.col("until").alias(f"until_{side}"),
        )  # fmt: skip
        rows = rows.join(named, on="supporter", how="left", maintain_order="left")
    rows = rows.filter(pl.col("before").is_not_null() | pl.col("after").is_not_null())
    rows = rows.with_columns(
        pl.col("before", "after").fill_null(""),
        pl.col("height_before", "height_after").fill_null(0),
        since=pl.max_horizontal("since_before", "since_after"),
        until=pl.min_horizontal("until_before", "until_after").fill_null(FOREVER),
    )
    hidden = (pl.col("before") == SILENT) & (pl.col("after") == SILENT)
    return rows.filter(~hidden)


def _findings_to_show(stand: Standings, ladder: Ladder) -> pl.DataFrame:
    """Select the findings to show: silent supporters have only those of safeguard patterns."""
    duties = [pattern.key for pattern in ladder.patterns if pattern.safeguard]
    silent = pl.col("supporter").is_in(stand.silent.implode())
    return stand.findings.filter(pl.col("pattern").is_in(duties) | ~silent)
