"""Profiles: the distinct combinations of descriptive fields, evaluated once per combination.

Kind, direction, purposes and similar fields have few combinations, regardless of the number of
touchpoints. Each combination is a *profile*. Selectors are evaluated on the profiles, and the
result is looked up for the rows. Most selectors depend on the profile alone; of the others, two
masks bound the profiles that they select: surely, and possibly. A touchpoint that no selector of a
definition can select need not be kept.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ladder.engines.columnar.intervals import Mask, Positions
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

Codes = NDArray[np.integer]
FEW = 2**17
"""The largest combined code; above it, the occurring codes are renumbered."""


@dataclass(frozen=True)
class CodeColumn:
    """Texts as codes; the code after the last value marks an absent text."""

    codes: Positions
    values: Sequence[str]

    def mask(self, judge: Callable[[str], bool]) -> Mask:
        """Return which codes have a value that satisfies the test."""
        different, which = distinct(self.codes)
        size = len(self.values)
        verdicts = [code < size and judge(self.values[code]) for code in different.tolist()]
        chosen: Mask = np.array(verdicts, np.bool_)[which]
        return chosen


@dataclass(frozen=True)
class Profiles:
    """The number of each row's profile, and the values of the profiles by field."""

    codes: Positions
    fields: Mapping[str, CodeColumn]

    @classmethod
    def of(cls, columns: Mapping[str, Codes], values: Mapping[str, Sequence[str]]) -> Profiles:
        """Build from the codes of each field, all of one length."""
        size = len(next(iter(columns.values())))
        codes, number = np.zeros(size, np.int64), 1
        for name, column in columns.items():
            width = len(values[name]) + 1
            if number * width > FEW and number > 1:
                different, codes = distinct(codes)
                number = len(different)
            codes = codes * width + column
            number *= width
        different, codes = distinct(codes)
        sample = np.empty(len(different), np.int64)
        sample[codes] = np.arange(size)
        fields = {
            name: CodeColumn(column[sample].astype(np.int64), values[name])
            for name, column in columns.items()
        }
        return cls(codes, fields)

    def __len__(self) -> int:
        return len(self.fields["kind"].codes)

    def __getitem__(self, rows: Positions) -> Profiles:
        return Profiles(self.codes[rows], self.fields)

    def mask(self, field: str, judge: Callable[[str], bool]) -> Mask:
        """Return which rows have a value of that field that satisfies the test."""
        return self.rows(self.fields[field].mask(judge))

    def rows(self, profiles: Mask) -> Mask:
        """Return which rows have one of these profiles."""
        chosen: Mask = profiles[self.codes]
        return chosen

    def numbers(self, field: str, name: Callable[[str], str | None]) -> Positions:
        """Number each row's value of that field, by name; -1 without a value."""
        column = self.fields[field]
        known: dict[str | None, int] = {}
        different, which = distinct(column.codes)
        named = [
            name(column.values[c]) if c < len(column.values) else None for c in different.tolist()
        ]
        table = [-1 if text is None else known.setdefault(text, len(known)) for text in named]
        return np.array(table, np.int64)[which][self.codes]


def distinct(codes: Positions) -> tuple[Positions, Positions]:
    """Return the different codes in order, and the place of each code among them.

    Codes are small, so counting them is ten times faster than the sort of `np.unique`.
    """
    if not len(codes) or int(codes.max()) > 4 * len(codes) + FEW:
        different, which = np.unique(codes, return_inverse=True)
        return different, which
    present = np.bincount(codes) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[codes]


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
