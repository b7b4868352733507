"""Write the results of many supporters at once, from the frames of the columnar evaluator.

The schema and the rule are those of `ladder.storage.bitemporal_tables`; tests compare the rows with
those that `bitemporal` writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import Boolean, String, Table, func, select

from ladder.model.calendars import FOREVER
from ladder.storage import models
from ladder.storage.bitemporal_tables import FINDING_TABLE, MOVEMENT_TABLE, BitemporalTable
from ladder.storage.definitions import Places, Standing
from ladder.storage.frames import add_rows, fetch, ids, run
from ladder.storage.store import Store
from ladder.storage.summary import summaries
from ladder.storage.summary.summary_bulk import Tally
from ladder.storage.write.bitemporal import Changed

_MOVEMENT = models.Movement.__table__
_FINDING = models.Finding.__table__
WRITTEN: Final = (_MOVEMENT, _FINDING)
_ENDS: Final = ("before", "after")
_SUPPORTER = models.Supporter.__table__


def _frame_schema(schema: BitemporalTable) -> dict[str, pl.DataType]:
    """Return the data types of the columns of a frame that has a table's rows."""
    types = {String: pl.String(), Boolean: pl.Boolean()}
    return {
        name: next(
            (mine for kind, mine in types.items() if isinstance(schema.table.c[name].type, kind)),
            pl.Int64(),
        )
        for name in ("supporter_id", *schema.content)
    }


MOVEMENTS: Final[dict[str, pl.DataType]] = {
    "supporter": pl.Int64(),
    "at": pl.Int64(),
    "until": pl.Int64(),
    "kind": pl.String(),
    "before": pl.String(),
    "height_before": pl.Int64(),
    "after": pl.String(),
    "height_after": pl.Int64(),
    "skipped": pl.String(),
    "new_peak": pl.Boolean(),
    "cause": pl.String(),
    "causes": pl.List(pl.Int64()),
}
"""The columns of the columnar evaluator's movements; `until` is FOREVER where there is no end."""

FINDINGS: Final[dict[str, pl.DataType]] = {
    "supporter": pl.Int64(),
    "pattern": pl.String(),
    "severity": pl.String(),
    "at": pl.Int64(),
    "until": pl.Int64(),
}

_STORED: Final = {
    schema.table.name: _frame_schema(schema) for schema in (MOVEMENT_TABLE, FINDING_TABLE)
}
"""The supporter and the content of the rows of each table, as the columns of a frame."""


@dataclass(frozen=True)
class Written:
    """How many rows of each table changed."""

    movements: Changed = field(default_factory=Changed)
    findings: Changed = field(default_factory=Changed)

    @property
    def total(self) -> Changed:
        """The rows of both tables."""
        return self.movements + self.findings

    def __add__(self, other: Written) -> Written:
        return Written(self.movements + other.movements, self.findings + other.findings)


