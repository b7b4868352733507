"""Which profiles a selector can select: surely, and possibly.

Most selectors look at nothing but what a profile says, and then the two are the same: they are
judged once for thousands of touchpoints. And a touchpoint that no selector of a definition can
possibly select need not be carried along.
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
from ladder.language.nodes import Node, Selector
from ladder.language.selectors import (
    AllOf,
    Answers,
    AnyOf,
    Anything,
    Automated,
    Brought,
    KindIs,
    Negation,
    OneOf,
    When,
    Where,
)
from ladder.language.spans import Until
from ladder.model.kinds import Kinds
from ladder.model.touchpoints import details_of


class Bounds(NamedTuple):
    """For each profile whether its rows are surely selected, and whether they may be."""

    surely: Mask
    possibly: Mask

    @property
    def exact(self) -> bool:
        """Whether nothing else needs to be known of a row."""
        return bool((self.surely == self.possibly).all())


def bounds(profiles: Profiles, kinds: Kinds, selector: Selector) -> Bounds:
    """Of the own touchpoints of a supporter: `brought` selects none of them."""
    match selector:
        case AllOf() | AnyOf():
            join = operator.and_ if isinstance(selector, AllOf) else operator.or_
            items = [bounds(profiles, kinds, item) for item in selector.items]
            return Bounds(*(reduce(join, each) for each in zip(*items, strict=True)))
        case Negation():
            surely, possibly = bounds(profiles, kinds, selector.selector)
            return Bounds(~possibly, ~surely)
        case When():
            within = bounds(profiles, kinds, selector.selector)
            return Bounds(np.zeros(len(profiles), np.bool_), within.possibly)
    said = _said(profiles, kinds, selector)
    if said is not None:
        return Bounds(said, said)
    return Bounds(np.zeros(len(profiles), np.bool_), np.ones(len(profiles), np.bool_))


def _said(profiles: Profiles, kinds: Kinds, selector: Selector) -> Mask | None:
    """Which profiles are selected; None when it is no matter of what they say."""
    match selector:
        case Anything():
            return np.ones(len(profiles), np.bool_)
        case Brought():
            return np.zeros(len(profiles), np.bool_)
    asked = _asked(selector, kinds)
    if asked is None or asked.field not in profiles.fields:
        return None
    return profiles.fields[asked.field].mask(asked.judge)


class _Asked(NamedTuple):
    """What a selector looks at, and which values of it satisfy it."""

    field: str
    judge: Callable[[str], bool]


def _asked(selector: Selector, kinds: Kinds) -> _Asked | None:
    match selector:
        case KindIs():
            return _Asked("kind", lambda kind: kind == selector.name)
        case Automated():
            return _Asked("automated", bool)
        case Where():
            named = selector.field
            return _Asked("details", lambda text: selector.matches(details_of(text).get(named)))
        case OneOf():
            values = set(selector.values)
            if selector.field == "family":
                return _Asked("kind", lambda kind: kinds[kind].family in values)
            if selector.field == "purpose":
                return _Asked("purposes", lambda text: not values.isdisjoint(text.split(",")))
            return _Asked(selector.field, values.__contains__)
    return None


def carried(profiles: Profiles, kinds: Kinds, used: Iterable[Node], *, own: bool) -> Mask:
    """Which profiles' rows some selector of the definition may select.

    Of what others did in her name only what stands within `brought` is ever looked at.
    """
    looked_at = (Measure, Until, Answers) if own else (Brought,)
    chosen = [
        bounds(profiles, kinds, node.selector).possibly
        for node in used
        if isinstance(node, looked_at)
    ]
    return reduce(operator.or_, chosen, np.zeros(len(profiles), np.bool_))
