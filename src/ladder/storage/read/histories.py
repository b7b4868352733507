"""Read the touchpoints that one supporter's evaluation needs.

An evaluation needs the supporter's own touchpoints and those of supporters that they referred.
`ladder.storage.read.history_batches` reads the same for many supporters, with Polars.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy import type_coerce as coerce
from sqlalchemy.dialects.postgresql import ARRAY

from ladder.coverage import BEGINNING, Coverage
from ladder.engines.incremental.indexed_evaluator import IndexedEvaluation
from ladder.engines.reference.facts import Linking
from ladder.engines.reference.history import History
from ladder.language.ladders import Ladder
from ladder.model.kinds import Kinds
from ladder.storage import models
from ladder.storage.snapshots import SnapshotRow
from ladder.storage.sql import as_integer, besides, members
from ladder.storage.statements import Query, Statement, query_batch
from ladder.storage.store import Store

_SUPPORTER = models.Supporter.__table__
_TOUCHPOINT = models.Touchpoint.__table__
_SNAPSHOT = models.Carried.__table__

COLUMNS: Final = (
    "id", "supporter_id", "kind", "at", "date_only", "direction", "purposes", "asks_for", "channel",
    "audience", "automated", "campaign", "amount", "currency", "quantity", "answers_source",
    "answers_id", "referrer_id", "source", "external_id", "details",
)  # fmt: skip
"""The columns of a touchpoint in the order of `ladder.engines.reference.facts.Row`."""

Row = tuple[Any, ...]
"""Values of `COLUMNS`: instants as integers, supporters by their ids."""

_AT, _KIND, _SOURCE, _EXTERNAL_ID, _ANSWERS_SOURCE, _ANSWERS_ID, _DETAILS = map(
    COLUMNS.index,
    ("at", "kind", "source", "external_id", "answers_source", "answers_id", "details"),
)


def key_of(row: Row) -> Linking:
    """Return the key by which other touchpoints of the supporter answer this one."""
    return row[_SOURCE], row[_EXTERNAL_ID]


def answered_key(row: Row) -> Linking | None:
    """Return the key of the touchpoint that this one answers; a bare id is of its own source."""
    if row[_ANSWERS_ID] is None:
        return None
    return row[_ANSWERS_SOURCE] or row[_SOURCE], row[_ANSWERS_ID]


@dataclass(frozen=True)
class StoredHistory:
    """A supporter's own touchpoints, and the referred acts: those that name them as referrer.

    `referred` includes the voids and refunds of these acts.
    """

    supporter_id: int
    own: Sequence[Row]
    referred: Sequence[Row]

    @classmethod
    def read(cls, store: Store, supporter_id: int) -> StoredHistory:
        """Read the whole history."""
        (rows,) = query_batch(store.connection, [history_query(supporter_id)])
        return cls.from_rows(store, supporter_id, rows)

    @classmethod
    def from_rows(cls, store: Store, supporter_id: int, rows: Sequence[Row]) -> StoredHistory:
        """Sort the rows of `history_query`, and read what voids or refunds referred acts."""
        own = [row[:-1] for row in rows if not row[-1]]
        acts = [row[:-1] for row in rows if row[-1]]
        return cls(supporter_id, own, with_answers(store, supporter_id, acts))

    def history(self, store: Store, ladder: Ladder) -> History:
        """Build the history as a ladder reads it: its kinds, and amounts by its rates."""
        return History.from_rows(
            self.own, store.organisation, ladder.kinds, self.referred, ladder.rates,
            self.supporter_id,
        )  # fmt: skip

    def evaluation(
        self, store: Store, ladder: Ladder, coverage: tuple[Coverage, ...]
    ) -> IndexedEvaluation:
        """Build the evaluation of one ladder."""
        return IndexedEvaluation(self.history(store, ladder), store.organisation, ladder, coverage)

    def line_start(self, store: Store, kinds: Kinds) -> int | None:
        """Return where the line begins by the kinds alone, for an organisation without a ladder."""
        return History.from_rows(
            self.own, store.organisation, kinds, self.referred, None, self.supporter_id
        ).t0

    def without(self, touchpoints: Collection[int]) -> StoredHistory:
        """Leave these touchpoints out."""
        own, referred = (
            [row for row in rows if row[0] not in touchpoints] for rows in (self.own, self.referred)
        )
        return StoredHistory(self.supporter_id, own, referred)

    def rows(self) -> dict[int, Row]:
        """Return all touchpoints by id."""
        return {row[0]: row for row in (*self.own, *self.referred)}


def history_query(supporter_id: int) -> Query:
    """Query the touchpoints of a supporter, and the acts that name them as referrer."""
    return _HISTORY, {"supporter": supporter_id}


def with_answers(store: Store, supporter_id: int, acts: list[Row]) -> list[Row]:
    """Add to all referred acts what voids or refunds them."""
    if not acts:
        return acts
    by_id = {row[0]: row for row in acts}
    queries = [(query, {"supporter": supporter_id}) for query in (_ANSWERS, _ANSWERS_TO_ANSWERS)]
    for rows in query_batch(store.connection, queries):
        by_id = {row[0]: row for row in rows} | by_id
    return list(by_id.values())


class RecentHistory(NamedTuple):
    """The snapshots of a supporter, and the touchpoints since the earliest of them.

    Without snapshots these are all touchpoints, but not what voids or refunds referred acts.
    """

    snapshots: Sequence[SnapshotRow]
    own: Sequence[Row]
    referred: Sequence[Row]

    @classmethod
    def from_rows(cls, rows: Iterable[Row], ladders: int) -> RecentHistory:
        """Sort the rows of `recent_history_query` with the same number of ladders."""
        own, referred, snapshots = (
            [row[:-1] for row in rows if row[-1] == branch] for branch in range(3)
        )
        if len(snapshots) != ladders:
            return cls([], own, referred)
        return cls(
            [SnapshotRow(row[0], row[_AT], row[_KIND], row[_DETAILS]) for row in snapshots],
            own,
            referred,
        )


def recent_history_query(supporter_id: int, ladders: int, since: int) -> Query:
    """Query a `RecentHistory`.

    Snapshots count where there is one for each of that many ladders and none is later than `since`.
    """
    return _RECENT, {"supporter": supporter_id, "ladders": ladders, "since": since}


def answered_by(store: Store, supporter_id: int, rows: Sequence[Row]) -> Iterator[Row]:
    """Read the supporter's touchpoints that these ones answer and that are not among them."""
    keys = {key_of(row) for row in rows}
    missing: dict[str, set[str]] = {}
    for row in rows:
        key = answered_key(row)
        if key is not None and key not in keys:
            missing.setdefault(key[0], set()).add(key[1])
    for source, external_ids in missing.items():
        statement, wanted = _ANSWERED, cast("Any", sorted(external_ids))
        if store.connection.dialect.name == "sqlite":
            statement, wanted = _ANSWERED_SQLITE, json.dumps(wanted)
        owner = {"organisation": store.organisation_id, "supporter": supporter_id}
        values = {**owner, "source": source, "external_ids": wanted}
        (answered,) = query_batch(store.connection, [(statement, values)])
        yield from answered


