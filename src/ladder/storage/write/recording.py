"""Lock an organisation, and read the rules by which a recording evaluates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    Connection,
    bindparam,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from ladder.errors import NotFoundError, nearest
from ladder.model.organisations import Organisation
from ladder.storage import models
from ladder.storage.coverage import Row as CoverageRow
from ladder.storage.definitions import MARK, Definition, in_order
from ladder.storage.sql import as_integer, connection_of
from ladder.storage.statements import Query, Statement, query_batch
from ladder.storage.store import Store

_ORGANISATION = models.Organisation.__table__
_SUPPORTER = models.Supporter.__table__
_DEFINITION = models.Definition.__table__
_COVERAGE = models.Coverage.__table__


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