@dataclass
class Writer:
    """Writes one ladder's movements and findings, batch by batch, as known from `now` on.

    A ladder without rows is not compared with anything. The summaries count every row on its way,
    so rows that they do not hold yet are added to them first. `finish` writes them after the last
    batch.
    """

    store: Store
    definition_id: int
    now: int
    first: bool = field(init=False)
    _places: Places = field(init=False)
    _tally: Tally = field(init=False, default_factory=Tally)

    def __post_init__(self) -> None:
        self._places = Places(self.store, self.definition_id)
        self.first = not any(map(self._has_rows, WRITTEN))
        if not self.first:
            summaries.refresh(self.store, self.definition_id, now=self.now)

    def write(
        self,
        supporters: pl.Series,
        movements: pl.DataFrame,
        findings: pl.DataFrame,
        first_at: pl.DataFrame,
    ) -> Written:
        """Make these the movements, findings and line starts of those supporters (ids).

        `first_at` has the columns supporter and first_at; a supporter not in it has no line.
        """
        moved = movement_rows(movements, self._places.ids(places_of(movements)))
        wanted = {_MOVEMENT.name: moved, _FINDING.name: finding_rows(findings)}
        write_line_starts(self.store, supporters, first_at)
        stored = {} if self.first else self._stored(supporters)
        return self._replace(stored, wanted)

    def finish(self) -> None:
        """Write the summaries of all batches."""
        if self.first:
            self._tally.write(self.store, self.definition_id, self.now)
        else:
            self._tally.fold(self.store, self.definition_id)

    def _has_rows(self, table: Table) -> bool:
        its = table.c.definition_id == self.definition_id
        return self.store.connection.scalar(select(table.c.id).where(its).limit(1)) is not None

    def _stored(self, supporters: pl.Series) -> dict[str, pl.DataFrame]:
        return {
            table.name: standing(self.store, self.definition_id, table, supporters)
            for table in WRITTEN
        }

    def _replace(
        self, stored: Mapping[str, pl.DataFrame], wanted: Mapping[str, pl.DataFrame]
    ) -> Written:
        """Write the difference between what is stored and what is wanted."""
        quiet = silent_for_good(wanted[_MOVEMENT.name])
        was = silent_for_good(stored[_MOVEMENT.name]) if stored else quiet
        both = quiet.filter(quiet.is_in(was.implode()))
        left = was.filter(~was.is_in(both.implode()))
        came = quiet.filter(~quiet.is_in(both.implode()))
        self._apart(left, -1)
        done = [self._write(table, stored, wanted[table.name], both) for table in WRITTEN]
        self._apart(came, 1)
        return Written(*done)

    def _write(
        self,
        table: Table,
        stored: Mapping[str, pl.DataFrame],
        wanted: pl.DataFrame,
        quiet: pl.Series,
    ) -> Changed:
        """Write the difference of a table.

        The summaries count supporters who are silent for good apart: `quiet` are those who were
        before and still are.
        """
        new, gone = wanted, None
        if stored:
            there, content = stored[table.name], wanted.columns
            gone = there.join(wanted, on=content, how="anti", nulls_equal=True)
            new = wanted.join(there, on=content, how="anti", nulls_equal=True)
        is_quiet = pl.col("supporter_id").is_in(quiet.implode())
        for rows, factor in ((gone, -1), (new, 1)):
            if rows is not None:
                self._tally.add(table, rows, factor)
                self._tally.apart(table, rows.filter(is_quiet), factor)
        retracted = 0 if gone is None else self._retract(table, gone)
        return Changed(self._add(table, new), retracted)

    def _retract(self, table: Table, gone: pl.DataFrame) -> int:
        """Retract rows; those recorded at this instant were never known, and are deleted."""
        late = pl.col("recorded_at") >= self.now
        name = f"{{{table.name.removeprefix('ladder_')}}}"
        taken_back = f"retracted_at = {int(self.now)}, summed = false"
        for rows, sql in (
            (gone.filter(late), f"DELETE FROM {name} WHERE id IN :ids"),  # noqa: S608  (own names)
            (gone.filter(~late), f"UPDATE {name} SET {taken_back} WHERE id IN :ids"),  # noqa: S608
        ):
            if len(rows):
                run(self.store.connection, sql, ids=rows["id"].to_list())
        return len(gone)

    def _apart(self, people: pl.Series, factor: int) -> None:
        """Count all rows of these supporters among those of the silent for good, or no longer."""
        for table in WRITTEN if len(people) else ():
            rows = standing(self.store, self.definition_id, table, people)
            self._tally.apart(table, rows, factor)

    def _add(self, table: Table, rows: pl.DataFrame) -> int:
        constant = {
            "organisation_id": self.store.organisation_id,
            "definition_id": self.definition_id,
            "recorded_at": self.now,
            "summed": 1,
        }
        return add_rows(self.store.connection, table, rows, constant)


def silent_for_good(movements: pl.DataFrame) -> pl.Series:
    """Return the supporters who are silenced without an end, by these rows of movements."""
    last = movements.filter(pl.col("kind") == "silenced", pl.col("until").is_null())
    return last["supporter_id"].unique()


def standing(
    store: Store,
    definition_id: int,
    table: Table,
    supporters: pl.Series | None = None,
    since: int | None = None,
) -> pl.DataFrame:
    """Read the believed rows of those supporters (None: all), with their ids and recorded_at.

    With `since`, only rows that reach that instant or lie beyond.
    """
    content = _STORED[table.name]
    whose = "" if supporters is None else "AND supporter_id IN :whose"
    reaching = "" if since is None else "AND (until IS NULL OR until >= :since)"
    given = {} if since is None else {"since": since}
    return fetch(
        store.connection,
        f"SELECT id, recorded_at, {', '.join(content)} "  # noqa: S608  (own names)
        f"FROM {{{table.name.removeprefix('ladder_')}}} WHERE definition_id = :definition "
        f"AND organisation_id + 0 = :organisation {whose} {reaching} AND retracted_at IS NULL",
        ids(["id", "recorded_at"]) | content,
        definition=definition_id,
        organisation=store.organisation_id,
        **given | ({} if supporters is None else {"whose": supporters.to_list()}),
    )


