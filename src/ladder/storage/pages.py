"""Who stands where, which findings are open, who moves: a page at a time, each at the same cost.

A page is put together from the heads of a few lists that an index keeps in order (those who leave a
place one day, those who stay there for ever; each pattern and severity; each kind of movement), so
that nothing has to be sorted but as many rows as a page has from each list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    cast,
    exists,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from ladder.storage import models, selects
from ladder.storage.answers import Standing
from ladder.storage.definitions import succession
from ladder.storage.indexed import indexed
from ladder.storage.models import Place, PlaceRung, Supporter
from ladder.storage.sets import Query, whole
from ladder.storage.store import Store

_MOVEMENT = models.Movement.__table__

LEAVING: Final = "ix_ladder_movement_definition_id_after_id_until_at"

ONE_DAY, NEVER, NOWHERE_ELSE = range(3)
"""In which order people come: who leaves one day, who never does, who never stood elsewhere."""


def merged(heads: Iterable[Query], order: Sequence[str], limit: int | None) -> Query:
    """The head of all of these lists together, in the order of those columns."""
    rows = union_all(*(select(head.subquery()) for head in heads)).subquery("rows")
    return select(rows).order_by(*(rows.c[name] for name in order)).limit(limit)


def later(values: Sequence[tuple[Any, Any]]) -> ColumnElement[bool]:
    """Whether a row comes after another, by columns each with the value that the other has."""
    (column, value), *rest = values
    return or_(column > value, and_(column == value, later(rest))) if rest else column > value


@dataclass(frozen=True)
class People:
    """Who stands somewhere at an instant.

    `root` says who is silent `now`; `known_root` whose movements, as believed at `known_at`.
    """

    store: Store
    root: int
    now: int
    at: int
    known_root: int
    known_at: int | None = None

    def page(
        self, rung: str, limit: int | None = None, after: Standing | None = None
    ) -> list[Standing]:
        """Whoever holds that rung, or is on the ground (""), after that standing."""
        heads = []
        for place in self._places(rung):
            if after is None or after.until is not None:
                heads.append(self._leaving(place, after).limit(limit))
            if after is None or after.since is not None:
                heads.append(self._staying(place, after).limit(limit))
        found = self._read(heads, limit)
        if not rung and (limit is None or len(found) < limit):
            rest = None if limit is None else limit - len(found)
            found += self._read([self._nowhere_else(after).limit(rest)], rest)
        return found

    def _read(self, heads: Sequence[Query], limit: int | None) -> list[Standing]:
        if not heads:
            return []
        query = merged(heads, ("turn", "until", "since", "key"), limit)
        return [Standing(*row[1:]) for row in self.store.connection.execute(query)]

    def _places(self, rung: str) -> Sequence[Any]:
        query = select(Place.id, Place.rungs, Place.height).order_by(Place.id)
        query = query.where(Place.definition_id.in_(succession(self.known_root)))
        if not rung:
            query = query.where(Place.height == 0)
        else:
            held = exists().where(PlaceRung.place_id == Place.id, PlaceRung.rung == rung)
            query = query.where(held)
        return self.store.connection.execute(query).all()

    def _leaving(self, place: Any, after: Standing | None) -> Query:  # noqa: ANN401
        """Whoever leaves that place one day, the first one first."""
        row, query = self._standing(place, ONE_DAY)
        query = query.where(row.c.until > self.at)
        if after is not None:
            places = (row.c.until, after.until), (row.c.at, after.since), (Supporter.key, after.key)
            query = query.where(row.c.until >= after.until, later(places))
        return query.order_by(row.c.until, row.c.at, Supporter.key)

    def _staying(self, place: Any, after: Standing | None) -> Query:  # noqa: ANN401
        """Whoever never does, the longest there first."""
        row, query = self._standing(place, NEVER)
        query = query.where(row.c.until.is_(None))
        if after is not None and after.until is None:
            places = (row.c.at, after.since), (Supporter.key, after.key)
            query = query.where(row.c.at >= after.since, later(places))
        return query.order_by(row.c.at, Supporter.key)

    def _standing(self, place: Any, turn: int) -> tuple[Any, Query]:  # noqa: ANN401
        """Everybody at that place at the instant, and the table of movements in it."""
        indexes = self.known_at is None
        row: Any = indexed(_MOVEMENT, "row", LEAVING) if indexes else _MOVEMENT.alias("row")
        query = self._columns(turn, place, row.c.at, row.c.until)
        query = query.join_from(row, Supporter, Supporter.id == row.c.supporter_id).where(
            row.c.definition_id == self.known_root,
            row.c.after_id == place.id,
            row.c.at <= self.at,
            selects.known(row.c, self.known_at),
            self._heard(row.c.supporter_id),
        )
        above = bool(place.rungs)
        return row, query if above else query.where(row.c.kind != literal_column("'silenced'"))

    def _nowhere_else(self, after: Standing | None) -> Query:
        """Those on the ground of whom there is no movement yet that says so, by key."""
        row = _MOVEMENT.alias("row")
        here = exists().where(
            row.c.definition_id == self.known_root,
            row.c.supporter_id == Supporter.id,
            selects.open_at(row.c, self.at),
            selects.known(row.c, self.known_at),
        )
        ground = selects.on_ground(
            self.store.organisation_id, self.known_root, at=self.at, known_at=self.known_at
        )
        never = cast(null(), BigInteger)
        columns = self._columns(NOWHERE_ELSE, Place(rungs="", height=0), never, never)
        query = ground.with_only_columns(*columns.inner_columns).where(
            ~here, self._heard(Supporter.id)
        )
        if after is not None and after.since is None:
            query = query.where(Supporter.key > after.key)
        return query.order_by(Supporter.key)

    def _columns(self, turn: int, place: Any, since: Any, until: Any) -> Query:  # noqa: ANN401
        """A standing's, after one that says in which turn it comes."""
        return select(
            literal_column(f"{turn}").label("turn"),
            Supporter.id.label("supporter_id"),
            Supporter.key,
            literal(place.rungs).label("rungs"),
            literal(place.height).label("height"),
            whole(since).label("since"),
            whole(until).label("until"),
        )

    def _heard(self, supporter_id: Any) -> ColumnElement[bool]:  # noqa: ANN401
        return ~selects.silent(self.root, supporter_id, self.now)
