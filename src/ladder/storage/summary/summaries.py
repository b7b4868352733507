"""Summaries by slots of time, so that a count at any instant has a constant cost.

To count a million standings one by one takes a database tens of nanoseconds each. So a summary
stores, per slot of about nineteen hours (2**36 microseconds), the change of the number at each
place. The number at an instant is the sum of all slots before it. Two longer lengths of slots add
up the short ones, so that a hundred rows cover decades. Slots are powers of two instead of days:
they need no zone. The instants within the last slot are counted by an index.

Supporters who are suppressed now are left out of every answer, and their future is not known in
advance. So all supporters are summed, and those suppressed for good (objected, died) are summed a
second time, separately, to be subtracted.

A recording does not touch a summary. Each row says whether the summaries include it (`summed`). A
small index has the rows for which they are wrong: new ones, and retracted ones. `summary_counts`
adds these to the summaries in one statement, so that its answer is exact at any moment. `refresh`
takes them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    union_all,
    update,
)

from ladder.storage import models
from ladder.storage.definitions import succession
from ladder.storage.indexes import indexed
from ladder.storage.selects import SILENCE, known
from ladder.storage.sql import Query, as_integer, inserting
from ladder.storage.store import Store

SHIFTS: Final = (46, 41, 36)
"""Slots of 2.2 years, 25 days and 19 hours."""
FINEST: Final = SHIFTS[-1]
APART: Final = -1
"""The factor of a shift for slots of supporters suppressed for good."""

Row = Any
"""A table of movements or findings, or an alias of it, with its columns in `c`."""

_SUMMARY = models.Summary.__table__
_PLACE = models.Place.__table__
_MOVEMENT = models.Movement.__table__


@dataclass(frozen=True)
class Sum:
    """One summary table: its source rows and its keys.

    Rows count from `at` until `until`, where they have an end. `begun_by` and `ended_by` are the
    indexes that find rows by their start and by their end. `begun` and `ended` are the further
    conditions that these indexes need.
    """

    table: Table
    source: Table
    keys: Callable[[Row], dict[str, ColumnElement[Any]]]
    begun_by: str
    begun: Callable[[Row], ColumnElement[bool]]
    ended_by: str = ""
    ended: Callable[[Row, int], ColumnElement[bool]] | None = None

    @property
    def names(self) -> list[str]:
        """The key columns, without definition and slot."""
        return list(self.keys(self.source))


def _any_kind(row: Row) -> ColumnElement[bool]:
    return and_(row.c.kind.in_(_literal(models.MOVEMENT_KINDS)))


def _any_place(row: Row, definition_id: int) -> ColumnElement[bool]:
    its = _PLACE.c.definition_id.in_(succession(definition_id))
    return and_(row.c.after_id.in_(select(_PLACE.c.id).where(its)))


def _any_pattern(row: Row, definition_id: int) -> ColumnElement[bool]:
    patterns = union_all(*sorts_of_findings(definition_id)).subquery()
    grave = row.c.severity.in_(_literal(models.SEVERITIES))
    return and_(row.c.pattern.in_(select(patterns.c.pattern)), grave)


def sorts_of_findings(root: Any) -> tuple[Query, Query]:  # noqa: ANN401
    """Query each pattern and severity in the summaries, and those of rows not yet included."""
    summed = models.FindingSum.__table__
    new = indexed(models.Finding.__table__, "new", "ix_ladder_finding_pending")
    longest = summed.c.shift == literal_column(f"{SHIFTS[0]}")
    return (
        select(summed.c.pattern, summed.c.severity).where(summed.c.definition_id == root, longest),
        select(new.c.pattern, new.c.severity).where(new.c.definition_id == root, pending(new)),
    )


def _literal(words: Iterable[str]) -> list[ColumnElement[str]]:
    """Render the library's own words as literals; with parameters, query planners guess."""
    return [literal_column(f"'{word}'") for word in words]


STANDINGS: Final = Sum(
    models.StandingSum.__table__,
    models.Movement.__table__,
    lambda row: {"place_id": row.c.after_id, "silent": row.c.kind == literal_column("'silenced'")},
    "ix_ladder_movement_definition_id_kind_at",
    _any_kind,
    "ix_ladder_movement_definition_id_after_id_until_at",
    _any_place,
)
"""The number of supporters at each place; suppressed ones separately."""

FLOWS: Final = Sum(
    models.FlowSum.__table__,
    models.Movement.__table__,
    lambda row: {
        **{name: row.c[name] for name in ("kind", "before_id", "after_id", "new_peak")},
        "seam": row.c.cause == literal_column("'definition'"),
    },
    "ix_ladder_movement_definition_id_kind_at",
    _any_kind,
)
"""The number of movements."""

