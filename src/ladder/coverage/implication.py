"""Implication and exclusion between selectors, as far as they are certain.

A selector is expanded into an "or" of "and"s of plain selectors, each affirmed or negated. Every
"and" is expanded further into one branch per kind, because organisations declare by kind. Gifts,
shifts and letters together are "anything inbound", though no single declaration says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product

from ladder.language.nodes import AllOf, AnyOf, Negation, Selector, When
from ladder.language.selectors import AnyTouchpoint, InMonths, KindIs, OneOf, Where
from ladder.model.kinds import Kinds

Literal = tuple[bool, Selector]
Branch = tuple[Literal, ...]


def covers(declared: Selector, required: Selector, kinds: Kinds) -> bool:
    """Check whether `declared` surely selects everything that `required` selects."""
    return all(holds(declared, part, kinds) for part in parts(required, kinds))


def parts(required: Selector, kinds: Kinds) -> Iterator[Branch]:
    """Expand the selector into branches, one per kind that its touchpoints may have."""
    for branch in branches(required, positive=True):
        if apart(branch, branch, kinds):
            continue
        if any(yes and isinstance(plain, KindIs) for yes, plain in branch):
            yield branch
            continue
        for name in kinds:
            kind = (True, KindIs(name=name))
            if not apart((kind,), branch, kinds):
                yield (*branch, kind)


def holds(declared: Selector, part: Branch, kinds: Kinds) -> bool:
    """Check whether the selector surely selects all of this branch."""
    return any(
        all(any(_implies(has, wants, kinds) for has in part) for wants in wanted)
        for wanted in branches(declared, positive=True)
    )


def may_select(declared: Selector, required: Selector, kinds: Kinds) -> bool:
    """Check whether `declared` may select some of what `required` selects."""
    return any(may_overlap(declared, part, kinds) for part in parts(required, kinds))


def may_overlap(declared: Selector, part: Branch, kinds: Kinds) -> bool:
    """Check whether the selector may select some of this branch."""
    return any(not apart(branch, part, kinds) for branch in branches(declared, positive=True))


def apart(one: Branch, other: Branch, kinds: Kinds) -> bool:
    """Check whether surely no touchpoint belongs to both branches."""
    return any(_excludes(this, that, kinds) for this in one for that in other)


def branches(selector: Selector, *, positive: bool) -> Iterator[Branch]:
    """Expand the selector into an "or" of "and"s of plain selectors, affirmed or negated.

    The condition of a `.when(…)` that is not negated is ignored.
    """
    if isinstance(selector, Negation):
        yield from branches(selector.selector, positive=not positive)
    elif isinstance(selector, When) and positive:
        yield from branches(selector.selector, positive=True)
    elif isinstance(selector, AnyTouchpoint):
        yield from [()] if positive else []
    elif isinstance(selector, AllOf | AnyOf):
        inner = (branches(item, positive=positive) for item in selector.items)
        if isinstance(selector, AnyOf) == positive:
            yield from chain.from_iterable(inner)
        else:
            for choice in product(*inner):
                yield tuple(dict.fromkeys(chain.from_iterable(choice)))
    else:
        yield ((positive, selector),)


def _implies(has: Literal, wants: Literal, kinds: Kinds) -> bool:
    if has == wants:
        return True
    (yes, left), (also, right) = has, wants
    if yes and also:
        return _within(left, right, kinds)
    if yes or also:
        return yes and _exclusive(left, right, kinds)
    return _within(right, left, kinds)


def _excludes(one: Literal, other: Literal, kinds: Kinds) -> bool:
    (yes, left), (also, right) = one, other
    if yes and also:
        return _exclusive(left, right, kinds)
    if yes or also:
        affirmed, denied = (left, right) if yes else (right, left)
        return affirmed == denied or _within(affirmed, denied, kinds)
    return False


def _within(left: Selector, right: Selector, kinds: Kinds) -> bool:
    """Check whether the right selector selects all that the left one selects."""
    if not isinstance(right, OneOf):
        return False
    if isinstance(left, OneOf):
        return left.field == right.field and set(left.values) <= set(right.values)
    return isinstance(left, KindIs) and _usual(left, right.field, kinds) in right.values


def _exclusive(left: Selector, right: Selector, kinds: Kinds) -> bool:
    """Check whether no touchpoint is selected by both."""
    if isinstance(left, OneOf) and isinstance(right, KindIs):
        left, right = right, left
    if isinstance(left, KindIs) and isinstance(right, KindIs):
        return left.name != right.name
    if isinstance(left, KindIs) and isinstance(right, OneOf):
        if right.field in ("purpose", "asks_for"):  # only outbound touchpoints have these fields
            return _usual(left, "direction", kinds) == "inbound"
        usual = _usual(left, right.field, kinds)
        return usual is not None and usual not in right.values
    if isinstance(left, OneOf) and isinstance(right, OneOf):
        alike = left.field == right.field and left.field != "purpose"
        return alike and not set(left.values) & set(right.values)
    if isinstance(left, InMonths) and isinstance(right, InMonths):
        return not set(left.months) & set(right.months)
    if isinstance(left, Where) and isinstance(right, Where):
        return left.field == right.field and not left.matches(right.value)
    return False


def _usual(kind: KindIs, field: str, kinds: Kinds) -> str | None:
    known = kinds.get(kind.name)
    if known is None or field not in ("family", "direction"):
        return None
    return known.family if field == "family" else known.direction
