"""Bound the profiles that a selector can select: surely, and possibly.

Most selectors depend on the profile alone. Then both bounds are equal, and one evaluation serves
thousands of touchpoints. A touchpoint that no selector of a definition can select need not be kept.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np

from ladder.engines.columnar.dictionary import Profiles
from ladder.engines.columnar.intervals import Mask
from ladder.language.measures import Measure
from ladder.language.nodes import AllOf, AnyOf, Negation, Node, Selector, When
from ladder.language.selectors import (
    AnyTouchpoint,
    InReplyTo,
    IsAutomated,
    IsReferred,
    KindIs,
    OneOf,
    Where,
)
from ladder.language.spans import Until
from ladder.model.kinds import Kinds
from ladder.model.touchpoints import details_of


class Bounds(NamedTuple):
    """For each profile, whether its rows are surely selected, and whether they may be."""

    surely: Mask
    possibly: Mask

    @property
    def exact(self) -> bool:
        """Whether the profile alone decides."""
        return bool((self.surely == self.possibly).all())


def bounds(profiles: Profiles, kinds: Kinds, selector: Selector) -> Bounds:
    """Bound the selector on a supporter's own touchpoints; `referred` selects none of them."""
    match selector:
        case AllOf() | AnyOf():
            join = operator.and_ if isinstance(selector, AllOf) else operator.or_
            items = [bounds(profiles, kinds, item) for item in selector.items]
            return Bounds(*(reduce(join, masks) for masks in zip(*items, strict=True)))
        case Negation():
            surely, possibly = bounds(profiles, kinds, selector.selector)
            return Bounds(~possibly, ~surely)
        case When():
            within = bounds(profiles, kinds, selector.selector)
            return Bounds(np.zeros(len(profiles), np.bool_), within.possibly)
    decided = _decide(profiles, kinds, selector)
    if decided is not None:
        return Bounds(decided, decided)
    return Bounds(np.zeros(len(profiles), np.bool_), np.ones(len(profiles), np.bool_))


def _decide(profiles: Profiles, kinds: Kinds, selector: Selector) -> Mask | None:
    """Return which profiles are selected; None where the profile does not decide."""
    match selector:
        case AnyTouchpoint():
            return np.ones(len(profiles), np.bool_)
        case IsReferred():
            return np.zeros(len(profiles), np.bool_)
    test = _field_test(selector, kinds)
    if test is None or test.field not in profiles.fields:
        return None
    return profiles.fields[test.field].mask(test.judge)


class _FieldTest(NamedTuple):
    """The field that a selector reads, and a test for the values that satisfy it."""

    field: str
    judge: Callable[[str], bool]


def _field_test(selector: Selector, kinds: Kinds) -> _FieldTest | None:
    match selector:
        case KindIs():
            return _FieldTest("kind", lambda kind: kind == selector.name)
        case IsAutomated():
            return _FieldTest("automated", bool)
        case Where():
            named = selector.field
            return _FieldTest("details", lambda text: selector.matches(details_of(text).get(named)))
        case OneOf():
            values = set(selector.values)
            if selector.field == "family":
                return _FieldTest("kind", lambda kind: kinds[kind].family in values)
            if selector.field == "purpose":
                return _FieldTest("purposes", lambda text: not values.isdisjoint(text.split(",")))
            return _FieldTest(selector.field, values.__contains__)
    return None


def selectable_profiles(
    profiles: Profiles, kinds: Kinds, used: Iterable[Node], *, own: bool
) -> Mask:
    """Return the profiles whose rows some selector of the definition may select.

    Of referred acts, only selectors within `referred` are considered.
    """
    looked_at = (Measure, Until, InReplyTo) if own else (IsReferred,)
    chosen = [
        bounds(profiles, kinds, node.selector).possibly
        for node in used
        if isinstance(node, looked_at)
    ]
    return reduce(operator.or_, chosen, np.zeros(len(profiles), np.bool_))
