"""The bitemporal writer for one supporter: what is no longer so is retracted, what is new is added.

A stored row is never rewritten but for its `retracted_at`: "what did we believe last March?" must
have an answer. That goes for rows that lie ahead as well, and when only their `until` changed. A
row that would be recorded and retracted at one instant was never known, and is deleted.

Plain Python, for the live path; `bulk_differences` does the same for frames, by the same rule.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Boolean,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    not_,
    null,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy import type_coerce as coerce
from sqlalchemy.dialects.postgresql import ARRAY

from ladder.model.calendars import FOREVER
from ladder.storage import models
from ladder.storage.definitions import Places, Standing, succession
from ladder.storage.sql import whole
from ladder.storage.statements import Query, Statement, Write, execute_batch, query_batch
from ladder.storage.store import Store

_MOVEMENT = models.Movement.__table__
_FINDING = models.Finding.__table__
_PLACE = models.Place.__table__
_SUPPORTER = models.Supporter.__table__

MOVEMENT_COLUMNS: Final = (
    "at", "until", "kind", "before_id", "after_id", "skipped", "new_peak", "cause", "cause_id",
    "cause_others",
)  # fmt: skip
"""What two movements of one supporter must agree in to be the same."""

_WHO: Final = ("organisation_id", "definition_id", "supporter_id")

FINDING_COLUMNS: Final = ("pattern", "severity", "at", "until")


class MovementRow(NamedTuple):
    """A movement as an evaluator tells it: instants as integers, places by their rungs ("a+b")."""

    at: int
    until: int
    """FOREVER (2**60) when nothing ends it."""
    kind: str
    before: str
    height_before: int
    after: str
    height_after: int
    skipped: str
    new_peak: bool
    cause: str
    causes: Sequence[int] = ()
    """Ids of the touchpoints that caused it, in any order."""


class FindingRow(NamedTuple):
    """A finding as an evaluator tells it."""

    pattern: str
    severity: str
    at: int
    until: int


@dataclass(frozen=True)
class Changed:
    """How many rows were retracted (or deleted) and added."""

    added: int = 0
    retracted: int = 0

    def __add__(self, other: Changed) -> Changed:
        return Changed(self.added + other.added, self.retracted + other.retracted)


Said = tuple[Any, ...]
"""What a row says: values of `MOVEMENT_COLUMNS` or of `FINDING_COLUMNS`."""


@dataclass(frozen=True)
class ChangedRows(Changed):
    """The same with what the rows say."""

    new: Sequence[Said] = ()
    gone: Sequence[Said] = ()


class Rewritten(NamedTuple):
    """What became of one supporter's rows."""

    movements: ChangedRows
    findings: ChangedRows
    places: dict[Standing, int]
    """Ids of places by their rungs and height."""


def replace(
    store: Store,
    definition_id: int,
    supporter_id: int,
    movements: Iterable[MovementRow],
    findings: Iterable[FindingRow],
    *,
    first_at: int | None,
    now: int,
) -> Changed:
    """As `rewrite`, for whoever wants only to know how many rows changed."""
    done = rewrite(
        store, definition_id, supporter_id, movements, findings, first_at=first_at, now=now
    )
    return done.movements + done.findings


