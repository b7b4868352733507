"""Lock what a recording changes, and store its touchpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ladder.errors import NotFoundError, nearest
from ladder.model.organisations import Organisation
from ladder.storage import models
from ladder.storage.coverage import Row as CoverageRow
from ladder.storage.definitions import MARK, Definition, in_order
from ladder.storage.read.histories import COLUMNS
from ladder.storage.sql import as_integer, connection_of
from ladder.storage.statements import Query, Statement, query_batch
from ladder.storage.store import Store
from ladder.storage.supporters import known_supporter

_ORGANISATION = models.Organisation.__table__
_SUPPORTER = models.Supporter.__table__
_TOUCHPOINT = models.Touchpoint.__table__
_DEFINITION = models.Definition.__table__
_COVERAGE = models.Coverage.__table__


class Locked(NamedTuple):
    """A supporter whose history no other transaction can change before this one ends."""

    id: int
    key: str
    first_at: int | None
    is_new: bool = False
    """Whether this transaction made the supporter."""


@dataclass(frozen=True)
class StoredRules:
    """The definitions in force and the declared coverage of an organisation, as rows."""

    definitions: tuple[Definition, ...]
    coverage: tuple[CoverageRow, ...]


def claim(where: Connection | Session, key: str, *, alone: bool = False) -> Store:
    """Lock the organisation, so that no other transaction adopts a ladder meanwhile.

    On PostgreSQL recordings share this lock; bulk writers and adoptions take it `alone`, from the
    beginning, because two that share it and then both want it alone would wait for each other. On
    SQLite it is a write, so that the transaction is the one writer from its first statement on: a
    reader with an old view of the database cannot become one.

    Raises:
        NotFoundError: There is no such organisation.
    """
    connection = connection_of(where)
    (rows,) = query_batch(connection, [_claim_query(connection, key, alone=alone)])
    return _store_from(connection, key, rows)


def claim_and_read(connection: Connection, key: str) -> tuple[Store, StoredRules]:
    """Lock the organisation, then read its definitions, so that no adoption can intervene."""
    claim_query = _claim_query(connection, key, alone=False)
    organisation, rules = query_batch(connection, [claim_query, (_RULES, {"organisation": key})])
    return _store_from(connection, key, organisation), _rules_from(rules)


def _claim_query(connection: Connection, key: str, *, alone: bool) -> Query:
    if connection.dialect.name == "sqlite":
        return _CLAIM_SQLITE, {"organisation": key}
    return _CLAIM_ALONE if alone else _CLAIM, {"organisation": key}


def _store_from(connection: Connection, key: str, rows: Sequence[tuple[Any, ...]]) -> Store:
    if not rows:
        known = connection.scalars(select(_ORGANISATION.c.key)).all()
        message = f"unknown organisation {key!r}{nearest(key, known)}"
        raise NotFoundError(message)
    number, *fields = rows[0]
    return Store(connection, _organisation(*fields), number)


@lru_cache(maxsize=256)
def _organisation(*fields: Any) -> Organisation:  # noqa: ANN401
    """Build an organisation from its row without the id; cached, because a zone takes a while."""
    names = [column.name for column in _ORGANISATION.c][1:]
    return Organisation(**dict(zip(names, fields, strict=True)))


def read_rules(store: Store) -> StoredRules:
    """Read the definitions in force and the declared coverage."""
    values = {"organisation": store.organisation.key}
    (rows,) = query_batch(store.connection, [(_RULES, values)])
    return _rules_from(rows)


def _rules_from(rows: Sequence[tuple[Any, ...]]) -> StoredRules:
    definitions = [Definition(*row[1:]) for row in rows if row[0] == "definition"]
    coverage = sorted((row for row in rows if row[0] == "coverage"), key=lambda row: row[1])
    return StoredRules(tuple(in_order(definitions)), tuple(row[4:8] for row in coverage))


def lock(store: Store, keys: Iterable[str]) -> dict[str, Locked]:
    """Lock supporters until the transaction ends, and make those that are new.

    In the order of their keys, so that two transactions never wait for each other.
    """
    return {key: _lock_one(store, key) or _make(store, key) for key in sorted(set(keys))}


def lock_ids(store: Store, numbers: Iterable[int]) -> dict[int, Locked]:
    """Lock supporters by their ids; deleted ones are left out."""
    locked = {}
    for number in sorted(set(numbers)):
        values = {"owner": store.organisation_id, "number": number}
        (rows,) = query_batch(store.connection, [(_LOCK_ID, values)])
        if rows:
            locked[number] = Locked(*rows[0])
    return locked


def read_supporter(store: Store, key: str) -> Locked:
    """Read a supporter without a lock; raise `NotFoundError` for an unknown one."""
    number = known_supporter(store, key)
    first_at = select(as_integer(_SUPPORTER.c.first_at)).where(_SUPPORTER.c.id == number)
    return Locked(number, key, store.connection.scalar(first_at))


def _lock_one(store: Store, key: str) -> Locked | None:
    values = {"owner": store.organisation_id, "key": key}
    (rows,) = query_batch(store.connection, [(_LOCK, values)])
    return Locked(*rows[0]) if rows else None


def _make(store: Store, key: str) -> Locked:
    """Insert and lock a supporter, whom another transaction may make at the same time."""
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


def forget(store: Store, touchpoints: Iterable[int], supporters: Iterable[Locked]) -> None:
    """Delete the touchpoints and new supporters of a recording that was refused."""
    made = [supporter.id for supporter in supporters if supporter.is_new]
    for table, numbers in ((_TOUCHPOINT, touchpoints), (_SUPPORTER, made)):
        owned = table.c.organisation_id == store.organisation_id
        for number in numbers:
            store.connection.execute(delete(table).where(owned, table.c.id == number))


def everybody(store: Store) -> list[int]:
    """Return the ids of all supporters, ascending."""
    owned = _SUPPORTER.c.organisation_id == store.organisation_id
    number = _SUPPORTER.c.id
    return list(store.connection.scalars(select(number).where(owned).order_by(number)))


def _stored_rules() -> Any:  # noqa: ANN401
    """Select definitions and coverage together; the first column names the kind of row."""
    d, c = _DEFINITION.c, _COVERAGE.c
    owner = select(_ORGANISATION.c.id).where(_WITH_KEY).scalar_subquery()
    definitions = select(
        literal_column("'definition'"), d.id, d.key, d.title, MARK, d.fingerprint,
        as_integer(d.adopted_at), as_integer(d.effective_from), as_integer(d.retired_at),
        d.first_id,
    ).where(d.organisation_id == owner, d.retired_at.is_(None))  # fmt: skip
    declared = select(
        literal_column("'coverage'"), c.id, null(), null(), c.selector, c.source,
        as_integer(c.since), as_integer(c.until), null(), null(),
    ).where(c.organisation_id == owner)  # fmt: skip
    return union_all(definitions, declared)


def _insert(dialect: Any, table: Any, columns: Sequence[str]) -> Statement:  # noqa: ANN401
    statement = dialect.insert(table).on_conflict_do_nothing()
    return Statement(statement.returning(table.c.id), columns)


_WITH_KEY: Final = _ORGANISATION.c.key == bindparam("organisation")
_CLAIM: Final = Statement(
    select(_ORGANISATION).where(_WITH_KEY).with_for_update(read=True, key_share=True)
)
_CLAIM_ALONE: Final = Statement(select(_ORGANISATION).where(_WITH_KEY).with_for_update())
_CLAIM_SQLITE: Final = Statement(
    update(_ORGANISATION)
    .where(_WITH_KEY)
    .values(name=_ORGANISATION.c.name)
    .returning(_ORGANISATION)
)
_RULES: Final = Statement(_stored_rules())
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
