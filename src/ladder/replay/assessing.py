"""For how many supporters a pattern can have no verdict, because its absence was not declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from ladder.columnar import episodes
from ladder.conditions import And
from ladder.coverage import Coverage, only_logged
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
        needs = None if pattern.needs is None else declared_part(pattern.needs)
        if needs is None or lines.is_empty():
            continue
        met = episodes(needs, lines, ladder, store.organisation, coverage)
        open_now = (pl.col("start") <= now) & (pl.col("end") > now)
        missing = len(lines) - met.filter(open_now)["supporter"].n_unique()
        if missing:
            yield Unassessable(pattern.key, missing, len(lines), pattern.wants)


def declared_part(needs: Condition) -> Condition | None:
    """What of a pattern's needs is a matter of coverage alone; None when nothing is.

    Needs may ask for more ("and she was asked at least once"): that is about her, and no
    declaration would mend it.
    """
    parts = needs.items if isinstance(needs, And) else (needs,)
    logged = [part for part in parts if only_logged(part)]
    return And.of(*logged) if len(logged) > 1 else next(iter(logged), None)


def _any_kind(ladder: Ladder) -> str:
    """Some kind that makes a line begin."""
    kinds = ladder.kinds.values()
    return next(each.name for each in kinds if each.family != "status" and not each.role)