def rewrite(
    store: Store,
    definition_id: int,
    supporter_id: int,
    movements: Iterable[MovementRow] | None,
    findings: Iterable[FindingRow],
    *,
    first_at: int | None,
    now: int,
    among: Collection[str] | None = None,
    since: int | None = None,
    writes: list[Write] | None = None,
    ahead: Sequence[tuple[Any, ...]] | None = None,
) -> Rewritten:
    """Make these the supporter's movements and findings, as known from `now` on.

    `first_at` is where her line begins, None without one. The caller holds her lock
    (`supporters.lock`). Nothing is written when nothing changed. Where `movements` is None they
    stay as they are, and so do the findings of patterns that are not `among` those given.

    With `since`, these are her movements from that instant on and the findings that are open then,
    begin later, or end right then; what is over before stays as it is, and so does where her line
    begins. `ahead` are the rows of `lately`, where they were read ahead.

    What there is to be written is added to `writes`, for the caller to do; without, it is done.
    """
    who = {
        "organisation_id": store.organisation_id,
        "definition_id": definition_id,
        "supporter_id": supporter_id,
    }
    own: list[Write] = []
    later = own if writes is None else writes
    if since is None:
        known = _Known.of(store, who)
    else:
        known = _Known.since(store, who, since, among or (), ahead)
    places = Places(store, definition_id, known.places)
    if among is not None:
        known.findings = {row: told for row, told in known.findings.items() if row[0] in among}
    moved = ChangedRows()
    if movements is not None:
        wanted = [_movement(row, places) for row in movements]
        if since is not None:
            wanted = [*_before(known.movements, wanted, since), *wanted]
        moved = _write(later, _MOVEMENT, known.movements, wanted, who, now)
    found = [(row.pattern, row.severity, row.at, ending(row.until)) for row in findings]
    held = _write(later, _FINDING, known.findings, found, who, now)
    execute_batch(store.connection, own)
    if since is None and known.first_at != first_at:
        begins = {"first_at": first_at, "whose": supporter_id, "mine": store.organisation_id}
        store.connection.execute(_BEGIN, begins)
    return Rewritten(moved, held, places.ids(()))


def lately(
    store: Store, definition_id: int, supporter_id: int, since: int, among: Collection[str]
) -> Query:
    """What asks for all that `rewrite` has to know, with this `since` and no other patterns."""
    who = {
        "organisation_id": store.organisation_id,
        "definition_id": definition_id,
        "supporter_id": supporter_id,
    }
    return _lately_of(store, who, since, among)


def _lately_of(store: Store, who: dict[str, int], since: int, among: Collection[str]) -> Query:
    patterns: Any = list(among)
    statement = _LATELY
    if store.connection.dialect.name == "sqlite":
        statement, patterns = _LATELY_SQLITE, json.dumps(patterns)
    return statement, who | {"since": since, "patterns": patterns}


def _before(stored: _Stored, wanted: list[Said], since: int) -> Iterator[Said]:
    """The movement that is not told anew: it ends where the first of those told begins."""
    until = wanted[0][0] if wanted else None
    return ((row[0], until, *row[2:]) for row in stored if row[0] < since)


def agrees(
    store: Store,
    definition_id: int,
    supporter_id: int,
    movements: Iterable[MovementRow],
    findings: Iterable[FindingRow],
    *,
    first_at: int | None,
) -> bool:
    """Whether `rewrite` would change nothing. Writes nothing, but for places never stood at."""
    who = {
        "organisation_id": store.organisation_id,
        "definition_id": definition_id,
        "supporter_id": supporter_id,
    }
    known = _Known.of(store, who)
    places = Places(store, definition_id, known.places)
    wanted = {_movement(row, places) for row in movements}
    found = {(row.pattern, row.severity, row.at, ending(row.until)) for row in findings}
    same = known.movements.keys() == wanted and known.findings.keys() == found
    return same and known.first_at == first_at


def ending(until: int) -> int | None:
    """An `until` as it is stored: NULL for ever."""
    return None if until >= FOREVER else until


def causing(causes: Sequence[int]) -> tuple[int | None, str | None]:
    """The first touchpoint of a cause, and the others as a JSON list; by id, so in one order."""
    ordered = sorted(causes)
    if len(ordered) < 2:  # noqa: PLR2004
        return (ordered[0] if ordered else None), None
    return ordered[0], json.dumps(ordered[1:], separators=(",", ":"))


def _movement(row: MovementRow, places: Places) -> tuple[Any, ...]:
    before = places.id_of(row.before, row.height_before)
    after = places.id_of(row.after, row.height_after)
    told = row.skipped, row.new_peak, row.cause
    return (row.at, ending(row.until), row.kind, before, after, *told, *causing(row.causes))


_Stored = dict[tuple[Any, ...], tuple[int, int]]
"""What a standing row says, and its id and when it was recorded."""


