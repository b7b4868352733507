"""Evaluate touchpoint frames to the movements and findings of all supporters."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np
import polars as pl

from ladder.coverage import Coverage
from ladder.engines.columnar import projection
from ladder.engines.columnar.amounts import Converter
from ladder.engines.columnar.conditions import LineReading
from ladder.engines.columnar.encoding import Frame, complete, encode
from ladder.engines.columnar.history import Preparing, placement_ends
from ladder.engines.columnar.intervals import visible
from ladder.engines.columnar.partitions import Lines, Parts, number_supporters
from ladder.engines.columnar.projection import Needs
from ladder.engines.columnar.results import Result, SupporterNames, concat_frames, evaluate_part
from ladder.engines.columnar.timeline import Clock, divides
from ladder.language.conditions import IsCovered
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition
from ladder.language.spans import Hours
from ladder.language.standings import RungOccupancy
from ladder.model.calendars import FOREVER, SECOND
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation
from ladder.model.touchpoint_frame import with_answers

T = TypeVar("T")

PORTION_ROWS: Final = 5_000_000
"""Touchpoints in memory at a time; with the derived arrays about 1.5 GiB."""


def evaluate(
    frame: Frame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage] = (),
    brought: Frame | None = None,
    *,
    threads: int | None = None,
) -> Result:
    """Evaluate every movement and finding of the supporters in a touchpoint frame, in their order.

    Of a lazy frame (`polars.scan_parquet`), only the columns that the ladder reads are fetched.
    `brought` holds the touchpoints of other people that name these supporters as referrer, and
    their voids and refunds. Without it, the frame itself must hold all supporters. `threads` (all
    processors by default) never changes a result.
    """
    evaluation = FrameEvaluation(ladder, organisation, coverage, tuple(ladder.conditions()))
    lanes = RungOccupancy(ladder)

    def read_part(reading: LineReading, supporters: SupporterNames) -> Result:
        return evaluate_part(reading, supporters, lanes)

    return concat_frames(evaluation.map_parts(frame, brought, read_part, threads))


def evaluate_portions(
    history: Frame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage] = (),
    *,
    rows: int = PORTION_ROWS,
    threads: int | None = None,
) -> Iterator[Result]:
    """Evaluate as `evaluate` does, but yield results of some supporters each, for large histories.

    Concatenated, the results have the rows of `evaluate` in the same order. `history` is best a
    lazy frame (`polars.scan_parquet` of a file or a folder). `rows` is the number of touchpoints
    that may be in memory at a time; a supporter with more touchpoints exceeds it.
    """
    # Each portion scans the whole history. Writing it out by supporter first would read it twice
    # in all, and needs the same disk space again.
    whole = complete(history)
    for low, high in _bounds(whole, rows):
        frame = whole.filter(pl.col("supporter").is_between(low, high))
        brought = _read_referred(whole, ladder.kinds, low, high)
        yield evaluate(frame, ladder, organisation, coverage, brought, threads=threads)


def episodes(
    condition: Condition,
    frame: Frame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage] = (),
    brought: Frame | None = None,
) -> pl.DataFrame:
    """Return the episodes of one condition for all supporters.

    Columns: supporter, start, end (2**60: for ever).
    """
    evaluation = FrameEvaluation(ladder, organisation, coverage, (condition, *ladder.conditions()))
    read_part = partial(part_episodes, condition)
    return pl.concat(evaluation.map_parts(frame, brought, read_part, threads=1))


def part_episodes(
    condition: Condition, reading: LineReading, supporters: SupporterNames
) -> pl.DataFrame:
    """Return the episodes of one condition for the supporters of a part."""
    intervals, clock = visible(reading.condition(condition)), reading.facts.clock
    return pl.DataFrame(
        {
            "supporter": supporters(intervals.starts),
            "start": clock.instants(intervals.starts),
            "end": clock.instants(intervals.ends),
        }
    )


def episodes_of_lines(
    condition: Condition,
    lines: pl.DataFrame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage],
) -> pl.DataFrame:
    """Return when a condition that is about coverage alone is true of each line.

    Coverage is the same for all supporters whose lines start at one instant, so each distinct start
    is evaluated once, with one touchpoint, and no history is read. `lines` has `supporter` and
    `at`, the start of their line (null: not begun). The result has `supporter`, `start` and `end`.
    """
    kind = next(
        kind.name for kind in ladder.kinds.values() if kind.family != "status" and not kind.role
    )
    starts = lines.select("at").drop_nulls().unique().sort("at").with_row_index("line")
    first = starts.select(
        pl.col("line").cast(pl.Int64).alias("supporter"),
        pl.col("line").cast(pl.Int64).alias("id"),
        "at",
        kind=pl.lit(kind),
        source=pl.lit(""),
        external_id=pl.lit(None, pl.String),
        referrer=pl.lit(None, pl.Int64),
    )
    met = episodes(condition, first, ladder, organisation, coverage)
    lines_by_start = lines.join(starts, on="at").select("supporter", pl.col("line").cast(pl.Int64))
    joined = lines_by_start.join(met.rename({"supporter": "line"}), on="line")
    return joined.select("supporter", "start", "end")


@dataclass(frozen=True)
class FrameEvaluation:
    """The ladder, the coverage and the conditions to evaluate."""

    ladder: Ladder
    organisation: Organisation
    coverage: Sequence[Coverage]
    conditions: tuple[Condition, ...]

    def map_parts(
        self,
        frame: Frame,
        brought: Frame | None,
        say: Callable[[LineReading, SupporterNames], T],
        threads: int | None,
    ) -> list[T]:
        """Return the result of `say` for each part, in the order of the supporters."""
        read = Needs.of(self.ladder.kinds, self.conditions)
        frames, values = encode(frame, brought, read)
        rows = Lines.of(frames, read)
        number, names = number_supporters(rows.line)
        clock = _clock(rows, values, read, self.organisation, self.coverage)
        parts = Parts.of(rows, number, clock.most_supporters)
        converter = Converter(self.ladder, self.organisation)
        preparing = Preparing(read, values, clock, converter)

        def of_part(part: int) -> T:
            facts = preparing.facts(*parts[part])
            reading = LineReading(facts, self.ladder, self.organisation, self.coverage)
            return say(reading, SupporterNames(facts, names))

        with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
            return list(pool.map(of_part, range(len(parts))))


def _bounds(whole: pl.LazyFrame, rows: int) -> Iterator[tuple[Any, Any]]:
    """Yield the first and last supporter of each portion."""
    lines = [
        whole.select(line="supporter"),
        whole.select(line="referrer").drop_nulls(),
    ]
    counted = pl.concat(lines).group_by("line").len().sort("line").collect(engine="streaming")
    portion = (pl.col("len").cum_sum() - pl.col("len")) // rows
    bounds = counted.group_by(portion.alias("portion"), maintain_order=True).agg(
        pl.col("line").first().alias("low"), pl.col("line").last().alias("high")
    )
    yield from bounds.select("low", "high").iter_rows()


def _read_referred(whole: pl.LazyFrame, kinds: Kinds, low: object, high: object) -> pl.DataFrame:
    """Return the referred acts, their voids and refunds, and the voids of such refunds."""
    own = pl.col("referrer").is_between(low, high)  # type: ignore[arg-type]
    acts = whole.filter(own).collect()
    roles = [kind.name for kind in kinds.values() if kind.role]
    back = whole.filter(pl.col("kind").cast(pl.String).is_in(roles))
    return with_answers(acts, back, own)


def _clock(
    rows: Lines,
    values: Mapping[str, Sequence[str]],
    read: Needs,
    organisation: Organisation,
    coverage: Sequence[Coverage],
) -> Clock:
    """Build a clock whose unit divides every instant and whose horizon is beyond every end."""
    calendar, frames = organisation.calendar, (rows.own, rows.others)
    at = [frame["at"].to_numpy() for frame in frames if len(frame)]
    origin = min((int(instants.min()) for instants in at), default=0)
    latest = max((int(instants.max()) for instants in at), default=0)
    edges = [
        edge
        for declaration in coverage
        for edge in (
            declaration.since,
            declaration.until,
            declaration.since - 1,
            declaration.until - 1,
        )[: _edges(read)]
        if abs(edge) < FOREVER - 1
    ]
    kind = list(read.kinds).index("placed")
    placed = np.concatenate([rows["details"].filter(rows["kind"] == kind) for rows in frames])
    ends = placement_ends(placed, values["details"], calendar).tolist()
    unit = SECOND
    while unit > 1 and not all(
        divides(unit, instants) for instants in (*at, np.array(edges, np.int64))
    ):
        unit //= 1000
    reach = projection.horizon(read.nodes, calendar, latest, [*edges, *ends])
    return Clock(calendar, origin // unit * unit, unit, reach, latest)


def _edges(read: Needs) -> int:
    """Return how many instants per coverage the clock must represent.

    Hours that look back at a gap count from its last microsecond.
    """
    logged = [node for node in read.nodes if isinstance(node, IsCovered)]
    exact = any(isinstance(part, Hours) for node in logged for part in node.walk())
    return 4 if exact else 2
