"""Equal nodes get one number, so that the evaluator can remember a result for each number.

A node's own hash walks all of it at every look-up; its text is made once instead, and after that
the node is known by its identity.
"""

from __future__ import annotations

from collections.abc import Iterator

from ladder.language.nodes import Node


class Numbers:
    """Numbers of nodes. Those of a ladder are given out once; an evaluation adds its own."""

    def __init__(self, common: Numbers | None = None) -> None:
        # Shared until a node is new, and then copied, not chained: copying is quicker than looking
        # twice, thousands of times.
        self.known: dict[int, int] = {} if common is None else common.known
        self.texts: dict[tuple[type, str], int] = {} if common is None else common.texts
        self.nodes: list[Node] = [] if common is None else common.nodes
        """Those that are known: kept alive, for an identity is only unique among the living."""
        self._shared = common is not None

    def __len__(self) -> int:
        """How many there are: they are numbered from 0."""
        return len(self.texts)

    def __getitem__(self, node: Node) -> int:
        """The node's number; an equal node has the same."""
        known = self.known.get(id(node))
        return self._add(node) if known is None else known

    def items(self) -> Iterator[tuple[int, Node]]:
        """The nodes that are known, with their numbers; equal ones share one."""
        return ((self[node], node) for node in self.nodes)

    def _add(self, node: Node) -> int:
        if self._shared:
            self.known, self.texts = dict(self.known), dict(self.texts)
            self.nodes, self._shared = list(self.nodes), False
        number = self.texts.setdefault((type(node), str(node)), len(self.texts))
        self.known[id(node)] = number
        self.nodes.append(node)
        return number