@dataclass
class _Known:
    """What is stored about one supporter, read in one go."""

    movements: _Stored = field(default_factory=dict)
    findings: _Stored = field(default_factory=dict)
    places: dict[Standing, int] = field(default_factory=dict)
    first_at: int | None = None

    @classmethod
    def of(cls, store: Store, who: dict[str, int]) -> _Known:
        """One statement instead of four: on the live path each costs as much as the evaluation."""
        (rows,) = query_batch(store.connection, [(_EVERYTHING, who)])
        return cls._read(rows)

    @classmethod
    def since(
        cls,
        store: Store,
        who: dict[str, int],
        since: int,
        among: Collection[str],
        ahead: Sequence[tuple[Any, ...]] | None,
    ) -> _Known:
        """Movements from that instant on and the one before; findings that are not over then."""
        if ahead is None:
            (ahead,) = query_batch(store.connection, [_lately_of(store, who, since, among)])
        known = cls._read(ahead)
        known.findings = {
            row: told
            for row, told in known.findings.items()
            if row[2] >= since or row[3] is None or row[3] >= since
        }
        return known

    @classmethod
    def _read(cls, rows: Iterable[tuple[Any, ...]]) -> _Known:
        known = cls()
        for what, number, recorded, *said in rows:
            if what == "movement":
                said[6] = bool(said[6])
                known.movements[tuple(said)] = (number, recorded)
            elif what == "finding":
                at, until, pattern, _, _, severity, *_ = said
                known.findings[pattern, severity, at, until] = (number, recorded)
            elif what == "place":
                known.places[said[2], said[3]] = number
            else:
                known.first_at = said[0]
        return known


def _write(
    writes: list[Write],
    table: Table,
    stored: _Stored,
    wanted: list[tuple[Any, ...]],
    who: dict[str, int],
    now: int,
) -> ChangedRows:
    """Retract what is stored and not wanted, then add what is wanted and not stored."""
    statements = _STATEMENTS[table.name]
    still = set(wanted)
    over = [row for row in stored if row not in still]
    gone = [stored[row] for row in over]
    new = [row for row in wanted if row not in stored]
    forgotten = [{"number": number} for number, recorded in gone if recorded >= now]
    retracted = [{"number": number, "now": now} for number, recorded in gone if recorded < now]
    if forgotten:
        writes.append((statements.forget, forgotten))
        writes.append((statements.annul, forgotten))
    if retracted:
        writes.append((statements.retract, retracted))
    if new:
        common = who | {"recorded_at": now}
        columns = statements.columns
        rows = [common | dict(zip(columns, row, strict=True)) for row in new]
        writes.append((statements.add, rows))
    return ChangedRows(len(new), len(gone), new, over)


@dataclass(frozen=True)
class _Statements:
    """What is done to a table, made once: building them anew costs more than running them."""

    columns: tuple[str, ...]
    forget: Statement
    annul: Statement
    """What the sums hold is not deleted, but retracted as if it had never been known."""
    retract: Statement
    add: Statement

    @classmethod
    def of(cls, table: Table, columns: tuple[str, ...]) -> _Statements:
        this = table.c.id == bindparam("number")
        retract = update(table).where(this).values(retracted_at=bindparam("now"))
        all_ = (*_WHO, "recorded_at", *columns)
        return cls(
            columns,
            Statement(delete(table).where(this, not_(table.c.summed))),
            Statement(update(table).where(this).values(retracted_at=table.c.recorded_at)),
            Statement(retract),
            Statement(insert(table), all_),
        )


def _rows(what: str, table: Any, *fields: Any) -> Any:  # noqa: ANN401
    """Rows of a table, with a first column that says what they are."""
    times = whole(table.c.recorded_at), whole(table.c.at), whole(table.c.until)
    return select(literal_column(f"'{what}'"), table.c.id, *times, *fields)


def _hers(table: Any) -> list[Any]:  # noqa: ANN401
    """What is not retracted of one supporter."""
    return [*(table.c[name] == bindparam(name) for name in _WHO), table.c.retracted_at.is_(None)]


def _movements() -> Any:  # noqa: ANN401
    c = _MOVEMENT.c
    return _rows(
        "movement", _MOVEMENT, c.kind, c.before_id, c.after_id, c.skipped,
        coerce(c.new_peak, Boolean), c.cause, c.cause_id, c.cause_others,
    )  # fmt: skip


