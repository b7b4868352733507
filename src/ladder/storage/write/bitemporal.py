"""Write the results of one supporter, in plain Python.

`bitemporal_bulk` writes many supporters from frames, by the same schema and rule
(`ladder.storage.bitemporal_tables`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Boolean,
    String,
    bindparam,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy import type_coerce as coerce
from sqlalchemy.dialects.postgresql import ARRAY

from ladder.engines.reference.movements import Finding, Movement
from ladder.model.calendars import FOREVER
from ladder.storage import models
from ladder.storage.bitemporal_tables import (
    FINDING_TABLE,
    MOVEMENT_TABLE,
    OWNER,
    Content,
    RowChanges,
    Stamp,
    compare,
)
from ladder.storage.definitions import Places, Standing, succession
from ladder.storage.sql import as_integer
from ladder.storage.statements import Query, Statement, Write
from ladder.storage.store import Store

_MOVEMENT = models.Movement.__table__
_FINDING = models.Finding.__table__
_PLACE = models.Place.__table__
_SUPPORTER = models.Supporter.__table__


class MovementRow(NamedTuple):
    """A movement from an evaluator: instants as integers, places by their rungs ("a+b")."""

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

    @property
    def places(self) -> tuple[Standing, Standing]:
        """The places before and after it."""
        return (self.before, self.height_before), (self.after, self.height_after)

    def content(self, place_ids: Mapping[Standing, int]) -> Content:
        """Return what its row says; -1 stands for a place without an id."""
        before, after = (place_ids.get(place, -1) for place in self.places)
        first, others = None, None
        if self.causes:
            first, *rest = sorted(self.causes)
            others = json.dumps(rest, separators=(",", ":")) if rest else None
        return (
            self.at, _stored_end(self.until), self.kind, before, after, self.skipped,
            self.new_peak, self.cause, first, others,
        )  # fmt: skip

    @classmethod
    def from_movement(cls, movement: Movement) -> MovementRow:
        """Convert a movement of the reference evaluator."""
        return cls(
            movement.at, movement.until, movement.kind,
            str(movement.before), movement.before.height,
            str(movement.after), movement.after.height,
            "+".join(movement.skipped), movement.new_peak, movement.cause,
            [fact.id for fact in movement.causes],
        )  # fmt: skip


class FindingRow(NamedTuple):
    """A finding from an evaluator."""

    pattern: str
    severity: str
    at: int
    until: int

    @property
    def content(self) -> Content:
        """What its row says."""
        return self.pattern, self.severity, self.at, _stored_end(self.until)


def _stored_end(until: int) -> int | None:
    return None if until >= FOREVER else until


@dataclass(frozen=True)
class LadderRows:
    """What one ladder says of one supporter.

    With `since`, `movements` are those from that instant on, and `findings` those that are open
    then, begin later or end right then. Everything else stays as it is stored.
    """

    movements: Sequence[MovementRow] | None
    """None: the stored ones stay."""
    findings: Sequence[FindingRow]
    patterns: frozenset[str] | None = None
    """The patterns that `findings` are about; None: all."""
    since: int | None = None

    @classmethod
    def from_results(
        cls,
        movements: Iterable[Movement] | None,
        findings: Iterable[Finding],
        patterns: frozenset[str],
        since: int | None = None,
    ) -> LadderRows:
        """Convert results of the reference evaluator: touchpoints by their ids."""
        moved = None if movements is None else list(map(MovementRow.from_movement, movements))
        found = [
            FindingRow(finding.pattern, finding.severity, finding.at, finding.until)
            for finding in findings
        ]
        return cls(moved, found, patterns, since)


@dataclass(frozen=True)
class Changed:
    """How many rows were added, and how many were retracted or deleted."""

    added: int = 0
    retracted: int = 0

    def __add__(self, other: Changed) -> Changed:
        return Changed(self.added + other.added, self.retracted + other.retracted)


class LadderChanges(NamedTuple):
    """What the rows of one ladder and one supporter became."""

    movements: RowChanges
    findings: RowChanges
    places: Mapping[Standing, int]
    """Ids of places by their rungs and height."""

    @property
    def counts(self) -> Changed:
        """How many rows changed."""
        both = self.movements, self.findings
        return Changed(
            sum(len(changes.added) for changes in both),
            sum(len(changes.retracted) for changes in both),
        )


@dataclass(frozen=True)
class StoredRows:
    """What is stored of one ladder and one supporter, or the recent part of it."""

    movements: Mapping[Content, Stamp]
    findings: Mapping[Content, Stamp]
    places: Mapping[Standing, int]

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[Any, ...]]) -> StoredRows:
        """Sort the rows of `stored_rows_query` or `recent_rows_query`."""
        movements, findings, places = (dict[Any, Any]() for _ in range(3))
        for table, number, recorded_at, *values in rows:
            if table == "movement":
                values[6] = bool(values[6])
                movements[tuple(values)] = Stamp(number, recorded_at)
            elif table == "finding":
                at, until, pattern, _, _, severity, *_ = values
                findings[pattern, severity, at, until] = Stamp(number, recorded_at)
            else:
                places[values[2], values[3]] = number
        return cls(movements, findings, places)

    def compare(self, wanted: LadderRows, places: Mapping[Standing, int]) -> LadderChanges:
        """Find the difference between what is stored and what should be."""
        findings = {
            content: stamp
            for content, stamp in self.findings.items()
            if wanted.patterns is None or content[0] in wanted.patterns
        }
        if wanted.since is not None:
            findings = {
                content: stamp
                for content, stamp in findings.items()
                if content[3] is None or content[3] >= wanted.since
            }
        moved = RowChanges()
        if wanted.movements is not None:
            contents = [movement.content(places) for movement in wanted.movements]
            if wanted.since is not None:
                # The movement before `since` is not evaluated again: the next one ends it.
                until = contents[0][0] if contents else None
                earlier = [row for row in self.movements if row[0] < wanted.since]
                contents = [(row[0], until, *row[2:]) for row in earlier] + contents
            moved = compare(self.movements, contents)
        found = compare(findings, [finding.content for finding in wanted.findings])
        return LadderChanges(moved, found, places)


def _owner(store: Store, root: int, supporter_id: int) -> dict[str, int]:
    """Return the columns by which rows belong to one ladder and one supporter."""
    return {
        "organisation_id": store.organisation_id,
        "definition_id": root,
        "supporter_id": supporter_id,
    }


def apply_changes(
    store: Store, root: int, supporter_id: int, stored: StoredRows, wanted: LadderRows, *, now: int
) -> tuple[LadderChanges, list[Write]]:
    """Compare what is stored with what should be, and build the writes that make it so.

    `root` is the ladder's first definition. The caller holds the supporter's lock, and executes the
    writes. Places without an id get one at once.
    """
    owner = _owner(store, root, supporter_id)
    places = Places(store, root, dict(stored.places))
    movements = wanted.movements or ()
    changes = stored.compare(
        wanted, places.ids(place for movement in movements for place in movement.places)
    )
    writes = MOVEMENT_TABLE.writes(changes.movements, owner, now)
    return changes, writes + FINDING_TABLE.writes(changes.findings, owner, now)


def first_at_write(store: Store, supporter_id: int, first_at: int | None) -> Write:
    """Build the write that stores where a supporter's line begins; None: they have none."""
    owner = {"owner": store.organisation_id, "supporter": supporter_id}
    return _SET_FIRST_AT, owner | {"first_at": first_at}


