"""Whether what one selector selects is surely among what another does, or surely not.

Selectors are laid out as "or" of "and"s of plain ones, each affirmed or denied, and each "and" once
for every kind that it may be about. By kind, because that is how organisations declare: gifts and
shifts and letters together are "anything inbound", though no single declaration says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from ladder.language.nodes import Selector
from ladder.language.selectors import (
    AllOf,
    AnyOf,
    Anything,
    InMonths,
    KindIs,
    Negation,
    OneOf,
    When,
    Where,
)
from ladder.model.kinds import Kinds

Literal = tuple[bool, Selector]
Branch = tuple[Literal, ...]


def covers(declared: Selector, asked: Selector, kinds: Kinds) -> bool:
    """Whether everything that `asked` selects is surely among what `declared` selects."""
    return all(holds(declared, part, kinds) for part in parts(asked, kinds))


def parts(asked: Selector, kinds: Kinds) -> Iterator[Branch]:
    """The selector's branches, each for every kind that its touchpoints may have."""
    for branch in branches(asked, positive=True):
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
    """Whether the selector surely selects all of this part."""
    return any(
        all(any(_implies(has, wants, kinds) for has in part) for wants in wanted)
        for wanted in branches(declared, positive=True)
    )


def bears(declared: Selector, asked: Selector, kinds: Kinds) -> bool:
    """Whether `declared` may select some of what `asked` does."""
    return any(bears_on(declared, part, kinds) for part in parts(asked, kinds))


def bears_on(declared: Selector, part: Branch, kinds: Kinds) -> bool:
    """Whether the selector may select some of this part."""
    return any(not apart(each, part, kinds) for each in branches(declared, positive=True))


def apart(one: Branch, other: Branch, kinds: Kinds) -> bool:
    """Whether no touchpoint is surely of both."""
    return any(_excludes(this, that, kinds) for this in one for that in other)


def branches(selector: Selector, *, positive: bool) -> Sequence[Branch]:
    """The selector as "or" of "and"s of plain selectors, each affirmed or denied."""
    if isinstance(selector, Negation):
        return branches(selector.selector, positive=not positive)
    if isinstance(selector, When) and positive:
        return branches(selector.selector, positive=True)
    if isinstance(selector, Anything):
        return [()] if positive else []
    if isinstance(selector, AllOf | AnyOf):
        inner = [branches(item, positive=positive) for item in selector.items]
        if isinstance(selector, AnyOf) == positive:
            return [branch for several in inner for branch in several]
        return [_joined(choice) for choice in product(*inner)]
    return [((positive, selector),)]


def _joined(choice: Iterable[Branch]) -> Branch:
    return tuple(dict.fromkeys(literal for branch in choice for literal in branch))


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
    """Whether the right one selects all that the left one does."""
    if not isinstance(right, OneOf):
        return False
    if isinstance(left, OneOf):
        return left.field == right.field and set(left.values) <= set(right.values)
    return isinstance(left, KindIs) and _usual(left, right.field, kinds) in right.values


def _exclusive(left: Selector, right: Selector, kinds: Kinds) -> bool:
    """Whether no touchpoint is selected by both."""
    if isinstance(left, OneOf) and isinstance(right, KindIs):
        left, right = right, left
    if isinstance(left, KindIs) and isinstance(right, KindIs):
        return left.name != right.name
    if isinstance(left, KindIs) and isinstance(right, OneOf):
        if right.field in ("purpose", "asks_for"):  # an organisation's; what she does has none
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
    """A kind is always of its family, and usually goes in its own direction."""
    known = kinds.get(kind.name)
    if known is None or field not in ("family", "direction"):
        return None
    return known.family if field == "family" else known.direction
