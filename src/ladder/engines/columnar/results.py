"""The results of an evaluation, as frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import numpy as np
import polars as pl

from ladder.engines.columnar.causes import Candidates, Tie, settle
from ladder.engines.columnar.conditions import LineReading
from ladder.engines.columnar.facts import Facts
from ladder.engines.columnar.intervals import Mask, Positions
from ladder.engines.columnar.movements import findings, movements, words
from ladder.language.ladders import Pattern
from ladder.language.standings import RungOccupancy


class Result(NamedTuple):
    """Movements, findings and line starts.

    `movements`: supporter, at, until (2**60: for ever), kind, before, height_before, after,
    height_after, skipped, new_peak, cause, causes (touchpoint ids). `findings`: supporter, pattern,
    severity, at, until. `first_at`: supporter and the start of their line. Instants are
    microseconds.
    """

    movements: pl.DataFrame
    findings: pl.DataFrame
    first_at: pl.DataFrame


Frames = TypeVar("Frames", bound=tuple[Any, ...])
"""A named tuple of frames and series."""


@dataclass(frozen=True)
class SupporterNames:
    """The names of the supporters of a part."""

    facts: Facts
    names: pl.Series

    def __call__(self, positions: Positions) -> pl.Series:
        """Return the supporter on whose line each position lies."""
        return self.names[positions // self.facts.clock.stride + self.facts.base]


def evaluate_part(reading: LineReading, supporters: SupporterNames, lanes: RungOccupancy) -> Result:
    """Return all results of a ladder for a part."""
    facts = reading.facts
    starts = facts.line.starts
    begun = pl.DataFrame(
        {"supporter": supporters(starts), "first_at": facts.clock.instants(starts)}
    )
    return Result(
        _movements(reading, supporters, lanes),
        all_findings(reading, supporters, reading.ladder.patterns),
        begun,
    )


def concat_frames(parts: Sequence[Frames]) -> Frames:
    """Concatenate the results of several parts, frame by frame."""
    make: Any = type(parts[0])
    joined: Frames = make(*map(pl.concat, zip(*parts, strict=True)))
    return joined


def _movements(
    reading: LineReading, supporters: SupporterNames, lanes: RungOccupancy
) -> pl.DataFrame:
    clock = reading.facts.clock
    changes = movements(reading, lanes)
    candidates = Candidates(reading, lanes, changes)
    only, by_hand = candidates.only()
    cause = np.where(candidates.number == 0, 0, np.where(by_hand, 2, 1))
    at = clock.instants(changes.position)
    frame = pl.DataFrame(
        {
            "supporter": supporters(changes.position),
            "at": at,
            "until": clock.instants(changes.until),
            **words(lanes, changes),
            "cause": pl.Series(["clock", "touchpoint", "placement"])[cause],
            "causes": _lists(pl.Series(only), candidates.number == 1),
        }
    )
    ties = [
        Tie(
            row,
            int(changes.position[row]) // clock.stride,
            int(at[row]),
            changes.places[int(changes.after[row])],
            *candidates.of(row),
        )
        for row in np.flatnonzero(candidates.number > 1).tolist()
    ]
    return _settle_ties(frame, ties, reading) if ties else frame


def _lists(values: pl.Series, given: Mask) -> pl.Series:
    """Put each given value into a list of its own; the other lists are empty."""
    lists = pl.DataFrame({"value": values.cast(pl.Int64), "given": given}).select(
        pl.when("given").then(pl.concat_list("value")).otherwise(pl.lit([], pl.List(pl.Int64)))
    )
    return lists.to_series().alias("causes")


def _settle_ties(frame: pl.DataFrame, ties: list[Tie], reading: LineReading) -> pl.DataFrame:
    """Fill in the causes of tied movements."""
    chosen = settle(ties, reading)
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
        frame.with_row_index("row")
        .join(rows, on="row", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("word", "cause").alias("cause"),
            pl.coalesce("tied", "causes").alias("causes"),
        )
        .drop("row", "tied", "word")
    )


def all_findings(
    reading: LineReading, supporters: SupporterNames, patterns: Sequence[Pattern]
) -> pl.DataFrame:
    """Return the findings of these patterns together, so that names are looked up once."""
    clock = reading.facts.clock
    parts = [findings(reading, pattern) for pattern in patterns]
    none = np.empty(0, np.int64)
    starts, ends, grade = map(np.concatenate, zip((none, none, none), *parts, strict=True))
    which = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    severities = [[grade.severity for grade in pattern.grades] for pattern in patterns]
    first = np.cumsum([0, *map(len, severities)])[which]
    return pl.DataFrame(
        {
            "supporter": supporters(starts),
            "pattern": _texts(pattern.key for pattern in patterns)[which],
            "severity": _texts(chain.from_iterable(severities))[first + grade],
            "at": clock.instants(starts),
            "until": clock.instants(ends),
        }
    )


def _texts(values: Iterable[str]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)
