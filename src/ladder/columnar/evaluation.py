"""From touchpoint frames to movements and findings of everybody."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from ladder.columnar.causes import Candidates
from ladder.columnar.changes import findings, movements, words
from ladder.columnar.facts import Facts, Table
from ladder.columnar.intervals import Positions, shown
from ladder.columnar.preparing import prepare
from ladder.columnar.reading import Reading
from ladder.columnar.ties import Tie, settle
from ladder.coverage import Coverage
from ladder.frames import SCHEMA
from ladder.ladders import Ladder
from ladder.nodes import Condition
from ladder.organisations import Organisation
from ladder.standings import Lanes

REQUIRED: Final = ("supporter", "kind", "at", "referrer")
OPTIONAL: Final = {name: dtype for name, dtype in SCHEMA.items() if name not in REQUIRED}
"""Columns that may be left out; `referrer` may too, in the sort of `supporter`."""


@dataclass(frozen=True)
class Result:
    """What an evaluation found.

    `movements`: supporter, at, until (2**60: for ever), kind, before, height_before, after,
    height_after, skipped, new_peak, cause, causes (touchpoint ids); `findings`: supporter, pattern,
    severity, at, until; `first_at`: supporter and where her line begins. Instants in microseconds.
    """

    movements: pl.DataFrame
    findings: pl.DataFrame
    first_at: pl.DataFrame


def evaluate(
    frame: pl.DataFrame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage] = (),
    brought: pl.DataFrame | None = None,
    *,
    threads: int | None = None,
) -> Result:
    """Every movement and finding of the supporters in a touchpoint frame.

    `brought` holds the touchpoints of other people that name these supporters as referrer, and
    what voids or refunds them; without it the frame itself is taken to hold everybody. `threads`
    (all processors unless told) never changes an answer.
    """
    world = _World.of(frame, brought, ladder, organisation, coverage, list(ladder.conditions()))
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        parts = list(pool.map(partial(_part, world, Lanes(ladder)), world.lines()))
    every = pl.concat([part.movements for part in parts])
    offsets = np.cumsum([0, *(part.movements.height for part in parts)]).tolist()
    ties = [
        replace(tie, movement=tie.movement + offset)
        for part, offset in zip(parts, offsets, strict=False)
        for tie in part.ties
    ]
    if ties:
        every = _settled(every, ties, world)
    found = pl.concat([frame for part in parts for frame in part.findings])
    return Result(every, found, pl.concat([part.first_at for part in parts]))


class _Part(NamedTuple):
    """What one line says."""

    movements: pl.DataFrame
    ties: list[Tie]
    findings: list[pl.DataFrame]
    first_at: pl.DataFrame


def _part(world: _World, lanes: Lanes, facts: Facts) -> _Part:
    reading = world.reading(facts)
    moved, ties = _movements(world, reading, lanes)
    return _Part(moved, ties, _findings(world, reading), _first_at(world, facts))


def episodes(
    condition: Condition,
    frame: pl.DataFrame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage] = (),
    brought: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The episodes of one condition for everybody: supporter, start, end (2**60: for ever)."""
    conditions = [condition, *ladder.conditions()]
    world = _World.of(frame, brought, ladder, organisation, coverage, conditions)
    parts = []
    for facts in world.lines():
        seen = shown(world.reading(facts).condition(condition))
        clock = facts.clock
        columns = {"start": clock.instants(seen.starts), "end": clock.instants(seen.ends)}
        who = world.who(facts, seen.starts)
        parts.append(pl.DataFrame({"supporter": who, **columns}))
    return pl.concat(parts)


@dataclass(frozen=True)
class _World:
    """A table with everything that it is read by."""

    table: Table
    names: pl.Series
    ladder: Ladder
    organisation: Organisation
    coverage: Sequence[Coverage]

    @classmethod
    def of(
        cls,
        frame: pl.DataFrame,
        brought: pl.DataFrame | None,
        ladder: Ladder,
        organisation: Organisation,
        coverage: Sequence[Coverage],
        conditions: Iterable[Condition],
    ) -> _World:
        """Prepare the frames for these conditions."""
        frame = _complete(frame)
        brought = None if brought is None else _complete(brought).select(frame.columns)
        table, names = prepare(frame, brought, ladder, organisation, coverage, conditions)
        return cls(table, names, ladder, organisation, coverage)

    def lines(self) -> Iterable[Facts]:
        """The lines of the table; one empty line when there is nothing at all."""
        return self.table.lines() if len(self.table.at) else [Facts.of(self.table, 0, 0)]

    def reading(self, facts: Facts) -> Reading:
        """A reading of one line."""
        return Reading(facts, self.ladder, self.organisation, self.coverage)

    def who(self, facts: Facts, positions: Positions) -> pl.Series:
        """Whose line each position lies on."""
        numbers = positions // facts.clock.stride + facts.base
        return self.names.gather(numbers).alias("supporter")


