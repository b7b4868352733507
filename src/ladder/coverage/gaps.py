"""Coverage declarations, and the intervals that they leave uncovered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, model_validator

from ladder.coverage.implication import Branch, holds, may_overlap, parts
from ladder.errors import DefinitionError
from ladder.language.nodes import Selector
from ladder.model.calendars import BEGINNING, FOREVER
from ladder.model.kinds import Kinds


class Coverage(BaseModel):
    """A declaration: the log holds all touchpoints of a selector in [since, until).

    `since` and `until` are instants. With a `source`, the declaration concerns only what goes
    through that system. It suffices where no other source is declared for such touchpoints;
    otherwise every source that is declared for some of them must be declared for all of them.
    Without a source, the declaration concerns the whole log and suffices alone.
    """

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
    """A half-open interval of instants that the log does not cover: [since, until)."""

    since: int
    until: int


def gaps(declared: Iterable[Coverage], required: Selector, kinds: Kinds) -> list[Gap]:
    """Return the sorted gaps in which the log is not declared to hold all that `required` selects.

    A kind's touchpoints are covered where a declaration without a source covers them, or where
    every source that is declared for some of them is declared for all of them.
    """
    return list(_gaps(tuple(declared), required, kinds))


@lru_cache(maxsize=1024)
def _gaps(declared: tuple[Coverage, ...], required: Selector, kinds: Kinds) -> tuple[Gap, ...]:
    """Find the gaps, with a cache because the columnar evaluator asks once per part."""
    missing = [
        gap for part in parts(required, kinds) for gap in _gaps_of_branch(declared, part, kinds)
    ]
    return tuple(merge(missing))


def _gaps_of_branch(declared: Sequence[Coverage], part: Branch, kinds: Kinds) -> Iterator[Gap]:
    whole = [
        coverage
        for coverage in declared
        if coverage.source is None and holds(coverage.selector, part, kinds)
    ]
    left = without([Gap(BEGINNING, FOREVER)], whole)
    shares: dict[str, list[Coverage]] = {}
    for coverage in declared if left else ():
        if coverage.source is not None and may_overlap(coverage.selector, part, kinds):
            covering = shares.setdefault(coverage.source, [])
            if holds(coverage.selector, part, kinds):
                covering.append(coverage)
    if not shares:
        yield from left
    for covering in shares.values():
        yield from without(left, covering)


def without(stretches: Iterable[Gap], covered: Sequence[Coverage]) -> list[Gap]:
    """Subtract the covered intervals from the given ones."""
    left = list(stretches)
    for coverage in covered:
        left = [
            rest
            for gap in left
            for rest in (
                Gap(gap.since, min(gap.until, coverage.since)),
                Gap(max(gap.since, coverage.until), gap.until),
            )
            if rest.since < rest.until
        ]
    return left


def merge(stretches: Iterable[Gap]) -> list[Gap]:
    """Sort the intervals and join those that overlap or touch."""
    intervals: list[Gap] = []
    for gap in sorted(stretches):
        if intervals and gap.since <= intervals[-1].until:
            intervals[-1] = Gap(intervals[-1].since, max(intervals[-1].until, gap.until))
        else:
            intervals.append(gap)
    return intervals
