"""Work out once for a ladder what evaluations ask of it again and again; number its nodes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from ladder.engines.incremental.fact_classes import SelectorCache
from ladder.engines.reference.measures import scale_comparison
from ladder.engines.reference.protocol import ScaledComparison
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Exceeds
from ladder.language.nodes import Condition, Node
from ladder.language.standings import Lanes


class NodeIds:
    """Numbers of nodes. A ladder numbers its own once; an evaluation adds its questions.

    A node is looked up by identity. An unknown node is compared with the others by its text,
    because comparing equal nodes field by field takes ten times as long.
    """

    def __init__(self, common: NodeIds | None = None) -> None:
        # Shared until a node is new, and then copied: copying once is quicker than looking in two
        # dictionaries thousands of times.
        self.known: dict[int, int] = {} if common is None else common.known
        self.texts: dict[tuple[type, str], int] = {} if common is None else common.texts
        # Keeps the nodes alive, because an identity is only unique among living objects.
        self.nodes: list[Node] = [] if common is None else common.nodes
        self._is_shared = common is not None

    def __len__(self) -> int:
        """Count the numbers; they start from 0."""
        return len(self.texts)

    def __getitem__(self, node: Node) -> int:
        """Give the node's number; an equal node has the same."""
        known = self.known.get(id(node))
        return self._add(node) if known is None else known

    def items(self) -> Iterator[tuple[int, Node]]:
        """List the known nodes with their numbers; equal nodes share one."""
        return ((self[node], node) for node in self.nodes)

    def _add(self, node: Node) -> int:
        if self._is_shared:
            self.known, self.texts = dict(self.known), dict(self.texts)
            self.nodes, self._is_shared = list(self.nodes), False
        number = self.texts.setdefault((type(node), str(node)), len(self.texts))
        self.known[id(node)] = number
        self.nodes.append(node)
        return number


class LadderIndex:
    """A ladder's conditions, each made once, and the numbers of all nodes in them."""

    def __init__(self, ladder: Ladder) -> None:
        self.ladder = ladder
        self.lanes = Lanes(ladder)
        self.rules = {rung.key: rung.condition for rung in ladder.rungs}
        self.node_ids = NodeIds()
        for node in (*self.conditions(), *self.lanes.watched_selectors):
            for part in node.walk():
                _ = self.node_ids[part]
        self.selectors = SelectorCache(self.node_ids.items())
        self.ended_by: dict[int, Condition] = {}
        """By the number of an `and`, the item that last left nothing true."""
        self._scaled: dict[tuple[int, str], ScaledComparison] = {}

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
