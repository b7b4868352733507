"""For how many supporters a pattern can have no verdict, because its absence was not declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from ladder.columnar import episodes_of_lines
from ladder.coverage import Coverage, declared_part, lacks
from ladder.ladders import Ladder
from ladder.replay.reports import Unassessable
from ladder.storage.spells import begun, silent_at
from ladder.storage.store import Store


def unassessable(
    store: Store, ladder: Ladder, coverage: Sequence[Coverage], root: int, now: int
) -> tuple[Unassessable, ...]:
    """The patterns whose `needs` are not met now, with for how many of those whose line has begun.

    Of the ladder of that root. Who is silent now is left out, and what lies ahead.
    """
    hidden = silent_at(store, root, now)
    there = (pl.col("at") <= now) & ~pl.col("supporter").is_in(hidden.implode())
    lines = begun(store).filter(there)
    return tuple(_judged(store, ladder, coverage, lines, now))


def _judged(
    store: Store, ladder: Ladder, coverage: Sequence[Coverage], lines: pl.DataFrame, now: int
) -> Iterator[Unassessable]:
    organisation = store.organisation
    for pattern in ladder.patterns:
        needs = None if pattern.needs is None else declared_part(pattern.needs)
        if needs is None or lines.is_empty():
            continue
        met = episodes_of_lines(needs, lines, ladder, organisation, coverage)
        open_now = (pl.col("start") <= now) & (pl.col("end") > now)
        missing = len(lines) - met.filter(open_now)["supporter"].n_unique()
        if missing:
            reason = pattern.needs_words or f"needs {pattern.needs}"
            first = lines["at"].min()
            assert isinstance(first, int)  # of instants  # noqa: S101
            lacking = lacks(
                needs, coverage, ladder.kinds, organisation.calendar, at=now, begun=first
            )
            yield Unassessable(pattern.key, missing, len(lines), reason, tuple(lacking))
