"""Expand `has_finding(…)` into its sure or its possible reading.

A pattern without its coverage is neither found nor clear, but the algebra has two values. So a
condition that refers to findings is read twice: surely (it holds whatever the unknown is) and
possibly (it holds for some value of the unknown). The sure reading stands where a finding helps,
the possible one where it hinders: `not`, the `leave` of a `latch` and figures that must stay small
swap the two. Evaluators never see `has_finding`, because a ladder gives them expanded conditions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ladder.language.conditions import HasFinding, HeldFor, Latch
from ladder.language.measures import Compare, Exceeds, Term
from ladder.language.nodes import (
    AllOf,
    And,
    AnyOf,
    Condition,
    Negation,
    Node,
    Not,
    Or,
    Selector,
    When,
)
from ladder.language.selectors import InReplyTo

Stands = Callable[[HasFinding, bool], Condition]
"""A function that expands one `has_finding(…)`, surely (True) or possibly (False)."""

Linear = TypeVar("Linear", Compare, Exceeds)


def refers_to_findings(node: Node) -> bool:
    """Check whether the node contains `has_finding(…)`."""
    return any(isinstance(part, HasFinding) for part in node.walk())


def read(condition: Condition, stands: Stands, *, sure: bool) -> Condition:
    """Replace each `has_finding(…)` in the condition, reading it surely or possibly."""
    if not refers_to_findings(condition):
        return condition
    match condition:
        case HasFinding():
            return stands(condition, sure)
        case And():
            return And.of(*(read(item, stands, sure=sure) for item in condition.items))
        case Or():
            return Or.of(*(read(item, stands, sure=sure) for item in condition.items))
        case Not():
            return ~read(condition.condition, stands, sure=not sure)
        case HeldFor():
            inner = read(condition.condition, stands, sure=sure)
            return HeldFor(condition=inner, duration=condition.duration)
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
    """Read the figures so that the comparison is hardest (surely) or easiest (possibly) to meet.

    Equality is read as reaching the value and not exceeding it. Reaching zero is always true and
    therefore left out.
    """
    if comparison.op == "==":
        both = [comparison.model_copy(update={"op": op}) for op in (">=", "<=")]
        halves = [_comparison(half, stands, sure=sure) for half in both if not half.says_nothing]
        return halves[0] if len(halves) == 1 else And.of(*halves)
    upwards = comparison.op in (">=", ">")
    return _with_figures(comparison, stands, fewer=sure == upwards)


def _with_figures(node: Linear, stands: Stands, *, fewer: bool) -> Linear:
    """Read the sum as small as it surely is (`fewer`) or as great as it may be."""
    terms = tuple(_term(term, stands, fewer=fewer == (term.times > 0)) for term in node.terms)
    return node.model_copy(update={"terms": terms})


def _term(term: Term, stands: Stands, *, fewer: bool) -> Term:
    measure = term.measure
    selector = _read_selector(measure.selector, stands, fewer=fewer)
    return term.model_copy(update={"measure": measure.model_copy(update={"selector": selector})})


def _read_selector(selector: Selector, stands: Stands, *, fewer: bool) -> Selector:
    """Read the selector as what it surely selects (`fewer`) or what it may select."""
    if not refers_to_findings(selector):
        return selector
    match selector:
        case When():
            inner = _read_selector(selector.selector, stands, fewer=fewer)
            return inner.when(read(selector.condition, stands, sure=fewer))
        case Negation():
            return ~_read_selector(selector.selector, stands, fewer=not fewer)
        case AllOf() | AnyOf():
            return type(selector).of(
                *(_read_selector(item, stands, fewer=fewer) for item in selector.items)
            )
        case InReplyTo():
            return InReplyTo(selector=_read_selector(selector.selector, stands, fewer=fewer))
        case Exceeds():
            return _with_figures(selector, stands, fewer=not fewer)
    message = f"no reading of {type(selector).__name__} is known"
    raise TypeError(message)
