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
    """A movement of one supporter with several candidates, by id; some may be placements."""

    movement: int
    supporter: int
    at: int
    after: Place
    ids: tuple[int, ...]
    by_hand: frozenset[int]


@dataclass(frozen=True)
class Scenario:
    """One supporter's history up to an instant, without some of its touchpoints."""

    tie: Tie
    without: frozenset[int]


def settle(
    ties: Sequence[Tie],
    table: Table,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage],
) -> list[tuple[int, ...]]:
    """The ids of the causing touchpoints of each tied movement."""
    world = _World(table, ladder, organisation, coverage)
    lacking = [Scenario(tie, frozenset({each})) for tie in ties for each in tie.ids]
    needed = _named(ties, ~world.hold(lacking))
    open_ = [tie for tie, ids in zip(ties, needed, strict=True) if not ids]
    alone = [Scenario(tie, frozenset(tie.ids) - {each}) for tie in open_ for each in tie.ids]
    enough = dict(zip((id(tie) for tie in open_), _named(open_, world.hold(alone)), strict=True))
    return [ids or enough[id(tie)] or tie.ids for tie, ids in zip(ties, needed, strict=True)]


def _named(ties: Iterable[Tie], chosen: Mask) -> list[tuple[int, ...]]:
    """The ids of each tie whose verdict, in the order of the scenarios, is true."""
    verdicts = iter(chosen.tolist())
    return [tuple(each for each in tie.ids if next(verdicts)) for tie in ties]


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
            cuts = table.cuts.without(scenario.without)
            same = cuts is table.cuts
            refunded.append(table.refunded[kept] if same else cuts.refunded_at(table.ids[kept]))
            reductions += _reduced(table, kept, size, cuts)
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
        gone = np.isin(table.ids[first:last], list(scenario.without))
        return first + np.flatnonzero(~gone)


def _reduced(table: Table, kept: Positions, offset: int, cuts: Cuts) -> list[tuple[int, int, int]]:
    """Partial refunds on the kept rows, those of a taken-away refund left out."""
    parts = table.reductions
    if not len(parts.rows):
        return []
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
