"""Touchpoints of some kinds alone, of everybody: gifts out of a log that is mostly letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from ladder.storage.frames import STORED, fetch, ids
from ladder.storage.parts import latest_touchpoint
from ladder.storage.store import Store

ROWS: Final = 1_000_000
"""Touchpoints that are looked at in one statement; few of them are of the kinds asked for."""
PEOPLE: Final = 20_000
"""Supporters whose touchpoints are looked up in one statement."""


def read_kinds(store: Store, kinds: Sequence[str], names: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The touchpoints of these kinds, in no order: `supporter` (id), and these columns.

    `names` are columns of `frames.STORED`. Where most of the table is this organisation's it is
    read from end to end, some five times as fast as looking up each touchpoint by its supporter.
    """
    wanted = {"kinds": list(kinds)}
    if _mostly_ours(store):
        which = "id > :low AND id <= :high AND kind IN :kinds"
        for low in range(0, latest_touchpoint(store), ROWS):
            yield _rows(store, names, which, low=low, high=low + ROWS, **wanted)
        return
    mine = "SELECT id FROM {supporter} WHERE organisation_id = :o"
    people = fetch(store.connection, mine, ids(["supporter"]), o=store.organisation_id)
    which = "supporter_id IN :whose AND kind IN :kinds"
    for some in people["supporter"].sort().to_frame().iter_slices(PEOPLE):
        yield _rows(store, names, which, whose=some["supporter"].to_list(), **wanted)


def _mostly_ours(store: Store) -> bool:
    """Whether a quarter of all supporters are this organisation's."""
    counted = fetch(
        store.connection,
        "SELECT count(*), sum(CASE WHEN organisation_id = :o THEN 1 ELSE 0 END) FROM {supporter}",
        ids(["everybody", "ours"]),
        o=store.organisation_id,
    )
    everybody, ours = counted.row(0)
    return bool(4 * (ours or 0) >= everybody)


def _rows(
    store: Store,
    names: Sequence[str],
    which: str,
    **given: Any,  # noqa: ANN401  (whatever a driver binds)
) -> pl.DataFrame:
    """The `+` keeps SQLite on the rows' ids, or on the index by supporter."""
    return fetch(
        store.connection,
        f"SELECT supporter_id, {', '.join(names)} FROM {{touchpoint}} "  # noqa: S608  (own names)
        f"WHERE +organisation_id = :organisation AND {which}",
        {name: STORED[name] for name in ("supporter", *names)},
        organisation=store.organisation_id,
        **given,
    )
