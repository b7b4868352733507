"""Turn the intervals of measures into the intervals in which a comparison is true."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Final, cast

import numpy as np

from ladder.engines.columnar.amounts import foreign_amounts
from ladder.engines.columnar.facts import Reading
from ladder.engines.columnar.intervals import (
    Intervals,
    Mask,
    Positions,
    at_least,
    begins_run,
    both_sorted,
    nothing,
    only,
    without,
)
from ladder.engines.columnar.projection import DETAIL
from ladder.engines.columnar.windows import Stretches, stretches
from ladder.errors import CapacityError, CurrencyError
from ladder.language.measures import Compare, Count, Distinct, Exceeds, Measure, Op, Term, Total
from ladder.model.calendars import Unit
from ladder.model.money import QUANTITY_SCALE, exponent
from ladder.model.touchpoints import details_of

LARGEST: Final = 2**62


def compare(reading: Reading, node: Compare) -> Intervals:
    """Return the intervals in which the comparison is true."""
    term = node.terms[0]
    if len(node.terms) == 1 and not isinstance(term.measure, Total):
        limit = Fraction(node.constant, 1) / term.times
        return _compare_count(reading, _live(reading, term.measure), node.op, limit)
    return _compare_sum(reading, node)


def _live(reading: Reading, measure: Measure) -> Stretches:
    """Return the intervals that a measure counts or adds up."""
    live = stretches(reading, measure.selector, measure.span)
    if isinstance(measure, Distinct):
        return _once_each(reading, live, measure.by)
    return live


def _compare_count(reading: Reading, live: Stretches, op: Op, limit: Fraction) -> Intervals:
    """Compare a count with a number.

    The result is a union of `[S_i, E_(i - n + 1))`, or the complement of one.
    """
    starts, ends = both_sorted(live.starts, live.ends)
    if op == ">=":
        return at_least(starts, ends, ceil(limit))
    if op == ">":
        return at_least(starts, ends, floor(limit) + 1)
    if op == "<":
        return without(reading.line, at_least(starts, ends, ceil(limit)))
    if op == "<=":
        return without(reading.line, at_least(starts, ends, floor(limit) + 1))
    if limit != int(limit):
        return nothing()
    number = int(limit)
    more = at_least(starts, ends, number + 1)
    enough = reading.line if number == 0 else at_least(starts, ends, number)
    return without(enough, more)


def figures(reading: Reading, node: Exceeds, own: Positions) -> tuple[Positions, int]:
    """Return the figure just before each row's instant acts, and its scale."""
    _fits(_whole_numbers(reading, node)[2], own)
    return _figures(reading, node, reading.facts.g)


def figures_at(reading: Reading, node: Exceeds, places: Positions) -> Positions:
    """Return the figure at these positions, in whole smallest units, rounded down."""
    figure, whole = _figures(reading, node, places)
    return figure // whole


def _figures(reading: Reading, node: Exceeds, places: Positions) -> tuple[Positions, int]:
    scaled, constant, whole = _whole_numbers(reading, node)
    position, value = _running(reading, scaled)
    place = np.searchsorted(position, places, side="right")
    known: Positions = np.concatenate(([constant], value + constant))[place]
    return known, whole


def _compare_sum(reading: Reading, node: Compare) -> Intervals:
    """Compare a linear combination as a running sum over the line; it is 0 outside the line."""
    scaled, constant, _ = _whole_numbers(reading, node)
    position, value = _running(reading, scaled)
    at_rest = bool(_true(node.op, np.zeros(1, np.int64), constant)[0])
    if not len(position):
        return reading.line if at_rest else nothing()
    differs = _true(node.op, value, constant) != at_rest
    turns = begins_run(differs)
    turns[0] = differs[0]
    edges = position[turns]
    away = Intervals(edges[0::2], edges[1::2])
    return without(reading.line, away) if at_rest else away


def _running(reading: Reading, scaled: Sequence[tuple[int, Term]]) -> tuple[Positions, Positions]:
    """Return the distinct positions at which the sum changes, and its values from there."""
    places, changes = [], []
    for times, term in scaled:
        place, change = _changes(reading, term.measure)
        _fits(times, change)
        places.append(place)
        changes.append(change * times)
    position = np.concatenate(places)
    order = np.argsort(position, kind="stable")
    position = position[order]
    value = np.cumsum(np.concatenate(changes)[order])
    position, value = only(np.roll(begins_run(position), -1), position, value)
    return position, value


def _whole_numbers(
    reading: Reading, node: Compare | Exceeds
) -> tuple[list[tuple[int, Term]], int, int]:
    """Return factors and constant as whole numbers of one smallest unit, and the common factor."""
    currency = reading.organisation.currency
    scale = 1
    if node.unit == "money":
        if node.currency not in (None, currency):
            raise CurrencyError(f"{node} compares money in another currency than {currency}")
        scale = 10 ** exponent(currency)
    elif node.unit == "quantity":
        scale = QUANTITY_SCALE
    factors = [
        term.times * (1 if isinstance(term.measure, Total) else scale) for term in node.terms
    ]
    constant = node.constant * scale
    common = lcm(constant.denominator, *(factor.denominator for factor in factors))
    whole = [int(factor * common) for factor in factors]
    return list(zip(whole, node.terms, strict=True)), int(constant * common), common


