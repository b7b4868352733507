"""Query recording times: late touchpoints, retracted findings, definitions at an instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from ladder.storage import models
from ladder.storage.indexes import indexed
from ladder.storage.selects import known
from ladder.storage.sql import as_integer, members
from ladder.storage.store import Store

_TOUCHPOINT = models.Touchpoint.__table__
_FINDING = indexed(models.Finding.__table__, "hers", "ix_ladder_finding_supporter_id_at")
_DEFINITION = models.Definition.__table__


def recorded_after(store: Store, touchpoints: Collection[int], instant: int) -> set[int]:
    """Return which of these touchpoints (ids) were recorded after that instant."""
    return _recorded(store, touchpoints, _TOUCHPOINT.c.recorded_at > instant)


def recorded_at(store: Store, touchpoints: Collection[int], instant: int) -> set[int]:
    """Return which of these touchpoints (ids) were recorded at exactly that instant."""
    return _recorded(store, touchpoints, _TOUCHPOINT.c.recorded_at == instant)


def _recorded(store: Store, touchpoints: Collection[int], when: ColumnElement[bool]) -> set[int]:
    if not touchpoints:
        return set()
    these = _TOUCHPOINT.c.id.in_(members(store.connection, list(touchpoints)))
    query = select(_TOUCHPOINT.c.id).where(these, when)
    return set(store.connection.scalars(query))


@dataclass(frozen=True)
class FindingKept:
    """A stored finding with the times at which it was known."""

    pattern: str
    severity: str
    at: int
    until: int | None
    recorded_at: int
    retracted_at: int | None


def findings(
    store: Store, root: int, supporter_id: int, *, known_at: int | None = None
) -> list[FindingKept]:
    """Return the findings of a supporter that are known now, or were at `known_at`."""
    return _findings(store, root, supporter_id, known(_FINDING.c, known_at))


def withdrawn(
    store: Store, root: int, supporter_id: int, *, known_at: int | None = None
) -> list[FindingKept]:
    """Return the findings of a supporter that were retracted by now, or by `known_at`."""
    retracted = _FINDING.c.retracted_at
    over = retracted.is_not(None) if known_at is None else retracted <= known_at
    return _findings(store, root, supporter_id, over)


def _findings(
    store: Store, root: int, supporter_id: int, which: ColumnElement[bool]
) -> list[FindingKept]:
    row = _FINDING.c
    query = select(
        row.pattern, row.severity, as_integer(row.at), as_integer(row.until),
        as_integer(row.recorded_at), as_integer(row.retracted_at),
    ).where(
        row.definition_id == root, row.supporter_id == supporter_id,
        which,
    )  # fmt: skip
    found = store.connection.execute(query.order_by(row.pattern, row.at))
    return [FindingKept(*each) for each in found]


def defined_at(store: Store, key: str, instant: int) -> bool:
    """Return whether a definition of that ladder was adopted or retired at exactly that instant."""
    row = _DEFINITION.c
    query = select(row.id).where(
        row.organisation_id == store.organisation_id, row.key == key,
        or_(row.adopted_at == instant, row.retired_at == instant),
    ).limit(1)  # fmt: skip
    return store.connection.scalar(query) is not None
