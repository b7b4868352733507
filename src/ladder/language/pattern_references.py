"""What `found(…)` stands for: the sure reading where it helps, the possible one where it hinders.

A pattern whose needs are not met is neither found nor clear, but the algebra has two values. So a
condition that asks for findings is read twice: surely (whatever the unknown is, it holds) and
possibly (for some of what the unknown may be, it holds). `not`, the `leave` of a `latch` and
figures that must stay small swap the two. Evaluators never meet `found`: a ladder hands them the
readings, in which it is written out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ladder.language.conditions import And, Found, Lasting, Latch, Not, Or
from ladder.language.measures import Compare, Exceeds, Term
from ladder.language.nodes import Condition, Node, Selector
from ladder.language.selectors import AllOf, Answers, AnyOf, Negation, When

Stands = Callable[[Found, bool], Condition]
"""What a `found` stands for, surely or (False) possibly."""

Linear = TypeVar("Linear", Compare, Exceeds)


def asks_for_findings(node: Node) -> bool:
    """Whether `found(…)` stands anywhere in it."""
    return any(isinstance(each, Found) for each in node.walk())


def read(condition: Condition, stands: Stands, *, sure: bool) -> Condition:
    """The condition without any `found`, read surely or possibly."""
    if not asks_for_findings(condition):
        return condition
    match condition:
        case Found():
            return stands(condition, sure)
        case And():
            return And.of(*(read(item, stands, sure=sure) for item in condition.items))
        case Or():
            return Or.of(*(read(item, stands, sure=sure) for item in condition.items))
        case Not():
            return ~read(condition.condition, stands, sure=not sure)
        case Lasting():
            inner = read(condition.condition, stands, sure=sure)
            return Lasting(condition=inner, duration=condition.duration)
        case Latch():
            enter = read(condition.enter, stands, sure=sure)
            leave = condition.leave
            left = None if leave is None else read(leave, stands, sure=not sure)
            return Latch(enter=enter, leave=left)
        case Compare():
            return _comparison(condition, stands, sure=sure)
    message = f"no reading of {type(condition).__name__} is known"
    raise TypeError(message)


def _comparison(comparison: Compare, stands: Stands, *, sure: bool) -> Condition:
    """Each figure so that the comparison is the harder to meet (surely) or the easier.

    To equal something is to reach it and not to exceed it; that zero is reached goes without
    saying, and no evaluator is asked what is always true.
    """
    if comparison.op == "==":
        both = [comparison.model_copy(update={"op": op}) for op in (">=", "<=")]
        halves = [_comparison(each, stands, sure=sure) for each in both if not each.says_nothing]
        return halves[0] if len(halves) == 1 else And.of(*halves)
    upwards = comparison.op in (">=", ">")
    return _with_figures(comparison, stands, fewer=sure == upwards)


def _with_figures(node: Linear, stands: Stands, *, fewer: bool) -> Linear:
    """The sum as small as it surely is, or (not `fewer`) as great as it may be."""
    terms = tuple(_term(each, stands, fewer=fewer == (each.times > 0)) for each in node.terms)
    return node.model_copy(update={"terms": terms})


def _term(term: Term, stands: Stands, *, fewer: bool) -> Term:
    measure = term.measure
    selector = _selected(measure.selector, stands, fewer=fewer)
    return term.model_copy(update={"measure": measure.model_copy(update={"selector": selector})})


def _selected(selector: Selector, stands: Stands, *, fewer: bool) -> Selector:
    """What is surely selected, or (not `fewer`) what may be."""
    if not asks_for_findings(selector):
        return selector
    match selector:
        case When():
            inner = _selected(selector.selector, stands, fewer=fewer)
            return inner.when(read(selector.condition, stands, sure=fewer))
        case Negation():
            return ~_selected(selector.selector, stands, fewer=not fewer)
        case AllOf() | AnyOf():
            return type(selector).of(
                *(_selected(item, stands, fewer=fewer) for item in selector.items)
            )
        case Answers():
            return Answers(selector=_selected(selector.selector, stands, fewer=fewer))
        case Exceeds():
            return _with_figures(selector, stands, fewer=not fewer)
    message = f"no reading of {type(selector).__name__} is known"
    raise TypeError(message)
