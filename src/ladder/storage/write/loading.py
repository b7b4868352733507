"""Lock supporters, store the touchpoints of a recording, and load all that their evaluation needs.

A touchpoint is stored before the history is read: its id orders it, and causes are named by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ladder.engines.reference.facts import Row
from ladder.storage import models
from ladder.storage.read import histories
from ladder.storage.read.histories import (
    COLUMNS,
    RecentHistory,
    StoredHistory,
    answered_key,
    history_query,
    key_of,
    recent_history_query,
)
from ladder.storage.snapshots import SnapshotRow
from ladder.storage.sql import as_integer
from ladder.storage.statements import Query, Rows, Statement, query_batch
from ladder.storage.store import Store
from ladder.storage.supporters import known_supporter
from ladder.storage.write.bitemporal import StoredRows, recent_rows_query, stored_rows_query

_KIND = COLUMNS.index("kind")
_SUPPORTER = models.Supporter.__table__
_TOUCHPOINT = models.Touchpoint.__table__

Ladders = Mapping[int, frozenset[str]]
"""The patterns of all ladders in force, by the id under which their results are stored."""


class LockedSupporter(NamedTuple):
    """A supporter whose history no other transaction can change before this one ends."""

    id: int
    key: str
    first_at: int | None
    is_new: bool = False
    """Whether this transaction made the supporter."""


@dataclass(frozen=True)
class SupporterContext:
    """One affected supporter: what an evaluation reads, and what its results are compared with."""

    supporter: LockedSupporter
    new: Mapping[int, int] | None
    """The new touchpoints and their instants; None: more than these may have changed."""
    history: StoredHistory
    """The whole history; with snapshots, the part since them."""
    stored: Mapping[int, StoredRows]
    """The stored results of each ladder; with snapshots, the recent ones."""
    snapshots: Sequence[SnapshotRow] = ()


class Conflict(NamedTuple):
    """A touchpoint that says something else than the stored one of its key."""

    stored: Sequence[Any]
    given: Mapping[str, Any]
    keys: Mapping[int, str]
    """The keys of the supporters that either names."""


@dataclass(frozen=True)
class RecordingContext:
    """All that a recording reads: the evaluation runs no statement of its own."""

    touchpoints: tuple[int, ...]
    """The ids of the given touchpoints, in their order."""
    new: frozenset[int]
    """Those of them that were not known before."""
    conflicts: tuple[Conflict, ...]
    locked: Mapping[int, LockedSupporter]
    affected: tuple[SupporterContext, ...]


def load(
    store: Store, rows: Sequence[Row], ladders: Ladders, corrections: Collection[str], *, now: int
) -> RecordingContext:
    """Lock the supporters, store what is new of these rows, and read what they affect.

    `corrections` are the kinds that change what other touchpoints count: voids and refunds. What
    one touchpoint affects is read in the round trip that stores it.
    """
    named = {key for row in rows for key in (row.supporter, row.referrer) if key is not None}
    by_key = lock(store, map(str, named))
    given = [_values(row, by_key) for row in rows]
    queries = [insert_query(store, values, now=now) for values in given]
    prefetched = []
    if len(rows) == 1 and ladders:
        prefetched = [
            supporter.id for supporter in by_key.values() if supporter.first_at is not None
        ]
        for number in prefetched:
            queries += _recent_queries(store, number, ladders, given[0]["at"])
    results = iter(query_batch(store.connection, queries))
    inserted = list(islice(results, len(rows)))
    recent = {number: list(islice(results, 1 + len(ladders))) for number in prefetched}
    known = [
        histories.touchpoint_with_key(store, values) for values in _find_known(given, inserted)
    ]
    known_rows = iter(known)
    ids = [made[0][0] if made else next(known_rows)[0] for made in inserted]
    new = {ids[n]: row for n, row in enumerate(rows) if inserted[n]}
    locked = {supporter.id: supporter for supporter in by_key.values()}
    referrers = {
        number
        for row in new.values()
        if row.answers_id is not None and row.kind in corrections
        for number in histories.referrers_of(
            store, row.answers_source or row.source, row.answers_id
        )
    }
    locked |= lock_ids(store, referrers - locked.keys())
    affected = dict.fromkeys(referrers) | _find_affected(new, by_key, corrections)
    contexts = [
        load_whole(store, locked[number], ladders)
        if since is None or not ladders or number in referrers
        else _load_recent(store, locked[number], since, ladders, corrections, recent.get(number))
        for number, since in sorted(affected.items())
    ]
    conflicts = [
        Conflict(row, values, histories.keys(store, _supporters_in(row, values)))
        for row, values in zip(known, _find_known(given, inserted), strict=True)
        if any(row[n] != values[name] for n, name in enumerate(COLUMNS) if n)
    ]
    return RecordingContext(tuple(ids), frozenset(new), tuple(conflicts), locked, tuple(contexts))


def load_whole(
    store: Store, supporter: LockedSupporter, ladders: Ladders, new: Mapping[int, int] | None = None
) -> SupporterContext:
    """Load the whole history of a supporter, and all that is stored of their results."""
    queries = [stored_rows_query(store, root, supporter.id) for root in ladders]
    rows, *results = query_batch(store.connection, [history_query(supporter.id), *queries])
    history = StoredHistory.from_rows(store, supporter.id, rows)
    stored = map(StoredRows.from_rows, results)
    return SupporterContext(supporter, new, history, dict(zip(ladders, stored, strict=True)))


def find_awaited(own: Iterable[histories.Row], new: Collection[int]) -> list[histories.Row]:
    """Return the new touchpoints that another one of the supporter answers.

    These count otherwise than by themselves: a void or a refund waited for them, or an answer whose
    target was unknown.
    """
    rows = list(own)
    answered = {answered_key(row) for row in rows}
    return [row for row in rows if row[0] in new and key_of(row) in answered]


def _load_recent(
    store: Store,
    supporter: LockedSupporter,
    new: Mapping[int, int],
    ladders: Ladders,
    corrections: Collection[str],
    prefetched: Sequence[Rows] | None,
) -> SupporterContext:
    """Load what there is since the snapshots, or the whole history where these do not suffice."""
    recent_rows, *stored_rows = prefetched or query_batch(
        store.connection, _recent_queries(store, supporter.id, ladders, min(new.values()))
    )
    recent = RecentHistory.from_rows(recent_rows, len(ladders))
    has_corrections = any(row[_KIND] in corrections for row in (*recent.own, *recent.referred))
    if not recent.snapshots or has_corrections or find_awaited(recent.own, new):
        return load_whole(store, supporter, ladders, new)
    answered = histories.answered_by(store, supporter.id, recent.own)
    history = StoredHistory(supporter.id, [*answered, *recent.own], recent.referred)
    stored = dict(zip(ladders, map(StoredRows.from_rows, stored_rows), strict=True))
    return SupporterContext(supporter, new, history, stored, recent.snapshots)


def _recent_queries(store: Store, number: int, ladders: Ladders, since: int) -> list[Query]:
    stored = [
        recent_rows_query(store, root, number, since, patterns)
        for root, patterns in ladders.items()
    ]
    return [recent_history_query(number, len(ladders), since), *stored]


def _values(row: Row, by_key: Mapping[str, LockedSupporter]) -> dict[str, Any]:
    """Return the columns of a row, its supporters by their ids."""
    referrer = None if row.referrer is None else by_key[str(row.referrer)].id
    numbers = {"supporter_id": by_key[str(row.supporter)].id, "referrer_id": referrer}
    return dict(zip(COLUMNS[1:], row[1:], strict=True)) | numbers


def _find_known(
    given: Sequence[Mapping[str, Any]], inserted: Sequence[Sequence[Any]]
) -> list[Mapping[str, Any]]:
    """Return the given touchpoints that were not inserted, because their keys were known."""
    return [values for values, rows in zip(given, inserted, strict=True) if not rows]


def _supporters_in(row: histories.Row, values: Mapping[str, Any]) -> set[int]:
    names = ("supporter_id", "referrer_id")
    numbers = [row[COLUMNS.index(name)] for name in names] + [values[name] for name in names]
    return {number for number in numbers if number is not None}


def _find_affected(
    new: Mapping[int, Row], by_key: Mapping[str, LockedSupporter], corrections: Collection[str]
) -> dict[int, dict[int, int] | None]:
    """Find the supporters that new touchpoints affect, with the instants of these.

    None where more than the touchpoints may count otherwise: a correction, and a touchpoint before
    which there was no line.
    """
    affected: dict[int, dict[int, int] | None] = {}
    for number, row in new.items():
        at = cast("int", row.at)
        for key in (row.supporter, row.referrer):
            if key is None:
                continue
            supporter = by_key[str(key)]
            known = affected.setdefault(supporter.id, {})
            is_earlier = supporter.first_at is None or at < supporter.first_at
            if known is None or is_earlier or row.kind in corrections:
                affected[supporter.id] = None
            else:
                known[number] = at
    return affected


def lock(store: Store, keys: Iterable[str]) -> dict[str, LockedSupporter]:
    """Lock supporters until the transaction ends, and make those that are new.

    In the order of their keys, so that two transactions never wait for each other.
    """
    return {key: _lock_one(store, key) or _make(store, key) for key in sorted(set(keys))}


def lock_ids(store: Store, numbers: Iterable[int]) -> dict[int, LockedSupporter]:
    """Lock supporters by their ids; deleted ones are left out."""
    locked = {}
    for number in sorted(set(numbers)):
        values = {"owner": store.organisation_id, "number": number}
        (rows,) = query_batch(store.connection, [(_LOCK_ID, values)])
        if rows:
            locked[number] = LockedSupporter(*rows[0])
    return locked


def read_supporter(store: Store, key: str) -> LockedSupporter:
    """Read a supporter without a lock; raise `NotFoundError` for an unknown one."""
    number = known_supporter(store, key)
    first_at = select(as_integer(_SUPPORTER.c.first_at)).where(_SUPPORTER.c.id == number)
    return LockedSupporter(number, key, store.connection.scalar(first_at))


def _lock_one(store: Store, key: str) -> LockedSupporter | None:
    values = {"owner": store.organisation_id, "key": key}
    (rows,) = query_batch(store.connection, [(_LOCK, values)])
    return LockedSupporter(*rows[0]) if rows else None


def _make(store: Store, key: str) -> LockedSupporter:
    """Insert and lock a supporter, which another transaction may do at the same time."""
    statement = _MAKE_SQLITE if store.connection.dialect.name == "sqlite" else _MAKE
    values = {"organisation_id": store.organisation_id, "key": key}
    (made,) = query_batch(store.connection, [(statement, values)])
    locked = _lock_one(store, key)
    assert locked is not None  # one of the two transactions inserted it  # noqa: S101
    return locked._replace(is_new=bool(made))


def insert_query(store: Store, values: Mapping[str, Any], *, now: int) -> Query:
    """Insert a touchpoint (`COLUMNS` without the id) and query its id; no row if it is known."""
    statement = _INSERT_SQLITE if store.connection.dialect.name == "sqlite" else _INSERT
    return statement, {**values, "organisation_id": store.organisation_id, "recorded_at": now}


def forget(store: Store, touchpoints: Iterable[int], supporters: Iterable[LockedSupporter]) -> None:
    """Delete the touchpoints and new supporters of a recording that was refused."""
    made = [supporter.id for supporter in supporters if supporter.is_new]
    for table, numbers in ((_TOUCHPOINT, touchpoints), (_SUPPORTER, made)):
        owned = table.c.organisation_id == store.organisation_id
        for number in numbers:
            store.connection.execute(delete(table).where(owned, table.c.id == number))


def _insert(dialect: Any, table: Any, columns: Sequence[str]) -> Statement:  # noqa: ANN401
    statement = dialect.insert(table).on_conflict_do_nothing()
    return Statement(statement.returning(table.c.id), columns)


_LOCKED: Final = (
    select(_SUPPORTER.c.id, _SUPPORTER.c.key, as_integer(_SUPPORTER.c.first_at).label("first_at"))
    .where(_SUPPORTER.c.organisation_id == bindparam("owner"))
    .with_for_update()
)
_LOCK: Final = Statement(_LOCKED.where(_SUPPORTER.c.key == bindparam("key")))
_LOCK_ID: Final = Statement(_LOCKED.where(_SUPPORTER.c.id == bindparam("number")))
_INSERT, _INSERT_SQLITE = (
    _insert(dialect, _TOUCHPOINT, (*COLUMNS[1:], "organisation_id", "recorded_at"))
    for dialect in (postgresql, sqlite)
)
_MAKE, _MAKE_SQLITE = (
    _insert(dialect, _SUPPORTER, ("organisation_id", "key")) for dialect in (postgresql, sqlite)
)