def stored_rows_query(store: Store, root: int, supporter_id: int) -> Query:
    """Query all `StoredRows`."""
    return _ALL_ROWS, _owner(store, root, supporter_id)


def recent_rows_query(
    store: Store, root: int, supporter_id: int, since: int, patterns: Collection[str]
) -> Query:
    """Query the `StoredRows` that a comparison with the same `since` and patterns needs.

    Movements from that instant on and the one before, and of each pattern the same.
    """
    statement, names = _RECENT_ROWS, sorted(patterns)
    values: dict[str, Any] = {"since": since, "patterns": names}
    if store.connection.dialect.name == "sqlite":
        statement, values["patterns"] = _RECENT_ROWS_SQLITE, json.dumps(names)
    return statement, _owner(store, root, supporter_id) | values


def _rows(name: str, table: Any, *fields: Any) -> Any:  # noqa: ANN401
    """Select rows of a table; the first column names it."""
    times = as_integer(table.c.recorded_at), as_integer(table.c.at), as_integer(table.c.until)
    return select(literal_column(f"'{name}'"), table.c.id, *times, *fields)


def _owned(table: Any) -> list[Any]:  # noqa: ANN401
    """Whether a row is believed, and of one ladder and one supporter."""
    return [*(table.c[name] == bindparam(name) for name in OWNER), table.c.retracted_at.is_(None)]


