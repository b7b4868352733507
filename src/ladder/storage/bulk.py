"""Touchpoints into the database by the hundred thousand, each once.

A touchpoint is known by (source, external id). The same one again is *known* and left alone; one
with other content under a known id is a *conflict* and refused, also within one frame.

Polars frames in, the driver's own executemany (SQLite) or COPY (PostgreSQL) out, all of it on the
caller's connection and in its transaction. SQLAlchemy's own bulk insert takes twice to five times
as long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from ladder.errors import TouchpointError
from ladder.frames import SCHEMA
from ladder.storage import carried, supporters
from ladder.storage.conflicts import KEY, all_new, contradictions
from ladder.storage.frames import add_rows
from ladder.storage.models import Touchpoint
from ladder.storage.store import Store

LOADED: Final = Touchpoint.__table__
_CONFLICT: Final = f"ON CONFLICT ({', '.join(('organisation_id', *KEY))}) DO NOTHING"
_NUMBERED: Final = {"key": pl.String(), "number": pl.Int64()}


@dataclass(frozen=True)
class Inserted:
    """What became of a frame's rows: `new + known + len(conflicts)` is all of them.

    `conflicts` has the rows as they were given (columns that are none of a touchpoint's included,
    such as a row number) and their `reason`.
    """

    new: int
    known: int
    conflicts: pl.DataFrame


def insert_touchpoints(store: Store, frame: pl.DataFrame, *, now: int) -> Inserted:
    """Add the frame's touchpoints that are not known yet, recorded at `now`.

    The columns are those of `frames.SCHEMA`; others are carried along into the conflicts.
    Supporters and referrers who are new are made. Raises `TouchpointError` where a column is
    missing or a row says not whose it is, what, or when.
    """
    return Loader(store, now).insert(frame)


@dataclass
class Loader:
    """Inserts many frames, and remembers between them whom it has seen."""

    store: Store
    now: int
    _known: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_NUMBERED))

    def __post_init__(self) -> None:
        """Lock the organisation; what recordings carried along does not speak of these rows."""
        self.store.lock()
        carried.forget(self.store)

    def insert(self, frame: pl.DataFrame) -> Inserted:
        """As `insert_touchpoints`."""
        rows = self._with_ids(_checked(frame))
        new = self._add(rows)
        if new == len(rows):
            return Inserted(new, 0, frame.clear().with_columns(reason=pl.lit("")))
        wrong = contradictions(self.store, rows)
        conflicts = frame[wrong["row"]].with_columns(wrong["reason"])
        return Inserted(new, len(rows) - new - len(conflicts), conflicts)

    def _with_ids(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Supporters and referrers by their ids, those made that are new."""
        keys = pl.concat([frame["supporter"], frame["referrer"].drop_nulls()]).unique()
        new = keys.to_frame("key").join(self._known, on="key", how="anti")["key"].to_list()
        if new:
            made = list(supporters.intern(self.store, new).items())
            self._known = self._known.vstack(pl.DataFrame(made, schema=_NUMBERED, orient="row"))
        for name in ("supporter", "referrer"):
            numbers = self._known.rename({"key": name, "number": f"{name}_id"})
            frame = frame.join(numbers, on=name, how="left", maintain_order="left").drop(name)
        return frame

    def _add(self, rows: pl.DataFrame) -> int:
        """Insert what is not known; how many rows that were.

        COPY knows no ON CONFLICT, and the way through a temporary table takes nearly twice as long:
        so PostgreSQL is first asked whether any of the keys is there, which nobody else can add
        now. To try and go back to a savepoint would cost more than asking.
        """
        constant = {"organisation_id": self.store.organisation_id, "recorded_at": self.now}
        connection = self.store.connection
        certain = connection.dialect.name == "postgresql" and all_new(self.store, rows)
        return add_rows(connection, LOADED, rows, constant, "" if certain else _CONFLICT)


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    """The touchpoint's columns alone, of the right types, with what no row may lack."""
    missing = [name for name in SCHEMA if name not in frame.columns]
    if missing:
        message = f"a touchpoint frame needs the columns {', '.join(missing)} too"
        raise TouchpointError(message)
    rows = frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    rows = rows.with_columns(pl.col("purposes").fill_null(""), pl.col("date_only").fill_null(False))
    for name in ("supporter", "kind", "at", "source"):
        if rows[name].null_count():
            row = rows[name].is_null().arg_true()[0]
            message = f"row {row} of the frame has no {name}: refuse such rows before storing them"
            raise TouchpointError(message)
    return rows
