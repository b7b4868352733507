"""Witnesses: touchpoints made to satisfy a selector, or the reason why there can be none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from ladder.coverage.implication import Branch, branches
from ladder.language.nodes import Selector
from ladder.language.selectors import (
    AmountIs,
    InMonths,
    InReplyTo,
    IsAutomated,
    IsReferred,
    IsReply,
    KindIs,
    OneOf,
    QuantityIs,
    Where,
    any_touchpoint,
)
from ladder.model.kinds import ASKED_FOR, AUDIENCES, DIRECTIONS, PURPOSES, Kinds

MOST_BRANCHES: Final = 48
_ONE_CENT: Final = Decimal("0.01")
_MILLIONTH: Final = Decimal("0.000001")

_WHY: Final[Mapping[str, str]] = {
    "kind": "a touchpoint has one kind, of one family",
    "direction": "a touchpoint goes one way",
    "audience": "a touchpoint has one audience",
    "asks_for": "a touchpoint asks for one thing",
    "automated": "a touchpoint is automated or not",
    "channel": "a touchpoint has one channel",
    "campaign": "a touchpoint has one campaign",
    "months": "a touchpoint happens in one month",
    "amount": "no amount lies between these bounds",
    "quantity": "no quantity lies between these bounds",
    "details": "a detail has one value",
    "purposes": "a purpose is there or not",
    "is_reply": "a touchpoint answers something or not",
    "brought": "an act is the supporter's or another person's",
}


class Impossible(Exception):
    """The selector can select nothing; the message is the reason."""


@dataclass(frozen=True)
class Witness:
    """A touchpoint to create: fields, possible months, amount bounds, answered touchpoint."""

    fields: Mapping[str, Any]
    months: frozenset[int]
    low: Decimal | None = None
    high: Decimal | None = None
    answers: Witness | None = None
    brought: bool = False


@dataclass
class _Demand:
    """The demands of an "and" on one touchpoint, collected by field."""

    kinds: set[str]
    domains: dict[str, set[Any]] = field(
        default_factory=lambda: {
            "direction": {*DIRECTIONS, None},
            "audience": {*AUDIENCES, None},
            "asks_for": {*ASKED_FOR, None},
            "automated": {True, False, None},
            "is_reply": {True, False},
            "brought": {True, False},
        }
    )
    named: dict[str, set[str]] = field(default_factory=dict)
    forbidden: dict[str, set[str]] = field(default_factory=dict)
    purposes: list[set[str]] = field(default_factory=list)
    no_purposes: set[str] = field(default_factory=set)
    details: dict[str, Any] = field(default_factory=dict)
    no_details: list[Where] = field(default_factory=list)
    months: set[int] = field(default_factory=lambda: set(range(1, 13)))
    bounds: dict[str, tuple[Decimal | None, Decimal | None]] = field(default_factory=dict)
    answers: Selector | None = None
    other: Selector | None = None


def impossible(selector: Selector, kinds: Kinds) -> str:
    """Return the reason why the selector can never select anything; empty when it can."""
    reasons = []
    for branch in islice(branches(selector, positive=True), MOST_BRANCHES):
        try:
            _demand(branch, kinds)
        except Impossible as reason:
            reasons.append(str(reason))
        else:
            return ""
    return reasons[0] if reasons else "it is the opposite of anything"


def witnesses(selector: Selector, kinds: Kinds, most: int = 6) -> list[Witness]:
    """Return at most `most` touchpoints that the selector selects, as varied as possible.

    The condition of `.when(…)` is ignored, so it may be false at the touchpoint.
    """
    made: list[Witness] = []
    for branch in islice(branches(selector, positive=True), MOST_BRANCHES):
        try:
            made.extend(_make(_demand(branch, kinds), kinds))
        except Impossible:
            continue
    spread = max(1, len(made) // most)
    return made[::spread][:most]


def _demand(branch: Branch, kinds: Kinds) -> _Demand:
    demand = _Demand({name for name, kind in kinds.items() if kind.role != "void"})
    for positive, selector in branch:
        _add(demand, selector, kinds, positive=positive)
    for name, (low, high) in demand.bounds.items():
        if low is not None and high is not None and low > high:
            raise Impossible(_WHY[name])
    return demand


def _add(demand: _Demand, selector: Selector, kinds: Kinds, *, positive: bool) -> None:  # noqa: C901, PLR0912  (one branch per selector)
    if isinstance(selector, KindIs):
        _narrow_kinds(demand, {selector.name}, positive=positive)
    elif isinstance(selector, OneOf):
        _one_of(demand, selector, kinds, positive=positive)
    elif isinstance(selector, IsAutomated):
        _narrow(demand, "automated", {True}, positive=positive)
    elif isinstance(selector, AmountIs):
        _add_bound(demand, "amount", selector.amount, selector.bound, positive=positive)
    elif isinstance(selector, QuantityIs):
        value = Decimal(selector.millionths) * _MILLIONTH
        _add_bound(demand, "quantity", value, selector.bound, positive=positive)
    elif isinstance(selector, InMonths):
        demand.months &= (
            set(selector.months) if positive else set(range(1, 13)) - {*selector.months}
        )
        if not demand.months:
            raise Impossible(_WHY["months"])
    elif isinstance(selector, Where):
        _detail(demand, selector, positive=positive)
    elif isinstance(selector, IsReply):
        _narrow(demand, "is_reply", {True}, positive=positive)
    elif isinstance(selector, InReplyTo):
        if positive:
            _narrow(demand, "is_reply", {True}, positive=True)
            if impossible(selector.selector, kinds):
                raise Impossible(impossible(selector.selector, kinds))
            demand.answers = selector.selector
    elif isinstance(selector, IsReferred):
        _narrow(demand, "brought", {True}, positive=positive)
        if positive:
            demand.other = (
                selector.selector if demand.other is None else demand.other & selector.selector
            )
            if impossible(demand.other, kinds):
                raise Impossible(impossible(demand.other, kinds))


def _one_of(demand: _Demand, selector: OneOf, kinds: Kinds, *, positive: bool) -> None:
    name, values = selector.field, set(selector.values)
    if name == "family":
        of = {key for key, kind in kinds.items() if kind.family in values}
        _narrow_kinds(demand, of, positive=positive)
    elif name == "purpose":
        if positive:
            demand.purposes.append(values)
        else:
            demand.no_purposes |= values
        if any(not wanted - demand.no_purposes for wanted in demand.purposes):
            raise Impossible(_WHY["purposes"])
    elif name in ("channel", "campaign"):
        known = demand.named.get(name)
        if positive:
            demand.named[name] = values if known is None else known & values
        else:
            demand.forbidden.setdefault(name, set()).update(values)
        left = demand.named.get(name)
        if left is not None and not left - demand.forbidden.get(name, set()):
            raise Impossible(_WHY[name])
    else:
        _narrow(demand, name, values, positive=positive)


def _narrow_kinds(demand: _Demand, names: set[str], *, positive: bool) -> None:
    demand.kinds = demand.kinds & names if positive else demand.kinds - names
    if not demand.kinds:
        raise Impossible(_WHY["kind"])


def _narrow(demand: _Demand, name: str, values: set[Any], *, positive: bool) -> None:
    domain = demand.domains[name]
    demand.domains[name] = domain & values if positive else domain - values
    if not demand.domains[name]:
        raise Impossible(_WHY[name])


def _add_bound(demand: _Demand, name: str, value: Decimal, bound: str, *, positive: bool) -> None:
    step = _ONE_CENT if name == "amount" else _MILLIONTH
    low, high = demand.bounds.get(name, (None, None))
    if positive:
        least = value if bound == "at_least" else value + step
        low = least if low is None else max(low, least)
    else:
        most = value - step if bound == "at_least" else value
        high = most if high is None else min(high, most)
    demand.bounds[name] = (low, high)


def _detail(demand: _Demand, where: Where, *, positive: bool) -> None:
    if positive:
        known = demand.details.get(where.field)
        if where.field in demand.details and not where.matches(known):
            raise Impossible(_WHY["details"])
        demand.details[where.field] = where.value
    else:
        demand.no_details.append(where)
    if any(excluded.matches(demand.details.get(excluded.field)) for excluded in demand.no_details):
        raise Impossible(_WHY["details"])


def _make(demand: _Demand, kinds: Kinds, most: int = 6) -> Iterator[Witness]:
    """Yield witnesses of varied kinds, preferring kinds whose usual fields meet the demands."""
    if demand.other is not None:
        yield from (replace(w, brought=True) for w in witnesses(demand.other, kinds, most))
        return
    answered = demand.answers
    if answered is None and demand.domains["is_reply"] == {True}:
        answered = any_touchpoint
    target = None if answered is None else next(iter(witnesses(answered, kinds, 1)), None)
    low, high = demand.bounds.get("amount", (None, None))
    for name in _rank(demand, kinds)[:most]:
        fields = _fields(demand, kinds, name)
        yield Witness(fields, frozenset(demand.months), low, high, target)


def _rank(demand: _Demand, kinds: Kinds) -> list[str]:
    """Return the kinds with the fewest unusual fields: one per family, then the second ones."""
    unlike = {name: _unlike(demand, kinds, name) for name in kinds if name in demand.kinds}
    best = min(unlike.values())
    places: dict[str, int] = {}
    ranked: list[tuple[int, int, str]] = []
    for name in (name for name, much in unlike.items() if much == best):
        family = kinds[name].family
        places[family] = places.get(family, 0) + 1
        ranked.append((places[family], len(ranked), name))
    return [name for _, _, name in sorted(ranked)]


def _unlike(demand: _Demand, kinds: Kinds, name: str) -> int:
    """Count the usual fields that a touchpoint of this kind must override; status adds two."""
    kind = kinds[name]
    usual = ("direction", "audience", "asks_for", "automated")
    changed = sum(getattr(kind, trait) not in demand.domains[trait] for trait in usual)
    changed += sum(not wanted & kind.purposes for wanted in demand.purposes)
    return changed + bool(kind.purposes & demand.no_purposes) + 2 * (kind.family == "status")


def _fields(demand: _Demand, kinds: Kinds, name: str) -> dict[str, Any]:
    kind = kinds[name]
    fields: dict[str, Any] = {"kind": name}
    for trait in ("direction", "audience", "asks_for", "automated"):
        if getattr(kind, trait) not in demand.domains[trait]:
            fields[trait] = min((v for v in demand.domains[trait] if v is not None), default=None)
    purposes: set[str] = {str(purpose) for purpose in kind.purposes} - demand.no_purposes
    for wanted in demand.purposes:
        if not wanted & purposes:
            purposes.add(next(p for p in PURPOSES if p in wanted - demand.no_purposes))
    if purposes != set(kind.purposes):
        fields["purposes"] = frozenset(purposes)
    for trait, values in demand.named.items():
        fields[trait] = min(values - demand.forbidden.get(trait, set()))
    if demand.details:
        fields["details"] = dict(demand.details)
    low, high = demand.bounds.get("quantity", (None, None))
    if low is not None or high is not None:
        fields["quantity"] = low if low is not None else high
    return fields