def count_rows(store: Store, definition_id: int) -> tuple[int, int]:
    """Count the believed movements and findings of a ladder."""
    owner = {"organisation_id": store.organisation_id, "definition_id": definition_id}
    counts = []
    for table in WRITTEN:
        its = [table.c[name] == value for name, value in owner.items()]
        query = select(func.count()).select_from(table).where(*its, table.c.retracted_at.is_(None))
        counts.append(store.connection.scalar(query) or 0)
    return counts[0], counts[1]


def places_of(movements: pl.DataFrame) -> set[Standing]:
    """Return every place that these movements name: rungs and height."""
    pairs = [movements.select(f"{end}", f"height_{end}").unique().rows() for end in _ENDS]
    return {pair for side in pairs for pair in side}


def movement_rows(movements: pl.DataFrame, places: Mapping[Standing, int]) -> pl.DataFrame:
    """Convert movements to rows: places by their ids (-1: unknown), FOREVER as NULL."""
    numbers = pl.DataFrame(
        [(*standing, number) for standing, number in places.items()],
        schema={"rungs": pl.String, "height": movements["height_after"].dtype, "place": pl.Int64},
        orient="row",
    )
    rows = movements.with_row_index("n")
    for side in _ENDS:
        on = [side, f"height_{side}"]
        renamed = numbers.rename({"rungs": on[0], "height": on[1], "place": f"{side}_id"})
        rows = rows.join(renamed, on=on, how="left", maintain_order="left")
        rows = rows.with_columns(pl.col(f"{side}_id").fill_null(-1))
    rows = rows.join(_several(rows), on="n", how="left", maintain_order="left").with_columns(
        pl.col("supporter").alias("supporter_id"),
        _ending(),
        cause_id=pl.coalesce("least", pl.col("causes").list.first()),
    )
    return rows.select(pl.col(name).cast(kind) for name, kind in _STORED[_MOVEMENT.name].items())


def _several(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `n`, the least id and the others as JSON for the few movements with several causes."""
    causes = pl.col("causes").list.sort()
    some = rows.filter(pl.col("causes").list.len() > 1).select("n", causes)
    others = pl.col("causes").list.slice(1).cast(pl.List(pl.String)).list.join(",")
    return some.select(
        "n", least=pl.col("causes").list.first(), cause_others=pl.format("[{}]", others)
    )


def finding_rows(findings: pl.DataFrame) -> pl.DataFrame:
    """Convert findings to rows."""
    rows = findings.with_columns(pl.col("supporter").alias("supporter_id"), _ending())
    return rows.select(pl.col(name).cast(kind) for name, kind in _STORED[_FINDING.name].items())


def _ending() -> pl.Expr:
    return pl.when(pl.col("until") < FOREVER).then("until").alias("until")


def write_line_starts(store: Store, supporters: pl.Series, first_at: pl.DataFrame) -> int:
    """Store where these supporters' lines begin, and count those that changed."""
    known = fetch(
        store.connection,
        "SELECT id, first_at FROM {supporter} "
        "WHERE id IN :whose AND organisation_id + 0 = :organisation",
        ids(["supporter", "known"]),
        whose=supporters.to_list(),
        organisation=store.organisation_id,
    )
    begins = first_at.select(pl.col("supporter", "first_at").cast(pl.Int64))
    other = known.join(begins, on="supporter", how="left").filter(
        pl.col("first_at").ne_missing(pl.col("known"))
    )
    if other.is_empty():
        return 0
    numbers, instants = other["supporter"].to_list(), other["first_at"].to_list()
    if store.connection.dialect.name == "sqlite":
        sql = f"UPDATE {_SUPPORTER.name} SET first_at = ? WHERE id = ?"  # noqa: S608
        pairs = list(zip(instants, numbers, strict=True))
        return store.connection.exec_driver_sql(sql, pairs).rowcount
    return run(
        store.connection,
        "UPDATE {supporter} s SET first_at = given.first_at "
        "FROM unnest(:numbers::bigint[], :instants::bigint[]) AS given(id, first_at) "
        "WHERE s.id = given.id",
        numbers=numbers,
        instants=instants,
    )
