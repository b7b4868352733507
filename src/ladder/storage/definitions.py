"""Definitions: the ladders that an organisation adopted, their periods, and their places.

A ladder may have several definitions, one after the other. Each one applies from its
`effective_from` (None: the beginning) until the next one's. Together they are one ladder. Its
movements and findings form one line per supporter, computed by the definition that applies at the
time. All of them are stored under the id of the first definition of that key, the `root`. A host
that holds this id never has to learn another one, and an adoption writes only the differences.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, insert, or_, select, update

from ladder.errors import NotFoundError, nearest
from ladder.model.calendars import BEGINNING
from ladder.storage import models, snapshots
from ladder.storage.sql import Query, as_integer, inserting, members
from ladder.storage.store import Store
from ladder.storage.transactions import turn

if TYPE_CHECKING:  # a question to a small database takes less time than to import the language
    from ladder.language.ladders import Ladder

_DEFINITION = models.Definition.__table__
_PLACE = models.Place.__table__
_RUNG = models.PlaceRung.__table__


@dataclass(frozen=True)
class Definition:
    """A ladder as the organisation adopted it. Instants are integer microseconds."""

    id: int
    key: str
    title: str
    mark: str
    """An identity of its document: a digest, or else the document itself (`documents`)."""
    fingerprint: str
    adopted_at: int
    effective_from: int | None
    retired_at: int | None
    first_id: int | None = None

    @property
    def root(self) -> int:
        """The definition under whose id movements and findings of this ladder are kept."""
        return self.id if self.first_id is None else self.first_id

    @property
    def since(self) -> int:
        """The start of its period, as a number also for the beginning."""
        return BEGINNING if self.effective_from is None else self.effective_from


MARK: Final = func.coalesce(_DEFINITION.c.digest, _DEFINITION.c.document)

_COLUMNS = (
    _DEFINITION.c.id,
    _DEFINITION.c.key,
    _DEFINITION.c.title,
    MARK,
    _DEFINITION.c.fingerprint,
    as_integer(_DEFINITION.c.adopted_at).label("adopted_at"),
    as_integer(_DEFINITION.c.effective_from).label("effective_from"),
    as_integer(_DEFINITION.c.retired_at).label("retired_at"),
    _DEFINITION.c.first_id,
)


def current(
    store: Store, key: str | None = None, *, known_at: int | None = None, at: int | None = None
) -> Definition:
    """Return the definition of that ladder in force at an instant (by default the last one).

    The parameters and errors are those of `of_one_ladder`.
    """
    definitions = of_one_ladder(store, key, known_at=known_at)
    return definitions[-1] if at is None else speaking(definitions, at)


def of_one_ladder(
    store: Store, key: str | None = None, *, known_at: int | None = None
) -> list[Definition]:
    """Return the definitions in force of that ladder, oldest first; at least one.

    With `known_at`, those that were adopted then. Without a key, of the only ladder.

    Raises:
        NotFoundError: There is no such ladder, or there are several to choose from.
    """
    definitions = adopted(store, key, known_at=known_at)
    if len({definition.key for definition in definitions}) == 1:
        return definitions
    if not definitions and known_at is not None:
        message = f"no ladder was adopted by {store.organisation.key} at that time"
        raise NotFoundError(message)
    others = list(dict.fromkeys(each.key for each in adopted(store)))
    if key is not None:
        message = f"unknown ladder {key!r}{nearest(key, others)}"
    elif others:
        message = f"several ladders: say which, {' or '.join(others)}"
    else:
        message = f"{store.organisation.key} has adopted no ladder yet: replay with one first"
    raise NotFoundError(message)


def speaking(definitions: Sequence[Definition], at: int) -> Definition:
    """Return the definition in force at an instant, of one ladder's definitions, oldest first.

    Before the first period, it is the first definition.
    """
    found = [definition for definition in definitions if definition.since <= at]
    return found[-1] if found else definitions[0]


def adopted(
    store: Store, key: str | None = None, *, known_at: int | None = None
) -> list[Definition]:
    """Return the definitions in force, now or as of `known_at`, by ladder key, then by period."""
    query = select(*_COLUMNS).where(_DEFINITION.c.organisation_id == store.organisation_id)
    if key is not None:
        query = query.where(_DEFINITION.c.key == key)
    if known_at is None:
        query = query.where(_DEFINITION.c.retired_at.is_(None))
    else:
        retired = _DEFINITION.c.retired_at
        still = or_(retired.is_(None), retired > known_at)
        query = query.where(_DEFINITION.c.adopted_at <= known_at, still)
    return in_order(Definition(*row) for row in store.connection.execute(query))


def documents(store: Store, found: Sequence[Definition]) -> list[str]:
    """Return the TOML text of each definition: tens of kilobytes, so read only where needed."""
    if not found:
        return []
    mine = _DEFINITION.c.organisation_id == store.organisation_id
    these = _DEFINITION.c.id.in_(members(store.connection, [each.id for each in found]))
    query = select(_DEFINITION.c.id, _DEFINITION.c.document).where(mine, these)
    by_id = {row.id: row.document for row in store.connection.execute(query)}
    return [by_id[each.id] for each in found]


def digest_of(document: str) -> str:
    """Return the digest that identifies a document."""
    return hashlib.sha256(document.encode()).hexdigest()


def in_order(definitions: Iterable[Definition]) -> list[Definition]:
    """Sort by ladder key, then by the start of the period."""
    return sorted(definitions, key=lambda each: (each.key, each.since))


def adopt(
    store: Store, ladder: Ladder, document: str, *, now: int, effective_from: int | None = None
) -> Definition:
    """Adopt a ladder from that instant on (None: the beginning); return its definition.

    Definitions of its key whose period starts then or later are retired. If the definition before
    has the same meaning (equal fingerprint), it continues, and only its title and document are
    replaced.

    Writes no movement. Unless the definitions in force are unchanged, the caller must re-evaluate
    all supporters in the same transaction. Different results are then retracted and added, so that
    earlier results stay available by `known_at`.
    """
    turn(store.connection)
    snapshots.forget(store)
    before = adopted(store, ladder.key)
    since = BEGINNING if effective_from is None else effective_from
    speaks = [each for each in before if each.since <= since][-1:]
    until_then = [each for each in before if each.since < since][-1:]
    same = [
        definition
        for definition in speaks + until_then
        if definition.fingerprint == ladder.fingerprint
    ]
    for each in before:
        if each.since >= since and each not in same:
            _change(store, each, retired_at=max(now, each.adopted_at))
    if same:
        rename(store, same[0], ladder, document)
        return current(store, ladder.key)
    store.connection.execute(
        insert(_DEFINITION).values(
            organisation_id=store.organisation_id,
            key=ladder.key,
            fingerprint=ladder.fingerprint,
            adopted_at=now,
            effective_from=effective_from,
            first_id=before[0].root if before else None,
            title=ladder.title,
            document=document,
            digest=digest_of(document),
        )
    )
    return current(store, ladder.key)


def known(store: Store, ladder: Ladder, at: int) -> Definition | None:
    """Return a definition in force with the same meaning: at that instant, or the last one."""
    found = adopted(store, ladder.key)
    meant = [found[-1], speaking(found, at)] if found else []
    return next((each for each in meant if each.fingerprint == ladder.fingerprint), None)


def rename(store: Store, definition: Definition, ladder: Ladder, document: str) -> bool:
    """Replace title and document by others with the same meaning; return whether they differ."""
    digest = digest_of(document)
    other = definition.title != ladder.title or definition.mark not in {document, digest}
    if other:
        turn(store.connection)
        _change(store, definition, title=ladder.title, document=document, digest=digest)
    return other


def _change(store: Store, definition: Definition, **values: object) -> None:
    mine = _DEFINITION.c.organisation_id == store.organisation_id
    store.connection.execute(
        update(_DEFINITION).where(mine, _DEFINITION.c.id == definition.id).values(**values)
    )


def succession(root: object, organisation: object = None) -> Query:
    """Query the ids of all definitions that one ladder has or had, by the id of the first.

    With the organisation's id, an index finds them regardless of the number of organisations.
    """
    either = or_(_DEFINITION.c.id == root, _DEFINITION.c.first_id == root)
    query = select(_DEFINITION.c.id).where(either)
    return (
        query
        if organisation is None
        else query.where(_DEFINITION.c.organisation_id == organisation)
    )


Standing = tuple[str, int]
"""A place's rungs ("donating+volunteering") and its height; "" and 0 are the ground."""


