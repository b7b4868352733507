"""Query all supporters: their touchpoints, or their standings and findings at one instant.

Selectors mean the same as in the evaluator, so a report and a pattern with the same selector refer
to the same touchpoints.

`Look` counts touchpoints instead of people, for reports. `Standing` computes all standings and
findings at one instant, to compare definitions; they equal those of `evaluate`, without origins,
causes and other instants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from ladder.coverage import Coverage
from ladder.engines.columnar import projection
from ladder.engines.columnar.conditions import LineReading
from ladder.engines.columnar.encoding import Frame
from ladder.engines.columnar.evaluator import FrameEvaluation, part_episodes
from ladder.engines.columnar.facts import Facts
from ladder.engines.columnar.intervals import Mask, Positions
from ladder.engines.columnar.measures import figures_at
from ladder.engines.columnar.movements import movements
from ladder.engines.columnar.results import SupporterNames, all_findings, concat_frames
from ladder.engines.columnar.windows import stretches
from ladder.language.aggregates import count
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.measures import Exceeds
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.selectors import any_touchpoint
from ladder.language.spans import ever
from ladder.language.standings import RungOccupancy
from ladder.model.organisations import Organisation

ALIVE: Final = (count(any_touchpoint, ever) >= 1) | (count(any_touchpoint, ever) < 1)
"""A condition that is true on a supporter's whole line.

