"""Evaluate selectors over a line of touchpoints: a mask with one value per row."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce

import numpy as np

from ladder.engines.columnar.amounts import foreign_amounts
from ladder.engines.columnar.facts import UNKNOWN, Reading
from ladder.engines.columnar.intervals import Mask, holds_at
from ladder.engines.columnar.measures import figures
from ladder.engines.columnar.profiles import bounds
from ladder.errors import CurrencyError
from ladder.language.measures import Exceeds
from ladder.language.nodes import AllOf, AnyOf, Negation, Selector, When
from ladder.language.selectors import (
    AmountIs,
    HasRate,
    InMonths,
    InReplyTo,
    IsReferred,
    IsReply,
    QuantityIs,
)
from ladder.model.money import exponent


def select(reading: Reading, selector: Selector) -> Mask:
    """Return which touchpoints of the line are selected."""
    facts = reading.facts
    if facts.all_own:
        return judge(reading, selector)
    if not any(isinstance(node, IsReferred) for node in selector.walk()):
        return judge(reading, selector) & facts.own
    referred = _select_referred(reading, selector, positive=True)
    return np.where(facts.own, judge(reading, selector), referred)


def _select_referred(reading: Reading, selector: Selector, *, positive: bool) -> Mask:
    """Return which acts of referred supporters are selected: `referred`, unless negated."""
    if isinstance(selector, IsReferred) and positive:
        return judge(reading, selector.selector)
    if isinstance(selector, Negation):
        return _select_referred(reading, selector.selector, positive=not positive)
    if isinstance(selector, AllOf | AnyOf):
        masks = [_select_referred(reading, item, positive=positive) for item in selector.items]
        both = isinstance(selector, AllOf) == positive
        return _every(masks) if both else _any(masks)
    if isinstance(selector, When) and positive:
        return _in_time(
            reading, selector, _select_referred(reading, selector.selector, positive=True)
        )
    return np.zeros(len(reading.facts.g), np.bool_)


def judge(reading: Reading, selector: Selector) -> Mask:
    """Return the selector's result for each row, regardless of who acted."""
    mask = reading.judgements.get(selector)
    if mask is None:
        mask = reading.judgements[selector] = _judge(reading, selector)
    return mask


def _judge(reading: Reading, selector: Selector) -> Mask:  # noqa: C901  (a line a node)
    facts = reading.facts
    limits = bounds(facts.profiles, reading.ladder.kinds, selector)
    if limits.exact:
        return facts.profiles.rows(limits.surely)
    match selector:
        case AmountIs():
            return _amount(reading, selector)
        case HasRate():
            return facts.has_amount & ~facts.foreign
        case QuantityIs():
            reached = facts.quantity >= selector.millionths + (selector.bound == "above")
            return facts.has_quantity & reached
        case Exceeds():
            return _exceeds(reading, selector)
        case InMonths():
            return np.isin(facts.clock.months_of_year(facts.days), selector.months)
        case IsReply():
            return np.not_equal(facts.target, UNKNOWN)
        case InReplyTo():
            return (facts.target >= 0) & judge(reading, selector.selector)[facts.target]
        case When():
            return _in_time(reading, selector, judge(reading, selector.selector))
        case AllOf():
            return _every([judge(reading, item) for item in selector.items])
        case AnyOf():
            return _any([judge(reading, item) for item in selector.items])
        case Negation():
            return ~judge(reading, selector.selector)
    raise NotImplementedError(f"the columnar evaluator does not know {type(selector).__name__}")


def _every(masks: Sequence[Mask]) -> Mask:
    return reduce(operator.and_, masks)


def _any(masks: Sequence[Mask]) -> Mask:
    return reduce(operator.or_, masks)


def _in_time(reading: Reading, selector: When, chosen: Mask) -> Mask:
    """Reduce the chosen rows to those at whose instant the condition held.

    Only the instants of the chosen rows are checked.
    """
    rows = np.flatnonzero(chosen)
    held = holds_at(reading.condition(selector.condition), reading.facts.g[rows])
    mask = np.zeros(len(chosen), np.bool_)
    mask[rows[held]] = True
    return mask


def _exceeds(reading: Reading, selector: Exceeds) -> Mask:
    facts = reading.facts
    if selector.of == "amount":
        if (facts.foreign & facts.own).any():
            raise foreign_amounts(selector, reading.organisation)
        own, given = facts.amount, facts.has_amount
    else:
        own, given = facts.quantity, facts.has_quantity
    value, whole = figures(reading, selector, own)
    reached = own * whole > value if selector.bound == "above" else own * whole >= value
    return given & reached


def _amount(reading: Reading, selector: AmountIs) -> Mask:
    facts, currency = reading.facts, reading.organisation.currency
    if selector.currency not in (None, currency):
        raise CurrencyError(f"{selector} compares amounts in another currency than {currency}")
    if facts.foreign.any():
        raise foreign_amounts(selector, reading.organisation)
    scaled = selector.amount.scaleb(exponent(currency))
    whole = int(scaled.to_integral_value("ROUND_FLOOR"))
    above = selector.bound == "above" or scaled != whole
    reached = facts.amount >= whole + int(above)
    return facts.has_amount & reached
