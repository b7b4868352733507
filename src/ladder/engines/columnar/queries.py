"""Query the touchpoints of all supporters: selection, end of counting, and conditions.

Reports that count touchpoints instead of people use it. Selectors mean the same as in the
evaluator, so a report and a pattern with the same selector refer to the same touchpoints.

It uses these parts of the room: `evaluator.Asked` (histories part by part), `LineReading.select`
and `.condition`, `windows.stretches`, `intervals.shown`, and of `Facts` the columns `at`, `days`,
`ids`, `own`, `g` and `target`, and the `clock`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from ladder.coverage import Coverage
from ladder.engines.columnar import projection
from ladder.engines.columnar.conditions import LineReading
from ladder.engines.columnar.evaluator import FrameEvaluation
from ladder.engines.columnar.facts import Facts
from ladder.engines.columnar.intervals import Positions, visible
from ladder.engines.columnar.measures import figures_at
from ladder.engines.columnar.results import SupporterNames
from ladder.engines.columnar.windows import stretches
from ladder.language.aggregates import count
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.measures import Exceeds
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.selectors import any_touchpoint
from ladder.language.spans import ever
from ladder.model.organisations import Organisation

ALIVE: Final = (count(any_touchpoint, ever) >= 1) | (count(any_touchpoint, ever) < 1)
"""A condition that is true on a supporter's whole line.

It also keeps every touchpoint, so that each answered touchpoint is available.
"""


@dataclass(frozen=True)
class LookResult:
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
    values: pl.DataFrame = field(default_factory=pl.DataFrame)


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
        parts = evaluation.map_parts(frame, brought, self._query_part, None)
        return LookResult(*(pl.concat(frames) for frames in zip(*parts, strict=True)))

    def _query_part(
        self, reading: LineReading, supporters: SupporterNames
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Return the rows, the episodes and the values of a part."""
        nothing = supporters.names.clear()
        conditions = pl.DataFrame(
            {"condition": [], "supporter": nothing, "start": [], "end": []},
            schema_overrides={"condition": pl.String, "start": pl.Int64, "end": pl.Int64},
        )
        episodes = [
            self._episodes(reading, supporters, *condition) for condition in self.conditions.items()
        ]
        return (
            self._rows(reading, supporters),
            pl.concat([conditions, *episodes]),
            self._values(reading, supporters),
        )

    def _values(self, reading: LineReading, supporters: SupporterNames) -> pl.DataFrame:
        starts, clock = reading.line.starts, reading.facts.clock
        people = starts // clock.stride
        nothing = pl.DataFrame({"figure": [], "supporter": supporters.names.clear(), "value": []})
        frames = [nothing.cast({"figure": pl.String, "value": pl.Int64})]
        for name, (figure, at) in self.figures.items():
            places = clock.positions(people, np.full(len(people), at)) + 1
            frames.append(
                pl.DataFrame(
                    {
                        "figure": pl.repeat(name, len(people), dtype=pl.String, eager=True),
                        "supporter": supporters(starts),
                        "value": figures_at(reading, figure, places),
                    }
                )
            )
        return pl.concat(frames)

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

    def _episodes(
        self, reading: LineReading, supporters: SupporterNames, name: str, condition: Condition
    ) -> pl.DataFrame:
        true, clock = visible(reading.condition(condition)), reading.facts.clock
        return pl.DataFrame(
            {
                "condition": pl.repeat(name, len(true.starts), dtype=pl.String, eager=True),
                "supporter": supporters(true.starts),
                "start": clock.instants(true.starts),
                "end": clock.instants(true.ends),
            }
        )


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
