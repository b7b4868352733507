"""What caused each movement: the clock, or touchpoints of its instant."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np

from ladder.columnar.changes import Changes, struck_by_clock
from ladder.columnar.intervals import Positions
from ladder.columnar.reading import Reading
from ladder.conditions import Measure
from ladder.nodes import Condition, Node, Selector
from ladder.selectors import static
from ladder.spans import Until
from ladder.standings import Lanes


def relevant(conditions: Iterable[Condition]) -> Selector | None:
    """What touchpoints some measure, `until` or moment of these conditions could select at all."""
    found: list[Selector] = []
    for condition in conditions:
        found.extend(static(each) for each in _judged(condition))
    different = list(dict.fromkeys(found))
    return reduce(lambda left, right: left | right, different) if different else None


def _judged(condition: Node) -> Iterable[Selector]:
    for node in condition.walk():
        if isinstance(node, Measure | Until):
            yield node.selector


class Candidates:
    """For each movement the touchpoints of its instant that may have caused it."""

    def __init__(self, reading: Reading, lanes: Lanes, changes: Changes) -> None:
        facts = reading.facts
        self.clock = struck_by_clock(reading, lanes, changes)
        selector = relevant(lanes.conditions)
        chosen = (
            np.flatnonzero(reading.select(selector)) if selector is not None else np.empty(0, int)
        )
        placed = facts.g[chosen]
        first = np.searchsorted(placed, changes.position, side="left")
        last = np.searchsorted(placed, changes.position, side="right")
        self.rows: Positions = chosen
        self.first = first
        self.number = np.where(self.clock, 0, last - first)
        self.clock |= self.number == 0

    def only(self) -> Positions:
        """The single candidate's row of each movement, or -1."""
        single = self.number == 1
        place = np.minimum(self.first, max(len(self.rows) - 1, 0))
        return np.where(single, self.rows[place], -1) if len(self.rows) else self.number - 1

    def of(self, movement: int) -> Positions:
        """All candidate rows of one movement."""
        first = self.first[movement]
        return self.rows[first : first + self.number[movement]]
