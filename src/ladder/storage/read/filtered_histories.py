"""Read histories as narrowly as some conditions allow, for interactive queries.

Only touchpoints that the conditions may select are read. A neutral touchpoint stands at the start
of each line, which is stored. Only touchpoints that may be voided or refunded need their names. So
rows are read in a few columns, and rows that are tied to others are read again in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

import polars as pl

from ladder.engines.columnar.projection import Narrow
from ladder.model.touchpoint_frame import KEY, LINK, with_answers
from ladder.storage.frames import STORED, fetch, ids
from ladder.storage.read.history_batches import (
    Ours,
    Part,
    everybody,
    groups,
    many,
    read_parts,
    share_of_all,
)
from ladder.storage.read.selector_sql import Where
from ladder.storage.read.table_scan import Portions, latest_touchpoint, swept, touchpoints
from ladder.storage.store import Store

PEOPLE: Final = 20_000
"""Supporters whose touchpoints are looked up in one statement."""


def read_kinds(store: Store, kinds: Sequence[str], names: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the touchpoints of these kinds, unordered: `supporter` (id) and these columns.

    `names` are columns of `frames.STORED`. Where a quarter or more of all supporters are this
    organisation's, the whole table is scanned. That is about five times as fast as looking up each
    touchpoint by its supporter.
    """
    columns, wanted = ["supporter", *names], list(kinds)
    whose = everybody(store)
    if _mostly_ours(share_of_all(store, whose)):
        yield from swept(store, columns, "kind IN :kinds", kinds=wanted)
        return
    which = "supporter_id IN :whose AND kind IN :kinds"
    for some in whose.to_frame().iter_slices(PEOPLE):
        yield touchpoints(store, columns, which, whose=some["supporter"].to_list(), kinds=wanted)


def _mostly_ours(share: float) -> bool:
    """Return whether at least a quarter of all supporters are this organisation's."""
    return share * 4 >= 1


PART_ROWS: Final = 600_000
"""Touchpoints evaluated at a time."""
IDS: Final = 100_000
"""Rows looked up in one statement."""

_WHOLE: Final = ("amount", "currency", "details", "referrer", *KEY[1:], *LINK[1:])


def read_narrowly(store: Store, narrow: Narrow, max_rows: int = PART_ROWS) -> Iterator[Part]:
    """Yield all supporters in parts, with only the touchpoints that `narrow` needs.

    Other touchpoints are left out, except that the starts of lines stay.
    """
    known = latest_touchpoint(store)
    mine = "SELECT id, first_at FROM {supporter} WHERE organisation_id = :o"
    begun = fetch(store.connection, mine, ids(["supporter", "at"]), o=store.organisation_id)
    begun = begun.sort("supporter")
    whose = begun["supporter"]
    share = share_of_all(store, whose) if len(whose) else 0.0
    columns = list(dict.fromkeys([*narrow.columns, *_WHOLE]))
    if not many(share):
        yield from read_parts(store, narrow.kinds.values(), columns=columns, max_rows=max_rows)
        return
    people = groups(whose, len(whose) * max_rows / max(1.0, known * share))
    with closing(Portions([int(group[0]) for group in people])) as own:
        named = _swept(store, narrow, Ours(people), own, known)
        whole = _whole(store, columns, named)
        yield from _parts(store, narrow, begun, people, own, whole)


def _swept(store: Store, narrow: Narrow, ours: Ours, own: Portions, known: int) -> list[int]:
    """Read every needed row into the portions; return the ids of rows that name others."""
    where = Where()
    which = f"{where.any_of(narrow.selectors, narrow.kinds)} OR {where.kind_in(narrow.tied)}"
    if narrow.foreign:
        home = where.value(store.organisation.currency)
        which += f" OR (amount IS NOT NULL AND currency <> :{home})"
    found: list[int] = []
    for rows in swept(store, narrow.columns, which, upto=known, **where.values):
        own.add(ours.rows(rows, "supporter"))
        found += rows.filter(pl.col("kind").is_in(narrow.tied))["id"].to_list()
    return found


def _whole(store: Store, columns: Sequence[str], named: Sequence[int]) -> pl.DataFrame:
    """Read these touchpoints and those that they answer, with all columns that tie them."""
    found = [pl.DataFrame(schema={name: STORED[name] for name in columns})]
    answered = """
        id IN (SELECT b.id FROM {touchpoint} a JOIN {touchpoint} b
                   ON b.organisation_id = a.organisation_id
                  AND b.source = coalesce(a.answers_source, a.source)
                  AND b.external_id = a.answers_id
                WHERE a.id IN :ids)
    """
    for start in range(0, len(named), IDS):
        some = list(named[start : start + IDS])
        ways = ("id IN :ids", answered)
        found += [touchpoints(store, columns, which, ids=some) for which in ways]
    return pl.concat(found).unique("id", maintain_order=True)


def _parts(
    store: Store,
    narrow: Narrow,
    begun: pl.DataFrame,
    people: Sequence[pl.Series],
    own: Portions,
    whole: pl.DataFrame,
) -> Iterator[Part]:
    plain = pl.DataFrame(schema={name: STORED[name] for name in narrow.columns})
    linked = whole.filter(pl.col("answers_id").is_not_null())
    for number, group in enumerate(people):
        hers = pl.col("supporter").is_between(group[0], group[-1])
        rows = own.take(number, plain).join(whole.select("id"), on="id", how="anti")
        parts = (rows, whole.filter(hers), _beginnings(begun.filter(hers), narrow.neutral))
        frame = pl.concat(parts, how="diagonal").sort("supporter", "at", "id")
        yield Part(group, frame, _brought(store, narrow, whole.columns, linked, group))


def _beginnings(begun: pl.DataFrame, neutral: str) -> pl.DataFrame:
    """Build a neutral touchpoint at the start of each of these lines."""
    told = {"id": -pl.col("supporter"), "kind": pl.lit(neutral), "date_only": pl.lit(value=False)}
    return begun.drop_nulls("at").select("supporter", "at", **told)


def _brought(
    store: Store, narrow: Narrow, columns: Sequence[str], linked: pl.DataFrame, group: pl.Series
) -> pl.DataFrame:
    """Read the referred acts where they matter, with their voids and refunds."""
    which = "referrer_id BETWEEN :first AND :last" if narrow.brought else "1 = 0"
    given = {"first": int(group[0]), "last": int(group[-1])} if narrow.brought else {}
    acts = touchpoints(store, columns, which, **given)
    ours = pl.col("referrer").is_in(group.implode())
    return with_answers(acts.filter(ours), linked, ours).sort("supporter", "at", "id")
