"""Number nodes, so that equal ones share a number that can be stored and looked up fast."""

from __future__ import annotations

from collections.abc import Iterator

from ladder.language.nodes import Node


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
