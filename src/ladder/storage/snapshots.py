"""Store the snapshots from which the next recording of a supporter continues, one per ladder.

A snapshot holds nothing that the touchpoints do not hold. Code that stores touchpoints other than
by recording them must delete the organisation's snapshots. The next recording then reads the whole
history.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from ladder.storage import models
from ladder.storage.statements import Statement, Write
from ladder.storage.store import Store

_SNAPSHOT = models.Carried.__table__


class SnapshotRow(NamedTuple):
    """The snapshot for one ladder: it stands for all touchpoints before `at`."""

    definition_id: int
    at: int
    judged_by: str
    state: str


def save_write(store: Store, supporter_id: int, row: SnapshotRow) -> Write:
    """Build the write that replaces a snapshot. The caller holds the supporter's lock."""
    values = row._asdict()
    values |= {"supporter_id": supporter_id, "organisation_id": store.organisation_id}
    statement = _SAVE_SQLITE if store.connection.dialect.name == "sqlite" else _SAVE
    return statement, values


def delete_write(store: Store, supporter_id: int) -> Write:
    """Build the write that deletes one supporter's snapshots."""
    return _DELETE, {"organisation": store.organisation_id, "supporter": supporter_id}


def forget(store: Store) -> None:
    """Delete the snapshots of all supporters."""
    owned = _SNAPSHOT.c.organisation_id == store.organisation_id
    store.connection.execute(delete(_SNAPSHOT).where(owned))


def _save(dialect: Any) -> Statement:  # noqa: ANN401
    statement = dialect.insert(_SNAPSHOT)
    new = {name: statement.excluded[name] for name in ("at", "judged_by", "state")}
    key = ["supporter_id", "definition_id"]
    return Statement(
        statement.on_conflict_do_update(index_elements=key, set_=new),
        ("supporter_id", "organisation_id", *SnapshotRow._fields),
    )


_SAVE, _SAVE_SQLITE = (_save(dialect) for dialect in (postgresql, sqlite))
_DELETE: Final = Statement(
    delete(_SNAPSHOT).where(
        _SNAPSHOT.c.organisation_id == bindparam("organisation"),
        _SNAPSHOT.c.supporter_id == bindparam("supporter"),
    )
)
