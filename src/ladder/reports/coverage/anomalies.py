"""Anomalies: declarations that the log contradicts, and sources without a declaration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ladder.coverage import BEGINNING, Coverage, bears, describe
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
    for each in declared:
        yield from _belied(each, held, sources, now)
    for selector in needed:
        yield from _unspoken(selector, held, declared)


def _belied(each: Coverage, held: Holdings, sources: dict[str, Holding], now: int) -> Iterator[str]:
    """Yield remarks on a source that is unknown, began after its declaration, or stopped."""
    calendar = held.organisation.calendar
    if each.source is not None and each.source not in sources:
        yield f"{_words(each)}: the log holds nothing of {each.source}. Is it spelled so?"
        return
    everything = list(sources.values()) if each.source is None else [sources[each.source]]
    if not everything:
        return
    begins = min(one.begins for one in everything)
    since = None if each.since <= BEGINNING else month_of(calendar, each.since)
    whose = "the log" if each.source is None else each.source
    if since is not None and since < begins:
        yield (
            f"{_words(each)}: declared since {name_of(since)}, but {whose} begins in "
            f"{name_of(begins)}, and cannot hold what was before"
        )
    yield from _stopped(each, held, calendar, now)


def _stopped(each: Coverage, held: Holdings, calendar: Calendar, now: int) -> Iterator[str]:
    if each.until < FOREVER:
        return
    month = month_of(calendar, now)
    for one in held.of(each.selector):
        mine = each.source in (None, one.source)
        often = one.touchpoints >= LEAST_EACH * len(one.span)
        if mine and often and one.ends < month - QUIET:
            yield (
                f"{_words(each)}: declared for ever, but {one.source} holds none since "
                f"{name_of(one.ends)}. If the export ends there, say until"
            )


def _unspoken(selector: Selector, held: Holdings, declared: Sequence[Coverage]) -> Iterator[str]:
    """Yield remarks on sources that hold something declared only for other sources."""
    heard = [each for each in declared if bears(each.selector, selector, held.kinds)]
    spoken = {each.source for each in heard}
    if not heard or None in spoken:
        return
    names = " and ".join(sorted(each for each in spoken if each is not None))
    for one in held.of(selector):
        if one.source not in spoken:
            yield (
                f"{describe(selector)}: {one.source} brings {one.touchpoints:,} of them and is "
                f"declared for none; {names} alone cannot hold them all"
            )


def _words(each: Coverage) -> str:
    source = "" if each.source is None else f" of {each.source}"
    return f"{each.selector}{source}"
