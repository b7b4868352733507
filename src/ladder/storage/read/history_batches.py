"""Read histories from the database, whole supporters at a time, for the columnar evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ladder.model.kinds import Kind
from ladder.model.touchpoint_frame import KEY, LINK, with_answers
from ladder.storage.frames import STORED, fetch, ids
from ladder.storage.read.table_scan import Portions, latest_touchpoint, swept, touchpoints
from ladder.storage.store import Store

PART_ROWS: Final = 300_000
"""Touchpoints evaluated at a time; a supporter with more touchpoints exceeds it."""

LOOKED_UP_ROWS: Final = 500_000
"""Touchpoints looked up in one statement."""


@dataclass(frozen=True)
class Part:
    """Some supporters (ids, ascending), all their touchpoints, and the referred acts.

    `brought` has the same columns: `supporter` is the other person and `referrer` one of these
    supporters. It includes the voids and refunds of referred acts. Such a row has no referrer where
    it names none of these supporters: it affects a referred act and is none itself.
    """

    supporters: pl.Series
    frame: pl.DataFrame
    brought: pl.DataFrame


def read_parts(
    store: Store,
    kinds: Iterable[Kind],
    *,
    columns: Sequence[str] | None = None,
    among: pl.Series | None = None,
    max_rows: int = PART_ROWS,
) -> Iterator[Part]:
    """Yield the history of all supporters, or of those `among` (ids), in parts of whole supporters.

    `kinds` identify voids and refunds. `columns` are the columns of `frames.STORED` to fetch, by
    default all of them; `supporter` is always included. Rows are ordered by supporter, instant and
    id. A supporter without a touchpoint is in a part too, because others may name them as their
    referrer.
    """
    wanted = list(STORED) if columns is None else list(columns)
    names = ["supporter", "id", "at", *(n for n in wanted if n not in ("supporter", "id", "at"))]
    roles = list({kind.name for kind in kinds if kind.role})
    known = latest_touchpoint(store)
    whose = everybody(store) if among is None else among.sort()
    if whose.is_empty():
        return
    share = share_of_all(store, whose)
    if many(share):
        portions = groups(whose, len(whose) * max_rows / max(1.0, known * share))
        yield from _in_one_pass(store, names, roles, portions, max_rows, known)
        return
    for several in _split(_sizes(store, whose), max(max_rows, LOOKED_UP_ROWS)):
        rows = _own(store, names, several)
        for part in _split(several, max_rows):
            hers = part["supporter"]
            yield Part(hers, _between(rows, hers), _brought(store, names, roles, hers))


def everybody(store: Store) -> pl.Series:
    """Return the ids of all supporters of the organisation, ascending."""
    mine = "SELECT id FROM {supporter} WHERE organisation_id = :o"
    found = fetch(store.connection, mine, ids(["supporter"]), o=store.organisation_id)
    return found["supporter"].sort()


def share_of_all(store: Store, whose: pl.Series) -> float:
    """Estimate the share of these supporters in the tables, which hold other organisations' too."""
    most = fetch(store.connection, "SELECT coalesce(max(id), 1) FROM {supporter}", ids(["id"]))
    return min(1.0, len(whose) / int(most["id"][0]))