FINDINGS: Final = Sum(
    models.FindingSum.__table__,
    models.Finding.__table__,
    lambda row: {"pattern": row.c.pattern, "severity": row.c.severity},
    "ix_ladder_finding_definition_id_at",
    lambda row: row.c.definition_id.is_not(None),
    "ix_ladder_finding_definition_id_pattern_severity_until_at",
    _any_pattern,
)
"""The number of open findings of a pattern and severity."""

SUMS: Final = (STANDINGS, FLOWS, FINDINGS)


def exist(store: Store, definition_id: int) -> bool:
    """Return whether there are summaries for that ladder."""
    query = select(_SUMMARY.c.definition_id).where(_SUMMARY.c.definition_id == definition_id)
    return store.connection.scalar(query) is not None


def refresh(store: Store, definition_id: int, *, now: int, recompute: bool = False) -> None:
    """Bring the summaries of that ladder (by its root) to the present knowledge.

    They are created where there are none, and rebuilt with `recompute`. Other writers of the
    organisation wait until the rows that are new since the last time are read.
    """
    store.lock()
    fresh = recompute or not exist(store, definition_id)
    if fresh:
        forget(store, definition_id)
    elif not how_many_pending(store, definition_id):
        return
    for each in SUMS:
        everybody, apart = _news(each, definition_id, fresh=fresh)
        store.connection.execute(_add(store, each, definition_id, everybody))
        store.connection.execute(_add(store, each, definition_id, apart, APART))
    for table in (models.Movement.__table__, models.Finding.__table__):
        wrong = table.c.definition_id == definition_id, pending(table)
        never_known = table.c.summed, table.c.retracted_at <= table.c.recorded_at
        store.connection.execute(delete(table).where(*wrong, *never_known))
        store.connection.execute(update(table).where(*wrong).values(summed=not_(table.c.summed)))
    row = {"definition_id": definition_id, "summed_at": now}
    made = inserting(store.connection, _SUMMARY).values(**row)
    store.connection.execute(
        made.on_conflict_do_update(index_elements=["definition_id"], set_={"summed_at": now})
    )


def how_many_pending(store: Store, definition_id: int) -> int:
    """Count the rows for which the summaries are wrong; each slows a count by a microsecond."""
    numbers = [
        store.connection.scalar(
            select(func.count())
            .select_from(row)
            .where(row.c.definition_id == definition_id, pending(row))
        )
        for table in (models.Movement.__table__, models.Finding.__table__)
        for row in (indexed(table, "row", f"ix_{table.name}_pending"),)
    ]
    return sum(number or 0 for number in numbers)


def forget(store: Store, definition_id: int) -> None:
    """Delete the summaries; counts then read every row until the next `refresh`."""
    for table in (_SUMMARY, *(each.table for each in SUMS)):
        store.connection.execute(delete(table).where(table.c.definition_id == definition_id))


def pending(row: Row) -> ColumnElement[bool]:
    """Build the condition that the summaries are wrong about a row.

    It must match `models.PENDING`, or the database does not use the index.
    """
    return and_(row.c.summed == row.c.retracted_at.is_not(None))


def sign(row: Row) -> ColumnElement[int]:
    """Build the correction for a pending row: 1 for a missing row, -1 for a retracted one."""
    return case((row.c.summed, _number(-1)), else_=_number(1))


def counted_apart(root: Any, supporter_id: Any) -> ColumnElement[bool]:  # noqa: ANN401
    """Build the test that the summaries hold a supporter as suppressed for good.

    The supporter has a suppression that stands, or one that was retracted since. Both indexes have
    few entries, whereas the supporter may have many movements. Whether any entry exists at all is
    tested once; without any, no supporter is tested.
    """
    hers = zip(_apart(root), _apart(root, supporter_id), strict=True)
    return or_(*(and_(some, one) for some, one in hers))


def anybody_apart(root: Any) -> ColumnElement[bool]:  # noqa: ANN401
    """Build the test that the summaries hold any supporter as suppressed for good."""
    return or_(*_apart(root))


def _apart(root: Any, supporter_id: Any = None) -> Iterator[ColumnElement[bool]]:  # noqa: ANN401
    standing = indexed(_MOVEMENT, "apart", SILENCE)
    gone = indexed(_MOVEMENT, "gone", f"ix_{_MOVEMENT.name}_pending")
    for row, which in ((standing, known(standing.c)), (gone, and_(pending(gone), gone.c.summed))):
        whose = [] if supporter_id is None else [row.c.supporter_id == supporter_id]
        its = row.c.definition_id == root, *whose, which, row.c.summed, _for_good(row)
        yield exists().where(*its)


def _silent_for_good(root: int, supporter_id: Any) -> ColumnElement[bool]:  # noqa: ANN401
    """Build the test that a supporter is suppressed for good, as known now."""
    quiet = indexed(_MOVEMENT, "quiet", SILENCE)
    hers = quiet.c.definition_id == root, quiet.c.supporter_id == supporter_id
    return exists().where(*hers, known(quiet.c), _for_good(quiet))


