"""Contradictions that need no trial: selectors and bounds that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ladder.language.measures import Compare, Measure
from ladder.language.nodes import And, Condition, Node, Selector, When
from ladder.language.selectors import IsReferred
from ladder.language.spans import Until
from ladder.lint.witnesses import impossible
from ladder.model.kinds import Kinds


def empty_selectors(condition: Condition, kinds: Kinds) -> Iterator[tuple[Selector, str]]:
    """Yield the selectors that can select nothing, with the reason; only the outermost ones."""
    checked: set[Node] = set()
    for node in condition.walk():
        for selector in _selectors_in(node):
            if selector not in checked:
                checked.add(selector)
                reason = impossible(selector, kinds)
                if reason:
                    yield selector, reason


def _selectors_in(node: Node) -> Iterator[Selector]:
    if isinstance(node, Measure | Until | When | IsReferred):
        yield node.selector


def opposed_bounds(condition: Condition) -> Iterator[str]:
    """Yield pairs of comparisons in an "and" whose bounds exclude each other."""
    for node in condition.walk():
        if isinstance(node, And):
            yield from _opposed_in(node)


def _opposed_in(conjunction: And) -> Iterator[str]:
    bounds: dict[Measure, list[Compare]] = {}
    for item in conjunction.items:
        if isinstance(item, Compare) and len(item.terms) == 1 and item.terms[0].times > 0:
            bounds.setdefault(item.terms[0].measure, []).append(item)
    for comparisons in bounds.values():
        for one in comparisons:
            for other in comparisons:
                if _excludes(one, other):
                    yield f"{one} and {other}"


def _excludes(low: Compare, high: Compare) -> bool:
    """Check whether no figure can meet the lower bound and the upper bound together."""
    if low.op not in (">=", ">", "==") or high.op not in ("<=", "<", "=="):
        return False
    least, most = _bound_of(low), _bound_of(high)
    strict = low.op == ">" or high.op == "<"
    if low.op == high.op == "==":
        return str(low) < str(high) and least != most
    return least > most or (strict and least == most)


def _bound_of(comparison: Compare) -> Fraction:
    return comparison.constant / comparison.terms[0].times
