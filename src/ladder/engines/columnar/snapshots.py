"""Compute all standings and findings at one instant, to compare definitions.

The results equal those of `evaluate`, without origins, causes and other instants.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ladder.coverage import Coverage
from ladder.engines.columnar.conditions import LineReading
from ladder.engines.columnar.encoding import Frame
from ladder.engines.columnar.evaluator import FrameEvaluation
from ladder.engines.columnar.intervals import Mask, Positions
from ladder.engines.columnar.movements import findings, movements
from ladder.engines.columnar.results import SupporterNames
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.language.standings import Lanes
from ladder.model.organisations import Organisation

_NO_LANES: Final = Lanes(Ladder(key="nothing"))


@dataclass(frozen=True)
class Standings:
    """Frames about an instant.

    `places`: supporter, place (its rungs), height, silent, since, until (2**60: for ever), for
    every supporter who moved there. `silent`: the supporters who are suppressed at the other
    instant. `findings`: supporter, pattern, severity. `begun`: the supporters whose line has begun.
    """

    places: pl.DataFrame
    silent: pl.Series
    findings: pl.DataFrame
    begun: pl.Series


@dataclass(frozen=True)
class Standing:
    """A query of one ladder about the instant `at`; suppression is evaluated at `now`.

    Standings are computed only where `places` is true; findings for `patterns` (all by default).
    """

    ladder: Ladder
    at: int
    now: int
    places: bool = True
    patterns: tuple[Pattern, ...] | None = None

    @property
    def chosen_patterns(self) -> tuple[Pattern, ...]:
        """The patterns to evaluate."""
        return self.ladder.patterns if self.patterns is None else self.patterns

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition to evaluate, those of rungs that others name included."""
        conditions = [
            grade
            for pattern in self.chosen_patterns
            for grade in self.ladder.open_while[pattern.key]
        ]
        if self.places:
            conditions += Lanes(self.ladder).conditions
        yield from dict.fromkeys([*conditions, *self.ladder.held_in(conditions).values()])

    def of(
        self,
        frame: Frame,
        organisation: Organisation,
        coverage: Sequence[Coverage] = (),
        brought: Frame | None = None,
        *,
        threads: int | None = None,
    ) -> Standings:
        """Evaluate the supporters of a frame; the parameters are those of `evaluate`."""
        evaluation = FrameEvaluation(self.ladder, organisation, coverage, tuple(self.conditions()))
        lanes = Lanes(self.ladder) if self.places else _NO_LANES

        def read_part(reading: LineReading, supporters: SupporterNames) -> Standings:
            starts = reading.facts.line.starts
            begun = supporters(starts[reading.facts.clock.instants(starts) <= self.at])
            findings_by_pattern = [
                self._open_findings(reading, supporters, pattern)
                for pattern in self.chosen_patterns
            ]
            nothing = _findings_frame(supporters.names.clear(), "", pl.Series([], dtype=pl.String))
            places, silent = self._places(reading, supporters, lanes)
            return Standings(places, silent, pl.concat([nothing, *findings_by_pattern]), begun)

        parts = evaluation.map_parts(frame, brought, read_part, threads)
        return Standings(
            pl.concat([part.places for part in parts]),
            pl.concat([part.silent for part in parts]),
            pl.concat([part.findings for part in parts]),
            pl.concat([part.begun for part in parts]),
        )

    def _places(
        self, reading: LineReading, supporters: SupporterNames, lanes: Lanes
    ) -> tuple[pl.DataFrame, pl.Series]:
        clock = reading.facts.clock
        changes = movements(reading, lanes)
        since, until = clock.instants(changes.position), clock.instants(changes.until)
        quiet = np.array([place.silent for place in changes.places])[changes.after]
        there = _open_at(since, until, self.at)
        rungs = pl.Series([str(place) for place in changes.places], dtype=pl.String)
        heights = pl.Series([place.height for place in changes.places], dtype=pl.Int64)
        places = pl.DataFrame(
            {
                "supporter": supporters(changes.position[there]),
                "place": rungs[changes.after[there]],
                "height": heights[changes.after[there]],
                "silent": pl.Series(quiet[there], dtype=pl.Boolean),
                "since": since[there],
                "until": until[there],
            }
        )
        return places, supporters(changes.position[quiet & _open_at(since, until, self.now)])

    def _open_findings(
        self, reading: LineReading, supporters: SupporterNames, pattern: Pattern
    ) -> pl.DataFrame:
        clock = reading.facts.clock
        starts, ends, grade = findings(reading, pattern)
        open_ = _open_at(clock.instants(starts), clock.instants(ends), self.at)
        severities = pl.Series([grade.severity for grade in pattern.grades], dtype=pl.String)
        return _findings_frame(supporters(starts[open_]), pattern.key, severities[grade[open_]])


def _open_at(since: Positions, until: Positions, at: int) -> Mask:
    return (since <= at) & (until > at)


def _findings_frame(supporters: pl.Series, pattern: str, severity: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "supporter": supporters,
            "pattern": pl.repeat(pattern, len(supporters), dtype=pl.String, eager=True),
            "severity": severity,
        }
    )
