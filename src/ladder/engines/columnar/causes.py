"""Find the cause of each movement: the clock, or touchpoints of its instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from operator import or_
from typing import Any

import numpy as np

from ladder.engines.columnar.amounts import Reductions
from ladder.engines.columnar.conditions import LineReading
from ladder.engines.columnar.facts import ELSEWHERE, UNKNOWN, Facts
from ladder.engines.columnar.intervals import Mask, Positions, begins_run, holds_at, only
from ladder.engines.columnar.movements import Changes, struck_by_clock
from ladder.engines.columnar.profiles import Profiles
from ladder.language.standings import Place, RungOccupancy
from ladder.model.calendars import FOREVER


@dataclass(frozen=True)
class Tie:
    """A movement of one supporter with several candidate causes, by touchpoint id.

    Some candidates may be placements.
    """

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


def settle(ties: Sequence[Tie], reading: LineReading) -> list[tuple[int, ...]]:
    """Return the ids of the causing touchpoints of each tied movement."""
    world = _World(reading)
    lacking = [Scenario(tie, frozenset({touchpoint})) for tie in ties for touchpoint in tie.ids]
    needed = _select_ids(ties, ~world.hold(lacking))
    open_ = [tie for tie, ids in zip(ties, needed, strict=True) if not ids]
    alone = [
        Scenario(tie, frozenset(tie.ids) - {touchpoint}) for tie in open_ for touchpoint in tie.ids
    ]
    enough = dict(
        zip((id(tie) for tie in open_), _select_ids(open_, world.hold(alone)), strict=True)
    )
    return [ids or enough[id(tie)] or tie.ids for tie, ids in zip(ties, needed, strict=True)]


def _select_ids(ties: Iterable[Tie], chosen: Mask) -> list[tuple[int, ...]]:
    """Return the ids of each tie whose verdict is true; verdicts follow the scenarios' order."""
    verdicts = iter(chosen.tolist())
    return [tuple(touchpoint for touchpoint in tie.ids if next(verdicts)) for tie in ties]


@dataclass(frozen=True)
class _World:
    """A reading that can be evaluated again without some of its touchpoints."""

    reading: LineReading

    def hold(self, scenarios: Sequence[Scenario]) -> Mask:
        """Return, for each scenario, whether the new standing holds at the end of its instant."""
        most = self.reading.facts.clock.most_supporters
        firsts = range(0, len(scenarios), most)
        verdicts = [self._hold(scenarios[first : first + most]) for first in firsts]
        return np.concatenate([np.zeros(0, np.bool_), *verdicts])

    def _hold(self, scenarios: Sequence[Scenario]) -> Mask:
        facts = self._scenario_facts(scenarios)
        ladder = self.reading.ladder
        lanes = RungOccupancy(ladder)
        reading = LineReading(facts, ladder, self.reading.organisation, self.reading.coverage)
        at = np.array([scenario.tie.at for scenario in scenarios], np.int64)
        places = facts.clock.positions(np.arange(len(scenarios)), at) + 1
        masks = np.zeros(len(scenarios), np.int64)
        for bit, condition in enumerate(lanes.conditions):
            masks |= holds_at(reading.condition(condition), places).astype(np.int64) << bit
        pairs = zip(masks.tolist(), scenarios, strict=True)
        return np.array(
            [lanes.place(mask) == scenario.tie.after for mask, scenario in pairs], np.bool_
        )

    def _scenario_facts(self, scenarios: Sequence[Scenario]) -> Facts:
        """Build facts in which every scenario is one supporter."""
        facts = self.reading.facts
        rows, numbers, targets, refunded, reductions = [], [], [], [], []
        size = 0
        for number, scenario in enumerate(scenarios):
            kept = self._kept_rows(scenario)
            targets.append(_renumber_targets(facts.target[kept], kept, size))
            cuts = facts.cuts.without(scenario.without)
            ids = facts.ids[kept]
            if facts.refunded is not None:
                cut = cuts.refunded_at(ids)
                refunded.append(np.full(len(kept), FOREVER, np.int64) if cut is None else cut)
            if cuts.partial:
                less = cuts.reductions(ids)
                reductions.append((less.rows + size, less.at, less.amounts))
            rows.append(kept)
            numbers.append(np.full(len(kept), number))
            size += len(kept)
        chosen = np.concatenate(rows)
        columns: dict[str, Any] = {
            field.name: _take_rows(getattr(facts, field.name), chosen) for field in fields(facts)
        }
        columns |= {
            "base": 0,
            "supporter": np.concatenate(numbers),
            "target": np.concatenate(targets),
            "refunded": np.concatenate(refunded) if refunded else None,
            "reductions": Reductions(*map(np.concatenate, zip(*reductions, strict=True)))
            if reductions
            else Reductions.of(()),
        }
        return Facts(**columns)

    def _kept_rows(self, scenario: Scenario) -> Positions:
        facts = self.reading.facts
        first = int(np.searchsorted(facts.supporter, scenario.tie.supporter, side="left"))
        last = int(np.searchsorted(facts.supporter, scenario.tie.supporter, side="right"))
        last = first + int(np.searchsorted(facts.at[first:last], scenario.tie.at, side="right"))
        gone = np.isin(facts.ids[first:last], list(scenario.without))
        return first + np.flatnonzero(~gone)


