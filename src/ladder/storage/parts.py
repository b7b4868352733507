"""Histories out of the database, whole supporters at a time, for the columnar evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ladder.frames import KEY, LINK, with_answers
from ladder.storage.frames import STORED, fetch, ids
from ladder.storage.store import Store

PART_ROWS: Final = 200_000
"""Touchpoints that are evaluated at one time, but for a supporter who has more."""

FETCHED_ROWS: Final = 500_000
"""Touchpoints that are fetched at one time, some 100 MB: half the passes over the pages."""

_STORED_AS: Final = {"supporter": "supporter_id", "referrer": "referrer_id"}


@dataclass(frozen=True)
class Part:
    """Some supporters (ids, ascending), all their touchpoints, and those of others they brought.

    `brought` has the same columns: `supporter` is the other person and `referrer` one of ours. What
    answers such an act (a void, a refund) is there too, without a referrer where it names none of
    ours: it bears on what she brought and is no act that she brought.
    """

    supporters: pl.Series
    frame: pl.DataFrame
    brought: pl.DataFrame


def read_parts(
    store: Store,
    *,
    columns: Sequence[str] | None = None,
    among: pl.Series | None = None,
    max_rows: int = PART_ROWS,
) -> Iterator[Part]:
    """Everybody's history, or that of the supporters `among` (ids), in parts of whole supporters.

    `columns` are those of `frames.STORED` to fetch, all of them unless told; `supporter` comes
    always. Rows are ordered by supporter, instant and id. A supporter without a touchpoint is in a
    part too, since others may name her as their referrer.
    """
    wanted = list(STORED) if columns is None else list(columns)
    names = ["supporter", "id", "at", *(n for n in wanted if n not in ("supporter", "id", "at"))]
    known = latest_touchpoint(store)
    for several in _split(_sizes(store, among), max(max_rows, FETCHED_ROWS)):
        rows = _own(store, names, several, known)
        for part in _split(several, max_rows):
            whose = part["supporter"]
            first = rows["supporter"].search_sorted(whose[0], side="left")
            last = rows["supporter"].search_sorted(whose[-1], side="right")
            yield Part(whose, rows[first:last], _brought(store, names, whose))


def affected(store: Store, after: int) -> pl.Series:
    """Supporters (ids) whose movements may change by the touchpoints with an id above `after`.

    Theirs, those whom they name as referrer, and, of a void or refund, those whom the answered
    touchpoint names; of the void of a refund, those whom the refunded one names.
    """
    return fetch(
        store.connection,
        """
        SELECT supporter_id FROM {touchpoint} WHERE organisation_id = :o AND id > :after
        UNION
        SELECT referrer_id FROM {touchpoint}
         WHERE organisation_id = :o AND id > :after AND referrer_id IS NOT NULL
        UNION
        SELECT b.referrer_id FROM {touchpoint} a JOIN {touchpoint} b
            ON b.organisation_id = a.organisation_id
           AND b.source = a.answers_source AND b.external_id = a.answers_id
         WHERE a.organisation_id = :o AND a.id > :after AND b.referrer_id IS NOT NULL
        UNION
        SELECT c.referrer_id FROM {touchpoint} a JOIN {touchpoint} b
            ON b.organisation_id = a.organisation_id
           AND b.source = a.answers_source AND b.external_id = a.answers_id
          JOIN {touchpoint} c
            ON c.organisation_id = b.organisation_id
           AND c.source = b.answers_source AND c.external_id = b.answers_id
         WHERE a.organisation_id = :o AND a.id > :after AND c.referrer_id IS NOT NULL
        """,
        ids(["supporter"]),
        o=store.organisation_id,
        after=after,
    )["supporter"].sort()


def latest_touchpoint(store: Store) -> int:
    """The greatest id of any touchpoint, of whichever organisation; 0 when there is none.

    What is added to this transaction afterwards has greater ones, on both databases.
    """
    found = fetch(store.connection, "SELECT coalesce(max(id), 0) FROM {touchpoint}", ids(["id"]))
    return int(found["id"][0])


def _sizes(store: Store, among: pl.Series | None) -> pl.DataFrame:
    """How many touchpoints each supporter has, by ascending id."""
    only, given = ("", {}) if among is None else ("AND id IN :among", {"among": among.to_list()})
    mine = f"FROM {{supporter}} WHERE organisation_id = :organisation {only}"
    everybody = fetch(
        store.connection,
        f"SELECT id {mine}",
        ids(["supporter"]),
        organisation=store.organisation_id,
        **given,
    )
    counted = fetch(
        store.connection,
        "SELECT supporter_id, count(*) FROM {touchpoint} "  # noqa: S608  (own names)
        f"WHERE supporter_id IN (SELECT id {mine}) GROUP BY supporter_id",
        ids(["supporter", "rows"]),
        organisation=store.organisation_id,
        **given,
    )
    sizes = everybody.join(counted, on="supporter", how="left")
    return sizes.with_columns(pl.col("rows").fill_null(0)).sort("supporter")


def _split(sizes: pl.DataFrame, max_rows: int) -> Iterator[pl.DataFrame]:
    """These supporters in groups of about that many touchpoints."""
    heads = (sizes["rows"].cum_sum() - sizes["rows"]) // max_rows
    return (part for _, part in sizes.group_by(heads, maintain_order=True))


def _own(store: Store, names: Sequence[str], sizes: pl.DataFrame, known: int) -> pl.DataFrame:
    """Their rows: of one range of ids where most in it are theirs, else of each id.

    A range is one pass over an index, and PostgreSQL reads each page once. Where organisations
    share the tables, a range may hold hundreds of others' supporters for each of ours.
    """
    whose = sizes["supporter"]
    first, last = int(whose[0]), int(whose[-1])
    if last - first >= 2 * len(whose):
        rows = _rows(store, names, "supporter_id IN :whose", whose=whose.to_list())
    else:
        past = "+" if store.connection.dialect.name == "sqlite" and _many(sizes, known) else ""
        which = f"{past}supporter_id BETWEEN :first AND :last"
        rows = _rows(store, names, which, first=first, last=last)
        if last - first >= len(whose):
            rows = rows.filter(pl.col("supporter").is_in(whose.implode()))
    return rows.sort("supporter", "at", "id")


def _many(sizes: pl.DataFrame, known: int) -> bool:
    """Whether looking at every row of the table is faster than finding these by an index.

    Measured on SQLite, where an index leads to one row at a time: some 3 microseconds for each, and
    0.1 for one that is passed over. (The `+` keeps it off the index.) `known` is about how many
    rows there are.
    """
    return int(sizes["rows"].sum()) * 25 > known


def _brought(store: Store, names: Sequence[str], whose: pl.Series) -> pl.DataFrame:
    """What others did who name one of these, and what goes with it (see `with_answers`)."""
    known = list(dict.fromkeys([*names, "referrer", *KEY, *LINK]))
    acts = _rows(store, known, "referrer_id IN :whose", whose=whose.to_list())
    if acts.is_empty():
        return acts.select(names)
    theirs = "supporter_id IN :whose AND answers_id IS NOT NULL"
    linked = _rows(store, known, theirs, whose=acts["supporter"].unique().to_list())
    found = with_answers(acts, linked, pl.col("referrer").is_in(whose.implode()))
    return found.select(names).sort("supporter", "at", "id")


def _rows(
    store: Store,
    names: Sequence[str],
    which: str,
    **given: Any,  # noqa: ANN401
) -> pl.DataFrame:
    """Touchpoints by the ids of supporters; the `+` keeps SQLite on that index."""
    fields = ", ".join(_STORED_AS.get(name, name) for name in names)
    return fetch(
        store.connection,
        f"SELECT {fields} FROM {{touchpoint}} "  # noqa: S608  (own names)
        f"WHERE +organisation_id = :organisation AND {which}",
        {name: STORED[name] for name in names},
        organisation=store.organisation_id,
        **given,
    )
