"""Condition trees: every node with its text, truth, figures and end of validity."""

from __future__ import annotations

from fractions import Fraction
from functools import singledispatch

from ladder.engines.reference.evaluator import Evaluation
from ladder.explanations.results import FigureNow, Tree, money, quantity
from ladder.language.conditions import HeldFor, Latch
from ladder.language.measures import Compare, Measure, Term
from ladder.language.nodes import And, Condition, Not, Or
from ladder.model.calendars import FOREVER
from ladder.model.intervals import next_change
from ladder.model.money import QUANTITY_SCALE, exponent


def tree(condition: Condition, evaluation: Evaluation, at: int) -> Tree:
    """Build the tree of a condition at an instant, after all touchpoints of that instant."""
    figures: tuple[FigureNow, ...] = ()
    requires = ""
    if isinstance(condition, Compare):
        figures = tuple(figure(term, evaluation, at) for term in condition.terms)
        requires = requirement(condition, evaluation, at)
    return Tree(
        text=str(condition),
        true=evaluation.at(condition, at),
        until=until(condition, evaluation, at),
        requires=requires,
        figures=figures,
        parts=tuple(tree(part, evaluation, at) for part in parts(condition)),
    )


def until(condition: Condition, evaluation: Evaluation, at: int) -> int:
    """Return the instant at which the truth changes if nothing happens; FOREVER if never."""
    change = next_change(evaluation.episodes(condition), at)
    return FOREVER if change is None else change


@singledispatch
def parts(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions directly inside. A rung named by `on_rung` is explained separately."""
    del condition
    return ()


@parts.register(And)
@parts.register(Or)
def _items(condition: And | Or) -> tuple[Condition, ...]:
    return condition.items


@parts.register(Not)
@parts.register(HeldFor)
def _inner(condition: Not | HeldFor) -> tuple[Condition, ...]:
    return (condition.condition,)


@parts.register(Latch)
def _latch(condition: Latch) -> tuple[Condition, ...]:
    leave = condition.leave
    return (condition.enter,) if leave is None else (condition.enter, leave)


def figure(term: Term, evaluation: Evaluation, at: int) -> FigureNow:
    """Return the present value of a term's measure."""
    measure = term.measure
    value = value_text(measure, evaluation.value(measure, at), evaluation)
    return FigureNow(str(measure), value, tuple(evaluation.counted_facts(measure, at)))


def value_text(measure: Measure, value: int, evaluation: Evaluation) -> str:
    """Format a measure's value in the units that people use."""
    if measure.unit == "money":
        return money(value, evaluation.organisation.currency)
    return quantity(value) if measure.unit == "quantity" else str(value)


def requirement(compare: Compare, evaluation: Evaluation, at: int) -> str:
    """Describe what a comparison needs: "needs >= 1", or the values of both sides."""
    first, *others = compare.terms
    if not others and first.times == 1 and not first.money:
        return f"needs {compare.op} {_in_units(compare.constant, compare, evaluation)}"
    left = sum(_product(term, evaluation, at) for term in compare.terms if term.times > 0)
    less = sum(_product(term, evaluation, at) for term in compare.terms if term.times < 0)
    right = compare.constant - less
    words = [_in_units(Fraction(side), compare, evaluation) for side in (left, right)]
    return f"needs {words[0]} {compare.op} {words[1]}"


def _product(term: Term, evaluation: Evaluation, at: int) -> Fraction:
    """Return a term's value in whole units: major units of money, hours instead of millionths."""
    value = Fraction(evaluation.value(term.measure, at))
    if term.measure.unit == "money":
        value /= 10 ** exponent(evaluation.organisation.currency)
    if term.measure.unit == "quantity":
        value /= QUANTITY_SCALE
    return term.times * value


def _in_units(value: Fraction, compare: Compare, evaluation: Evaluation) -> str:
    number = f"{float(value):.12g}" if value.denominator > 1 else str(value.numerator)
    return f"{number} {evaluation.organisation.currency}" if compare.unit == "money" else number
