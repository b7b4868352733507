"""Definitions: which ladder an organisation has adopted, since when, and the places on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import and_, delete, insert, or_, select, update

from ladder.errors import NotKnown, nearest
from ladder.ladders import Ladder
from ladder.storage import models
from ladder.storage.sessions import turn
from ladder.storage.sets import inserting, whole
from ladder.storage.store import Store

_DEFINITION = models.Definition.__table__
_PLACE = models.Place.__table__
_RUNG = models.PlaceRung.__table__


@dataclass(frozen=True)
class Definition:
    """A ladder as the organisation adopted it. Instants are integer microseconds."""

    id: int
    key: str
    title: str
    document: str
    fingerprint: str
    adopted_at: int
    effective_from: int | None
    retired_at: int | None


_COLUMNS = (
    _DEFINITION.c.id,
    _DEFINITION.c.key,
    _DEFINITION.c.title,
    _DEFINITION.c.document,
    _DEFINITION.c.fingerprint,
    whole(_DEFINITION.c.adopted_at).label("adopted_at"),
    whole(_DEFINITION.c.effective_from).label("effective_from"),
    whole(_DEFINITION.c.retired_at).label("retired_at"),
)


def current(store: Store, key: str | None = None, *, known_at: int | None = None) -> Definition:
    """The definition of that ladder which speaks now, or which spoke at `known_at`.

    Without a key the only ladder there is. Raises `NotKnown` when there is none, or several to
    choose from.
    """
    found = adopted(store, key, known_at=known_at)
    if len(found) == 1:
        return found[0]
    if not found and known_at is not None:
        message = f"no ladder was adopted by {store.organisation.key} at that time"
        raise NotKnown(message)
    others = [each.key for each in adopted(store)]
    if key is not None:
        message = f"unknown ladder {key!r}{nearest(key, others)}"
    elif others:
        message = f"several ladders: say which, {' or '.join(others)}"
    else:
        message = f"{store.organisation.key} has adopted no ladder yet: replay with one first"
    raise NotKnown(message)


def adopted(
    store: Store, key: str | None = None, *, known_at: int | None = None
) -> list[Definition]:
    """The definitions in force, now or as of `known_at`: at most one for each ladder key."""
    query = select(*_COLUMNS).where(_DEFINITION.c.organisation_id == store.organisation_id)
    if key is not None:
        query = query.where(_DEFINITION.c.key == key)
    if known_at is None:
        query = query.where(_DEFINITION.c.retired_at.is_(None))
    else:
        retired = _DEFINITION.c.retired_at
        still = or_(retired.is_(None), retired > known_at)
        query = query.where(_DEFINITION.c.adopted_at <= known_at, still)
    return [Definition(*row) for row in store.connection.execute(query.order_by(_DEFINITION.c.key))]


def adopt(
    store: Store, ladder: Ladder, document: str, *, now: int, effective_from: int | None = None
) -> Definition:
    """Make this ladder the current one of its key, and say which definition it now is.

    One that means the same (equal fingerprint) stays what it is; only title and document, which
    mean nothing to an evaluator, follow. Another one retires the old, whose movements and findings
    are retracted at this instant: what it believed can still be asked for, by `known_at`.
    """
    turn(store.connection)
    before = next(iter(adopted(store, ladder.key)), None)
    texts = {"title": ladder.title, "document": document}
    if before is not None and before.fingerprint == ladder.fingerprint:
        if (before.title, before.document) != (ladder.title, document):
            _change(store, before, **texts)
        return current(store, ladder.key)
    if before is not None:
        _retire(store, before, now)
    store.connection.execute(
        insert(_DEFINITION).values(
            organisation_id=store.organisation_id,
            key=ladder.key,
            fingerprint=ladder.fingerprint,
            adopted_at=now,
            effective_from=effective_from,
            **texts,
        )
    )
    return current(store, ladder.key)


def _change(store: Store, definition: Definition, **values: object) -> None:
    mine = _DEFINITION.c.organisation_id == store.organisation_id
    store.connection.execute(
        update(_DEFINITION).where(mine, _DEFINITION.c.id == definition.id).values(**values)
    )


def _retire(store: Store, definition: Definition, now: int) -> None:
    """Take back what it said, and the definition; rows of this very instant were never known."""
    _change(store, definition, retired_at=max(now, definition.adopted_at))
    for table in (models.Movement.__table__, models.Finding.__table__):
        its = and_(
            table.c.organisation_id == store.organisation_id,
            table.c.definition_id == definition.id,
            table.c.retracted_at.is_(None),
        )
        store.connection.execute(delete(table).where(its, table.c.recorded_at >= now))
        store.connection.execute(update(table).where(its).values(retracted_at=now))


@dataclass
class Places:
    """The places of one definition: a standing's rungs ("donating+volunteering") to its id.

    A place gets its row, and a row for each of its rungs, when it is first asked for. `known` are
    those that somebody has read already.
    """

    store: Store
    definition_id: int
    known: dict[str, int] | None = None
    _ids: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.known is None:
            self._read()
        else:
            self._ids.update(self.known)

    def id_of(self, rungs: str, height: int) -> int:
        """The id of this standing; "" at height 0 is the ground."""
        found = self._ids.get(rungs)
        if found is None:
            self._make([(rungs, height)])
            found = self._ids[rungs]
        return found

    def ids(self, places: Iterable[tuple[str, int]]) -> dict[str, int]:
        """The id of each of these (rungs, height)."""
        missing = sorted({(rungs, height) for rungs, height in places if rungs not in self._ids})
        if missing:
            self._make(missing)
        return self._ids

    def _make(self, places: list[tuple[str, int]]) -> None:
        execute = self.store.connection.execute
        rows = [
            {"definition_id": self.definition_id, "rungs": rungs, "height": height}
            for rungs, height in places
        ]
        execute(inserting(self.store.connection, _PLACE).on_conflict_do_nothing(), rows)
        self._read()
        held = [
            {"place_id": self._ids[rungs], "rung": rung}
            for rungs, _ in places
            for rung in rungs.split("+")
            if rung
        ]
        if held:
            execute(inserting(self.store.connection, _RUNG).on_conflict_do_nothing(), held)

    def _read(self) -> None:
        query = select(_PLACE.c.rungs, _PLACE.c.id).where(
            _PLACE.c.definition_id == self.definition_id
        )
        self._ids.update(map(tuple, self.store.connection.execute(query)))
