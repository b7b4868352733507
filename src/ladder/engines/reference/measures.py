"""Measures as steps up and down at positions, and comparisons of their sums: exact integers."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from fractions import Fraction
from functools import partial, singledispatch
from math import lcm
from typing import TYPE_CHECKING, Final, NamedTuple

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.selectors import refuse_currency, refuse_foreign
from ladder.engines.reference.windows import Live
from ladder.language.measures import Compare, Count, Distinct, Exceeds, Measure, Op, Total
from ladder.model.calendars import UNITS, Calendar
from ladder.model.intervals import INF, Episode, Episodes, complement, union
from ladder.model.money import QUANTITY_SCALE, exponent

if TYPE_CHECKING:
    from ladder.engines.reference.evaluator import Evaluation

Steps = list[tuple[int, int]]
"""(position, change of value), in any order."""

Compares = Callable[[int], bool]
"""Whether a figure compares as asked."""

_COMPARE: Final[Mapping[Op, Callable[[int, int], bool]]] = {
    ">=": operator.le,
    ">": operator.lt,
    "<=": operator.ge,
    "<": operator.gt,
    "==": operator.eq,
}
"""Of the constant and the figure, in that order."""


def comparing(op: Op, constant: int) -> Compares:
    """What asks a figure whether it compares so with that constant."""
    return partial(_COMPARE[op], constant)


class Bounds(NamedTuple):
    """Where stretches start and where they end, each in order, whichever belongs to which."""

    starts: list[int]
    ends: list[int]


def bounds_of(measure: Measure, evaluation: Evaluation) -> Bounds:
    """The same for whoever need not know which fact it is."""
    counting = evaluation.lives(measure)
    return Bounds(sorted([each[0] for each in counting]), sorted([each[1] for each in counting]))


@singledispatch
def steps(measure: Measure, evaluation: Evaluation) -> Steps:
    """Where the measure's value changes, and by how much; before the first of them it is 0."""
    del evaluation
    message = f"{type(measure).__name__} is no measure"
    raise TypeError(message)


@steps.register(Count)
def _count(measure: Count, evaluation: Evaluation) -> Steps:
    changes: Steps = []
    for start, end, _ in evaluation.lives(measure):
        changes += ((start, 1), (end, -1))
    return changes


@steps.register(Total)
def _total(measure: Total, evaluation: Evaluation) -> Steps:
    changes: Steps = []
    if measure.of == "amount":
        refuse_foreign(measure, evaluation.select(measure.selector))
    for live in evaluation.lives(measure):
        start, end, fact = live
        if measure.of == "amount":
            changes += money_of(live)
        elif fact.quantity:
            changes += ((start, fact.quantity), (end, -fact.quantity))
    return changes


def money_of(live: Live) -> Steps:
    """The amount, less what was refunded: at once, or while the stretch runs."""
    start, end, fact = live
    left = fact.amount or 0
    changes: Steps = [(start, left)]
    for position, less in fact.reductions:
        if position < end:
            changes.append((max(position, start), -less))
            left -= less
    changes.append((end, -left))
    return changes


@steps.register(Distinct)
def _distinct(measure: Distinct, evaluation: Evaluation) -> Steps:
    value_of = dimension(measure.by, evaluation.calendar)
    return different((value_of(fact), start, end) for start, end, fact in evaluation.lives(measure))


def different(valued: Iterable[tuple[Hashable, int, int]]) -> Steps:
    """How many different values there are, from (value, start, end); None is no value."""
    by_value: dict[Hashable, Episodes] = defaultdict(list)
    for value, start, end in valued:
        if value is not None:
            by_value[value].append((start, end))
    changes: Steps = []
    for stretches_of_one in by_value.values():
        for start, end in union(stretches_of_one):
            changes += ((start, 1), (end, -1))
    return changes


def dimension(by: str, calendar: Calendar) -> Callable[[Fact], Hashable]:
    """What `distinct` tells touchpoints apart by."""
    if by in UNITS:
        return lambda fact: calendar.unit_start(by, fact.day)
    if by == "month_of_year":
        return operator.attrgetter("month")
    if by.startswith("details."):
        name = by.removeprefix("details.")
        return lambda fact: _detail(fact.details.get(name))
    return operator.attrgetter(by)


def _detail(value: object) -> Hashable:
    """Text, whole numbers and booleans are values, each sort for itself: True is not 1."""
    return (type(value), value) if isinstance(value, str | int) else None


