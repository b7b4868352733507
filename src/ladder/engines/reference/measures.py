"""Add measures up as steps at positions and compare their sums: exact integers."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from math import lcm

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.protocol import Active, EvaluationProtocol, ScaledComparison, Steps
from ladder.engines.reference.selectors import refuse_currency, refuse_foreign
from ladder.language.measures import OPERATORS, Compare, Count, Distinct, Exceeds, Measure, Total
from ladder.model.calendars import UNITS, Calendar
from ladder.model.intervals import INF, Episode, Episodes, union
from ladder.model.money import QUANTITY_SCALE, exponent


def steps_of(measure: Measure, evaluation: EvaluationProtocol) -> Steps:
    """Find where a measure's value changes, and by how much; before the first step it is 0.

    Raises:
        CurrencyError: The measure adds up amounts and one of them has no rate.
    """
    match measure:
        case Count():
            active = evaluation.active_intervals(measure)
            return [step for start, end, _ in active for step in ((start, 1), (end, -1))]
        case Total(of="amount"):
            refuse_foreign(measure, evaluation.select(measure.selector))
            active = evaluation.active_intervals(measure)
            return [step for interval in active for step in amount_steps(interval)]
        case Total():
            return [
                step
                for start, end, fact in evaluation.active_intervals(measure)
                for step in ((start, fact.quantity or 0), (end, -(fact.quantity or 0)))
            ]
        case Distinct():
            value_of = dimension(measure.by, evaluation.calendar)
            active = evaluation.active_intervals(measure)
            return count_distinct((value_of(fact), start, end) for start, end, fact in active)
        case _:
            raise TypeError(f"{type(measure).__name__} is no measure")


def amount_steps(active: Active) -> Steps:
    """Count a fact's amount, less what was refunded by then, while the fact counts."""
    start, end, fact = active
    left = fact.amount or 0
    steps: Steps = [(start, left)]
    for position, less in fact.reductions:
        if position < end:
            steps.append((max(position, start), -less))
            left -= less
    return [*steps, (end, -left)]


def count_distinct(values: Iterable[tuple[Hashable, int, int]]) -> Steps:
    """Count different values, each given with its positions (value, start, end); None is none."""
    intervals: dict[Hashable, Episodes] = defaultdict(list)
    for value, start, end in values:
        if value is not None:
            intervals[value].append((start, end))
    return [
        step
        for episodes in intervals.values()
        for start, end in union(episodes)
        for step in ((start, 1), (end, -1))
    ]


def dimension(by: str, calendar: Calendar) -> Callable[[Fact], Hashable]:
    """Make the function that gives the value by which `distinct` counts a fact."""
    if by in UNITS:
        return lambda fact: calendar.unit_start(by, fact.day)
    if by == "month_of_year":
        return operator.attrgetter("month")
    if by.startswith("details."):
        name = by.removeprefix("details.")
        return lambda fact: _detail_value(fact.details.get(name))
    return operator.attrgetter(by)


def _detail_value(value: object) -> Hashable:
    """Pair a detail with its type, because True is not 1; None unless it is a single value."""
    return (type(value), value) if isinstance(value, str | int) else None


def value_at(steps: Steps, position: int) -> int:
    """Add the steps up to a position, that one included."""
    return sum(change for place, change in steps if place <= position)


def scale_comparison(compare: Compare | Exceeds, currency: str) -> ScaledComparison:
    """Turn a comparison into one of integers: minor units, millionths, no fractions.

    Raises:
        CurrencyError: It names another currency than the organisation's.
    """
    refuse_currency(compare, compare.currency, currency)
    scale = _scale(compare, currency)
    factors: list[Fraction] = []
    for term in compare.terms:
        refuse_currency(compare, term.currency, currency)
        # A total is in minor units or millionths already.
        factors.append(term.times if isinstance(term.measure, Total) else term.times * scale)
    constant = compare.constant * scale
    multiplier = lcm(constant.denominator, *(factor.denominator for factor in factors))
    integers = tuple(int(factor * multiplier) for factor in factors)
    return ScaledComparison(integers, int(constant * multiplier), multiplier)


def _scale(compare: Compare | Exceeds, currency: str) -> int:
    if compare.unit == "money":
        return int(10 ** exponent(currency))
    return QUANTITY_SCALE if compare.unit == "quantity" else 1


def sum_changes(compare: Compare | Exceeds, evaluation: EvaluationProtocol) -> dict[int, int]:
    """Add the steps of a comparison's measures up, by position, with its integer factors."""
    changes: dict[int, int] = defaultdict(int)
    for term, factor in zip(compare.terms, evaluation.scale(compare).factors, strict=True):
        for position, change in evaluation.steps(term.measure):
            changes[position] += factor * change
    return changes


def compare_sums(compare: Compare, evaluation: EvaluationProtocol) -> Episodes:
    """Find the positions at which the sum of the measures compares as demanded."""
    constant = evaluation.scale(compare).constant
    compares = OPERATORS[compare.op]
    changes = evaluation.changes(compare)
    return true_while(changes, lambda value: compares(value, constant), evaluation.line)


def true_while(
    changes: Mapping[int, int], is_true: Callable[[int], bool], line: Episode
) -> Episodes:
    """Find the positions of the line at which the sum of all changes so far passes a test."""
    edges = sorted({line[0], *changes, INF})
    value, episodes = 0, []
    for start, end in pairwise(edges):
        value += changes.get(start, 0)
        if is_true(value):
            episodes.append((start, end))
    return union(episodes)
