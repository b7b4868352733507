"""Which organisation is meant, where a person rather than a program asks."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from ladder.errors import NotKnown
from ladder.storage import models
from ladder.storage.sets import connection_of
from ladder.storage.store import Store


def organisations(where: Connection | Session) -> list[str]:
    """The keys of all organisations, in order."""
    key = models.Organisation.__table__.c.key
    return list(connection_of(where).scalars(select(key).order_by(key)))


def choose(where: Connection | Session, key: str | None = None) -> Store:
    """The handle of that organisation; without a key, of the only one there is.

    Raises `NotKnown` when there is none of that key, none at all, or several to choose from.
    """
    if key is not None:
        return Store.open(where, key)
    known = organisations(where)
    if len(known) == 1:
        return Store.open(where, known[0])
    if not known:
        message = "the database holds no organisation yet: replay a file into it first"
    else:
        message = f"the database holds several organisations: say which, {' or '.join(known)}"
    raise NotKnown(message)
