"""What a pattern holds against somebody for *not* having happened, and whether its needs cover it.

A touchpoint occurs negatively where one more of it could make the condition false: in a count
that must stay small, after `not`, as what closes an `until`. A log that lacks such touchpoints
makes findings out of its own holes, so the pattern's `needs` must ask for each of them with
`logged(…)`, reaching back as far as the absence is claimed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Final

from ladder.coverage import Coverage, gaps
from ladder.language.conditions import And, Holds, Lasting, Latch, Logged, Not, Or
from ladder.language.ladders import Ladder, Pattern
from ladder.language.measures import Compare, Exceeds
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.selectors import AllOf, AnyOf, Negation, When
from ladder.language.spans import Aged, Both, Duration, Hours, Until

_OPS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}


def true_of_nothing(condition: Condition, ladder: Ladder) -> bool:
    """Whether it holds of a supporter of whom nothing is known yet.

    Measures are 0, `lasting` is false, `latch` is its `enter`; nothing is logged.
    """
    if isinstance(condition, Compare):
        return _OPS[condition.op](Fraction(0), condition.constant)
    if isinstance(condition, And):
        return all(true_of_nothing(item, ladder) for item in condition.items)
    if isinstance(condition, Or):
        return any(true_of_nothing(item, ladder) for item in condition.items)
    if isinstance(condition, Not):
        return not true_of_nothing(condition.condition, ladder)
    if isinstance(condition, Latch):
        return true_of_nothing(condition.enter, ladder)
    if isinstance(condition, Holds):
        return true_of_nothing(ladder.rung(condition.rung).condition, ladder)
    return False


_DAYS: Final = {
    "day": 1.0,
    "week": 7.0,
    "month": 365.25 / 12,
    "quarter": 365.25 / 4,
    "year": 365.25,
    "fiscal_year": 365.25,
}
_SLACK: Final = 1.02
"""Months are counted by their average here, so 12 months and 365 days must pass for the same."""


@dataclass(frozen=True)
class Absence:
    """A claim that there is none (or too few) of these, back over about so many days."""

    selector: Selector
    days: float


def uncovered(pattern: Pattern, ladder: Ladder) -> list[str]:
    """For each absence that the pattern's needs leave out: what to add, in words.

    A duty may do without: it protects her, so in doubt it speaks.
    """
    if pattern.duty:
        return []
    logged = list(_logged(pattern.needs))
    found: list[str] = []
    for grade in pattern.grades:
        for absence in absences(grade.condition, ladder):
            message = _lacking(absence, logged, ladder)
            if message and message not in found:
                found.append(message)
    return found


def absences(condition: Condition, ladder: Ladder) -> Iterator[Absence]:
    """Everything whose absence could make the condition true."""
    return _of_condition(condition, ladder, positive=True, back=0.0)


def reach(span: Span) -> float:
    """About how many days back a touchpoint may lie that still counts."""
    if isinstance(span, Duration):
        return sum(_length(step.unit, step.number, step.of) for step in span.steps)
    if isinstance(span, Hours):
        return span.number / 24
    if isinstance(span, Aged):
        return inf if span.end is None else reach(span.end)
    if isinstance(span, Both):
        return min(reach(item) for item in span.items)
    return inf


def _length(unit: str, number: int, of: str) -> float:
    if unit == "end_of":
        return (number + 1) * _DAYS[of]
    return number * _DAYS[unit.removesuffix("s")]


def _of_condition(
    condition: Condition, ladder: Ladder, *, positive: bool, back: float
) -> Iterator[Absence]:
    if isinstance(condition, And | Or):
        for item in condition.items:
            yield from _of_condition(item, ladder, positive=positive, back=back)
    elif isinstance(condition, Not):
        yield from _of_condition(condition.condition, ladder, positive=not positive, back=back)
    elif isinstance(condition, Lasting):
        further = back + reach(condition.duration)
        yield from _of_condition(condition.condition, ladder, positive=positive, back=further)
    elif isinstance(condition, Latch):
        yield from _of_condition(condition.enter, ladder, positive=positive, back=inf)
        if condition.leave is not None:
            yield from _of_condition(condition.leave, ladder, positive=not positive, back=inf)
    elif isinstance(condition, Holds):
        rule = ladder.rung(condition.rung).condition
        yield from _of_condition(rule, ladder, positive=positive, back=back)
    elif isinstance(condition, Compare):
        yield from _of_comparison(condition, ladder, positive=positive, back=back)


def _of_comparison(
    comparison: Compare, ladder: Ladder, *, positive: bool, back: float
) -> Iterator[Absence]:
    for term in comparison.terms:
        rises = (term.times > 0) == (comparison.op in (">=", ">"))
        for sign in (True, False) if comparison.op == "==" else (rises,):
            measure = term.measure
            yield from _of_measure(
                measure.selector, measure.span, ladder, positive=sign == positive, back=back
            )


def _of_measure(
    selector: Selector, span: Span, ladder: Ladder, *, positive: bool, back: float
) -> Iterator[Absence]:
    far = back + reach(span)
    if not positive:
        yield Absence(selector, far)
    yield from _of_moments(selector, ladder, positive=positive, back=far)
    for closer in _closers(span):
        if positive:
            yield Absence(closer, far)
        yield from _of_moments(closer, ladder, positive=not positive, back=far)


def _of_moments(
    selector: Selector, ladder: Ladder, *, positive: bool, back: float
) -> Iterator[Absence]:
    """What `.when(…)` inside a selector claims about the time before the touchpoint."""
    if isinstance(selector, When):
        yield from _of_condition(selector.condition, ladder, positive=positive, back=back)
        yield from _of_moments(selector.selector, ladder, positive=positive, back=back)
    elif isinstance(selector, Exceeds):
        for term in selector.terms:  # the greater the figure, the fewer exceed it
            measure, greater = term.measure, term.times > 0
            yield from _of_measure(
                measure.selector, measure.span, ladder, positive=positive != greater, back=back
            )
    elif isinstance(selector, Negation):
        yield from _of_moments(selector.selector, ladder, positive=not positive, back=back)
    elif isinstance(selector, AllOf | AnyOf):
        for item in selector.items:
            yield from _of_moments(item, ladder, positive=positive, back=back)


def _closers(span: Span) -> Iterator[Selector]:
    if isinstance(span, Until):
        yield span.selector
    elif isinstance(span, Both):
        for item in span.items:
            yield from _closers(item)


def _logged(needs: Condition | None) -> Iterator[Logged]:
    """What must be logged whenever the needs hold."""
    if isinstance(needs, Logged):
        yield needs
    elif isinstance(needs, And):
        for item in needs.items:
            yield from _logged(item)


def _lacking(absence: Absence, logged: list[Logged], ladder: Ladder) -> str:
    far_enough = [each for each in logged if reach(each.span) * _SLACK >= absence.days]
    if not _open(absence.selector, far_enough, ladder):
        return ""
    back = "ever" if absence.days == inf else f"days({round(absence.days)})"
    if not _open(absence.selector, logged, ladder):
        return (
            f"the absence of {absence.selector} is claimed further back than its needs reach: "
            f"say logged(…, {back})"
        )
    return (
        f"the absence of {absence.selector} counts here, and a log that never held it would "
        f"accuse everybody: add logged({absence.selector}, {back}) to its needs, or what covers it"
    )


def _open(selector: Selector, logged: list[Logged], ladder: Ladder) -> bool:
    declared = [Coverage(selector=each.selector) for each in logged]
    return bool(gaps(declared, selector, ladder.kinds))
