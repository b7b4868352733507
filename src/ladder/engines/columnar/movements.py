"""Turn intervals into changes: successive standings, and findings that open and close."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from ladder.engines.columnar.conditions import LineReading
from ladder.engines.columnar.intervals import Intervals, Mask, Positions, begins_run, only, visible
from ladder.engines.columnar.profiles import distinct
from ladder.language.ladders import Pattern
from ladder.language.standings import GROUND, Place, RungOccupancy, name


@dataclass
class Changes:
    """The changes of standing on a line, one row per movement.

    `places` numbers the standings of `before` and `after`. `state` holds the running conditions as
    bits.
    """

    position: Positions
    until: Positions
    before: Positions
    after: Positions
    state: Positions
    been: Mask
    new_peak: Mask
    places: list[Place]

    def __getitem__(self, rows: Positions) -> Changes:
        chosen = {
            field.name: getattr(self, field.name)[rows]
            for field in fields(self)
            if field.name != "places"
        }
        return Changes(**chosen, places=self.places)


def states(sets: Sequence[Intervals], stride: int) -> tuple[Positions, Positions]:
    """Return the positions at which the set of running intervals changes, and that set as bits.

    Ends of regions are no changes. Nothing runs at the start of a region.
    """
    positions = [edge for intervals in sets for edge in intervals]
    bits = [
        np.full(len(edge), 1 << bit) for bit, intervals in enumerate(sets) for edge in intervals
    ]
    position = np.concatenate(positions) if positions else np.empty(0, np.int64)
    order = np.argsort(position, kind="stable")
    position = position[order]
    state = np.bitwise_xor.accumulate(np.concatenate(bits)[order]) if len(position) else position
    kept = np.roll(begins_run(position), -1) & (position % stride != 0)
    position, state = only(kept, position, state)
    return position, state


def movements(reading: LineReading, lanes: RungOccupancy) -> Changes:
    """Return every change of standing on the line."""
    stride = reading.facts.clock.stride
    sets = [visible(reading.condition(condition)) for condition in lanes.conditions]
    position, state = states(sets, stride)
    place, places = _number_places(state, lanes.place)
    rows, until = _changes(position, place, 0, stride)
    position, state, place = position[rows], state[rows], place[rows]
    first = begins_run(position // stride)
    before = np.where(first, 0, np.roll(place, 1))
    peak, been = _peaks(first, place, places)
    return Changes(position, until, before, place, state, been, peak, places)


def _number_places(
    state: Positions, judge: Callable[[int], Place]
) -> tuple[Positions, list[Place]]:
    """Number the places that states lead to; the ground is number 0."""
    different, which = distinct(state)
    places = [GROUND]
    table = []
    for mask in different.tolist():
        place = judge(mask)
        if place not in places:
            places.append(place)
        table.append(places.index(place))
    numbers: Positions = np.array(table, np.int64)[which] if table else state
    return numbers, places


def _changes(
    position: Positions, value: Positions, rest: int, stride: int
) -> tuple[Positions, Positions]:
    """Return the rows at which a supporter's value changes, from `rest` on, and until when.

    It lasts until the supporter's next change or the end of the region.
    """
    supporter = position // stride
    before = np.where(begins_run(supporter), rest, np.roll(value, 1))
    rows = np.flatnonzero(value != before)
    position, supporter = position[rows], supporter[rows]
    last = np.roll(begins_run(supporter), -1)
    return rows, np.where(last, (supporter + 1) * stride, np.roll(position, -1))


def _peaks(first: Mask, place: Positions, places: list[Place]) -> tuple[Mask, Mask]:
    """Return whether the height is a new peak, and whether the supporter was on a rung before."""
    levels = sorted({place.height for place in places})
    level = np.array([levels.index(standing.height) for standing in places], np.int64)[place]
    size = len(levels)
    run = np.cumsum(first) - 1
    highest = np.maximum.accumulate(run * size + level) - run * size
    earlier = np.where(first, 0, np.roll(highest, 1))
    return level > earlier, earlier > 0


def struck_by_clock(reading: LineReading, lanes: RungOccupancy, changes: Changes) -> Mask:
    """Return whether the new standing held at the clock's step, before any touchpoint acted."""
    stride = reading.facts.clock.stride
    position, state = states(
        [reading.condition(condition) for condition in lanes.conditions], stride
    )
    latest = np.searchsorted(position, changes.position, side="right") - 1
    running = (latest >= 0) & (position[latest] // stride == changes.position // stride)
    place, places = _number_places(np.where(running, state[latest], 0), lanes.place)
    same = np.array([[left == right for right in changes.places] for left in places])
    return same[place, changes.after] if len(place) else place == 0


def words(lanes: RungOccupancy, changes: Changes) -> dict[str, pl.Series]:
    """Return kind, rungs, heights and skipped rungs of each movement, as text."""
    places = changes.places
    size = len(places)
    pair = (changes.before * size + changes.after) * 2 + changes.been
    kinds = _looked_up(
        pair,
        lambda code: name(places[code // 2 // size], places[code // 2 % size], been=bool(code % 2)),
    )
    skipped = _skipped_rungs(lanes, changes)
    rungs = pl.Series([str(place) for place in places], dtype=pl.String)
    heights = pl.Series([place.height for place in places], dtype=pl.Int64)
    return {
        "kind": kinds,
        "before": rungs[changes.before],
        "height_before": heights[changes.before],
        "after": rungs[changes.after],
        "height_after": heights[changes.after],
        "skipped": skipped,
        "new_peak": pl.Series(changes.new_peak, dtype=pl.Boolean),
    }


def _skipped_rungs(lanes: RungOccupancy, changes: Changes) -> pl.Series:
    different, which = distinct(changes.state)
    size = len(changes.places)
    code = which * size + changes.before

    def rung_names(code: int) -> str:
        mask = int(different[code // size])
        return "+".join(lanes.skipped_rungs(changes.places[code % size], lanes.place(mask), mask))

    return _looked_up(code, rung_names)


def _looked_up(codes: Positions, say: Callable[[int], str]) -> pl.Series:
    different, which = distinct(codes)
    return pl.Series([say(code) for code in different.tolist()], dtype=pl.String)[which]


def findings(reading: LineReading, pattern: Pattern) -> tuple[Positions, Positions, Positions]:
    """Return the findings of a pattern: starts, ends and numbers of the severest true grade."""
    clock = reading.facts.clock
    sets = [
        visible(reading.condition(condition))
        for condition in reading.ladder.open_while[pattern.key]
    ]
    position, state = states(sets, clock.stride)
    grade = np.full(len(state), -1)
    for bit in range(len(sets)):
        grade[state >> bit & 1 == 1] = bit
    rows, ends = _changes(position, grade, -1, clock.stride)
    position, ends, grade = only(grade[rows] >= 0, position[rows], ends, grade[rows])
    return position, ends, grade
