"""Anomalies: declarations that the log contradicts, and sources without a declaration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ladder.coverage import BEGINNING, Coverage, describe, may_select
from ladder.language.nodes import Selector
from ladder.model.calendars import FOREVER, Calendar
from ladder.reports.coverage.inventory import Holding, Holdings
from ladder.reports.coverage.proposals import LEAST_EACH
from ladder.reports.metrics.months import month_of, name_of

QUIET: Final = 3
"""Months without a touchpoint, after a frequent source, before a remark: the declaration may no
longer hold. Our choice."""


def doubts(
    held: Holdings, declared: Sequence[Coverage], needed: Sequence[Selector], now: int
) -> Iterator[str]:
    """Yield, as sentences, every anomaly to check before an assessment."""
    sources = held.sources()
    for coverage in declared:
        yield from _contradictions(coverage, held, sources, now)
    for selector in needed:
        yield from _unspoken(selector, held, declared)


def _contradictions(
    coverage: Coverage, held: Holdings, sources: dict[str, Holding], now: int
) -> Iterator[str]:
    """Yield remarks on a source that is unknown, began after its declaration, or stopped."""
    calendar = held.organisation.calendar
    if coverage.source is not None and coverage.source not in sources:
        yield f"{_words(coverage)}: the log holds nothing of {coverage.source}. Is it spelled so?"
        return
    everything = list(sources.values()) if coverage.source is None else [sources[coverage.source]]
    if not everything:
        return
    begins = min(one.begins for one in everything)
    since = None if coverage.since <= BEGINNING else month_of(calendar, coverage.since)
    holder = "the log" if coverage.source is None else coverage.source
    if since is not None and since < begins:
        yield (
            f"{_words(coverage)}: declared since {name_of(since)}, but {holder} begins in "
            f"{name_of(begins)}, and cannot hold what was before"
        )
    yield from _silence_remarks(coverage, held, calendar, now)


def _silence_remarks(
    coverage: Coverage, held: Holdings, calendar: Calendar, now: int
) -> Iterator[str]:
    if coverage.until < FOREVER:
        return
    month = month_of(calendar, now)
    for one in held.of(coverage.selector):
        mine = coverage.source in (None, one.source)
        often = one.touchpoints >= LEAST_EACH * len(one.span)
        if mine and often and one.ends < month - QUIET:
            yield (
                f"{_words(coverage)}: declared for ever, but {one.source} holds none since "
                f"{name_of(one.ends)}. If the export ends there, say until"
            )


def _unspoken(selector: Selector, held: Holdings, declared: Sequence[Coverage]) -> Iterator[str]:
    """Yield remarks on sources that hold something declared only for other sources."""
    bearing = [
        coverage for coverage in declared if may_select(coverage.selector, selector, held.kinds)
    ]
    spoken = {coverage.source for coverage in bearing}
    if not bearing or None in spoken:
        return
    names = " and ".join(sorted(source for source in spoken if source is not None))
    for one in held.of(selector):
        if one.source not in spoken:
            yield (
                f"{describe(selector)}: {one.source} brings {one.touchpoints:,} of them and is "
                f"declared for none; {names} alone cannot hold them all"
            )


def _words(coverage: Coverage) -> str:
    source = "" if coverage.source is None else f" of {coverage.source}"
    return f"{coverage.selector}{source}"
