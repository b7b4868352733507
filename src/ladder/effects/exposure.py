"""Determine which supporters had a pattern, and which were assessable, at index dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ladder.coverage import Coverage, is_about_coverage
from ladder.effects.arrays import Ints, Mask, Small
from ladder.effects.index_dates import Index
from ladder.engines.columnar import columns, episodes, episodes_of_lines
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.language.selectors import AnyTouchpoint, KindIs, OneOf
from ladder.storage.read.finding_intervals import finding_intervals
from ladder.storage.read.history_batches import read_parts
from ladder.storage.store import Store

_SLICE: Final = 4
"""Index dates whose findings are read in one statement."""


@dataclass(frozen=True)
class Intervals:
    """Intervals of instants [at, until), each with the number of its supporter."""

    supporter: Small
    at: Ints
    until: Ints

    @classmethod
    def of(cls, frames: Iterable[pl.DataFrame], supporters: Ints) -> Intervals:
        """Build from frames whose first columns are supporter (id), at and until."""
        parts = [
            (np.searchsorted(supporters, supporter.to_numpy()).astype(np.int32), at, until)
            for supporter, at, until in (frame.iter_columns() for frame in frames)
        ]
        whos, ats, untils = zip(*parts, strict=True) if parts else ((), (), ())
        empty = np.empty(0, np.int64)
        return cls(
            np.concatenate([empty.astype(np.int32), *whos]),
            np.concatenate([empty, *(at.to_numpy() for at in ats)]),
            np.concatenate([empty, *(until.to_numpy() for until in untils)]),
        )

    def at_instant(self, instant: int, size: int) -> Mask:
        """Return the supporters with an interval that contains that instant."""
        return self.within(instant, instant, size)

    def within(self, first: int, last: int, size: int) -> Mask:
        """Return the supporters with an interval that contains some instant in [first, last]."""
        inside = np.zeros(size, np.bool_)
        inside[self.supporter[(self.at <= last) & (self.until > first)]] = True
        return inside

    def throughout(self, first: int, last: int, begun: Ints) -> Mask:
        """Return the supporters with an interval over [first, last], or from their line's start."""
        inside = np.zeros(len(begun), np.bool_)
        since = np.maximum(first, begun[self.supporter])
        inside[self.supporter[(self.at <= since) & (self.until > last)]] = True
        return inside


def finding_intervals_at(
    store: Store, root: int, pattern: str, dates: Sequence[Index], supporters: Ints
) -> Intervals:
    """Return the intervals of that pattern's findings that affect these dates."""
    edges = sorted({dates[0].opens - 1, *(date.instant for date in dates[::-_SLICE])})
    return Intervals.of(finding_intervals(store, root, pattern, edges), supporters)


def assessable(
    store: Store,
    ladder: Ladder,
    coverage: Sequence[Coverage],
    patterns: Iterable[Pattern],
    lines: pl.DataFrame,
) -> Iterator[tuple[list[Pattern], Intervals | None]]:
    """Yield groups of patterns with one requirement, and when it is met (None: always).

    `lines` are supporters and the starts of their lines. Requirements of coverage depend on the
    start alone, so they are evaluated once per start; other requirements are evaluated on the
    histories.
    """
    by_needs: dict[Condition | None, list[Pattern]] = {}
    for pattern in patterns:
        by_needs.setdefault(ladder.assessable(pattern), []).append(pattern)
    if None in by_needs:
        yield by_needs.pop(None), None
    requires = {condition: group for condition, group in by_needs.items() if condition is not None}
    supporters = lines["supporter"].to_numpy()
    others = [requirement for requirement in requires if not is_about_coverage(requirement)]
    read: dict[Condition, list[pl.DataFrame]] = {requirement: [] for requirement in others}
    parts = read_parts(store, ladder.kinds.values(), columns=columns(ladder)) if others else ()
    for part in parts:
        for requirement, frames in read.items():
            met = episodes(
                requirement, part.frame, ladder, store.organisation, coverage, part.brought
            )
            frames.append(met.select("supporter", "start", "end"))
    for condition, group in requires.items():
        if condition not in read:
            read[condition] = [
                episodes_of_lines(condition, lines, ladder, store.organisation, coverage)
            ]
        yield group, Intervals.of(read[condition], supporters)


def speaks_of_giving(pattern: Pattern, giving: Iterable[str], ladder: Ladder) -> bool:
    """Return whether the definition reads gifts, so that it depends on the outcome itself."""
    names, kinds = set(giving), ladder.kinds
    families = {kinds.find(name).family for name in names}
    values: dict[str, set[str]] = {"family": set(families), "direction": {"inbound"}}
    conditions = (ladder.expand(grade.condition) for grade in pattern.grades)
    nodes = [node for condition in conditions for node in condition.walk()]
    return any(
        isinstance(node, AnyTouchpoint)
        or (isinstance(node, KindIs) and node.name in names)
        or (isinstance(node, OneOf) and bool(values.get(node.field, set()) & set(node.values)))
        for node in nodes
    )
