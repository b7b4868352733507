"""For how many supporters a pattern can have no verdict, because its absence was not declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from ladder.columnar import episodes
from ladder.conditions import And, Logged, Not, Or
from ladder.coverage import Coverage
from ladder.ladders import Ladder
from ladder.nodes import Condition
from ladder.replay.reports import Unassessable
from ladder.storage.frames import fetch, ids
from ladder.storage.store import Store


def unassessable(
    store: Store, ladder: Ladder, coverage: Sequence[Coverage], now: int
) -> tuple[Unassessable, ...]:
    """The patterns whose `needs` are not met now, with for how many of those whose line has begun.

    What a declared log says depends on where a line begins and on nothing else in it, so one
    touchpoint for each supporter will do.
    """
    begun = fetch(
        store.connection,
        "SELECT id, first_at FROM {supporter} "
        "WHERE organisation_id = :organisation AND first_at <= :now",
        ids(["supporter", "at"]),
        organisation=store.organisation_id,
        now=now,
    )
    lines = begun.with_columns(
        id=pl.col("supporter"),
        kind=pl.lit(_any_kind(ladder)),
        source=pl.lit(""),
        external_id=pl.lit(None, pl.String),
        referrer=pl.lit(None, pl.Int64),
    )
    return tuple(_judged(store, ladder, coverage, lines, now))


def _judged(
    store: Store, ladder: Ladder, coverage: Sequence[Coverage], lines: pl.DataFrame, now: int
) -> Iterator[Unassessable]:
    for pattern in ladder.patterns:
        if pattern.needs is None or lines.is_empty() or not only_logged(pattern.needs):
            continue
        met = episodes(pattern.needs, lines, ladder, store.organisation, coverage)
        open_now = (pl.col("start") <= now) & (pl.col("end") > now)
        missing = len(lines) - met.filter(open_now)["supporter"].n_unique()
        if missing:
            reason = pattern.needs_words or f"needs {pattern.needs}"
            yield Unassessable(pattern.key, missing, len(lines), reason)


def only_logged(condition: Condition) -> bool:
    """Whether a condition reads nothing but what was declared logged."""
    if isinstance(condition, And | Or):
        return all(map(only_logged, condition.items))
    if isinstance(condition, Not):
        return only_logged(condition.condition)
    return isinstance(condition, Logged)


def _any_kind(ladder: Ladder) -> str:
    """Some kind that makes a line begin."""
    kinds = ladder.kinds.values()
    return next(each.name for each in kinds if each.family != "status" and not each.role)
