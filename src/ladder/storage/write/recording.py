"""One supporter's history out and one touchpoint in: the statements of the live path.

Each is built once, for building them anew costs more than running them. Nothing of this needs
Polars; `bulk` and `parts` do the same for files.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy import type_coerce as coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from ladder.coverage import BEGINNING
from ladder.errors import NotKnown, nearest
from ladder.model.organisations import Organisation
from ladder.storage import models
from ladder.storage.coverage import Row as CoverageRow
from ladder.storage.definitions import MARK, Definition, in_order
from ladder.storage.snapshots import CarriedRow
from ladder.storage.sql import besides, connection_of, inserting, members, whole
from ladder.storage.statements import Query, Statement, query_batch
from ladder.storage.store import Store

_ORGANISATION = models.Organisation.__table__
_SUPPORTER = models.Supporter.__table__
_TOUCHPOINT = models.Touchpoint.__table__
_DEFINITION = models.Definition.__table__
_COVERAGE = models.Coverage.__table__
_CARRIED = models.Carried.__table__

COLUMNS: Final = (
    "id", "supporter_id", "kind", "at", "date_only", "direction", "purposes", "asks_for", "channel",
    "audience", "automated", "campaign", "amount", "currency", "quantity", "answers_source",
    "answers_id", "referrer_id", "source", "external_id", "details",
)  # fmt: skip
"""A touchpoint as the reference evaluator takes it, in its order (`live.facts.Row`)."""

Row = tuple[Any, ...]
"""Values of `COLUMNS`: instants as integers, supporters by their ids."""


class Locked(NamedTuple):
    """A supporter whose history nobody else can change before this transaction ends."""

    id: int
    key: str
    first_at: int | None
    made: bool
    """Whether she was not known before."""


@dataclass(frozen=True)
class Situation:
    """What a recording is judged by: the ladders in force, and what the log is declared to hold."""

    definitions: tuple[Definition, ...]
    coverage: tuple[CoverageRow, ...]


def claim(where: Connection | Session, key: str, *, alone: bool = False) -> Store:
    """The handle of an organisation for whoever is about to write: nobody adopts meanwhile.

    On PostgreSQL this waits while somebody writes in bulk or adopts a ladder, and lets others
    record; `alone`, it waits for all of them and lets none begin. (At once, for two who shared it
    first and then both wanted it alone would wait for each other.) On SQLite it is a write, so that
    the transaction is the one writer from its first statement on: a reader whose snapshot is old
    cannot become one. Raises `NotKnown`.
    """
    connection = connection_of(where)
    (rows,) = query_batch(connection, [_claiming(connection, key, alone=alone)])
    return _claimed(connection, key, rows)


def claim_and_read(
    connection: Connection, key: str, whose: str | None = None
) -> tuple[Store, Situation, dict[str, Locked]]:
    """The same, and what a recording is judged by, as it is once nobody adopts any more.

    With it the supporter with the key `whose`, locked, unless she is new or none is asked for.
    """
    organisation = {"organisation": key}
    asked: list[Query] = [_claiming(connection, key, alone=False), (_SITUATION, organisation)]
    if whose is not None:
        asked.append((_LOCK_AT_ONCE, {"whose": whose} | organisation))
    claimed, rows, *people = query_batch(connection, asked)
    store = _claimed(connection, key, claimed)
    known = [_locked(row, made=False) for found in people for row in found]
    return store, _situation_of(rows), {each.key: each for each in known}


def _claiming(connection: Connection, key: str, *, alone: bool) -> Query:
    claiming = _CLAIM_ALONE if alone else _CLAIM
    if connection.dialect.name == "sqlite":
        claiming = _CLAIM_SQLITE
    return claiming, {"organisation": key}


def _claimed(connection: Connection, key: str, rows: list[Row]) -> Store:
    if not rows:
        known = connection.scalars(select(_ORGANISATION.c.key)).all()
        message = f"unknown organisation {key!r}{nearest(key, known)}"
        raise NotKnown(message)
    number, *fields = rows[0]
    return Store(connection, _organisation(*fields), number)


@lru_cache(maxsize=256)
def _organisation(*fields: Any) -> Organisation:  # noqa: ANN401
    """The organisation of a row without its id; checked once, for its zone takes a while."""
    names = [column.name for column in _ORGANISATION.c][1:]
    return Organisation(**dict(zip(names, fields, strict=True)))


def situation(store: Store) -> Situation:
    """The ladders in force, by key, and all declared coverage, oldest first."""
    (rows,) = query_batch(
        store.connection, [(_SITUATION, {"organisation": store.organisation.key})]
    )
    return _situation_of(rows)


def _situation_of(rows: Iterable[Row]) -> Situation:
    found = [Definition(*row[1:]) for row in rows if row[0] == "definition"]
    declared = [row for row in rows if row[0] == "coverage"]
    return Situation(
        tuple(in_order(found)),
        tuple((row[4], row[5], row[6], row[7]) for row in sorted(declared, key=lambda r: r[1])),
    )


def lock(
    store: Store, keys: Iterable[str], locked: Mapping[str, Locked] | None = None
) -> dict[str, Locked]:
    """These supporters, made where they are new, each locked until the transaction ends.

    In the order of their keys, so that two who lock the same ones never wait for each other. Not
    again who is `locked`.
    """
    found: dict[str, Locked] = {}
    for key in sorted(set(keys)):
        known = (locked or {}).get(key) or _lock_one(store, key)
        if known is None:
            made = _make(store, key)
            known = _lock_one(store, key, made=made)
            assert known is not None  # it was there, or is now  # noqa: S101
        found[key] = known
    return found


def _make(store: Store, key: str) -> bool:
    """Insert a supporter; False when another transaction has made her meanwhile."""
    statement = inserting(store.connection, _SUPPORTER).on_conflict_do_nothing()
    values = {"organisation_id": store.organisation_id, "key": key}
    done = store.connection.execute(statement.returning(_SUPPORTER.c.id), values)
    return done.scalar() is not None


def lock_ids(store: Store, numbers: Iterable[int]) -> dict[int, Locked]:
    """The same for supporters known by their ids; those who are gone are left out."""
    found = {}
    for number in sorted(set(numbers)):
        values = {"mine": store.organisation_id, "number": number}
        row = _LOCK_ID.execute(store.connection, values).one_or_none()
        if row is not None:
            found[number] = _locked(row, made=False)
    return found


def _lock_one(store: Store, key: str, *, made: bool = False) -> Locked | None:
    values = {"mine": store.organisation_id, "whose": key}
    (rows,) = query_batch(store.connection, [(_LOCK, values)])
    return _locked(rows[0], made=made) if rows else None


def _locked(row: Any, *, made: bool) -> Locked:  # noqa: ANN401
    number, key, first_at = row
    return Locked(number, key, first_at, made)


def forget(store: Store, touchpoints: Collection[int], supporters: Collection[int]) -> None:
    """Take away what this transaction has just made, for it was refused after all."""
    for table, numbers in ((_TOUCHPOINT, touchpoints), (_SUPPORTER, supporters)):
        mine = table.c.organisation_id == store.organisation_id
        for number in numbers:
            store.connection.execute(delete(table).where(mine, table.c.id == number))


def histories(store: Store, supporter_id: int) -> tuple[list[Row], list[Row]]:
    """Her touchpoints; and those of people whom she brought, with what voids or refunds them.

    The latter name her as their referrer, except for voids and refunds, which need not.
    """
    (rows,) = query_batch(store.connection, [(_HISTORY, {"whose": supporter_id})])
    own = [row[:-1] for row in rows if not row[-1]]
    return own, with_answers(store, supporter_id, [row[:-1] for row in rows if row[-1]])


def with_answers(store: Store, supporter_id: int, acts: list[Row]) -> list[Row]:
    """All acts of people whom she brought, with what voids or refunds them."""
    if not acts:
        return acts
    acts = list(acts)
    known = {row[0] for row in acts}
    for statement in (_ANSWERS, _ANSWERS_TO_ANSWERS):
        for row in store.connection.execute(statement, {"whose": supporter_id}):
            if row[0] not in known:
                known.add(row[0])
                acts.append(tuple(row))
    return acts


class Recent(NamedTuple):
    """What is carried along of her past; and her touchpoints, and others' naming her, since then.

    Where nothing is carried the touchpoints are all there are.
    """

    carried: list[CarriedRow]
    own: list[Row]
    brought: list[Row]

    @classmethod
    def of(cls, rows: Iterable[Row], ladders: int) -> Recent:
        """From the rows that `asking_recent` asks for, with the same number of ladders."""
        found: tuple[list[Row], ...] = ([], [], [])
        for row in rows:
            found[row[-1]].append(row[:-1])
        own, brought, states = found
        if len(states) != ladders:
            return cls([], own, brought)
        at, judged_by, state = (COLUMNS.index(name) for name in ("at", "kind", "details"))
        carried = [CarriedRow(row[0], row[at], row[judged_by], row[state]) for row in states]
        return cls(carried, own, brought)


def asking_recent(supporter_id: int, ladders: int, since: int) -> Query:
    """What asks for a `Recent`.

    Something is carried where it is for that many ladders, and all of it speaks for what was before
    `since` at most.
    """
    return _RECENT, {"whose": supporter_id, "ladders": ladders, "since": since}


def answered(store: Store, supporter_id: int, source: str, external_ids: list[str]) -> list[Row]:
    """Her touchpoints of that source with these ids."""
    statement, wanted = _ANSWERED, cast("Any", external_ids)
    if store.connection.dialect.name == "sqlite":
        statement, wanted = _ANSWERED_SQLITE, json.dumps(external_ids)
    values = {"mine": store.organisation_id, "whose": supporter_id, "source": source}
    (rows,) = query_batch(store.connection, [(statement, values | {"external_ids": wanted})])
    return rows


def touched(store: Store, source: str, external_id: str) -> list[int]:
    """Whom a void or refund of that touchpoint bears on, besides the supporter of both.

    The referrer of the touchpoint; and where that is a refund itself, of what it refunds.
    """
    values = {"mine": store.organisation_id, "source": source, "external_id": external_id}
    row = store.connection.execute(_REFERRERS, values).all()
    return sorted({number for pair in row for number in pair if number is not None})


def adding(store: Store, values: Mapping[str, Any], *, now: int) -> Query:
    """What inserts a touchpoint (`COLUMNS` without the id); its id, no row where it is known."""
    given = {name: value for name, value in values.items() if value is not None}
    given |= {"organisation_id": store.organisation_id, "recorded_at": now}
    return _adding(store.connection.dialect.name, tuple(given)), given


@lru_cache(maxsize=256)
def _adding(database: str, columns: tuple[str, ...]) -> Statement:
    """Of the columns that say something: half of them are empty, and each takes its time."""
    dialect = sqlite if database == "sqlite" else postgresql
    statement = dialect.insert(_TOUCHPOINT).on_conflict_do_nothing()
    return Statement(statement.returning(_TOUCHPOINT.c.id), columns)


def known(store: Store, source: str, external_id: str) -> Row | None:
    """The touchpoint of that key."""
    values = {"mine": store.organisation_id, "source": source, "external_id": external_id}
    row = store.connection.execute(_KNOWN, values).one_or_none()
    return None if row is None else tuple(row)


def touchpoints(store: Store, numbers: Collection[int]) -> dict[int, Row]:
    """Touchpoints by their ids."""
    if not numbers:
        return {}
    (rows,) = query_batch(store.connection, [asking_touchpoints(store, numbers)])
    return {row[0]: row for row in rows}


def asking_touchpoints(store: Store, numbers: Collection[int]) -> Query:
    """What asks for touchpoints by their ids."""
    statement, wanted = _THESE, cast("Any", sorted(numbers))
    if store.connection.dialect.name == "sqlite":
        statement, wanted = _THESE_SQLITE, json.dumps(wanted)
    return statement, {"mine": store.organisation_id, "numbers": wanted}


def keys(store: Store, numbers: Collection[int]) -> dict[int, str]:
    """The keys of supporters by their ids."""
    if not numbers:
        return {}
    these = _SUPPORTER.c.id.in_(members(store.connection, sorted(numbers)))
    mine = besides(_SUPPORTER.c.organisation_id) == store.organisation_id
    query = select(_SUPPORTER.c.id, _SUPPORTER.c.key).where(these, mine)
    return {row.id: row.key for row in store.connection.execute(query)}


def begin(store: Store, supporter_id: int, first_at: int | None) -> None:
    """Write down where her line begins, for an organisation that has no ladder yet."""
    mine = _SUPPORTER.c.organisation_id == store.organisation_id
    this = update(_SUPPORTER).where(mine, _SUPPORTER.c.id == supporter_id)
    store.connection.execute(this.values(first_at=first_at))


def everybody(store: Store) -> list[int]:
    """The ids of all supporters, ascending."""
    mine = _SUPPORTER.c.organisation_id == store.organisation_id
    number = _SUPPORTER.c.id
    return list(store.connection.scalars(select(number).where(mine).order_by(number)))


def _fields(table: Any) -> list[Any]:  # noqa: ANN401  (the table or an alias of it)
    """Booleans as the driver has them and instants as integers: no value is looked at twice."""
    sorts = {"at": BigInteger, "date_only": Integer, "automated": Integer}
    return [
        coerce(table.c[name], sorts[name]).label(name) if name in sorts else table.c[name]
        for name in COLUMNS
    ]


def _situation() -> Any:  # noqa: ANN401
    """Ladders and coverage in one go, with a first column that says which of the two it is."""
    d, c = _DEFINITION.c, _COVERAGE.c
    mine = select(_ORGANISATION.c.id).where(_HERE).scalar_subquery()
    ladders = select(
        literal_column("'definition'"), d.id, d.key, d.title, MARK, d.fingerprint,
        whole(d.adopted_at), whole(d.effective_from), whole(d.retired_at), d.first_id,
    ).where(d.organisation_id == mine, d.retired_at.is_(None))  # fmt: skip
    declared = select(
        literal_column("'coverage'"), c.id, null(), null(), c.selector, c.source,
        whole(c.since), whole(c.until), null(), null(),
    ).where(c.organisation_id == mine)  # fmt: skip
    return union_all(ladders, declared)


def _history() -> Any:  # noqa: ANN401
    own = select(*_FIELDS, literal_column("0")).where(
        _TOUCHPOINT.c.supporter_id == bindparam("whose")
    )
    acts = select(*_FIELDS, literal_column("1")).where(
        _TOUCHPOINT.c.referrer_id == bindparam("whose")
    )
    return union_all(own, acts)


def _recent() -> Any:  # noqa: ANN401
    """A third branch for what is carried, in the columns of a touchpoint."""
    c, whose = _CARRIED.c, _CARRIED.c.supporter_id == bindparam("whose")
    floor = (
        select(
            case(
                (
                    and_(
                        func.count() == bindparam("ladders"),
                        func.max(whole(c.at)) <= bindparam("since"),
                    ),
                    func.min(whole(c.at)),
                ),
                else_=literal_column(str(BEGINNING)),
            )
        )
        .where(whose)
        .scalar_subquery()
    )
    branches = [
        select(*_FIELDS, literal_column(str(number))).where(
            _TOUCHPOINT.c[name] == bindparam("whose"), whole(_TOUCHPOINT.c.at) >= floor
        )
        for number, name in enumerate(("supporter_id", "referrer_id"))
    ]
    told = {"id": c.definition_id, "kind": c.judged_by, "at": whole(c.at), "details": c.state}
    carried = select(*(told.get(name, null()) for name in COLUMNS), literal_column("2"))
    late = whole(c.at) <= bindparam("since")
    return union_all(*branches, carried.where(whose, late))


def _these(numbers: Any) -> Statement:  # noqa: ANN401
    mine = besides(_TOUCHPOINT.c.organisation_id) == bindparam("mine")
    return Statement(select(*_FIELDS).where(mine, _TOUCHPOINT.c.id.in_(numbers)))


def _answered(external_ids: Any) -> Statement:  # noqa: ANN401
    return Statement(
        select(*_FIELDS).where(
            _TOUCHPOINT.c.organisation_id == bindparam("mine"),
            _TOUCHPOINT.c.source == bindparam("source"),
            _TOUCHPOINT.c.external_id.in_(external_ids),
            besides(_TOUCHPOINT.c.supporter_id) == bindparam("whose"),
        )
    )


def _answering(answer: Any, answered: Any) -> Any:  # noqa: ANN401
    """Whether one touchpoint answers another of the same supporter; a bare id is of its source."""
    return and_(
        answer.c.supporter_id == answered.c.supporter_id,
        func.coalesce(answer.c.answers_source, answer.c.source) == answered.c.source,
        answer.c.answers_id == answered.c.external_id,
    )


def _answers(*, twice: bool) -> Any:  # noqa: ANN401
    act, answer, again = (_TOUCHPOINT.alias(name) for name in ("act", "answer", "again"))
    joined = act.join(answer, _answering(answer, act))
    if twice:
        joined = joined.join(again, _answering(again, answer))
    query = select(*_fields(again if twice else answer)).select_from(joined)
    return query.where(act.c.referrer_id == bindparam("whose"))


def _referrers() -> Any:  # noqa: ANN401
    first, second = _TOUCHPOINT.alias("first"), _TOUCHPOINT.alias("second")
    query = select(first.c.referrer_id, second.c.referrer_id)
    return query.select_from(first.outerjoin(second, _answering(first, second))).where(
        first.c.organisation_id == bindparam("mine"),
        first.c.source == bindparam("source"),
        first.c.external_id == bindparam("external_id"),
    )


_FIELDS: Final = _fields(_TOUCHPOINT)
_HERE: Final = _ORGANISATION.c.key == bindparam("organisation")
_CLAIM: Final = Statement(
    select(_ORGANISATION).where(_HERE).with_for_update(read=True, key_share=True)
)
_CLAIM_ALONE: Final = Statement(select(_ORGANISATION).where(_HERE).with_for_update())
_CLAIM_SQLITE: Final = Statement(
    update(_ORGANISATION).where(_HERE).values(name=_ORGANISATION.c.name).returning(_ORGANISATION)
)
_SITUATION: Final = Statement(_situation())
_LOCKING: Final = select(
    _SUPPORTER.c.id, _SUPPORTER.c.key, whole(_SUPPORTER.c.first_at).label("first_at")
).with_for_update()
_MINE: Final = _SUPPORTER.c.organisation_id == bindparam("mine")
_LOCK: Final = Statement(_LOCKING.where(_MINE, _SUPPORTER.c.key == bindparam("whose")))
_LOCK_AT_ONCE: Final = Statement(
    _LOCKING.where(
        _SUPPORTER.c.organisation_id == select(_ORGANISATION.c.id).where(_HERE).scalar_subquery(),
        _SUPPORTER.c.key == bindparam("whose"),
    )
)
_LOCK_ID: Final = Statement(_LOCKING.where(_MINE, _SUPPORTER.c.id == bindparam("number")))
_HISTORY: Final = Statement(_history())
_RECENT: Final = Statement(_recent())
_THESE: Final = _these(select(func.unnest(bindparam("numbers", type_=ARRAY(BigInteger)))))
_THESE_SQLITE: Final = _these(
    select(func.json_each(bindparam("numbers", type_=String)).table_valued("value").c.value)
)
_ANSWERED: Final = _answered(select(func.unnest(bindparam("external_ids", type_=ARRAY(String)))))
_ANSWERED_SQLITE: Final = _answered(
    select(func.json_each(bindparam("external_ids", type_=String)).table_valued("value").c.value)
)
_ANSWERS: Final = _answers(twice=False)
_ANSWERS_TO_ANSWERS: Final = _answers(twice=True)
_REFERRERS: Final = _referrers()
_KNOWN: Final = select(*_FIELDS).where(
    _TOUCHPOINT.c.organisation_id == bindparam("mine"),
    _TOUCHPOINT.c.source == bindparam("source"),
    _TOUCHPOINT.c.external_id == bindparam("external_id"),
)
