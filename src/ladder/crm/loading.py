"""Store the touchpoints of a recording, and load all that their evaluation needs.

A touchpoint is stored before the history is read: its id orders it, and causes are named by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ladder.crm.context import OrganisationContext
from ladder.crm.validation import refuse_other
from ladder.engines.reference.facts import Row
from ladder.errors import LadderError
from ladder.storage.read import histories
from ladder.storage.read.histories import (
    COLUMNS,
    RecentHistory,
    StoredHistory,
    answered_key,
    key_of,
    recent_history_query,
)
from ladder.storage.snapshots import SnapshotRow
from ladder.storage.statements import Query, Rows, query_batch
from ladder.storage.write import recording
from ladder.storage.write.bitemporal import StoredRows, recent_rows_query, stored_rows_query
from ladder.storage.write.recording import Locked

_KIND = COLUMNS.index("kind")


@dataclass(frozen=True)
class SupporterContext:
    """One affected supporter: what an evaluation reads, and what its results are compared with."""

    supporter: Locked
    new: Mapping[int, int] | None
    """The new touchpoints and their instants; None: more than these may have changed."""
    history: StoredHistory
    """The whole history; with snapshots, the part since them."""
    stored: Mapping[int, StoredRows]
    """The stored results by the ladder's first definition; with snapshots, the recent ones."""
    snapshots: Sequence[SnapshotRow] = ()


@dataclass(frozen=True)
class RecordingContext:
    """All that a recording reads: the evaluation runs no statement of its own."""

    organisation: OrganisationContext
    touchpoints: tuple[int, ...]
    """The ids of the given touchpoints, in their order."""
    new: frozenset[int]
    """Those of them that were not known before."""
    locked: Mapping[int, Locked]
    affected: tuple[SupporterContext, ...]


@dataclass(frozen=True)
class _Ingested:
    """The touchpoints of a recording, stored."""

    ids: list[int]
    new: dict[int, Row]
    prefetched: list[Rows]


@dataclass
class _Affected:
    """The supporters whom new touchpoints affect."""

    locked: dict[int, Locked]
    new: dict[int, dict[int, int] | None] = field(default_factory=dict)

    def add(self, supporter: Locked, touchpoint: int, at: int, *, is_whole: bool) -> None:
        """Add a supporter: `is_whole` where more than the touchpoint itself may count otherwise."""
        known = self.new.setdefault(supporter.id, {})
        if is_whole or known is None or supporter.first_at is None or at < supporter.first_at:
            self.new[supporter.id] = None
        else:
            known[touchpoint] = at


def load(organisation: OrganisationContext, rows: Sequence[Row], *, now: int) -> RecordingContext:
    """Lock the supporters, store what is new of these rows, and read what they affect.

    Raises:
        DuplicateTouchpoint: A row says something else than the touchpoint of its key. Then nothing
            stays stored.
    """
    store = organisation.store
    named = {key for row in rows for key in (row.supporter, row.referrer) if key is not None}
    by_key = recording.lock(store, map(str, named))
    ingested = _ingest(organisation, rows, by_key, now=now)
    affected = _affected(organisation, ingested.new, by_key)
    contexts = []
    for number, new in sorted(affected.new.items()):
        supporter = affected.locked[number]
        if new is None or not organisation.adopted:
            contexts.append(load_whole(organisation, supporter))
        else:
            contexts.append(_load_recent(organisation, supporter, new, ingested.prefetched))
    return RecordingContext(
        organisation, tuple(ingested.ids), frozenset(ingested.new), affected.locked, tuple(contexts)
    )


def load_whole(
    organisation: OrganisationContext, supporter: Locked, new: Mapping[int, int] | None = None
) -> SupporterContext:
    """Load the whole history of a supporter, and all that is stored of their results."""
    store, number = organisation.store, supporter.id
    history = StoredHistory.read(store, number)
    return SupporterContext(supporter, new, history, _stored_rows(organisation, number))


def _stored_rows(organisation: OrganisationContext, number: int) -> dict[int, StoredRows]:
    store, roots = organisation.store, organisation.roots
    queries = [stored_rows_query(store, root, number) for root in roots]
    results = query_batch(store.connection, queries)
    return dict(zip(roots, map(StoredRows.from_rows, results), strict=True))


