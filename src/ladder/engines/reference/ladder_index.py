"""What evaluations ask of a ladder again and again, worked out once for the ladder."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from ladder.coverage import Coverage, Gap
from ladder.engines.incremental.fact_classes import Sorts
from ladder.engines.reference.measures import Scaled
from ladder.engines.reference.node_ids import Numbers
from ladder.engines.reference.windows import limits
from ladder.language.ladders import Grade, Ladder
from ladder.language.nodes import Condition, Span
from ladder.language.standings import Lanes


class Plan:
    """A ladder's conditions, each made once, and the numbers of all nodes in them.

    `watched` are the selectors whose facts can bear on a standing, whatever the moment.
    """

    def __init__(self, ladder: Ladder) -> None:
        self.ladder = ladder
        self.lanes = Lanes(ladder)
        self.rules = {rung.key: rung.condition for rung in ladder.rungs}
        self.findings: dict[str, list[tuple[Grade, Condition]]] = {
            pattern.key: list(zip(pattern.grades, ladder.open_while[pattern.key], strict=True))
            for pattern in ladder.patterns
        }
        self.numbers = Numbers()
        for condition in self.conditions():
            for node in condition.walk():
                _ = self.numbers[node]
        self.watched = self.lanes.watched
        for selector in self.watched:
            for node in selector.walk():
                _ = self.numbers[node]
        self.sorts = Sorts(self.numbers.items())
        self.limits = {
            n: limits(node) for n, node in self.numbers.items() if isinstance(node, Span)
        }
        self.scaled: dict[tuple[int, str], Scaled] = {}
        """Comparisons in integers, by number and currency."""
        self._gaps: tuple[Sequence[Coverage], dict[int, list[Gap]]] = ((), {})

    def gaps_in(self, coverage: Sequence[Coverage]) -> dict[int, list[Gap]]:
        """Gaps by the number of a selector, for the tuple asked about last; none for a list.

        By identity, so nothing that might change. Threads share plans: each keeps to the pair that
        it has seen.
        """
        if not isinstance(coverage, tuple):
            return {}
        known = self._gaps
        if known[0] is not coverage:
            known = self._gaps = coverage, {}
        return known[1]

    def conditions(self) -> Iterator[Condition]:
        """Every condition that is ever asked for."""
        yield from self.lanes.conditions
        yield from self.rules.values()
        for grades in self.findings.values():
            yield from (condition for _, condition in grades)
        yield from (pattern.needs for pattern in self.ladder.patterns if pattern.needs is not None)


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