def _movements() -> Any:  # noqa: ANN401
    c = _MOVEMENT.c
    return _rows(
        "movement", _MOVEMENT, c.kind, c.before_id, c.after_id, c.skipped,
        coerce(c.new_peak, Boolean), c.cause, c.cause_id, c.cause_others,
    ).where(*_owned(_MOVEMENT))  # fmt: skip


def _findings(table: Any = _FINDING) -> Any:  # noqa: ANN401
    c = table.c
    return _rows("finding", table, c.pattern, null(), null(), c.severity, *_NOTHING)


def _places() -> Any:  # noqa: ANN401
    definitions = succession(bindparam("definition_id"), bindparam("organisation_id"))
    return select(
        literal_column("'place'"), _PLACE.c.id, null(), null(), null(), _PLACE.c.rungs,
        _PLACE.c.height, null(), null(), *_NOTHING,
    ).where(_PLACE.c.definition_id.in_(definitions))  # fmt: skip


def _since_the_last_before(table: Any, pattern: Any = None) -> Any:  # noqa: ANN401
    """Whether a row is the last one before an instant (of one pattern), or later."""
    before = table.alias("before")
    last = select(func.max(as_integer(before.c.at))).where(
        *_owned(before), as_integer(before.c.at) < bindparam("since")
    )
    if pattern is not None:
        last = last.where(before.c.pattern == pattern).correlate(pattern.table)
    return as_integer(table.c.at) >= func.coalesce(last.scalar_subquery(), bindparam("since"))


def _recent_movements() -> Any:  # noqa: ANN401
    return _movements().where(_since_the_last_before(_MOVEMENT))


def _recent_rows() -> Statement:
    value = func.unnest(bindparam("patterns", type_=ARRAY(String))).label("value")
    given = select(value).subquery("given")
    pattern = given.c.value
    recent = (
        select(*_FINDING.c)
        .where(
            *_owned(_FINDING),
            _FINDING.c.pattern == pattern,
            _since_the_last_before(_FINDING, pattern),
        )
        # Keeps PostgreSQL from joining all findings of the supporter with the patterns.
        .offset(literal_column("0"))
        .lateral("recent")
    )
    findings = _findings(recent).select_from(given.join(recent, true()))
    return Statement(union_all(_recent_movements(), findings, _places()))


def _recent_rows_sqlite() -> Statement:
    """Build two branches: with a bound for each pattern SQLite would read all findings."""
    given = func.json_each(bindparam("patterns", type_=String)).table_valued("value", name="given")
    findings, value = _findings(), given.c.value
    before = _FINDING.alias("before")
    earlier = as_integer(before.c.at) < bindparam("since")
    last = select(before.c.id).where(*_owned(before), before.c.pattern == value, earlier)
    last = last.order_by(before.c.at.desc()).suffix_with("LIMIT 1")
    later = as_integer(_FINDING.c.at) >= bindparam("since")
    return Statement(
        union_all(
            _recent_movements(),
            findings.where(_FINDING.c.pattern.in_(select(value)), *_owned(_FINDING), later),
            findings.where(_FINDING.c.id.in_(select(last.scalar_subquery()).select_from(given))),
            _places(),
        )
    )


_NOTHING: Final = [null()] * 4
_ALL_ROWS: Final = Statement(
    union_all(_movements(), _findings().where(*_owned(_FINDING)), _places())
)
_RECENT_ROWS: Final = _recent_rows()
_RECENT_ROWS_SQLITE: Final = _recent_rows_sqlite()
_SET_FIRST_AT: Final = Statement(
    update(_SUPPORTER)
    .where(
        _SUPPORTER.c.organisation_id == bindparam("owner"),
        _SUPPORTER.c.id == bindparam("supporter"),
    )
    .values(first_at=bindparam("first_at"))
)
