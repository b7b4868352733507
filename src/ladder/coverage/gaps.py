"""Intervals in which the log is not declared to hold the required touchpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ladder.coverage.declarations import Coverage, Gap
from ladder.coverage.implication import Branch, bears_on, holds, parts
from ladder.language.nodes import Selector
from ladder.model.calendars import BEGINNING, FOREVER
from ladder.model.kinds import Kinds


def gaps(declared: Iterable[Coverage], asked: Selector, kinds: Kinds) -> list[Gap]:
    """Return the sorted gaps in which the log is not declared to hold all that `asked` selects.

    A kind's touchpoints are covered where a declaration without a source covers them, or where
    every source that is declared for some of them is declared for all of them.
    """
    return list(_gaps(tuple(declared), asked, kinds))


@lru_cache(maxsize=1024)
def _gaps(declared: tuple[Coverage, ...], asked: Selector, kinds: Kinds) -> tuple[Gap, ...]:
    """Find the gaps, with a cache because the columnar evaluator asks once per part."""
    missing = [gap for part in parts(asked, kinds) for gap in _uncovered(declared, part, kinds)]
    return tuple(merged(missing))


def _uncovered(declared: Sequence[Coverage], part: Branch, kinds: Kinds) -> Iterator[Gap]:
    whole = [each for each in declared if each.source is None and holds(each.selector, part, kinds)]
    left = without([Gap(BEGINNING, FOREVER)], whole)
    shares: dict[str, list[Coverage]] = {}
    for each in declared if left else ():
        if each.source is not None and bears_on(each.selector, part, kinds):
            covering = shares.setdefault(each.source, [])
            if holds(each.selector, part, kinds):
                covering.append(each)
    if not shares:
        yield from left
    for covering in shares.values():
        yield from without(left, covering)


def without(stretches: Iterable[Gap], covered: Sequence[Coverage]) -> list[Gap]:
    """Subtract the covered intervals from the given ones."""
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


def merged(stretches: Iterable[Gap]) -> list[Gap]:
    """Sort the intervals and join those that overlap or touch."""
    found: list[Gap] = []
    for gap in sorted(stretches):
        if found and gap.since <= found[-1].until:
            found[-1] = Gap(found[-1].since, max(found[-1].until, gap.until))
        else:
            found.append(gap)
    return found
