"""Who had the pattern when, and of whom it could have been said: at index dates, for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ladder.coverage import Coverage, only_logged
from ladder.effects.arrays import Ints, Mask, Small
from ladder.effects.index_dates import Index
from ladder.engines.columnar import columns, episodes, episodes_of_lines
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.language.selectors import Anything, KindIs, OneOf
from ladder.storage.read.finding_intervals import finding_intervals
from ladder.storage.read.history_batches import read_parts
from ladder.storage.store import Store

_SLICE: Final = 4
"""Index dates whose findings are read in one statement."""


@dataclass(frozen=True)
class Spells:
    """Stretches of instants [at, until), each of the supporter of that number."""

    who: Small
    at: Ints
    until: Ints

    @classmethod
    def of(cls, frames: Iterable[pl.DataFrame], supporters: Ints) -> Spells:
        """From frames whose first columns are supporter (id), at and until."""
        parts = [
            (np.searchsorted(supporters, who.to_numpy()).astype(np.int32), at, until)
            for who, at, until in (frame.iter_columns() for frame in frames)
        ]
        whos, ats, untils = zip(*parts, strict=True) if parts else ((), (), ())
        empty = np.empty(0, np.int64)
        return cls(
            np.concatenate([empty.astype(np.int32), *whos]),
            np.concatenate([empty, *(each.to_numpy() for each in ats)]),
            np.concatenate([empty, *(each.to_numpy() for each in untils)]),
        )

    def at_instant(self, instant: int, size: int) -> Mask:
        """Whose stretch holds that instant."""
        return self.within(instant, instant, size)

    def within(self, first: int, last: int, size: int) -> Mask:
        """Whose stretch holds some instant from the first to the last of these."""
        inside = np.zeros(size, np.bool_)
        inside[self.who[(self.at <= last) & (self.until > first)]] = True
        return inside

    def throughout(self, first: int, last: int, begun: Ints) -> Mask:
        """Whose stretch holds every instant from the first, or from where her line begins, on."""
        inside = np.zeros(len(begun), np.bool_)
        since = np.maximum(first, begun[self.who])
        inside[self.who[(self.at <= since) & (self.until > last)]] = True
        return inside


def found(
    store: Store, root: int, pattern: str, dates: Sequence[Index], supporters: Ints
) -> Spells:
    """When that pattern was found, as far as it bears on these dates."""
    edges = sorted({dates[0].opens - 1, *(date.instant for date in dates[::-_SLICE])})
    return Spells.of(finding_intervals(store, root, pattern, edges), supporters)


def assessable(
    store: Store,
    ladder: Ladder,
    coverage: Sequence[Coverage],
    patterns: Iterable[Pattern],
    lines: pl.DataFrame,
) -> Iterator[tuple[list[Pattern], Spells | None]]:
    """Patterns that need the same, with when it is there; None: always.

    `lines` are supporters and where their lines begin. What a declared log says depends on that
    alone, so it is worked out once for each such instant; other needs are read from the histories.
    """
    by_needs: dict[Condition | None, list[Pattern]] = {}
    for pattern in patterns:
        by_needs.setdefault(ladder.assessable(pattern), []).append(pattern)
    if None in by_needs:
        yield by_needs.pop(None), None
    needs = {each: group for each, group in by_needs.items() if each is not None}
    supporters = lines["supporter"].to_numpy()
    others = [each for each in needs if not only_logged(each)]
    read = _from_histories(store, ladder, coverage, others)
    for condition, group in needs.items():
        frames = read.get(condition)
        if frames is None:
            frames = [episodes_of_lines(condition, lines, ladder, store.organisation, coverage)]
        yield group, Spells.of(frames, supporters)


def _from_histories(
    store: Store, ladder: Ladder, coverage: Sequence[Coverage], needs: Sequence[Condition]
) -> Mapping[Condition, list[pl.DataFrame]]:
    read: dict[Condition, list[pl.DataFrame]] = {each: [] for each in needs}
    if not needs:
        return read
    for part in read_parts(store, ladder.kinds.values(), columns=columns(ladder)):
        for each, frames in read.items():
            met = episodes(each, part.frame, ladder, store.organisation, coverage, part.brought)
            frames.append(met.select("supporter", "start", "end"))
    return read


def speaks_of_giving(pattern: Pattern, giving: Iterable[str], ladder: Ladder) -> bool:
    """Whether the definition looks at gifts, so that it has to do with the outcome by itself."""
    names, kinds = set(giving), ladder.kinds
    families = {kinds.find(name).family for name in names}
    values: dict[str, set[str]] = {"family": set(families), "direction": {"inbound"}}
    conditions = (ladder.written_out(grade.condition) for grade in pattern.grades)
    nodes = [node for condition in conditions for node in condition.walk()]
    return any(
        isinstance(node, Anything)
        or (isinstance(node, KindIs) and node.name in names)
        or (isinstance(node, OneOf) and bool(values.get(node.field, set()) & set(node.values)))
        for node in nodes
    )