def _ingest(
    organisation: OrganisationContext,
    rows: Sequence[Row],
    by_key: Mapping[str, Locked],
    *,
    now: int,
) -> _Ingested:
    """Store what is new, and read in the same round trip what one touchpoint affects at least."""
    store = organisation.store
    values = [_values(row, by_key) for row in rows]
    queries = [recording.insert_query(store, one, now=now) for one in values]
    if len(rows) == 1 and organisation.adopted:
        at = cast("int", rows[0].at)
        queries += _recent_queries(organisation, by_key[str(rows[0].supporter)].id, at)
    results = query_batch(store.connection, queries)
    ids, new = [], dict[int, Row]()
    try:
        for row, value, inserted in zip(rows, values, results[: len(rows)], strict=True):
            if inserted:
                number: int = inserted[0][0]
                new[number] = row
            else:
                number = _known(organisation, value)
            ids.append(number)
    except LadderError:
        stored = [result[0][0] for result in results[: len(rows)] if result]
        recording.forget(store, stored, by_key.values())
        raise
    return _Ingested(ids, new, results[len(rows) :])


def _values(row: Row, by_key: Mapping[str, Locked]) -> dict[str, Any]:
    referrer = None if row.referrer is None else by_key[str(row.referrer)].id
    numbers = {"supporter_id": by_key[str(row.supporter)].id, "referrer_id": referrer}
    return dict(zip(COLUMNS[1:], row[1:], strict=True)) | numbers


def _known(organisation: OrganisationContext, values: Mapping[str, Any]) -> int:
    """Return the id of the touchpoint that has this key, if it says the same."""
    store = organisation.store
    row = histories.touchpoint_with_key(store, values)
    if any(row[n] != values[name] for n, name in enumerate(COLUMNS) if n):
        named = [row[COLUMNS.index(name)] for name in ("supporter_id", "referrer_id")]
        named += [values["supporter_id"], values["referrer_id"]]
        names = histories.keys(store, {number for number in named if number is not None})
        refuse_other(row, values, store.organisation.calendar, names)
    number: int = row[0]
    return number


def _affected(
    organisation: OrganisationContext, new: Mapping[int, Row], by_key: Mapping[str, Locked]
) -> _Affected:
    """Find the supporters whom these touchpoints affect, and lock them."""
    store = organisation.store
    affected = _Affected({supporter.id: supporter for supporter in by_key.values()})
    for number, row in new.items():
        at, is_correction = cast("int", row.at), organisation.has_role(row.kind)
        affected.add(by_key[str(row.supporter)], number, at, is_whole=is_correction)
        if row.referrer is not None:
            affected.add(by_key[str(row.referrer)], number, at, is_whole=True)
        if row.answers_id is not None and is_correction:
            source = row.answers_source or row.source
            referrers = histories.referrers_of(store, source, row.answers_id)
            missing = set(referrers) - affected.locked.keys()
            affected.locked |= recording.lock_ids(store, missing)
            affected.new |= dict.fromkeys(referrers)
    return affected


def _recent_queries(organisation: OrganisationContext, number: int, since: int) -> list[Query]:
    store = organisation.store
    recent = recent_history_query(number, len(organisation.adopted), since)
    return [
        recent,
        *(
            recent_rows_query(store, adopted.root, number, since, adopted.patterns)
            for adopted in organisation.adopted
        ),
    ]


def _load_recent(
    organisation: OrganisationContext,
    supporter: Locked,
    new: Mapping[int, int],
    prefetched: Sequence[Rows],
) -> SupporterContext:
    """Load what there is since the snapshots, or the whole history where these do not suffice."""
    store, number = organisation.store, supporter.id
    recent_rows, *stored_rows = prefetched or query_batch(
        store.connection, _recent_queries(organisation, number, min(new.values()))
    )
    recent = RecentHistory.from_rows(recent_rows, len(organisation.adopted))
    if not recent.snapshots:
        referred = histories.with_answers(store, number, list(recent.referred))
        history = StoredHistory(number, recent.own, referred)
        return SupporterContext(supporter, new, history, _stored_rows(organisation, number))
    rows = [*recent.own, *recent.referred]
    if any(organisation.has_role(row[_KIND]) for row in rows) or is_awaited(recent.own, new):
        return load_whole(organisation, supporter, new)
    answered = histories.answered_by(store, number, recent.own)
    history = StoredHistory(number, [*answered, *recent.own], recent.referred)
    stored = dict(zip(organisation.roots, map(StoredRows.from_rows, stored_rows), strict=True))
    return SupporterContext(supporter, new, history, stored, recent.snapshots)


def is_awaited(own: Iterable[histories.Row], new: Iterable[int]) -> bool:
    """Whether an earlier touchpoint answers one of the new ones.

    Then the new one counts otherwise than by itself: a void or a refund waited for it, or an answer
    whose target was unknown.
    """
    rows, numbers = list(own), set(new)
    keys = {key_of(row) for row in rows if row[0] in numbers}
    return any(answered_key(row) in keys for row in rows)
