"""Sums by slots of time, so that "how many, on any date?" costs the same however many there are.

Counting a million standings one by one takes any database tens of nanoseconds each. So it is
written down, for every slot of some nineteen hours (2**36 microseconds), by how many those at a
place became more: how many stand there at an instant is the sum of all slots before it. Two longer
sorts of slots add up the short ones, so that a hundred rows reach over decades. Slots are powers of
two and not days: they need no zone, and the instants of the one slot that an instant lies in are
counted from an index.

Nobody who records a touchpoint touches a sum. Each row says whether the sums hold it (`summed`),
and a small index has those of which they are wrong: new ones, and retracted ones. `counting` adds
these to what the sums say, in one statement, so that its answer is exact at any moment;
`refresh` takes them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Table,
    and_,
    case,
    delete,
    func,
    literal,
    literal_column,
    not_,
    select,
    union_all,
    update,
)

from ladder.storage import models
from ladder.storage.definitions import succession
from ladder.storage.indexed import indexed
from ladder.storage.sets import Query, inserting, whole
from ladder.storage.store import Store

SHIFTS: Final = (46, 41, 36)
"""Slots of 2.2 years, 25 days and 19 hours."""
FINEST: Final = SHIFTS[-1]

Row = Any
"""A table of movements or findings, or an alias of it: what has its columns in `c`."""

_SUMMARY = models.Summary.__table__
_PLACE = models.Place.__table__


@dataclass(frozen=True)
class Sum:
    """One table of sums: of which rows, by which keys.

    Rows count from `at` until `until`, where anything ends them. `begun_by` and `ended_by` are the
    indexes that find them by the one and by the other, and `begun` and `ended` what these ask of a
    row besides.
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
        """Its key columns besides definition and slot."""
        return list(self.keys(self.source))


def _any_kind(row: Row) -> ColumnElement[bool]:
    return and_(row.c.kind.in_(_literal(models.MOVEMENT_KINDS)))


def _any_place(row: Row, definition_id: int) -> ColumnElement[bool]:
    its = _PLACE.c.definition_id.in_(succession(definition_id))
    return and_(row.c.after_id.in_(select(_PLACE.c.id).where(its)))


def _any_pattern(row: Row, definition_id: int) -> ColumnElement[bool]:
    """Every pattern that the sums know, or that some row has which they do not know yet."""
    known, new = (
        models.FindingSum.__table__,
        indexed(models.Finding.__table__, "new", "ix_ladder_finding_pending"),
    )
    patterns = union_all(
        select(known.c.pattern).where(
            known.c.definition_id == definition_id, known.c.shift == literal_column(f"{SHIFTS[0]}")
        ),
        select(new.c.pattern).where(new.c.definition_id == definition_id, pending(new)),
    ).subquery()
    grave = row.c.severity.in_(_literal(models.SEVERITIES))
    return and_(row.c.pattern.in_(select(patterns.c.pattern)), grave)


def _literal(words: Iterable[str]) -> list[ColumnElement[str]]:
    """Words of the library's own as they are: with parameters, planners guess."""
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
"""How many stand at each place; the silent apart."""

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
"""How many movements there were."""

FINDINGS: Final = Sum(
    models.FindingSum.__table__,
    models.Finding.__table__,
    lambda row: {"pattern": row.c.pattern, "severity": row.c.severity},
    "ix_ladder_finding_definition_id_at",
    lambda row: row.c.definition_id.is_not(None),
    "ix_ladder_finding_definition_id_pattern_severity_until_at",
    _any_pattern,
)
"""How many findings of a pattern and severity are open."""

SUMS: Final = (STANDINGS, FLOWS, FINDINGS)


def exist(store: Store, definition_id: int) -> bool:
    """Whether there are sums for that ladder."""
    query = select(_SUMMARY.c.definition_id).where(_SUMMARY.c.definition_id == definition_id)
    return store.connection.scalar(query) is not None


def refresh(store: Store, definition_id: int, *, now: int, anew: bool = False) -> None:
    """Let the sums of that ladder (by its root) hold all that is believed of it now.

    They are made where there are none, and with `anew`. Those who write for the organisation wait
    meanwhile, for as long as it takes to read what is new since the last time.
    """
    store.lock()
    fresh = anew or not exist(store, definition_id)
    if fresh:
        forget(store, definition_id)
    elif not how_many_pending(store, definition_id):
        return
    for each in SUMS:
        store.connection.execute(_add(store, each, definition_id, fresh=fresh))
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
    """How many rows the sums are wrong about: each costs every count about a microsecond."""
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
    """Do without sums: everything is counted one by one until the next `refresh`."""
    for table in (_SUMMARY, *(each.table for each in SUMS)):
        store.connection.execute(delete(table).where(table.c.definition_id == definition_id))


def pending(row: Row) -> ColumnElement[bool]:
    """Whether the sums are wrong about a row; as `models.PENDING`, or no index would be found."""
    return and_(row.c.summed == row.c.retracted_at.is_not(None))


def sign(row: Row) -> ColumnElement[int]:
    """What has to be added for a row of which they are wrong: it, or its contrary."""
    return case(
        (row.c.summed, literal_column("-1", Integer())), else_=literal_column("1", Integer())
    )


def _add(store: Store, what: Sum, definition_id: int, *, fresh: bool) -> Any:  # noqa: ANN401
    """The INSERT that adds to one table of sums, for slots of all lengths."""
    fine = _fine(what, definition_id, fresh=fresh).subquery("fine")
    shifts = union_all(*(select(literal_column(f"{n}").label("shift")) for n in SHIFTS)).subquery()
    slot = fine.c.slot.op(">>")(shifts.c.shift - literal_column(f"{FINEST}"))
    keys = [fine.c[name] for name in what.names]
    rows = (
        select(literal(definition_id), shifts.c.shift, slot, *keys, func.sum(fine.c.change))
        .select_from(fine.join(shifts, literal_column("1") == literal_column("1")))
        .group_by(shifts.c.shift, slot, *keys)
    )
    key = ["definition_id", "shift", "slot", *what.names]
    insert = inserting(store.connection, what.table).from_select([*key, "change"], rows)
    return insert.on_conflict_do_update(
        index_elements=key, set_={"change": what.table.c.change + insert.excluded.change}
    )


def _fine(what: Sum, definition_id: int, *, fresh: bool) -> Query:
    """What changes in each of the shortest slots: by everything that stands, or by the news."""
    row = what.source.alias("row")
    its = row.c.definition_id == definition_id
    which = and_(its, row.c.retracted_at.is_(None)) if fresh else and_(its, pending(row))
    number: ColumnElement[int] = literal_column("1") if fresh else sign(row)
    keys = [column.label(name) for name, column in what.keys(row).items()]
    edges = [select(*keys, slot_of(row.c.at).label("slot"), number.label("number")).where(which)]
    if what.ended is not None:
        ends = select(*keys, slot_of(row.c.until), -number).where(which, row.c.until.is_not(None))
        edges.append(ends)
    all_ = union_all(*edges).subquery("edges")
    by = [*(all_.c[name] for name in what.names), all_.c.slot]
    changed = func.sum(all_.c.number)
    return select(*by, changed.label("change")).group_by(*by).having(changed != 0)


def slot_of(instant: Any) -> ColumnElement[int]:  # noqa: ANN401
    """The shortest slot that an instant lies in."""
    return whole(instant).op(">>")(literal_column(f"{FINEST}"))