def groups(whose: pl.Series, size: float) -> list[pl.Series]:
    """Divide these supporters into groups of about that size."""
    number = max(1, min(len(whose), round(len(whose) / size)))
    most = max(1, -(-len(whose) // number))
    return [whose[start : start + most] for start in range(0, len(whose), most)]


def affected(store: Store, after: int) -> pl.Series:
    """Return supporters (ids) whose movements touchpoints with an id above `after` may change.

    These are the touchpoints' supporters and referrers. For a void or refund, it includes the
    referrer of the answered touchpoint; for the void of a refund, the referrer of the refunded
    touchpoint.
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


def many(share: float) -> bool:
    """Return whether scanning the whole table is faster than looking up each row.

    Measured on SQLite, where an index leads to one row at a time: about 3 microseconds per
    looked-up row, and 0.1 per skipped row.
    """
    return share * 25 > 1


def _in_one_pass(
    store: Store,
    names: Sequence[str],
    roles: Sequence[str],
    groups: Sequence[pl.Series],
    max_rows: int,
    known: int,
) -> Iterator[Part]:
    """Yield parts for these groups of supporters from one scan of the table."""
    firsts = [int(group[0]) for group in groups]
    ours = Ours(groups)
    read = list(dict.fromkeys([*names, "kind", "referrer", *KEY, *LINK]))
    answers = pl.col("answers_id").is_not_null() & pl.col("kind").is_in(roles)
    back = [pl.DataFrame(schema={name: STORED[name] for name in read})]
    with closing(Portions(firsts)) as own, closing(Portions(firsts, "referrer")) as acts:
        for rows in swept(store, read, upto=known):
            own.add(ours.rows(rows, "supporter").select(names))
            acts.add(ours.rows(rows, "referrer"))
            back.append(rows.filter(answers))
        linked = pl.concat(back)
        for number, group in enumerate(groups):
            rows = own.take(number, linked.select(names)).sort("supporter", "at", "id")
            brought = acts.take(number, linked)
            for whose in _cut(group, rows, max_rows):
                hers = brought.filter(pl.col("referrer").is_in(whose.implode()))
                yield Part(whose, _between(rows, whose), _with_answers(hers, linked, whose, names))


class Ours:
    """A filter for the rows of these groups' supporters."""

    def __init__(self, groups: Sequence[pl.Series]) -> None:
        self._is: NDArray[np.bool_] = np.zeros(int(groups[-1][-1]) + 2, np.bool_)
        for group in groups:
            self._is[group.to_numpy()] = True

    def rows(self, rows: pl.DataFrame, by: str) -> pl.DataFrame:
        """Return the rows of these supporters; the table's last place serves all unknown ids."""
        numbers = rows[by].fill_null(-1).to_numpy()
        chosen = self._is[np.minimum(numbers, len(self._is) - 1)]
        return rows if chosen.all() else rows.filter(pl.Series(chosen))


def _cut(group: pl.Series, rows: pl.DataFrame, max_rows: int) -> Iterator[pl.Series]:
    """Yield a group, or divide it where it has far more rows than estimated."""
    if len(rows) <= 2 * max_rows:
        yield group
        return
    counted = rows.group_by("supporter").len("rows").with_columns(pl.col("rows").cast(pl.Int64))
    sizes = group.alias("supporter").to_frame().join(counted, on="supporter", how="left")
    for part in _split(sizes.with_columns(pl.col("rows").fill_null(0)), max_rows):
        yield part["supporter"]


def _between(rows: pl.DataFrame, whose: pl.Series) -> pl.DataFrame:
    """Return the rows from the first of these supporters to the last one."""
    first = rows["supporter"].search_sorted(whose[0], side="left")
    last = rows["supporter"].search_sorted(whose[-1], side="right")
    return rows[first:last]


def _sizes(store: Store, whose: pl.Series) -> pl.DataFrame:
    """Count the touchpoints of each of these supporters."""
    counted = fetch(
        store.connection,
        "SELECT supporter_id, count(*) FROM {touchpoint} "
        "WHERE supporter_id IN :whose GROUP BY supporter_id",
        ids(["supporter", "rows"]),
        whose=whose.to_list(),
    )
    sizes = whose.alias("supporter").to_frame().join(counted, on="supporter", how="left")
    return sizes.with_columns(pl.col("rows").fill_null(0)).sort("supporter")


def _split(sizes: pl.DataFrame, max_rows: int) -> Iterator[pl.DataFrame]:
    """Divide these supporters into groups of about that many touchpoints."""
    heads = (sizes["rows"].cum_sum() - sizes["rows"]) // max_rows
    return (part for _, part in sizes.group_by(heads, maintain_order=True))


def _own(store: Store, names: Sequence[str], sizes: pl.DataFrame) -> pl.DataFrame:
    """Read the supporters' rows: a range of ids where most of it is theirs, else each id.

    Where organisations share the tables, a range may hold hundreds of other organisations'
    supporters for each of these.
    """
    whose = sizes["supporter"]
    first, last = int(whose[0]), int(whose[-1])
    if last - first >= 2 * len(whose):
        rows = touchpoints(store, names, "supporter_id IN :whose", whose=whose.to_list())
    else:
        which = "supporter_id BETWEEN :first AND :last"
        rows = touchpoints(store, names, which, first=first, last=last)
        if last - first >= len(whose):
            rows = rows.filter(pl.col("supporter").is_in(whose.implode()))
    return rows.sort("supporter", "at", "id")


def _brought(
    store: Store, names: Sequence[str], roles: Sequence[str], whose: pl.Series
) -> pl.DataFrame:
    """Read the referred acts of these supporters, with their voids and refunds (`with_answers`)."""
    read = list(dict.fromkeys([*names, "kind", "referrer", *KEY, *LINK]))
    acts = touchpoints(store, read, "referrer_id IN :whose", whose=whose.to_list())
    theirs = "supporter_id IN :whose AND answers_id IS NOT NULL AND kind IN :roles"
    people = acts["supporter"].unique().to_list()
    linked = touchpoints(store, read, theirs, whose=people, roles=list(roles))
    return _with_answers(acts, linked, whose, names)


def _with_answers(
    acts: pl.DataFrame, linked: pl.DataFrame, whose: pl.Series, names: Sequence[str]
) -> pl.DataFrame:
    if acts.is_empty():
        return acts.select(names)
    found = with_answers(acts, linked, pl.col("referrer").is_in(whose.implode()))
    return found.select(names).sort("supporter", "at", "id")
