"""The shared strategies draw every node type there is, so that no rule goes untested."""

from __future__ import annotations

from tests.strategies import conditions, missing_types, node_types


def test_conditions_drawn_hold_every_node_type() -> None:
    strategy = conditions(2, rungs=("hearing",), logged=True, patterns=("O1",))
    assert missing_types(strategy, node_types(), 900) == set()