def _renumber_targets(target: Positions, kept: Positions, offset: int) -> Positions:
    """Renumber the answered rows among the kept ones; a removed target becomes unknown."""
    if not len(kept):
        return target
    place = np.minimum(np.searchsorted(kept, target), len(kept) - 1)
    there = kept[place] == target
    return np.where(there, place + offset, np.where(target == ELSEWHERE, ELSEWHERE, UNKNOWN))


def _take_rows(value: object, rows: Positions) -> object:
    return value[rows] if isinstance(value, np.ndarray | Profiles) else value


class Candidates:
    """The touchpoints of each movement's instant that may have caused it.

    These are the touchpoints that the ladder watches, and the refunds of watched touchpoints. They
    are kept by id: the refund of a referred gift lies on another supporter's line.
    """

    def __init__(self, reading: LineReading, lanes: RungOccupancy, changes: Changes) -> None:
        clock = struck_by_clock(reading, lanes, changes)
        positions, self.ids, self.by_hand = _acting(reading, lanes)
        self.first = np.searchsorted(positions, changes.position, side="left")
        last = np.searchsorted(positions, changes.position, side="right")
        self.number = np.where(clock, 0, last - self.first)

    def only(self) -> tuple[Positions, Mask]:
        """Return each movement's single candidate, or -1, and whether it is a placement."""
        single = self.number == 1
        if not len(self.ids):
            return np.full(len(single), -1), single
        place = np.minimum(self.first, len(self.ids) - 1)
        return np.where(single, self.ids[place], -1), single & self.by_hand[place]

    def of(self, movement: int) -> tuple[tuple[int, ...], frozenset[int]]:
        """Return the ids of all candidates of one movement, and which of them are placements."""
        rows = slice(self.first[movement], self.first[movement] + self.number[movement])
        ids = self.ids[rows]
        return tuple(ids.tolist()), frozenset(ids[self.by_hand[rows]].tolist())


def _acting(reading: LineReading, lanes: RungOccupancy) -> tuple[Positions, Positions, Mask]:
    """Return positions, ids and the placement mask of all candidates, by position and unique."""
    facts = reading.facts
    masks = [reading.select(selector) for selector in lanes.watched_selectors]
    rows = np.flatnonzero(reduce(or_, masks)) if masks else np.empty(0, np.int64)
    by_hand = facts.profiles.mask("kind", lambda kind: kind == "placed")[rows]
    position, ids = facts.g[rows], facts.ids[rows]
    back, back_ids = _refunds(facts, rows)
    if not len(back):
        return position, ids, by_hand
    position = np.concatenate((position, back))
    ids = np.concatenate((ids, back_ids))
    by_hand = np.concatenate((by_hand, np.zeros(len(back), np.bool_)))
    order = np.lexsort((ids, position))
    position, ids, by_hand = position[order], ids[order], by_hand[order]
    position, ids, by_hand = only(begins_run(ids, position), position, ids, by_hand)
    return position, ids, by_hand


def _refunds(facts: Facts, rows: Positions) -> tuple[Positions, Positions]:
    """Return the positions at which these rows are refunded, and the ids of the refunds."""
    by_gift = facts.cuts.by_gift
    given = rows[np.isin(facts.ids[rows], np.array(list(by_gift), np.int64))]
    pairs = [
        (int(facts.supporter[row]), refund.at, refund.back_id)
        for row in given.tolist()
        for refund in by_gift[int(facts.ids[row])]
    ]
    supporter, at, back = np.array(pairs, np.int64).reshape(-1, 3).T
    return facts.clock.positions(supporter, at), back