It also keeps every touchpoint, so that each answered touchpoint is available.
"""

_NO_LANES: Final = RungOccupancy(Ladder(key="nothing"))


class LookResult(NamedTuple):
    """The frames that answer a `Look`.

    `rows`: the supporters' own touchpoints that any mask selects. The first columns are
    `supporter`, `id`, `at`, `day` (local, days since 1970) and `answers`. The latter is the id of
    the answered touchpoint, -1 where it is unknown. A Boolean column for each mask and an Int64
    column for each end follow.

    `episodes`: condition (its name), supporter, start and end (2**60: for ever).

    `values`: figure (its name), supporter and `value`, of every supporter whose line has begun.
    """

    rows: pl.DataFrame
    episodes: pl.DataFrame
    values: pl.DataFrame = pl.DataFrame()


@dataclass(frozen=True)
class Look:
    """A query of touchpoints, reusable for any number of frames.

    `masks` name selectors. `ends` name a mask and a span: until when each touchpoint of that mask
    counts, cut by refunds, null for other touchpoints. Where a touchpoint never counts, its end is
    its own instant. `conditions` name conditions, which may use `is_covered`. `figures` name
    amounts (as of `amount_above`) and an instant. A figure is read after all touchpoints of its
    instant, in whole minor units, rounded down.
    """

    ladder: Ladder
    masks: Mapping[str, Selector]
    ends: Mapping[str, tuple[str, Span]] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    figures: Mapping[str, tuple[Exceeds, int]] = field(default_factory=dict)

    @cached_property
    def query_ladder(self) -> Ladder:
        """The ladder, with these questions in place of its patterns.

        Code that prepares frames for a ladder (columns, horizon, links) then prepares them for this
        query.
        """
        conditions = [ALIVE, *(count(selector, ever) >= 1 for selector in self.masks.values())]
        conditions += [count(self.masks[name], span) >= 1 for name, span in self.ends.values()]
        conditions += [count(figure, ever) >= 1 for figure, _ in self.figures.values()]
        always = (Grade(severity="info", condition=ALIVE),)
        patterns = tuple(
            Pattern(key=f"Q{number}", side="organisation", grades=always, requires=condition)
            for number, condition in enumerate(
                dict.fromkeys([*conditions, *self.conditions.values()])
            )
        )
        return self.ladder.model_copy(update={"patterns": patterns})

    @cached_property
    def columns(self) -> list[str]:
        """The columns of a touchpoint frame that this query needs."""
        return projection.columns(self.query_ladder)

    def at(
        self,
        frame: pl.DataFrame,
        organisation: Organisation,
        coverage: Sequence[Coverage] = (),
        brought: pl.DataFrame | None = None,
    ) -> LookResult:
        """Query the supporters of a frame; `brought` as for `evaluate`."""
        evaluation = FrameEvaluation(
            self.query_ladder, organisation, coverage, tuple(self.query_ladder.conditions())
        )
        return concat_frames(evaluation.map_parts(frame, brought, self._query_part, None))

    def _query_part(self, reading: LineReading, supporters: SupporterNames) -> LookResult:
        conditions = [
            part_episodes(condition, reading, supporters).select(_name_column("condition", name))
            for name, condition in self.conditions.items()
        ]
        figures = [
            self._values(reading, supporters, *figure).select(_name_column("figure", name))
            for name, figure in self.figures.items()
        ]
        return LookResult(
            self._rows(reading, supporters),
            pl.concat([_no_rows("condition", supporters, "start", "end"), *conditions]),
            pl.concat([_no_rows("figure", supporters, "value"), *figures]),
        )

    def _values(
        self, reading: LineReading, supporters: SupporterNames, figure: Exceeds, at: int
    ) -> pl.DataFrame:
        starts, clock = reading.line.starts, reading.facts.clock
        people = starts // clock.stride
        places = clock.positions(people, np.full(len(people), at)) + 1
        return pl.DataFrame(
            {"supporter": supporters(starts), "value": figures_at(reading, figure, places)}
        )

    def _rows(self, reading: LineReading, supporters: SupporterNames) -> pl.DataFrame:
        facts = reading.facts
        masks = {
            name: reading.select(selector) & facts.own for name, selector in self.masks.items()
        }
        selected = np.logical_or.reduce(list(masks.values()))
        rows = np.flatnonzero(selected)
        frame = pl.DataFrame(
            {
                "supporter": supporters(facts.g[rows]),
                "id": facts.ids[rows],
                "at": facts.at[rows],
                "day": facts.days[rows],
                "answers": pl.Series(_answered_ids(facts)[rows], dtype=pl.Int64),
                **{name: pl.Series(mask[rows], dtype=pl.Boolean) for name, mask in masks.items()},
            }
        )
        for name, (which, span) in self.ends.items():
            ends = np.where(masks[which], _ends(reading, self.masks[which], span), 0)
            values = pl.Series(name, ends[rows], dtype=pl.Int64)
            frame = frame.with_columns(pl.when(pl.col(which)).then(values).alias(name))
        return frame


def _name_column(column: str, name: str) -> tuple[pl.Expr, pl.Expr]:
    return pl.lit(name).alias(column), pl.all()


def _no_rows(name: str, supporters: SupporterNames, *numbers: str) -> pl.DataFrame:
    """Return the frame of no condition or figure."""
    schema = dict.fromkeys(numbers, pl.Int64)
    return pl.DataFrame(schema={name: pl.String, "supporter": supporters.names.dtype, **schema})


def _answered_ids(facts: Facts) -> Positions:
    """Return the id of the touchpoint that each row answers; -1 where it is unknown."""
    if not len(facts.ids):
        return facts.ids
    answered: Positions = np.where(facts.target >= 0, facts.ids[facts.target], -1)
    return answered


def _ends(reading: LineReading, selector: Selector, span: Span) -> Positions:
    """Return until when each selected row counts; its own instant where it never does."""
    facts, live = reading.facts, stretches(reading, selector, span)
    ends = facts.at.copy()
    ends[live.rows] = facts.clock.instants(live.ends)
    return ends


class Standings(NamedTuple):
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
            conditions += RungOccupancy(self.ladder).conditions
        yield from dict.fromkeys([*conditions, *self.ladder.rungs_named_in(conditions).values()])

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
        lanes = RungOccupancy(self.ladder) if self.places else _NO_LANES

        def read_part(reading: LineReading, supporters: SupporterNames) -> Standings:
            starts = reading.facts.line.starts
            begun = supporters(starts[reading.facts.clock.instants(starts) <= self.at])
            places, silent = self._places(reading, supporters, lanes)
            findings = all_findings(reading, supporters, self.chosen_patterns)
            open_findings = findings.filter(pl.col("at") <= self.at, pl.col("until") > self.at)
            return Standings(
                places, silent, open_findings.select("supporter", "pattern", "severity"), begun
            )

        return concat_frames(evaluation.map_parts(frame, brought, read_part, threads))

    def _places(
        self, reading: LineReading, supporters: SupporterNames, lanes: RungOccupancy
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


def _open_at(since: Positions, until: Positions, at: int) -> Mask:
    return (since <= at) & (until > at)
