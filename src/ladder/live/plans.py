"""What evaluations ask of a ladder again and again, worked out once for the ladder."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from ladder.conditions import Measure
from ladder.ladders import Grade, Ladder
from ladder.live.measures import Scaled
from ladder.live.numbers import Numbers
from ladder.nodes import Condition, Node, Selector
from ladder.selectors import When, static
from ladder.spans import Until
from ladder.standings import Lanes


class Plan:
    """A ladder's conditions, each made once, and the numbers of all nodes in them.

    `watched` are the selectors whose facts can bear on a standing, whatever the moment.
    """

    def __init__(self, ladder: Ladder) -> None:
        self.ladder = ladder
        self.lanes = Lanes(ladder)
        self.rules = {rung.key: rung.condition for rung in ladder.rungs}
        self.findings: dict[str, list[tuple[Grade, Condition]]] = {
            pattern.key: [
                (grade, ladder.finding_condition(pattern, grade)) for grade in pattern.grades
            ]
            for pattern in ladder.patterns
        }
        self.numbers = Numbers()
        for condition in self._conditions():
            for node in condition.walk():
                _ = self.numbers[node]
        self.watched = _watched(self.lanes.conditions)
        self.scaled: dict[tuple[int, str], Scaled] = {}
        """Comparisons in integers, by number and currency."""

    def _conditions(self) -> Iterator[Condition]:
        yield from self.lanes.conditions
        yield from self.rules.values()
        for grades in self.findings.values():
            yield from (condition for _, condition in grades)
        yield from (pattern.needs for pattern in self.ladder.patterns if pattern.needs is not None)


def _watched(conditions: Iterable[Condition]) -> tuple[Selector, ...]:
    """What measures, `until` and `when` look at, without the moments that `when` asks for."""
    nodes: Iterator[Node] = (node for condition in conditions for node in condition.walk())
    looking = (static(node.selector) for node in nodes if isinstance(node, Measure | Until | When))
    return tuple({str(selector): selector for selector in looking}.values())


_PLANS: OrderedDict[int, Plan] = OrderedDict()
_MOST_PLANS = 64


def plan_of(ladder: Ladder) -> Plan:
    """The ladder's plan; those of the ladders seen last are remembered, by identity."""
    plan = _PLANS.get(id(ladder))
    if plan is None:
        plan = _PLANS[id(ladder)] = Plan(ladder)
        while len(_PLANS) > _MOST_PLANS:
            _PLANS.popitem(last=False)
    return plan
