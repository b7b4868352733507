"""The bitemporal writer for one supporter: what is no longer so is retracted, what is new is added.

A stored row is never rewritten but for its `retracted_at`: "what did we believe last March?" must
have an answer. That goes for rows that lie ahead as well, and when only their `until` changed. A
row that would be recorded and retracted at one instant was never known, and is deleted.

Plain Python, for the live path; `bulk_differences` does the same for frames, by the same rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from ladder.calendars import FOREVER
from ladder.storage import models
from ladder.storage.definitions import Places
from ladder.storage.sets import whole
from ladder.storage.store import Store

_MOVEMENT = models.Movement.__table__
_FINDING = models.Finding.__table__
_SUPPORTER = models.Supporter.__table__

MOVEMENT_COLUMNS: Final = (
    "at", "until", "kind", "before_id", "after_id", "skipped", "new_peak", "cause", "cause_id",
    "cause_others",
)  # fmt: skip
"""What two movements of one supporter must agree in to be the same."""

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
    """Make these the supporter's movements and findings, as known from `now` on.

    `first_at` is where her line begins, None without one. The caller holds her lock
    (`supporters.lock`). Nothing is written when nothing changed.
    """
    places = Places(store, definition_id)
    wanted = [_movement(row, places) for row in movements]
    found = [(*row[:3], ending(row.until)) for row in findings]
    key = {"definition_id": definition_id, "supporter_id": supporter_id}
    done = _write(store, _MOVEMENT, MOVEMENT_COLUMNS, key, wanted, now)
    done += _write(store, _FINDING, FINDING_COLUMNS, key, found, now)
    begins = _SUPPORTER.c.id == supporter_id, _SUPPORTER.c.first_at.is_distinct_from(first_at)
    mine = _SUPPORTER.c.organisation_id == store.organisation_id
    store.connection.execute(update(_SUPPORTER).where(mine, *begins).values(first_at=first_at))
    return done


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


def _write(
    store: Store,
    table: Table,
    columns: tuple[str, ...],
    key: dict[str, int],
    wanted: list[tuple[Any, ...]],
    now: int,
) -> Changed:
    """Retract what is stored and not wanted, then add what is wanted and not stored."""
    execute = store.connection.execute
    stored = {
        tuple(row[2:]): (row[0], row[1]) for row in execute(_standing(store, table, columns, key))
    }
    gone = [stored[row] for row in stored.keys() - set(wanted)]
    new = [row for row in wanted if row not in stored]
    forgotten = [number for number, recorded in gone if recorded >= now]
    retracted = [number for number, recorded in gone if recorded < now]
    number = table.c.id == bindparam("number")
    if forgotten:
        execute(delete(table).where(number), [{"number": each} for each in forgotten])
    if retracted:
        statement = update(table).where(number).values(retracted_at=now)
        execute(statement, [{"number": each} for each in retracted])
    if new:
        common = key | {"organisation_id": store.organisation_id, "recorded_at": now}
        execute(insert(table), [common | dict(zip(columns, row, strict=True)) for row in new])
    return Changed(len(new), len(gone))


def _standing(store: Store, table: Table, columns: tuple[str, ...], key: dict[str, int]) -> Any:  # noqa: ANN401
    """Her rows that are not retracted: id, when recorded, and what they say."""
    fields: list[ColumnElement[Any]] = [
        whole(table.c[name]).label(name) if name in ("at", "until") else table.c[name]
        for name in columns
    ]
    mine = [table.c[name] == value for name, value in key.items()]
    return select(table.c.id, whole(table.c.recorded_at), *fields).where(
        table.c.organisation_id == store.organisation_id, *mine, table.c.retracted_at.is_(None)
    )