def value_at(changes: Steps, position: int) -> int:
    """The value that these steps have led to at a position."""
    return sum(change for place, change in changes if place <= position)


class Scaled(NamedTuple):
    """A comparison in integers: the factor of each measure, and what their sum compares with.

    `whole` is what all of it was multiplied by, beyond minor units and millionths.
    """

    factors: tuple[int, ...]
    constant: int
    whole: int


def scaled(compare: Compare | Exceeds, evaluation: Evaluation) -> Scaled:
    """Measures in minor units and millionths, so what is said in whole units grows with them."""
    factors = [_factor(compare, place, evaluation) for place in range(len(compare.terms))]
    refuse_currency(compare, compare.currency, evaluation.organisation.currency)
    constant = compare.constant * _scale(compare, evaluation)
    whole = lcm(constant.denominator, *(factor.denominator for factor in factors))
    return Scaled(tuple(int(factor * whole) for factor in factors), int(constant * whole), whole)


def _factor(compare: Compare | Exceeds, place: int, evaluation: Evaluation) -> Fraction:
    term = compare.terms[place]
    refuse_currency(compare, term.currency, evaluation.organisation.currency)
    in_smallest_units = isinstance(term.measure, Total)
    return term.times if in_smallest_units else term.times * _scale(compare, evaluation)


def _scale(compare: Compare | Exceeds, evaluation: Evaluation) -> int:
    if compare.unit == "money":
        return int(10 ** exponent(evaluation.organisation.currency))
    return QUANTITY_SCALE if compare.unit == "quantity" else 1


def comparison(compare: Compare, evaluation: Evaluation) -> Episodes:
    """When the sum of the measures compares as asked, on her line."""
    factors, constant, _ = evaluation.scaled(compare)
    measure = compare.terms[0].measure
    if len(factors) == 1 and factors[0] == 1 and isinstance(measure, Count):
        several = _SEVERAL.get(compare.op)
        if several is not None:
            return several(evaluation.bounds(measure), constant, evaluation.line)
    return summed(compare, evaluation)


def summed(compare: Compare, evaluation: Evaluation) -> Episodes:
    """The same, whatever is compared: by adding up."""
    compares = comparing(compare.op, evaluation.scaled(compare).constant)
    return true_while(evaluation.changes(compare), compares, evaluation.line)


def added(
    compare: Compare | Exceeds, factors: tuple[int, ...], evaluation: Evaluation
) -> dict[int, int]:
    """By how much the sum of the measures changes at each position, with factors as `scaled`."""
    changes: dict[int, int] = defaultdict(int)
    for term, factor in zip(compare.terms, factors, strict=True):
        for position, change in evaluation.steps(term.measure):
            changes[position] += factor * change
    return changes


def true_while(changes: Mapping[int, int], compares: Compares, line: Episode) -> Episodes:
    """While what these changes have added up to compares as asked."""
    episodes: Episodes = []
    value, since = 0, line[0]
    now = compares(0)
    for position in sorted(changes):
        value += changes[position]
        if compares(value) == now:
            continue
        if now and since < position:
            episodes.append((since, position))
        since, now = position, not now
    if now and since < INF:
        episodes.append((since, INF))
    return episodes


def _at_least(bounds: Bounds, number: int, line: Episode) -> Episodes:
    """While that many of these count at once.

    With starts and ends each in order, that is from each start to the end of the one that many
    before it, whichever belongs to which. The usual comparison, so worth a short cut; `true_while`
    says the same of it.
    """
    if number < 1:
        return union([line])
    episodes: Episodes = []
    since = until = -INF
    for start, end in zip(bounds.starts[number - 1 :], bounds.ends, strict=False):
        if start >= end:
            continue
        if start <= until:
            until = end
            continue
        if since < until:
            episodes.append((since, until))
        since, until = start, end
    if since < until:
        episodes.append((since, until))
    return episodes


def _fewer(bounds: Bounds, number: int, line: Episode) -> Episodes:
    return complement(_at_least(bounds, number, line), line)


_SEVERAL: Final[Mapping[Op, Callable[[Bounds, int, Episode], Episodes]]] = {
    ">=": _at_least,
    ">": lambda bounds, number, line: _at_least(bounds, number + 1, line),
    "<": _fewer,
    "<=": lambda bounds, number, line: _fewer(bounds, number + 1, line),
}
STEPPING: Final = steps.registry
"""The rule for each measure."""
