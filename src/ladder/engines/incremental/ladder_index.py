"""Work out once for a ladder what evaluations ask of it again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from ladder.coverage import Coverage, Gap, gaps
from ladder.engines.incremental.fact_classes import SelectorCache
from ladder.engines.incremental.node_ids import NodeIds
from ladder.engines.reference.measures import scale_comparison
from ladder.engines.reference.protocol import ScaledComparison
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Exceeds
from ladder.language.nodes import Condition, Selector
from ladder.language.standings import Lanes


class LadderIndex:
    """A ladder's conditions, each made once, and the numbers of all nodes in them."""

    def __init__(self, ladder: Ladder) -> None:
        self.ladder = ladder
        self.lanes = Lanes(ladder)
        self.rules = {rung.key: rung.condition for rung in ladder.rungs}
        self.node_ids = NodeIds()
        for node in (*self.conditions(), *self.lanes.watched):
            for part in node.walk():
                _ = self.node_ids[part]
        self.selectors = SelectorCache(self.node_ids.items())
        self.ended_by: dict[int, Condition] = {}
        """By the number of an `and`, the item that last left nothing true."""
        self._scaled: dict[tuple[int, str], ScaledComparison] = {}
        self._gaps: tuple[Sequence[Coverage], dict[int, Sequence[Gap]]] = ((), {})

    def conditions(self) -> Iterator[Condition]:
        """List every condition that is ever evaluated."""
        yield from self.lanes.conditions
        yield from self.rules.values()
        for conditions in self.ladder.open_while.values():
            yield from conditions
        yield from (
            pattern.requires for pattern in self.ladder.patterns if pattern.requires is not None
        )

    def scale(self, compare: Compare | Exceeds, number: int, currency: str) -> ScaledComparison:
        """Turn the comparison with that number into one of integers."""
        scaled = self._scaled.get((number, currency))
        if scaled is None:
            scaled = scale_comparison(compare, currency)
            if number < len(self.node_ids):
                self._scaled[number, currency] = scaled
        return scaled

    def gaps(self, selector: Selector, number: int, coverage: Sequence[Coverage]) -> Sequence[Gap]:
        """Find the gaps of the selector with that number in what is declared."""
        if not isinstance(coverage, tuple) or number >= len(self.node_ids):
            return gaps(coverage, selector, self.ladder.kinds)
        # Kept for the last coverage, by identity. Threads share an index, so each keeps to the
        # pair that it has read.
        pair = self._gaps
        if pair[0] is not coverage:
            pair = self._gaps = coverage, {}
        known = pair[1].get(number)
        if known is None:
            known = pair[1][number] = gaps(coverage, selector, self.ladder.kinds)
        return known


_INDICES: OrderedDict[int, LadderIndex] = OrderedDict()
_MOST_INDICES = 64


def index_of(ladder: Ladder) -> LadderIndex:
    """Give the ladder's index; those of the latest ladders are kept, by identity."""
    index = _INDICES.get(id(ladder))
    if index is None:
        index = _INDICES[id(ladder)] = LadderIndex(ladder)
        while len(_INDICES) > _MOST_INDICES:
            _INDICES.popitem(last=False)
    return index