def touchpoints(store: Store, numbers: Collection[int]) -> dict[int, Row]:
    """Read touchpoints by their ids."""
    if not numbers:
        return {}
    (rows,) = query_batch(store.connection, [touchpoints_query(store, numbers)])
    return {row[0]: row for row in rows}


def touchpoints_query(store: Store, numbers: Collection[int]) -> Query:
    """Query touchpoints by their ids."""
    statement, wanted = _BY_ID, cast("Any", sorted(numbers))
    if store.connection.dialect.name == "sqlite":
        statement, wanted = _BY_ID_SQLITE, json.dumps(wanted)
    return statement, {"organisation": store.organisation_id, "numbers": wanted}


def touchpoint_with_key(store: Store, values: Mapping[str, Any]) -> Row:
    """Read the touchpoint that has this source and external id."""
    key = {name: values[name] for name in ("source", "external_id")}
    key |= {"organisation": store.organisation_id}
    (rows,) = query_batch(store.connection, [(_WITH_KEY, key)])
    return rows[0]


def referrers_of(store: Store, source: str, external_id: str) -> list[int]:
    """Return the referrer of a touchpoint and, where it is a refund, of what it refunds.

    A void or refund of that touchpoint affects them, besides its own supporter.
    """
    values = {"organisation": store.organisation_id, "source": source, "external_id": external_id}
    (rows,) = query_batch(store.connection, [(_REFERRERS, values)])
    return sorted({number for pair in rows for number in pair if number is not None})


def keys(store: Store, numbers: Collection[int]) -> dict[int, str]:
    """Read the keys of supporters by their ids."""
    if not numbers:
        return {}
    chosen = _SUPPORTER.c.id.in_(members(store.connection, sorted(numbers)))
    owned = besides(_SUPPORTER.c.organisation_id) == store.organisation_id
    query = select(_SUPPORTER.c.id, _SUPPORTER.c.key).where(chosen, owned)
    return {row.id: row.key for row in store.connection.execute(query)}


def _fields(table: Any) -> list[Any]:  # noqa: ANN401  (a table or its alias)
    """Select booleans as the driver has them and instants as integers."""
    types = {"at": BigInteger, "date_only": Integer, "automated": Integer}
    return [
        coerce(table.c[name], types[name]).label(name) if name in types else table.c[name]
        for name in COLUMNS
    ]


