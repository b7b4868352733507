"""A look at everybody's touchpoints: which are selected, until when each counts, what held when.

For reports that count touchpoints and not people: the meaning is the evaluator's own, so a report
and a pattern that name the same selector speak of the same things.

What this uses of the room: `evaluation.Asked` (histories part by part), `Reading.select` and
`.condition`, `stretches.stretches`, `intervals.shown`, and of `Facts` the columns `at`, `days`,
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
from ladder.engines.columnar.conditions import Reading
from ladder.engines.columnar.evaluator import Asked
from ladder.engines.columnar.facts import Facts
from ladder.engines.columnar.intervals import Positions, shown
from ladder.engines.columnar.measures import figures_at
from ladder.engines.columnar.results import Whose
from ladder.engines.columnar.windows import stretches
from ladder.language.aggregates import count
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.measures import Exceeds
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.selectors import anything
from ladder.language.spans import ever
from ladder.model.organisations import Organisation

ALIVE: Final = (count(anything, ever) >= 1) | (count(anything, ever) < 1)
"""True on the whole of her line. (It also has every touchpoint carried along, so that whatever is
answered is at hand.)"""


@dataclass(frozen=True)
class Looked:
    """What a look saw.

    `rows`: the supporters' own touchpoints that any mask selects, with `supporter`, `id`, `at`,
    `day` (local, days since 1970) and `answers` (the id of what it answers, where that is known;
    -1 otherwise), a Boolean column for each mask and an Int64 one for each end.
    `episodes`: condition (its name), supporter, start and end (2**60: for ever).
    `values`: figure (its name), supporter and `value`, of everybody whose line has begun.
    """

    rows: pl.DataFrame
    episodes: pl.DataFrame
    values: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class Look:
    """What is asked of touchpoints, once for any number of frames.

    `masks` name selectors. `ends` name a mask and a span: until when each touchpoint of that mask
    counts, cut by refunds as everywhere, null for others; where it counts at no time, its own
    instant. `conditions` name what holds at which times; they may use `logged`. `figures` name
    amounts (as of `amount_above`), read at an instant, all its touchpoints having acted, in whole
    minor units rounded down.
    """

    ladder: Ladder
    masks: Mapping[str, Selector]
    ends: Mapping[str, tuple[str, Span]] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    figures: Mapping[str, tuple[Exceeds, int]] = field(default_factory=dict)

    @cached_property
    def asked(self) -> Ladder:
        """The ladder with these questions in the place of its patterns.

        So that what prepares frames for a ladder (columns, horizon, links) prepares them for this.
        """
        told = [ALIVE, *(count(selector, ever) >= 1 for selector in self.masks.values())]
        told += [count(self.masks[name], span) >= 1 for name, span in self.ends.values()]
        told += [count(each, ever) >= 1 for each, _ in self.figures.values()]
        always = (Grade(severity="info", condition=ALIVE),)
        patterns = tuple(
            Pattern(key=f"Q{number}", side="organisation", grades=always, needs=condition)
            for number, condition in enumerate(dict.fromkeys([*told, *self.conditions.values()]))
        )
        return self.ladder.model_copy(update={"patterns": patterns})

    @cached_property
    def columns(self) -> list[str]:
        """The columns of a touchpoint frame that this needs."""
        return projection.columns(self.asked)

    def at(
        self,
        frame: pl.DataFrame,
        organisation: Organisation,
        coverage: Sequence[Coverage] = (),
        brought: pl.DataFrame | None = None,
    ) -> Looked:
        """Look at the supporters of a frame; `brought` as for `evaluate`."""
        asked = Asked(self.asked, organisation, coverage, tuple(self.asked.conditions()))
        parts = asked.of_parts(frame, brought, self._seen, None)
        return Looked(*(pl.concat(each) for each in zip(*parts, strict=True)))

    def _seen(
        self, reading: Reading, whose: Whose
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The rows, the episodes and the values of a part."""
        nothing = whose.names.clear()
        told = pl.DataFrame(
            {"condition": [], "supporter": nothing, "start": [], "end": []},
            schema_overrides={"condition": pl.String, "start": pl.Int64, "end": pl.Int64},
        )
        found = [self._episodes(reading, whose, *each) for each in self.conditions.items()]
        return self._rows(reading, whose), pl.concat([told, *found]), self._values(reading, whose)

    def _values(self, reading: Reading, whose: Whose) -> pl.DataFrame:
        starts, clock = reading.line.starts, reading.facts.clock
        people = starts // clock.stride
        nothing = pl.DataFrame({"figure": [], "supporter": whose.names.clear(), "value": []})
        frames = [nothing.cast({"figure": pl.String, "value": pl.Int64})]
        for name, (figure, at) in self.figures.items():
            places = clock.positions(people, np.full(len(people), at)) + 1
            frames.append(
                pl.DataFrame(
                    {
                        "figure": pl.repeat(name, len(people), dtype=pl.String, eager=True),
                        "supporter": whose(starts),
                        "value": figures_at(reading, figure, places),
                    }
                )
            )
        return pl.concat(frames)

    def _rows(self, reading: Reading, whose: Whose) -> pl.DataFrame:
        facts = reading.facts
        masks = {name: reading.select(each) & facts.own for name, each in self.masks.items()}
        seen = np.logical_or.reduce(list(masks.values()))
        rows = np.flatnonzero(seen)
        frame = pl.DataFrame(
            {
                "supporter": whose(facts.g[rows]),
                "id": facts.ids[rows],
                "at": facts.at[rows],
                "day": facts.days[rows],
                "answers": pl.Series(_answered(facts)[rows], dtype=pl.Int64),
                **{name: pl.Series(mask[rows], dtype=pl.Boolean) for name, mask in masks.items()},
            }
        )
        for name, (which, span) in self.ends.items():
            ends = np.where(masks[which], _ends(reading, self.masks[which], span), 0)
            values = pl.Series(name, ends[rows], dtype=pl.Int64)
            frame = frame.with_columns(pl.when(pl.col(which)).then(values).alias(name))
        return frame

    def _episodes(
        self, reading: Reading, whose: Whose, name: str, condition: Condition
    ) -> pl.DataFrame:
        true, clock = shown(reading.condition(condition)), reading.facts.clock
        return pl.DataFrame(
            {
                "condition": pl.repeat(name, len(true.starts), dtype=pl.String, eager=True),
                "supporter": whose(true.starts),
                "start": clock.instants(true.starts),
                "end": clock.instants(true.ends),
            }
        )


def _answered(facts: Facts) -> Positions:
    """The id of what each row answers, -1 where it answers nothing known."""
    if not len(facts.ids):
        return facts.ids
    answered: Positions = np.where(facts.target >= 0, facts.ids[facts.target], -1)
    return answered


def _ends(reading: Reading, selector: Selector, span: Span) -> Positions:
    """Until when each selected row counts; its own instant where it never does."""
    facts, live = reading.facts, stretches(reading, selector, span)
    ends = facts.at.copy()
    ends[live.rows] = facts.clock.instants(live.ends)
    return ends
