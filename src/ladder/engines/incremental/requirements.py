"""Find what of the past a ladder's future depends on, once for the ladder.

- `lasting` needs since when its condition has been true, and `latch` whether it holds.
- A standing or a finding that continues needs to know that it was there before.
- A comparison needs what its measures still count, and never more than some figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ladder.engines.incremental.ladder_index import LadderIndex, NodeIds, index_of
from ladder.language.conditions import HeldFor, Latch
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Distinct, Exceeds, Measure, Total
from ladder.language.nodes import Both, Condition, Node, Selector, Span
from ladder.language.selectors import AmountIs, InReplyTo
from ladder.language.spans import Until
from ladder.model.organisations import Organisation

Terms = tuple[tuple[int, Measure], ...]
"""Measures and the factors with which they are added up."""


class RequiredMeasure(NamedTuple):
    """A measure, the most that any comparison asks of it, and what may close it."""

    measure: Measure
    enough: int | None
    closers: tuple[Selector, ...]


class RequiredSum(NamedTuple):
    """Measures that only time changes, added up, and the most that any comparison asks of them."""

    terms: Terms
    enough: int | None


class ComparisonParts(NamedTuple):
    """The terms of a comparison: those that are remembered as one sum, and the others.

    `number` is the sum's. The sum of one measure alone has that measure's number, whatever it is
    compared with, and is taken `times` times.
    """

    number: int | None
    times: int
    timed: Terms
    others: Terms


@dataclass(frozen=True)
class Requirements:
    """Conditions, sums and measures to remember, by their numbers in the ladder's index.

    `parts` has every comparison's. `detailed`: the measures that count values of a detail, whose
    type belongs to the value. `money`: amounts are read, so one without a rate is an error.
    `looks_on`: more is asked of what a touchpoint answers than its own fields.
    """

    conditions: dict[int, Condition]
    sums: dict[int, RequiredSum]
    measures: dict[int, RequiredMeasure]
    parts: dict[int, ComparisonParts]
    detailed: frozenset[int]
    money: bool
    looks_on: bool


def requirements_of(ladder: Ladder, organisation: Organisation) -> Requirements:
    """Give what to remember for a ladder in the organisation's currency."""
    return _find_requirements(index_of(ladder), organisation.currency)


def closers_of(span: Span) -> tuple[Selector, ...]:
    """List the selectors whose facts can close what a span counts."""
    if isinstance(span, Both):
        return tuple(selector for item in span.items for selector in closers_of(item))
    return (span.selector,) if isinstance(span, Until) else ()


@lru_cache(maxsize=64)
def _find_requirements(index: LadderIndex, currency: str) -> Requirements:
    nodes = [node for condition in index.conditions() for node in condition.walk()]
    conditions = {index.node_ids[node]: node for node in _required_conditions(index, nodes)}
    sums, measures, parts = _required_figures(index, nodes, currency)
    return Requirements(
        conditions,
        sums,
        measures,
        parts,
        frozenset(n for n, required in measures.items() if _counts_details(required.measure)),
        any(isinstance(n, AmountIs | Exceeds | Total) and _reads_money(n) for n in nodes),
        any(isinstance(n, InReplyTo) and _looks_further(n) for n in nodes),
    )


def _required_conditions(index: LadderIndex, nodes: list[Node]) -> Iterator[Condition]:
    yield from index.lanes.conditions
    for conditions in index.ladder.open_while.values():
        yield from conditions
    for node in nodes:
        if isinstance(node, HeldFor):
            yield node.condition
        elif isinstance(node, Latch):
            yield node


def _counts_details(measure: Measure) -> bool:
    return isinstance(measure, Distinct) and measure.by.startswith("details.")


def _reads_money(node: AmountIs | Exceeds | Total) -> bool:
    return isinstance(node, AmountIs) or node.of == "amount"


def _looks_further(node: InReplyTo) -> bool:
    selectors = (inner for inner in node.selector.walk() if isinstance(inner, Selector))
    return any(selector.looks_around or selector.looks_back for selector in selectors)


def _required_figures(
    index: LadderIndex, nodes: list[Node], currency: str
) -> tuple[dict[int, RequiredSum], dict[int, RequiredMeasure], dict[int, ComparisonParts]]:
    limits: dict[int, list[int | None]] = defaultdict(list)
    sums: dict[int, Terms] = {}
    measures: dict[int, Measure] = {}
    parts: dict[int, ComparisonParts] = {}
    for compare in nodes:
        if not isinstance(compare, Compare | Exceeds):
            continue
        number = index.node_ids[compare]
        factors, constant, _ = index.scale(compare, number, currency)
        is_limited = isinstance(compare, Compare) and min(factors) > 0
        part = parts[number] = _part_terms(compare, factors, index.node_ids)
        if part.number is not None:
            sums[part.number] = part.timed if len(part.timed) > 1 else ((1, part.timed[0][1]),)
            limits[part.number].append(_enough(part.times, constant) if is_limited else None)
        for factor, measure in part.others:
            measure_number = index.node_ids[measure]
            measures[measure_number] = measure
            limits[measure_number].append(_enough(factor, constant) if is_limited else None)
    return (
        {number: RequiredSum(terms, _most(limits[number])) for number, terms in sums.items()},
        {
            number: RequiredMeasure(measure, _most(limits[number]), closers_of(measure.span))
            for number, measure in measures.items()
        },
        parts,
    )


def _part_terms(
    compare: Compare | Exceeds, factors: Sequence[int], node_ids: NodeIds
) -> ComparisonParts:
    """Separate the measures that only time changes from the others."""
    timed: list[tuple[int, Measure]] = []
    others: list[tuple[int, Measure]] = []
    for factor, term in zip(factors, compare.terms, strict=True):
        measure = term.measure
        is_timed = not isinstance(measure, Distinct) and not closers_of(measure.span)
        (timed if is_timed else others).append((factor, measure))
    if not timed:
        return ComparisonParts(None, 1, (), tuple(others))
    if len(timed) > 1:
        return ComparisonParts(node_ids[compare], 1, tuple(timed), tuple(others))
    factor, measure = timed[0]
    return ComparisonParts(node_ids[measure], factor, tuple(timed), tuple(others))


def _enough(factor: int, constant: int) -> int:
    """Give the figure from which on the sum is above the constant, whatever is added to it."""
    return max(constant // factor + 1, 1)


def _most(figures: list[int | None]) -> int | None:
    """Give the greatest figure; None if one of them has no limit."""
    known = [figure for figure in figures if figure is not None]
    return max(known) if len(known) == len(figures) else None