def _changes(reading: Reading, measure: Measure) -> tuple[Positions, Positions]:
    """Return the positions at which the measure changes, and the changes."""
    live = _live(reading, measure)
    if isinstance(measure, Count | Distinct):
        values = np.ones(len(live.starts), np.int64)
    else:
        assert isinstance(measure, Total)  # noqa: S101  (the node set is closed)
        live, values = _amounts(reading, measure, live)
    return np.concatenate((live.starts, live.ends)), np.concatenate((values, -values))


def _amounts(reading: Reading, measure: Total, live: Stretches) -> tuple[Stretches, Positions]:
    """Return amounts or quantities, with one more interval per partial refund."""
    facts = reading.facts
    if measure.of == "quantity":
        return live, facts.quantity[live.rows]
    selected = reading.select(measure.selector)
    if (facts.foreign & selected).any():
        raise foreign_amounts(measure, reading.organisation)
    values = facts.amount[live.rows]
    parts = facts.reductions
    if not len(parts.rows):
        return live, values
    place = np.searchsorted(live.rows, parts.rows)
    place = np.minimum(place, max(len(live.rows) - 1, 0))
    counts = (live.rows[place] == parts.rows) if len(live.rows) else np.zeros(0, np.bool_)
    if not counts.any():
        return live, values
    place, rows = place[counts], parts.rows[counts]
    back = facts.clock.positions(facts.supporter[rows], parts.at[counts]) + 1
    starts, ends = np.maximum(live.starts[place], back), live.ends[place]
    real = starts < ends
    more = Stretches(rows[real], starts[real], ends[real])
    both = Stretches(*(np.concatenate(pair) for pair in zip(live, more, strict=True)))
    return both, np.concatenate((values, -parts.amounts[counts][real]))


def _fits(times: int, change: Positions) -> None:
    size = float(np.abs(change.astype(np.float64)).sum()) * abs(times)
    if size >= LARGEST:
        raise CapacityError("these amounts are too large to add exactly in 64 bits")


def _true(op: Op, value: Positions, constant: int) -> Mask:
    if abs(constant) >= LARGEST:
        raise CapacityError(f"{constant} is too large to compare with exactly in 64 bits")
    compared = {
        ">=": value >= constant,
        ">": value > constant,
        "<=": value <= constant,
        "<": value < constant,
        "==": value == constant,
    }
    true: Mask = compared[op]
    return true


def _once_each(reading: Reading, live: Stretches, by: str) -> Stretches:
    """Count each different value of a supporter once, while any touchpoint with it counts."""
    values = _values(reading, by)[live.rows]
    if (values < 0).any():
        *kept, values = only(values >= 0, *live, values)
        live = Stretches(*kept)
    supporter = reading.facts.supporter[live.rows]
    order = np.lexsort((live.starts, values, supporter))
    rows, starts, ends = live.rows[order], live.starts[order], live.ends[order]
    if not len(rows):
        return live
    supporter, values = supporter[order], values[order]
    first = begins_run(supporter, values)
    latest = _running_most(np.cumsum(first) - 1, ends)
    fresh = first.copy()
    fresh[1:] |= starts[1:] > latest[:-1]
    rows, starts = only(fresh, rows, starts)
    return Stretches(rows, starts, latest.compress(np.roll(fresh, -1)))


def _running_most(group: Positions, values: Positions) -> Positions:
    """Return the largest value so far within each run of equal groups."""
    ordered, rank = np.unique(values, return_inverse=True)
    size = len(ordered)
    most: Positions = ordered[np.maximum.accumulate(group * size + rank) - group * size]
    return most


def _values(reading: Reading, by: str) -> Positions:
    """Return a number for each row's value of a dimension; -1 without a value."""
    facts = reading.facts
    if by == "month_of_year":
        return facts.clock.months_of_year(facts.days)
    if by == "person":
        return facts.person
    profiles = facts.profiles
    if by in ("kind", "channel", "campaign"):
        return profiles.numbers(by, str)
    if by == "family":
        kinds = reading.ladder.kinds
        return profiles.numbers("kind", lambda kind: kinds[kind].family)
    if by.startswith(DETAIL):
        field = by.removeprefix(DETAIL)
        return profiles.numbers("details", lambda text: _detail(text, field))
    starts = facts.clock.unit_starts(cast("Unit", by), facts.days)
    first = int(starts.min(initial=0))
    return starts - first


def _detail(text: str, field: str) -> str | None:
    value = details_of(text).get(field)
    return json.dumps(value) if isinstance(value, str | int) else None
