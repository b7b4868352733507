"""Look up supporters by key, and create new ones."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, func, literal, select

from ladder.errors import NotFoundError
from ladder.storage.models import Supporter
from ladder.storage.sql import inserting, members
from ladder.storage.statements import Statement, query_batch
from ladder.storage.store import Store

_TABLE = Supporter.__table__
_BY_KEY = Statement(
    select(_TABLE.c.id).where(
        _TABLE.c.organisation_id == bindparam("organisation"), _TABLE.c.key == bindparam("key")
    )
)


def supporter_id(store: Store, key: str) -> int | None:
    """Return the id of the supporter with that key, or None."""
    values = {"organisation": store.organisation_id, "key": key}
    (rows,) = query_batch(store.connection, [(_BY_KEY, values)])
    return rows[0][0] if rows else None


def known_supporter(store: Store, key: str) -> int:
    """Return the id of the supporter with that key.

    Raises:
        NotFoundError: There is none.
    """
    found = supporter_id(store, key)
    if found is None:
        message = f"no supporter {key!r} in {store.organisation.key}"
        raise NotFoundError(message)
    return found


def intern(store: Store, keys: Iterable[str]) -> dict[str, int]:
    """Return the id of each key; missing supporters are created."""
    wanted = sorted(set(keys))
    found = find(store, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        _make(store, missing)
        found |= find(store, missing)
    return found


def find(store: Store, keys: Iterable[str]) -> dict[str, int]:
    """Return the id of each of these keys that is known."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = store.connection.execute(
        select(_TABLE.c.key, _TABLE.c.id).where(
            _TABLE.c.organisation_id == store.organisation_id,
            _TABLE.c.key.in_(members(store.connection, wanted)),
        )
    )
    return {key: number for key, number in rows}  # noqa: C416  (dict() has no type for rows)


def count(store: Store) -> int:
    """Return the number of supporters of the organisation."""
    mine = _TABLE.c.organisation_id == store.organisation_id
    return store.connection.scalar(select(func.count()).where(mine)) or 0


def _make(store: Store, keys: list[str]) -> None:
    """Insert supporters; one that another writer has just created is left unchanged."""
    given = members(store.connection, keys).subquery()
    rows = select(literal(store.organisation_id), given.c.value).where(literal(1) == 1)
    statement = inserting(store.connection, _TABLE).from_select(["organisation_id", "key"], rows)
    store.connection.execute(statement.on_conflict_do_nothing())
