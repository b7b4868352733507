"""Count the lines that began within a period, by an index, without suppressed supporters."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select

from ladder.storage import models, selects
from ladder.storage.indexes import indexed
from ladder.storage.sql import as_integer
from ladder.storage.store import Store

_SUPPORTER = models.Supporter.__table__
_BY_BEGINNING = "ix_ladder_supporter_organisation_id_first_at"


def earliest(store: Store) -> int | None:
    """Return the start of the first line of all; None without any."""
    row = indexed(_SUPPORTER, "row", _BY_BEGINNING).c
    first = as_integer(row.first_at)
    mine = row.organisation_id == store.organisation_id, row.first_at.is_not(None)
    return store.connection.scalar(select(first).where(*mine).order_by(first).limit(1))


def begun(store: Store, since: int, until: int) -> int:
    """Count the lines that began within `[since, until)`."""
    row = indexed(_SUPPORTER, "row", _BY_BEGINNING).c
    within = row.first_at >= since, row.first_at < until
    its = select(func.count()).where(row.organisation_id == store.organisation_id, *within)
    return store.connection.scalar(its) or 0


def silent_begun(store: Store, root: int, since: int, until: int, *, at: int, now: int) -> int:
    """Count those lines whose supporters are suppressed now, or were at the instant `at`."""
    quiet, row = indexed(models.Movement.__table__, "quiet", selects.SILENCE), _SUPPORTER.c
    now_or_then = or_(selects.silences(quiet, root, now), selects.silences(quiet, root, at))
    hers = and_(row.id == quiet.c.supporter_id, row.first_at >= since, row.first_at < until)
    query = select(func.count(quiet.c.supporter_id.distinct()))
    joined = quiet.join(_SUPPORTER, hers)
    return store.connection.scalar(query.select_from(joined).where(now_or_then)) or 0


def heard(store: Store, root: int, since: int, until: int, *, at: int, now: int) -> int:
    """Count lines that began within `[since, until)`, without those of suppressed supporters.

    They are supporters who are suppressed now, or were at the instant `at`.
    """
    silent_ = silent_begun(store, root, since, until, at=at, now=now)
    return begun(store, since, until) - silent_


def silent(store: Store, root: int, *, at: int, now: int) -> set[int]:
    """Return the ids of supporters who are suppressed now, or were at the instant `at`."""
    quiet = indexed(models.Movement.__table__, "quiet", selects.SILENCE)
    now_or_then = or_(selects.silences(quiet, root, now), selects.silences(quiet, root, at))
    return set(store.connection.scalars(select(quiet.c.supporter_id).where(now_or_then)))
