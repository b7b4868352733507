"""What of the past a ladder's future depends on, worked out once for the ladder.

- a `lasting` asks since when its condition has been true, a `latch` whether it holds;
- a standing or a finding that goes on asks whether it was there already;
- a comparison asks what its measures still count, and never for more than some figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.engines.reference.ladder_index import Plan, plan_of
from ladder.engines.reference.node_ids import Numbers
from ladder.engines.reference.windows import limits
from ladder.language.conditions import Lasting, Latch
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Distinct, Exceeds, Measure, Total
from ladder.language.nodes import Condition, Node, Selector
from ladder.language.selectors import AmountIs, Answers
from ladder.model.organisations import Organisation

Terms = tuple[tuple[int, Measure], ...]
"""Measures and the factors with which they are added up."""


class Asked(NamedTuple):
    """A measure, the most that any comparison asks of it, and what may close it."""

    measure: Measure
    enough: int | None
    closers: tuple[Selector, ...]


class Summed(NamedTuple):
    """What nothing but time changes, added up, and the most that any comparison asks of it."""

    terms: Terms
    enough: int | None


class Parts(NamedTuple):
    """What a comparison adds up: what is remembered as one sum (by this number), and the rest.

    The sum of one measure alone is that measure's, whatever it is compared with, and is taken so
    many `times`.
    """

    number: int | None
    times: int
    timed: Terms
    others: Terms


def parts_of(compare: Compare | Exceeds, factors: Sequence[int], numbers: Numbers) -> Parts:
    """Which of its measures nothing but time changes."""
    timed: list[tuple[int, Measure]] = []
    others: list[tuple[int, Measure]] = []
    for factor, term in zip(factors, compare.terms, strict=True):
        measure = term.measure
        closing = isinstance(measure, Distinct) or bool(limits(measure.span).closers)
        (others if closing else timed).append((factor, measure))
    if not timed:
        return Parts(None, 1, (), tuple(others))
    if len(timed) > 1:
        return Parts(numbers[compare], 1, tuple(timed), tuple(others))
    factor, measure = timed[0]
    return Parts(numbers[measure], factor, tuple(timed), tuple(others))


@dataclass(frozen=True)
class Memory:
    """Conditions, sums and measures to remember, by their numbers in the plan.

    A sum of one measure has that measure's number, others that of their comparison. `detailed`: the
    measures that tell touchpoints apart by a detail, whose type belongs to it.
    `money`: amounts are looked at, so one without a rate is an error. `looks_on`: what a touchpoint
    answers is asked for more than its own words.
    """

    conditions: dict[int, Condition]
    sums: dict[int, Summed]
    measures: dict[int, Asked]
    detailed: frozenset[int]
    money: bool
    looks_on: bool


_MEMORIES: WeakKeyDictionary[Plan, dict[str, Memory]] = WeakKeyDictionary()


def memory_of(ladder: Ladder, organisation: Organisation) -> Memory:
    """What to remember for that ladder."""
    plan = plan_of(ladder)
    known = _MEMORIES.setdefault(plan, {})
    found = known.get(organisation.currency)
    if found is None:
        found = known[organisation.currency] = _made(plan, organisation)
    return found


def _made(plan: Plan, organisation: Organisation) -> Memory:
    nodes = [node for condition in plan.conditions() for node in condition.walk()]
    remembered = {plan.numbers[condition]: condition for condition in _remembered(plan, nodes)}
    sums, measures = _added_up(plan, nodes, organisation)
    return Memory(
        remembered,
        sums,
        measures,
        frozenset(number for number, asked in measures.items() if _detailed(asked.measure)),
        any(isinstance(n, AmountIs | Exceeds | Total) and _of_money(n) for n in nodes),
        any(isinstance(n, Answers) and _looks_further(n) for n in nodes),
    )


def _remembered(plan: Plan, nodes: list[Node]) -> Iterator[Condition]:
    yield from plan.lanes.conditions
    for grades in plan.findings.values():
        yield from (condition for _, condition in grades)
    for node in nodes:
        if isinstance(node, Lasting):
            yield node.condition
        elif isinstance(node, Latch):
            yield node


def _detailed(measure: Measure) -> bool:
    return isinstance(measure, Distinct) and measure.by.startswith("details.")


def _of_money(node: AmountIs | Exceeds | Total) -> bool:
    return isinstance(node, AmountIs) or node.of == "amount"


def _looks_further(node: Answers) -> bool:
    inner = (each for each in node.selector.walk() if isinstance(each, Selector))
    return any(each.looks_around or each.looks_back for each in inner)


def _added_up(
    plan: Plan, nodes: list[Node], organisation: Organisation
) -> tuple[dict[int, Summed], dict[int, Asked]]:
    empty = Evaluation(History((), organisation, plan.ladder.kinds), organisation, plan.ladder)
    asked: dict[int, list[int | None]] = defaultdict(list)
    sums: dict[int, Terms] = {}
    measures: dict[int, Measure] = {}
    for compare in nodes:
        if isinstance(compare, Compare | Exceeds):
            factors, constant, _ = empty.scaled(compare)
            limited = isinstance(compare, Compare) and min(factors) > 0
            number, times, timed, others = parts_of(compare, factors, plan.numbers)
            if number is not None:
                sums[number] = timed if len(timed) > 1 else ((1, timed[0][1]),)
                asked[number].append(_enough(times, constant) if limited else None)
            for factor, measure in others:
                measures[plan.numbers[measure]] = measure
                asked[plan.numbers[measure]].append(_enough(factor, constant) if limited else None)
    return (
        {number: Summed(terms, _most(asked[number])) for number, terms in sums.items()},
        {
            number: Asked(measure, _most(asked[number]), limits(measure.span).closers)
            for number, measure in measures.items()
        },
    )


def _enough(factor: int, constant: int) -> int:
    """The figure from which on the sum is above the constant, whatever is added to it."""
    return max(constant // factor + 1, 1)


def _most(figures: list[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return max(known) if len(known) == len(figures) else None