def _complete(frame: pl.DataFrame) -> pl.DataFrame:
    """With every column that may be left out."""
    if "id" not in frame.columns:
        frame = frame.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64))
    missing = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in OPTIONAL.items()
        if name not in frame.columns
    ]
    if "referrer" not in frame.columns:
        missing.append(pl.lit(None, frame["supporter"].dtype).alias("referrer"))
    source = pl.when(pl.col("answers_id").is_not_null()).then(
        pl.coalesce("answers_source", "source")
    )
    return frame.with_columns(missing).with_columns(source.alias("answers_source"))


def _movements(world: _World, reading: Reading, lanes: Lanes) -> tuple[pl.DataFrame, list[Tie]]:
    facts, clock = reading.facts, reading.facts.clock
    changes = movements(reading, lanes)
    candidates = Candidates(reading, lanes, changes)
    only, by_hand = candidates.only()
    cause = np.where(candidates.number == 0, 0, np.where(by_hand, 2, 1))
    at = clock.instants(changes.position)
    frame = pl.DataFrame(
        {
            "supporter": world.who(facts, changes.position),
            "at": at,
            "until": clock.instants(changes.until),
            **words(lanes, changes),
            "cause": pl.Series(["clock", "touchpoint", "placement"]).gather(cause),
            "causes": _lists(pl.Series(only), candidates.number == 1),
        }
    )
    who = changes.position // clock.stride + facts.base
    ties = [
        Tie(row, int(who[row]), int(at[row]), changes.places[int(changes.after[row])], *ids)
        for row in np.flatnonzero(candidates.number > 1).tolist()
        for ids in [candidates.of(row)]
    ]
    return frame, ties


def _lists(values: pl.Series, given: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pl.Series:
    """One value a list, or an empty list."""
    lists = pl.DataFrame({"value": values.cast(pl.Int64), "given": given}).select(
        pl.when("given").then(pl.concat_list("value")).otherwise(pl.lit([], pl.List(pl.Int64)))
    )
    return lists.to_series().alias("causes")


def _settled(every: pl.DataFrame, ties: list[Tie], world: _World) -> pl.DataFrame:
    """With the causes of tied movements."""
    chosen = settle(ties, world.table, world.ladder, world.organisation, world.coverage)
    rows = pl.DataFrame(
        {
            "row": [tie.movement for tie in ties],
            "tied": [sorted(ids) for ids in chosen],
            "word": [
                "placement" if tie.by_hand.issuperset(ids) else "touchpoint"
                for tie, ids in zip(ties, chosen, strict=True)
            ],
        },
        schema={"row": pl.UInt32, "tied": pl.List(pl.Int64), "word": pl.String},
    )
    return (
        every.with_row_index("row")
        .join(rows, on="row", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("word", "cause").alias("cause"),
            pl.coalesce("tied", "causes").alias("causes"),
        )
        .drop("row", "tied", "word")
    )


def _findings(world: _World, reading: Reading) -> list[pl.DataFrame]:
    facts, clock = reading.facts, reading.facts.clock
    parts = [
        pl.DataFrame(
            {
                "supporter": world.names.clear(),
                "pattern": [],
                "severity": [],
                "at": [],
                "until": [],
            },
            schema_overrides={
                "pattern": pl.String,
                "severity": pl.String,
                "at": pl.Int64,
                "until": pl.Int64,
            },
        )
    ]
    for pattern in world.ladder.patterns:
        starts, ends, grade = findings(reading, pattern)
        severities = pl.Series([each.severity for each in pattern.grades], dtype=pl.String)
        parts.append(
            pl.DataFrame(
                {
                    "supporter": world.who(facts, starts),
                    "pattern": pl.repeat(pattern.key, len(starts), dtype=pl.String, eager=True),
                    "severity": severities.gather(grade),
                    "at": clock.instants(starts),
                    "until": clock.instants(ends),
                }
            )
        )
    return parts


def _first_at(world: _World, facts: Facts) -> pl.DataFrame:
    starts = facts.line.starts
    return pl.DataFrame(
        {"supporter": world.who(facts, starts), "first_at": facts.clock.instants(starts)}
    )
