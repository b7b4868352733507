"""What is carried along of a supporter's past between recordings: a row for each ladder.

A row holds nothing that her touchpoints do not say. Whoever stores touchpoints in another way than
recording them forgets the rows of the organisation; the next recording then reads the history.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from ladder.storage import models
from ladder.storage.statements import Statement, Write
from ladder.storage.store import Store

_CARRIED = models.Carried.__table__


class CarriedRow(NamedTuple):
    """What is carried for one ladder: it speaks for all that happened before `at`."""

    definition_id: int
    at: int
    judged_by: str
    state: str


def remembering(store: Store, supporter_id: int, row: CarriedRow) -> Write:
    """What carries this along, instead of what was. The caller holds her lock."""
    values = row._asdict()
    values |= {"supporter_id": supporter_id, "organisation_id": store.organisation_id}
    statement = _REMEMBER_SQLITE if store.connection.dialect.name == "sqlite" else _REMEMBER
    return statement, values


def drop(store: Store, supporter_id: int) -> None:
    """Carry nothing along of one supporter."""
    mine = _CARRIED.c.organisation_id == store.organisation_id
    whose = _CARRIED.c.supporter_id == supporter_id
    store.connection.execute(delete(_CARRIED).where(mine, whose))


def forget(store: Store) -> None:
    """Carry nothing along of anybody."""
    mine = _CARRIED.c.organisation_id == store.organisation_id
    store.connection.execute(delete(_CARRIED).where(mine))


def _remembering(dialect: Any) -> Statement:  # noqa: ANN401
    statement = dialect.insert(_CARRIED)
    new = {name: statement.excluded[name] for name in ("at", "judged_by", "state")}
    key = ["supporter_id", "definition_id"]
    return Statement(
        statement.on_conflict_do_update(index_elements=key, set_=new),
        ("supporter_id", "organisation_id", *CarriedRow._fields),
    )


_REMEMBER, _REMEMBER_SQLITE = (_remembering(dialect) for dialect in (postgresql, sqlite))