def _history() -> Any:  # noqa: ANN401
    branches = [
        select(*_FIELDS, literal_column(str(branch))).where(column == bindparam("supporter"))
        for branch, column in enumerate((_TOUCHPOINT.c.supporter_id, _TOUCHPOINT.c.referrer_id))
    ]
    return union_all(*branches)


def _recent() -> Any:  # noqa: ANN401
    """Build a union of own and referred touchpoints and, in the same columns, of snapshots."""
    c, owned = _SNAPSHOT.c, _SNAPSHOT.c.supporter_id == bindparam("supporter")
    usable = and_(
        func.count() == bindparam("ladders"), func.max(as_integer(c.at)) <= bindparam("since")
    )
    floor = select(case((usable, func.min(as_integer(c.at))), else_=literal_column(str(BEGINNING))))
    branches = [
        select(*_FIELDS, literal_column(str(branch))).where(
            column == bindparam("supporter"),
            as_integer(_TOUCHPOINT.c.at) >= floor.where(owned).scalar_subquery(),
        )
        for branch, column in enumerate((_TOUCHPOINT.c.supporter_id, _TOUCHPOINT.c.referrer_id))
    ]
    fields = {
        "id": c.definition_id,
        "kind": c.judged_by,
        "at": as_integer(c.at),
        "details": c.state,
    }
    snapshots = select(*(fields.get(name, null()) for name in COLUMNS), literal_column("2"))
    return union_all(*branches, snapshots.where(owned, as_integer(c.at) <= bindparam("since")))


def _by_id(numbers: Any) -> Statement:  # noqa: ANN401
    owned = besides(_TOUCHPOINT.c.organisation_id) == bindparam("organisation")
    return Statement(select(*_FIELDS).where(owned, _TOUCHPOINT.c.id.in_(numbers)))


def _answered(external_ids: Any) -> Statement:  # noqa: ANN401
    return Statement(
        select(*_FIELDS).where(
            _TOUCHPOINT.c.organisation_id == bindparam("organisation"),
            _TOUCHPOINT.c.source == bindparam("source"),
            _TOUCHPOINT.c.external_id.in_(external_ids),
            besides(_TOUCHPOINT.c.supporter_id) == bindparam("supporter"),
        )
    )


def _answers(answer: Any, target: Any) -> Any:  # noqa: ANN401
    """Build the test that one touchpoint answers another; a bare id is of the same source."""
    return and_(
        answer.c.supporter_id == target.c.supporter_id,
        func.coalesce(answer.c.answers_source, answer.c.source) == target.c.source,
        answer.c.answers_id == target.c.external_id,
    )


def _answers_to_acts(*, allow_reimport: bool) -> Statement:
    act, answer, second = (_TOUCHPOINT.alias(name) for name in ("act", "answer", "second"))
    joined = act.join(answer, _answers(answer, act))
    if allow_reimport:
        joined = joined.join(second, _answers(second, answer))
    query = select(*_fields(second if allow_reimport else answer)).select_from(joined)
    return Statement(query.where(act.c.referrer_id == bindparam("supporter")))


def _referrers() -> Statement:
    first, second = _TOUCHPOINT.alias("first"), _TOUCHPOINT.alias("second")
    query = select(first.c.referrer_id, second.c.referrer_id)
    return Statement(
        query.select_from(first.outerjoin(second, _answers(first, second))).where(
            first.c.organisation_id == bindparam("organisation"),
            first.c.source == bindparam("source"),
            first.c.external_id == bindparam("external_id"),
        )
    )


def _json_values(name: str) -> Any:  # noqa: ANN401
    return select(func.json_each(bindparam(name, type_=String)).table_valued("value").c.value)


_FIELDS: Final = _fields(_TOUCHPOINT)
_HISTORY: Final = Statement(_history())
_RECENT: Final = Statement(_recent())
_BY_ID: Final = _by_id(select(func.unnest(bindparam("numbers", type_=ARRAY(BigInteger)))))
_BY_ID_SQLITE: Final = _by_id(_json_values("numbers"))
_ANSWERED: Final = _answered(select(func.unnest(bindparam("external_ids", type_=ARRAY(String)))))
_ANSWERED_SQLITE: Final = _answered(_json_values("external_ids"))
_ANSWERS: Final = _answers_to_acts(allow_reimport=False)
_ANSWERS_TO_ANSWERS: Final = _answers_to_acts(allow_reimport=True)
_REFERRERS: Final = _referrers()
_WITH_KEY: Final = Statement(
    select(*_FIELDS).where(
        _TOUCHPOINT.c.organisation_id == bindparam("organisation"),
        _TOUCHPOINT.c.source == bindparam("source"),
        _TOUCHPOINT.c.external_id == bindparam("external_id"),
    )
)
