"""Keyset pages of standings, open findings and movements, at a constant cost per page.

A page is merged from the heads of a few lists that an index keeps in order: supporters who leave a
place and supporters who stay there for ever; each pattern and severity; each kind of movement. Only
as many rows as a page holds are sorted from each list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
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
from ladder.storage.definitions import succession
from ladder.storage.finding_states import in_state
from ladder.storage.indexes import indexed
from ladder.storage.models import Place, PlaceRung, Supporter
from ladder.storage.rows import Finding, Standing
from ladder.storage.sql import Query, as_integer
from ladder.storage.statements import Statement, raw_rows
from ladder.storage.store import Store

_MOVEMENT = models.Movement.__table__
_FINDING = models.Finding.__table__

TIMES: Final = ("at", "until", "recorded_at")
ENDING: Final = "ix_ladder_finding_definition_id_pattern_severity_until_at"
LEAVING: Final = "ix_ladder_movement_definition_id_after_id_until_at"

PAGE: Final = 2_000
"""Rows read at a time where a caller wants all of them."""
Row = TypeVar("Row")

ONE_DAY, NEVER, NOWHERE_ELSE = range(3)
"""The order of supporters: those who will leave, those who never will, those who never moved."""


def merged(heads: Iterable[Query], order: Sequence[str], limit: int | None) -> Query:
    """Build the query for the head of all these lists together, ordered by those columns."""
    rows = union_all(*(select(head.subquery()) for head in heads)).subquery("rows")
    return select(rows).order_by(*(rows.c[name] for name in order)).limit(limit)


def later(values: Sequence[tuple[Any, Any]]) -> ColumnElement[bool]:
    """Build the condition that a row comes after another, from pairs of column and its value."""
    (column, value), *rest = values
    return or_(column > value, and_(column == value, later(rest))) if rest else column > value


def page_after_page(
    page: Callable[[Row | None, int], Sequence[Row]], limit: int | None = None
) -> Iterator[Sequence[Row]]:
    """Yield rows of a list page by page, `limit` of them in all (None: every row).

    `page` gets the last row that was read (None at first) and the number of rows to read. All rows
    are never in memory at once.
    """
    last: Row | None = None
    left = limit
    while left is None or left > 0:
        most = PAGE if left is None else min(PAGE, left)
        found = page(last, most)
        if found:
            yield found
        if len(found) < most:
            return
        last = found[-1]
        left = None if left is None else left - len(found)


@dataclass(frozen=True)
class Open:
    """The findings that are open at an instant.

    Of supporters who are suppressed `now`, only safeguard patterns (`duties`) count. Findings in
    one of the states `without` are left out. Each pattern and severity is one list, read by one
    cached statement.
    """

    store: Store
    root: int
    now: int
    at: int
    duties: Collection[str]
    without: tuple[str, ...] = ()

    def page(
        self, severity: str, patterns: Iterable[str], limit: int, after: Finding | None = None
    ) -> list[Finding]:
        """Return findings of one severity and of these patterns, ordered by their end.

        `after` is a finding of that severity: the result starts after it.
        """
        never = (False, True) if after is None or after.until is not None else (True,)
        found = [
            Finding(*row)
            for pattern in patterns
            for each in never
            for row in self._head(pattern, severity, limit, after, never=each)
        ]
        found.sort(
            key=lambda each: (
                each.until is None, each.until or 0, each.at, each.key, each.pattern,
            )
        )  # fmt: skip
        return found[:limit]

    def _head(
        self, pattern: str, severity: str, limit: int, after: Finding | None, *, never: bool
    ) -> list[tuple[Any, ...]]:
        given = {"root": self.root, "at": self.at, "pattern": pattern, "severity": severity}
        given["now"] = self.now
        following: Literal["", ">", ">="] = ""
        if after is not None and never == (after.until is None):
            following = ">=" if pattern > after.pattern else ">"
            given |= {"last_at": after.at, "last_key": after.key}
            given |= {} if never else {"last_until": after.until}
        heard = pattern not in self.duties
        statement = _open(limit, following, never=never, heard=heard, without=self.without)
        return raw_rows(self.store.connection.execute(statement.clause, given))


@lru_cache(maxsize=64)
def _open(
    limit: int,
    following: Literal["", ">", ">="],
    *,
    never: bool,
    heard: bool,
    without: tuple[str, ...] = (),
) -> Statement:
    """Build the statement for the first findings that end, or that never end.

    `heard` leaves out suppressed supporters. `without` leaves out findings in these states.
    `following` continues after the last finding of a page: by end, start and key. With ">=", an
    equal position of another pattern is included.
    """
    row, person = indexed(_FINDING, "row", ENDING), models.Supporter.__table__
    root, at = _number("root"), _number("at")
    names = "supporter_id", "key", "pattern", "severity", "at", "until", "recorded_at"
    columns = [person.c.key if name == "key" else row.c[name] for name in names]
    query = (
        select(row.c.id, *(as_integer(each) if each.name in TIMES else each for each in columns))
        .select_from(row.join(person, person.c.id == row.c.supporter_id))
        .where(
            row.c.definition_id == root,
            row.c.pattern == bindparam("pattern"),
            row.c.severity == bindparam("severity"),
            row.c.until.is_(None) if never else row.c.until > at,
            row.c.at <= at,
            selects.known(row.c),
        )
        .order_by(row.c.until, row.c.at, person.c.key)
        .suffix_with(f"LIMIT {limit}")
    )
    if following:
        places: list[tuple[Any, Any]] = [
            (row.c.at, _number("last_at")),
            (person.c.key, bindparam("last_key")),
        ]
        if not never:
            until = row.c.until, _number("last_until")
            places = [until, *places]
            query = query.where(until[0] >= until[1])
        beyond = later(places)
        if following == ">=":
            beyond = or_(beyond, and_(*(column == value for column, value in places)))
        query = query.where(beyond)
    if heard:
        query = query.where(~selects.silent(root, row.c.supporter_id, _number("now")))
    if without:
        query = query.where(~in_state(row.c, without, at=at))
    return Statement(query)


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger())


@dataclass(frozen=True)
class People:
    """Supporters at a place at an instant.

    `root` decides who is suppressed `now`. `known_root` is the ladder whose movements count, as
    known at `known_at`.
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
        """Return the standings on that rung, or on the ground (""), after that standing."""
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
        """Query supporters who will leave that place, ordered by when they leave."""
        row, query = self._standing(place, ONE_DAY)
        query = query.where(row.c.until > self.at)
        if after is not None:
            places = (row.c.until, after.until), (row.c.at, after.since), (Supporter.key, after.key)
            query = query.where(row.c.until >= after.until, later(places))
        return query.order_by(row.c.until, row.c.at, Supporter.key)

    def _staying(self, place: Any, after: Standing | None) -> Query:  # noqa: ANN401
        """Query supporters who never leave that place, ordered by when they came."""
        row, query = self._standing(place, NEVER)
        query = query.where(row.c.until.is_(None))
        if after is not None and after.until is None:
            places = (row.c.at, after.since), (Supporter.key, after.key)
            query = query.where(row.c.at >= after.since, later(places))
        return query.order_by(row.c.at, Supporter.key)

    def _standing(self, place: Any, turn: int) -> tuple[Any, Query]:  # noqa: ANN401
        """Return the movement table, and the query for supporters at that place at the instant."""
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
        """Query supporters on the ground without a movement at the instant, by key."""
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
        """Select the columns of a standing, preceded by the list's turn in the order."""
        return select(
            literal_column(f"{turn}").label("turn"),
            Supporter.id.label("supporter_id"),
            Supporter.key,
            literal(place.rungs).label("rungs"),
            literal(place.height).label("height"),
            as_integer(since).label("since"),
            as_integer(until).label("until"),
        )

    def _heard(self, supporter_id: Any) -> ColumnElement[bool]:  # noqa: ANN401
        return ~selects.silent(self.root, supporter_id, self.now)
