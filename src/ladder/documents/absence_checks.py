"""Absences that a pattern relies on, and whether its requirements cover them.

A touchpoint occurs negatively where one more of it could make the condition false. Examples are a
count that must stay small, a part after `not`, and the end of an `until`.

In a log that lacks such touchpoints, the gaps themselves would produce findings. So the pattern's
`requires` must demand `is_covered(…)` for all of them, as far back as the absence is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Final

from ladder.coverage import Coverage, gaps
from ladder.language.conditions import HeldFor, IsCovered, Latch, OnRung
from ladder.language.ladders import Ladder, Pattern
from ladder.language.measures import OPERATORS, Compare, Exceeds
from ladder.language.nodes import (
    AllOf,
    And,
    AnyOf,
    Both,
    Condition,
    Negation,
    Not,
    Or,
    Selector,
    Span,
    When,
)
from ladder.language.spans import Duration, Hours, OlderThan, Until


def true_of_nothing(condition: Condition, ladder: Ladder) -> bool:
    """Check whether the condition holds for a supporter without any touchpoints.

    Measures are 0, `held_for` is false, `latch` is its `enter`, and nothing is covered.
    """
    if isinstance(condition, Compare):
        return OPERATORS[condition.op](Fraction(0), condition.constant)
    if isinstance(condition, And):
        return all(true_of_nothing(item, ladder) for item in condition.items)
    if isinstance(condition, Or):
        return any(true_of_nothing(item, ladder) for item in condition.items)
    if isinstance(condition, Not):
        return not true_of_nothing(condition.condition, ladder)
    if isinstance(condition, Latch):
        return true_of_nothing(condition.enter, ladder)
    if isinstance(condition, OnRung):
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
"""The tolerance in comparing spans, because months have their average length here.

It lets 12 months and 365 days pass for equal.
"""


@dataclass(frozen=True)
class Absence:
    """A claim that there is none (or too few) of the selected touchpoints in about so many days."""

    selector: Selector
    days: float


def find_uncovered(pattern: Pattern, ladder: Ladder) -> list[str]:
    """Describe the coverage that the pattern's requirements lack, one message per absence.

    A safeguard needs no coverage: it protects the supporter, so in doubt it is messages.
    """
    if pattern.safeguard:
        return []
    required = list(_required_coverage(pattern.requires))
    messages: list[str] = []
    for grade in pattern.grades:
        for absence in absences(grade.condition, ladder):
            message = _lacking(absence, required, ladder)
            if message and message not in messages:
                messages.append(message)
    return messages


def absences(condition: Condition, ladder: Ladder) -> Iterator[Absence]:
    """Yield everything whose absence could make the condition true."""
    return _of_condition(condition, ladder, positive=True, back=0.0)


def reach(span: Span) -> float:
    """Return the approximate number of days for which a touchpoint can count."""
    if isinstance(span, Duration):
        return sum(_length(step.unit, step.number, step.of) for step in span.steps)
    if isinstance(span, Hours):
        return span.number / 24
    if isinstance(span, OlderThan):
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
    elif isinstance(condition, HeldFor):
        further = back + reach(condition.duration)
        yield from _of_condition(condition.condition, ladder, positive=positive, back=further)
    elif isinstance(condition, Latch):
        yield from _of_condition(condition.enter, ladder, positive=positive, back=inf)
        if condition.leave is not None:
            yield from _of_condition(condition.leave, ladder, positive=not positive, back=inf)
    elif isinstance(condition, OnRung):
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
    """Yield the absences that `.when(…)` claims for the time before the touchpoint."""
    if isinstance(selector, When):
        yield from _of_condition(selector.condition, ladder, positive=positive, back=back)
        yield from _of_moments(selector.selector, ladder, positive=positive, back=back)
    elif isinstance(selector, Exceeds):
        for term in selector.terms:  # fewer touchpoints exceed a greater figure
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


def _required_coverage(requires: Condition | None) -> Iterator[IsCovered]:
    if isinstance(requires, IsCovered):
        yield requires
    elif isinstance(requires, And):
        for item in requires.items:
            yield from _required_coverage(item)


def _lacking(absence: Absence, required: list[IsCovered], ladder: Ladder) -> str:
    far_enough = [covered for covered in required if reach(covered.span) * _SLACK >= absence.days]
    if not _open(absence.selector, far_enough, ladder):
        return ""
    back = "ever" if absence.days == inf else f"days({round(absence.days)})"
    if not _open(absence.selector, required, ladder):
        return (
            f"the absence of {absence.selector} is claimed further back than its needs reach: "
            f"say is_covered(…, {back})"
        )
    return (
        f"the absence of {absence.selector} counts here, and a log that never held it would "
        f"accuse everybody: add is_covered({absence.selector}, {back}) to its needs, or what "
        "covers it"
    )


def _open(selector: Selector, required: list[IsCovered], ladder: Ladder) -> bool:
    declared = [Coverage(selector=covered.selector) for covered in required]
    return bool(gaps(declared, selector, ladder.kinds))