def _findings(table: Any = _FINDING) -> Any:  # noqa: ANN401
    c = table.c
    return _rows("finding", table, c.pattern, null(), null(), c.severity, *_NOTHING)


def _places() -> Any:  # noqa: ANN401
    return select(
        literal_column("'place'"), _PLACE.c.id, null(), null(), null(), _PLACE.c.rungs,
        _PLACE.c.height, null(), null(), *_NOTHING,
    ).where(
        _PLACE.c.definition_id.in_(
            succession(bindparam("definition_id"), bindparam("organisation_id"))
        )
    )  # fmt: skip


def _begins() -> Any:  # noqa: ANN401
    return select(
        literal_column("'supporter'"), _SUPPORTER.c.id, null(), whole(_SUPPORTER.c.first_at),
        null(), null(), null(), null(), null(), *_NOTHING,
    ).where(
        _SUPPORTER.c.id == bindparam("supporter_id"),
        _SUPPORTER.c.organisation_id == bindparam("organisation_id"),
    )  # fmt: skip


def _from_before(table: Any, pattern: Any = None) -> Any:  # noqa: ANN401
    """From the last row before an instant on (of one pattern), found by index."""
    before = table.alias("before")
    last = select(func.max(whole(before.c.at))).where(
        *_hers(before), whole(before.c.at) < bindparam("since")
    )
    if pattern is not None:
        last = last.where(before.c.pattern == pattern).correlate(pattern.table)
    return whole(table.c.at) >= func.coalesce(last.scalar_subquery(), bindparam("since"))


def _moved_lately() -> Any:  # noqa: ANN401
    """The same from an instant on, and what was before."""
    return _movements().where(*_hers(_MOVEMENT), _from_before(_MOVEMENT))


def _lately() -> Statement:
    """Likewise the findings of the patterns given.

    The OFFSET keeps PostgreSQL from joining all that she ever had with the patterns.
    """
    value = func.unnest(bindparam("patterns", type_=ARRAY(String))).label("value")
    given = select(value).subquery("given")
    pattern = given.c.value
    lately = (
        select(*_FINDING.c)
        .where(*_hers(_FINDING), _FINDING.c.pattern == pattern, _from_before(_FINDING, pattern))
        .offset(literal_column("0"))
        .lateral("lately")
    )
    found = _findings(lately).select_from(given.join(lately, true()))
    return Statement(union_all(_moved_lately(), found, _places()))


def _lately_sqlite() -> Statement:
    """For SQLite in two branches: with a bound of each pattern's own it would read all again."""
    given = func.json_each(bindparam("patterns", type_=String)).table_valued("value", name="given")
    found, value = _findings(), given.c.value
    before = _FINDING.alias("before")
    earlier = whole(before.c.at) < bindparam("since")
    last = select(before.c.id).where(*_hers(before), before.c.pattern == value, earlier)
    last = last.order_by(before.c.at.desc()).suffix_with("LIMIT 1")
    then = whole(_FINDING.c.at) >= bindparam("since")
    return Statement(
        union_all(
            _moved_lately(),
            found.where(_FINDING.c.pattern.in_(select(value)), *_hers(_FINDING), then),
            found.where(_FINDING.c.id.in_(select(last.scalar_subquery()).select_from(given))),
            _places(),
        )
    )


_NOTHING: Final = [null()] * 4
_EVERYTHING: Final = Statement(
    union_all(
        _movements().where(*_hers(_MOVEMENT)),
        _findings().where(*_hers(_FINDING)),
        _places(),
        _begins(),
    )
)
_LATELY: Final = _lately()
_LATELY_SQLITE: Final = _lately_sqlite()
_STATEMENTS: Final = {
    _MOVEMENT.name: _Statements.of(_MOVEMENT, MOVEMENT_COLUMNS),
    _FINDING.name: _Statements.of(_FINDING, FINDING_COLUMNS),
}
_BEGIN: Final = (
    update(_SUPPORTER)
    .where(_SUPPORTER.c.organisation_id == bindparam("mine"), _SUPPORTER.c.id == bindparam("whose"))
    .values(first_at=bindparam("first_at"))
)