@dataclass
class Places:
    """The places of one ladder: the id of each standing. `root` is its first definition's id.

    A place gets its row, and a row for each of its rungs, when its id is first requested. `known`
    are places that a caller has already read.
    """

    store: Store
    root: int
    known: dict[Standing, int] | None = None
    _ids: dict[Standing, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.known is None:
            self._read()
        else:
            self._ids.update(self.known)

    def id_of(self, rungs: str, height: int) -> int:
        """Return the id of this standing."""
        return self.ids([(rungs, height)])[rungs, height]

    def ids(self, places: Iterable[Standing]) -> dict[Standing, int]:
        """Return the ids of these standings, with all others that are known."""
        missing = sorted({place for place in places if place not in self._ids})
        while missing:
            self._make(missing)
            missing = [place for place in missing if place not in self._ids]
        return self._ids

    def _make(self, places: list[Standing]) -> None:
        """Insert a row for each, unless another process has done so.

        Rungs that moved from one height to another are two places. A definition has each rung at
        one height only, so one of the ladder's definitions does not have these rungs yet.
        """
        execute = self.store.connection.execute
        taken = self._read()
        places = [place for place in places if place not in self._ids]  # made since `known`
        numbers: list[int] = sorted(execute(succession(self.root)).scalars())
        rows = []
        for rungs, height in places:
            free = next((number for number in numbers if (number, rungs) not in taken), numbers[-1])
            taken.add((free, rungs))
            rows.append({"definition_id": free, "rungs": rungs, "height": height})
        if rows:
            execute(inserting(self.store.connection, _PLACE).on_conflict_do_nothing(), rows)
        self._read()
        held = [
            {"place_id": self._ids[place], "rung": rung}
            for place in places
            if place in self._ids
            for rung in place[0].split("+")
            if rung
        ]
        if held:
            execute(inserting(self.store.connection, _RUNG).on_conflict_do_nothing(), held)

    def _read(self) -> set[tuple[int, str]]:
        """Read all places; return the rungs of each definition."""
        its = _PLACE.c.definition_id.in_(succession(self.root))
        query = select(_PLACE.c.definition_id, _PLACE.c.rungs, _PLACE.c.height, _PLACE.c.id)
        taken = set()
        for number, rungs, height, place in self.store.connection.execute(query.where(its)):
            self._ids[rungs, height] = place
            taken.add((number, rungs))
        return taken
