"""The shared strategies draw every node type there is, so that no rule goes untested."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings

from ladder.language.nodes import Condition, Node
from tests.strategies import conditions, node_types


def test_conditions_drawn_hold_every_node_type() -> None:
    drawn: set[type[Node]] = set()

    @settings(
        max_examples=900,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(conditions(2, rungs=("hearing",), logged=True, patterns=("O1",)))
    def draw(condition: Condition) -> None:
        drawn.update(type(node) for node in condition.walk())

    draw()
    assert drawn == node_types()
