"""Bulk queries for activity starts, suppression intervals and finding intervals.

Needs the extra `bulk`. Findings may be many times as numerous as supporters, so they are read in
slices of time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import polars as pl

from ladder.coverage import BEGINNING
from ladder.model.calendars import FOREVER
from ladder.storage.frames import fetch, ids
from ladder.storage.store import Store

_SPELL: Final = ("supporter", "at", "until")


def begun(store: Store) -> pl.DataFrame:
    """Read `supporter` (id, ascending) and `at`, the start of their line; null before it."""
    found = fetch(
        store.connection,
        "SELECT id, first_at FROM {supporter} WHERE organisation_id = :organisation",
        ids(["supporter", "at"]),
        organisation=store.organisation_id,
    )
    return found.sort("supporter")


def silences(store: Store, root: int) -> pl.DataFrame:
    """Read the suppression intervals of the ladder of that root: `supporter`, `at`, `until`."""
    return fetch(
        store.connection,
        "SELECT supporter_id, at, coalesce(until, :forever) FROM {movement} "
        "WHERE definition_id = :root AND kind = 'silenced' AND retracted_at IS NULL",
        ids(_SPELL),
        forever=FOREVER,
        root=root,
    )


def finding_intervals(
    store: Store, root: int, pattern: str, edges: Sequence[int]
) -> Iterator[pl.DataFrame]:
    """Yield the intervals of a pattern's findings (`supporter`, `at`, `until`), by slice of time.

    `edges` are ascending instants. Findings that ended before the first edge or begin after the
    last one are left out. A finding whose severity changed has several rows.
    """
    for since, until in pairwise((BEGINNING, *edges)):
        yield fetch(
            store.connection,
            "SELECT supporter_id, at, coalesce(until, :forever) FROM {finding} "
            "WHERE definition_id = :root AND pattern = :pattern AND retracted_at IS NULL "
            "AND at > :since AND at <= :until AND (until IS NULL OR until > :first)",
            ids(_SPELL),
            forever=FOREVER,
            root=root,
            pattern=pattern,
            since=since,
            until=until,
            first=edges[0],
        )


def findings_from(
    store: Store, root: int, pattern: str, severities: Sequence[str], at: int
) -> pl.DataFrame:
    """Read `supporter`, `at`, `until` of a pattern's findings that end after an instant."""
    frames = [
        fetch(
            store.connection,
            "SELECT supporter_id, at, coalesce(until, :forever) FROM {finding} "  # noqa: S608
            "WHERE definition_id = :root AND pattern = :pattern AND severity = :severity "
            f"AND retracted_at IS NULL AND {ending}",
            ids(_SPELL),
            forever=FOREVER,
            root=root,
            pattern=pattern,
            severity=severity,
            at=at,
        )
        for severity in severities
        for ending in ("until IS NULL", "until > :at")  # an OR would use no index
    ]
    return pl.concat([pl.DataFrame(schema=ids(_SPELL)), *frames])


def silent_at(store: Store, root: int, now: int) -> pl.DataFrame:
    """Read `supporter`: those who are suppressed at the instant `now`."""
    every = silences(store, root)
    return every.filter(pl.col("at") <= now, pl.col("until") > now).select("supporter").unique()


def keys_and_ids(store: Store, among: pl.Series) -> pl.DataFrame:
    """Read `supporter` (key) and `id` for those of these keys that exist."""
    return fetch(
        store.connection,
        "SELECT key, id FROM {supporter} WHERE organisation_id = :organisation AND key IN :among",
        {"supporter": pl.String(), "id": pl.Int64()},
        organisation=store.organisation_id,
        among=among.to_list(),
    )
