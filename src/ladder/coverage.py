"""What the organisation declares its log to hold, and whether that covers what a pattern needs.

Half of the patterns say that something did not happen. In a log that never held such things their
absence says nothing, so it must be declared: "all outbound contacts since January 2020".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, product
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, model_validator

from ladder.calendars import FOREVER
from ladder.conditions import And, Logged, Not, Or
from ladder.errors import DefinitionError
from ladder.kinds import Kinds
from ladder.nodes import Condition, Selector
from ladder.selectors import AllOf, AnyOf, Anything, KindIs, Negation, OneOf, When

BEGINNING = -FOREVER


class Coverage(BaseModel):
    """The log holds every touchpoint of this selector from `since` until `until` (instants)."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    selector: Selector
    since: int = BEGINNING
    until: int = FOREVER
    source: str | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Coverage:
        if self.since >= self.until:
            message = f"coverage of {self.selector} ends before it begins"
            raise DefinitionError(message)
        return self


class Gap(NamedTuple):
    """A stretch of instants that the log does not cover: [since, until)."""

    since: int
    until: int


def gaps(declared: Iterable[Coverage], asked: Selector, kinds: Kinds) -> list[Gap]:
    """When the log is not declared to hold everything that `asked` selects, in order.

    A selector that is an "or" is covered where each of its branches is, each by any declaration.
    """
    declared = list(declared)
    open_ = [Gap(BEGINNING, FOREVER)]
    missing: list[Gap] = []
    for branch in _branches(asked, positive=True):
        covered = [each for each in declared if _covers(each.selector, branch, kinds)]
        missing += _without(open_, covered)
    return _merged(missing)


def covers(declared: Selector, asked: Selector, kinds: Kinds) -> bool:
    """Whether everything that `asked` selects is surely among what `declared` selects."""
    return all(_covers(declared, branch, kinds) for branch in _branches(asked, positive=True))


def only_logged(condition: Condition) -> bool:
    """Whether it is a matter of declarations alone, and nothing that she did bears on it."""
    if isinstance(condition, And | Or):
        return all(map(only_logged, condition.items))
    if isinstance(condition, Not):
        return only_logged(condition.condition)
    return isinstance(condition, Logged)


def declared_part(needs: Condition) -> Condition | None:
    """What of a pattern's needs is a matter of declarations alone; None when nothing is.

    Needs may ask for more ("and she was asked at least once"): that is about her, and no
    declaration would mend it.
    """
    parts = needs.items if isinstance(needs, And) else (needs,)
    logged = [part for part in parts if only_logged(part)]
    return And.of(*logged) if len(logged) > 1 else next(iter(logged), None)


Literal = tuple[bool, Selector]
Branch = tuple[Literal, ...]


def _branches(selector: Selector, *, positive: bool) -> Sequence[Branch]:
    """The selector as "or" of "and"s of plain selectors, each affirmed or denied."""
    if isinstance(selector, Negation):
        return _branches(selector.selector, positive=not positive)
    if isinstance(selector, When) and positive:
        return _branches(selector.selector, positive=True)
    if isinstance(selector, Anything):
        return [()] if positive else []
    if isinstance(selector, AllOf | AnyOf):
        inner = [_branches(item, positive=positive) for item in selector.items]
        if isinstance(selector, AnyOf) == positive:
            return [branch for branches in inner for branch in branches]
        return [sum(choice, ()) for choice in product(*inner)]
    return [((positive, selector),)]


def _covers(declared: Selector, branch: Branch, kinds: Kinds) -> bool:
    return any(
        all(any(_implies(has, wants, kinds) for has in branch) for wants in wanted)
        for wanted in _branches(declared, positive=True)
    )


def _implies(has: Literal, wants: Literal, kinds: Kinds) -> bool:
    if has == wants:
        return True
    (yes, left), (also, right) = has, wants
    if yes != also:
        return False
    if not yes:
        left, right = right, left
    if isinstance(right, OneOf):
        if isinstance(left, OneOf):
            return left.field == right.field and set(left.values) <= set(right.values)
        if isinstance(left, KindIs) and yes:
            return _usual(left, right, kinds)
    return False


def _usual(kind: KindIs, wanted: OneOf, kinds: Kinds) -> bool:
    """A kind is always of its family, and usually goes in its own direction."""
    known = kinds.get(kind.name)
    if known is None:
        return False
    if wanted.field == "family":
        return known.family in wanted.values
    return wanted.field == "direction" and known.direction in wanted.values


def _without(stretches: Iterable[Gap], covered: Sequence[Coverage]) -> list[Gap]:
    """The stretches without what is covered."""
    left = list(stretches)
    for each in covered:
        left = [
            rest
            for gap in left
            for rest in (
                Gap(gap.since, min(gap.until, each.since)),
                Gap(max(gap.since, each.until), gap.until),
            )
            if rest.since < rest.until
        ]
    return left


def _merged(stretches: Iterable[Gap]) -> list[Gap]:
    """Sorted, with overlapping and touching ones made one."""
    ordered = sorted(stretches)
    if not ordered:
        return []
    merged = [ordered[0]]
    for _, gap in pairwise(ordered):
        last = merged[-1]
        if gap.since <= last.until:
            merged[-1] = Gap(last.since, max(last.until, gap.until))
        else:
            merged.append(gap)
    return merged