def _for_good(row: Row) -> ColumnElement[bool]:
    return and_(row.c.kind == literal_column("'silenced'"), row.c.until.is_(None))


def _news(what: Sum, root: int, *, fresh: bool) -> tuple[Query, Query]:
    """Query changes of the shortest slots: of all supporters, and of those suppressed for good."""
    row = what.source.alias("row")
    its, hers = row.c.definition_id == root, row.c.supporter_id
    one: ColumnElement[int] = _number(1)
    if fresh:
        standing = and_(its, known(row.c))
        apart = and_(standing, _silent_for_good(root, hers))
        return _fine(what, (row, standing, one)), _fine(what, (row, apart, one))
    new = and_(its, pending(row))
    stay = and_(new, counted_apart(root, hers), _silent_for_good(root, hers))
    changes = (row, stay, sign(row)), _came(what, root), _left(what, root)
    return _fine(what, (row, new, sign(row))), _fine(what, *changes)


_Rows = tuple[Row, ColumnElement[bool], ColumnElement[int]]
"""An alias of a table, the condition for its rows, and the factor of each row."""


def _came(what: Sum, root: int) -> _Rows:
    """Select all known rows of supporters who have become suppressed for good."""
    row = indexed(what.source, "row", f"uq_{what.source.name}_standing")
    its = and_(row.c.definition_id == root, known(row.c))
    came = and_(_turned(row, root, summed=False), not_(counted_apart(root, row.c.supporter_id)))
    return row, and_(its, came), _number(1)


def _left(what: Sum, root: int) -> _Rows:
    """Select all summed rows of supporters who are no longer suppressed for good."""
    row = indexed(what.source, "row", f"ix_{what.source.name}_supporter_id_at")
    its = and_(row.c.definition_id == root, row.c.summed)
    left = and_(_turned(row, root, summed=True), not_(_silent_for_good(root, row.c.supporter_id)))
    return row, and_(its, left), _number(-1)


def _turned(row: Row, root: int, *, summed: bool) -> ColumnElement[bool]:
    """Build the test that a suppression for good is new, or was retracted (`summed`)."""
    quiet = indexed(_MOVEMENT, "turned", f"ix_{_MOVEMENT.name}_pending")
    which = quiet.c.summed if summed else not_(quiet.c.summed)
    turned = select(quiet.c.supporter_id).where(
        quiet.c.definition_id == root, pending(quiet), which, _for_good(quiet)
    )
    return and_(row.c.supporter_id.in_(turned))


def _add(store: Store, what: Sum, root: int, fine: Query, factor: int = 1) -> Any:  # noqa: ANN401
    """Build the INSERT that adds changes to one summary table, for slots of all lengths."""
    changes = fine.subquery("fine")
    lengths = [
        select(_number(n * factor).label("shift"), _number(n - FINEST).label("by")) for n in SHIFTS
    ]
    shifts = union_all(*lengths).subquery("shifts")
    slot = changes.c.slot.op(">>")(shifts.c.by)
    keys = [changes.c[name] for name in what.names]
    rows = (
        select(literal(root), shifts.c.shift, slot, *keys, func.sum(changes.c.change))
        .select_from(changes.join(shifts, literal_column("1") == literal_column("1")))
        .group_by(shifts.c.shift, slot, *keys)
    )
    key = ["definition_id", "shift", "slot", *what.names]
    insert = inserting(store.connection, what.table).from_select([*key, "change"], rows)
    return insert.on_conflict_do_update(
        index_elements=key, set_={"change": what.table.c.change + insert.excluded.change}
    )


def _fine(what: Sum, *several: _Rows) -> Query:
    """Query the changes that these rows make in the shortest slots."""
    edges = []
    for row, which, number in several:
        keys = [column.label(name) for name, column in what.keys(row).items()]
        begins = slot_of(row.c.at).label("slot")
        edges.append(select(*keys, begins, number.label("number")).where(which))
        if what.ended is not None:
            ends = select(*keys, slot_of(row.c.until), -number)
            edges.append(ends.where(which, row.c.until.is_not(None)))
    all_ = union_all(*edges).subquery("edges")
    by = [*(all_.c[name] for name in what.names), all_.c.slot]
    return select(*by, func.sum(all_.c.number).label("change")).group_by(*by)


def _number(value: int) -> ColumnElement[int]:
    return literal_column(f"({value})", Integer())


def slot_of(instant: Any) -> ColumnElement[int]:  # noqa: ANN401
    """Return the shortest slot that contains an instant."""
    return as_integer(instant).op(">>")(literal_column(f"{FINEST}"))
