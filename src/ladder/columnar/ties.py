"""Movements at instants with several candidates: which of them made the difference?

Each candidate is taken away in a history of its own, all these histories are read at once, and a
candidate without which the new standing would not hold is a cause. Where none is (two gifts, each
enough), those that suffice alone are named; where none does, all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ladder.columnar.amounts import Cuts, Reductions
from ladder.columnar.facts import Coded, Table
from ladder.columnar.intervals import Mask, Positions, holds_at
from ladder.columnar.reading import Reading
from ladder.coverage import Coverage
from ladder.ladders import Ladder
from ladder.organisations import Organisation
from ladder.standings import Lanes, Place


@dataclass(frozen=True)
class Tie:
    """A movement with several candidates: table rows of one supporter, at one instant."""

    movement: int
    supporter: int
    at: int
    rows: tuple[int, ...]
    after: Place


@dataclass(frozen=True)
class Scenario:
    """One supporter's history up to an instant, without some of its rows."""

    tie: Tie
    without: tuple[int, ...]


def settle(
    ties: Sequence[Tie],
    table: Table,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage],
) -> dict[int, tuple[int, ...]]:
    """The causing table rows of each tied movement."""
    chosen: dict[int, tuple[int, ...]] = {}
    world = _World(table, ladder, organisation, coverage)
    needed = _named(ties, ~world.hold([Scenario(tie, (row,)) for tie in ties for row in tie.rows]))
    open_ = []
    for tie, rows in zip(ties, needed, strict=True):
        chosen[tie.movement] = rows
        if not rows:
            open_.append(tie)
    alone = [
        Scenario(tie, tuple(other for other in tie.rows if other != row))
        for tie in open_
        for row in tie.rows
    ]
    for tie, rows in zip(open_, _named(open_, world.hold(alone)), strict=True):
        chosen[tie.movement] = rows or tie.rows
    return chosen


def _named(ties: Iterable[Tie], chosen: Mask) -> list[tuple[int, ...]]:
    """The rows of each tie whose verdict, in the order of the scenarios, is true."""
    named = []
    place = 0
    for tie in ties:
        verdicts = chosen[place : place + len(tie.rows)]
        named.append(tuple(row for row, yes in zip(tie.rows, verdicts, strict=True) if yes))
        place += len(tie.rows)
    return named


@dataclass(frozen=True)
class _World:
    table: Table
    ladder: Ladder
    organisation: Organisation
    coverage: Sequence[Coverage]

    def hold(self, scenarios: Sequence[Scenario]) -> Mask:
        """For each scenario, whether the new standing holds at the end of its instant."""
        if not scenarios:
            return np.zeros(0, np.bool_)
        lanes = Lanes(self.ladder)
        masks = np.zeros(len(scenarios), np.int64)
        table = self._told(scenarios)
        at = np.array([each.tie.at for each in scenarios], np.int64)
        for facts in table.lines():
            reading = Reading(facts, self.ladder, self.organisation, self.coverage)
            who = np.unique(facts.supporter)
            places = facts.clock.positions(who, at[facts.base + who]) + 1
            for bit, condition in enumerate(lanes.conditions):
                held = holds_at(reading.condition(condition), places)
                masks[facts.base + who] |= held.astype(np.int64) << bit
        pairs = zip(masks.tolist(), scenarios, strict=True)
        return np.array([lanes.place(mask) == each.tie.after for mask, each in pairs], np.bool_)

    def _told(self, scenarios: Sequence[Scenario]) -> Table:
        """A table in which every scenario is a supporter."""
        table = self.table
        rows, numbers, targets, refunded, reductions = [], [], [], [], []
        size = 0
        for number, scenario in enumerate(scenarios):
            kept = self._kept(scenario)
            place = np.searchsorted(kept, table.target[kept])
            place = np.minimum(place, max(len(kept) - 1, 0))
            known = kept[place] == table.target[kept] if len(kept) else kept == 0
            targets.append(np.where(known, place + size, -1))
            gone = {int(table.ids[row]) for row in scenario.without}
            cuts = table.cuts.without(gone)
            refunded.append(
                table.refunded[kept] if cuts is table.cuts else _refunded(cuts, table, kept)
            )
            reductions += _reduced(table, kept, size, gone)
            rows.append(kept)
            numbers.append(np.full(len(kept), number))
            size += len(kept)
        chosen = np.concatenate(rows)
        told: dict[str, Any] = {
            each.name: _taken(getattr(table, each.name), chosen) for each in fields(table)
        }
        told |= {
            "supporter": np.concatenate(numbers),
            "target": np.concatenate(targets),
            "refunded": np.concatenate(refunded),
            "reductions": Reductions.of(reductions),
        }
        return replace(table, **told)

    def _kept(self, scenario: Scenario) -> Positions:
        table = self.table
        first = int(np.searchsorted(table.supporter, scenario.tie.supporter, side="left"))
        last = int(np.searchsorted(table.supporter, scenario.tie.supporter, side="right"))
        last = first + int(np.searchsorted(table.at[first:last], scenario.tie.at, side="right"))
        return np.setdiff1d(np.arange(first, last), scenario.without)


def _refunded(cuts: Cuts, table: Table, kept: Positions) -> Positions:
    return cuts.refunded_at(table.ids[kept])


def _reduced(
    table: Table, kept: Positions, offset: int, gone: set[int]
) -> list[tuple[int, int, int]]:
    """Partial refunds on the kept rows, those of a taken-away refund left out."""
    parts = table.reductions
    if not len(parts.rows):
        return []
    cuts = table.cuts.without(gone)
    worth = table.worth
    if cuts is table.cuts:
        inside = np.isin(parts.rows, kept)
        places = np.searchsorted(kept, parts.rows[inside]) + offset
        return list(
            zip(
                places.tolist(),
                parts.at[inside].tolist(),
                parts.amounts[inside].tolist(),
                strict=True,
            )
        )
    again = cuts.reductions(table.ids[kept], lambda row, minor: worth(int(kept[row]), minor))
    return list(
        zip((again.rows + offset).tolist(), again.at.tolist(), again.amounts.tolist(), strict=True)
    )


def _taken(value: object, rows: Positions) -> object:
    if isinstance(value, np.ndarray | Coded):
        return value[rows]
    if isinstance(value, dict):
        return {name: column[rows] for name, column in value.items()}
    return value
