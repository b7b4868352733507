"""What caused each movement: the clock, or touchpoints of its instant."""

from __future__ import annotations

from functools import reduce
from operator import or_

import numpy as np

from ladder.columnar.changes import Changes, struck_by_clock
from ladder.columnar.facts import Facts
from ladder.columnar.intervals import Mask, Positions, only
from ladder.columnar.reading import Reading
from ladder.standings import Lanes


class Candidates:
    """For each movement the touchpoints of its instant that may have caused it.

    They are those that the ladder watches, and those that refund what it watches: by id, because
    the refund of what somebody else gave in her name is no touchpoint of hers.
    """

    def __init__(self, reading: Reading, lanes: Lanes, changes: Changes) -> None:
        clock = struck_by_clock(reading, lanes, changes)
        positions, self.ids, self.by_hand = _acting(reading, lanes)
        self.first = np.searchsorted(positions, changes.position, side="left")
        last = np.searchsorted(positions, changes.position, side="right")
        self.number = np.where(clock, 0, last - self.first)

    def only(self) -> tuple[Positions, Mask]:
        """The single candidate's id of each movement, or -1; and whether it is a placement."""
        single = self.number == 1
        if not len(self.ids):
            return np.full(len(single), -1), single
        place = np.minimum(self.first, len(self.ids) - 1)
        return np.where(single, self.ids[place], -1), single & self.by_hand[place]

    def of(self, movement: int) -> tuple[tuple[int, ...], frozenset[int]]:
        """The ids of all candidates of one movement, and those of them that are placements."""
        each = slice(self.first[movement], self.first[movement] + self.number[movement])
        ids = self.ids[each]
        return tuple(ids.tolist()), frozenset(ids[self.by_hand[each]].tolist())


def _acting(reading: Reading, lanes: Lanes) -> tuple[Positions, Positions, Mask]:
    """Positions, ids and being a placement of all candidates, each once, by position."""
    facts = reading.facts
    masks = [reading.select(selector) for selector in lanes.watched]
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
    fresh = np.ones(len(ids), np.bool_)
    fresh[1:] = (ids[1:] != ids[:-1]) | (position[1:] != position[:-1])
    position, ids, by_hand = only(fresh, position, ids, by_hand)
    return position, ids, by_hand


def _refunds(facts: Facts, rows: Positions) -> tuple[Positions, Positions]:
    """Where these rows are refunded, and by which touchpoints."""
    refunds = facts.cuts.refunds
    gifts = np.array([each.gift for each in refunds], np.int64)
    given = rows[np.isin(facts.ids[rows], gifts)]
    pairs = [
        (int(facts.supporter[row]), each.at, each.back_id)
        for row in given.tolist()
        for each in facts.cuts.of_gift(int(facts.ids[row]))
    ]
    who, at, back = np.array(pairs, np.int64).reshape(-1, 3).T
    return facts.clock.positions(who, at), back
