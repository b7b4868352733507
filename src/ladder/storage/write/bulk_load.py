"""Touchpoints into the database by the hundred thousand, each once.

A touchpoint is known by (source, external id). The same one again is *known* and left alone; one
with other content under a known id is a *conflict* and refused, also within one frame.

Polars frames in, the driver's own executemany (SQLite) or COPY (PostgreSQL) out, all of it on the
caller's connection and in its transaction. SQLAlchemy's own bulk insert takes twice to five times
as long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
from sqlalchemy import select

from ladder.errors import TouchpointError
from ladder.model.calendars import to_date
from ladder.model.money import to_major
from ladder.model.touchpoint_frame import SCHEMA
from ladder.storage import snapshots, supporters
from ladder.storage.frames import add_rows, fetch
from ladder.storage.models import Supporter, Touchpoint
from ladder.storage.read.table_scan import latest_touchpoint
from ladder.storage.store import Store

KEY: Final = ("source", "external_id")
"""What a touchpoint is known by, within its organisation."""

CONTENT: Final = {
    **{n: kind for n, kind in SCHEMA.items() if n not in (*KEY, "supporter", "referrer")},
    "supporter_id": pl.Int64(),
    "referrer_id": pl.Int64(),
}
"""What must be equal for two rows to be the same touchpoint."""

_WORDS: Final = {
    "at": "time",
    "date_only": "time",
    "supporter_id": "supporter",
    "referrer_id": "referrer",
    "asks_for": "kind of ask",
    "answers_id": "answered touchpoint",
    "answers_source": "answered touchpoint",
}


def all_new(store: Store, rows: pl.DataFrame) -> bool:
    """Whether no key of these rows is stored, nor occurs twice among them."""
    keyed = rows.select(KEY).drop_nulls("external_id")
    if keyed.is_duplicated().any():
        return False
    return not any(
        fetch(
            store.connection,
            "SELECT 1 FROM {touchpoint} WHERE organisation_id = :organisation "
            "AND source = :source AND external_id IN :keys LIMIT 1",
            {"found": pl.Int64()},
            organisation=store.organisation_id,
            source=source,
            keys=of_source["external_id"].to_list(),
        ).height
        for (source,), of_source in keyed.group_by("source")
    )


def contradictions(store: Store, rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the rows (`row`, counted from 0, and `reason`) whose key has other content in `known`.

    `rows` are those of a touchpoint frame with `supporter_id` and `referrer_id`, `known` those of
    `stored`.
    """
    keyed = rows.with_row_index("row").filter(pl.col("external_id").is_not_null())
    both = keyed.join(known, on=KEY, how="inner", suffix="_known")
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_known")) for name in CONTENT]
    wrong = both.filter(pl.any_horizontal(differs)).sort("row")
    reasons = [_reason(store, row) for row in wrong.iter_rows(named=True)]
    return wrong.select("row", reason=pl.Series(reasons, dtype=pl.String))


def stored(store: Store, keyed: pl.DataFrame) -> pl.DataFrame:
    """Return the touchpoints that are stored under the keys of these rows."""
    names = [*KEY, *CONTENT]
    schema = {name: CONTENT.get(name, pl.String()) for name in names}
    found = [
        fetch(
            store.connection,
            f"SELECT {', '.join(names)} FROM {{touchpoint}} "  # noqa: S608  (own names)
            "WHERE organisation_id = :organisation AND source = :source AND external_id IN :keys",
            schema,
            organisation=store.organisation_id,
            source=source,
            keys=of_source["external_id"].unique().to_list(),
        )
        for (source,), of_source in keyed.drop_nulls("external_id").group_by("source")
    ]
    return pl.concat(found) if found else pl.DataFrame(schema=schema)


def _reason(store: Store, row: dict[str, Any]) -> str:
    """What differs first, as people read it."""
    name = next(name for name in CONTENT if row[name] != row[f"{name}_known"])
    given, known = (_shown(store, name, row, end) for end in ("", "_known"))
    what = _WORDS.get(name, name)
    return f"id {row['external_id']} is known with another {what}: {known}, not {given}"


def _shown(store: Store, name: str, row: dict[str, Any], end: str) -> str:
    value = row[f"{name}{end}"]
    if name in ("at", "date_only"):
        calendar, at = store.organisation.calendar, row[f"at{end}"]
        day_only = row[f"date_only{end}"]
        return to_date(calendar.day_of(at)).isoformat() if day_only else calendar.text(at)
    if value is None:
        return "none"
    if name == "amount":
        return f"{to_major(value, row[f'currency{end}'])}"
    if name in ("supporter_id", "referrer_id"):
        key = select(Supporter.key).where(
            Supporter.organisation_id == store.organisation_id, Supporter.id == value
        )
        return str(store.connection.scalar(key))
    return str(value) or "none"


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
    _has_touchpoints: bool = field(init=False)

    def __post_init__(self) -> None:
        """Lock the organisation; what recordings carried along does not speak of these rows."""
        self.store.lock()
        snapshots.forget(self.store)
        self._has_touchpoints = latest_touchpoint(self.store) > 0

    def insert(self, frame: pl.DataFrame) -> Inserted:
        """As `insert_touchpoints`."""
        rows = self._with_ids(_checked(frame))
        # A lookup costs less than an insert that meets a conflict, but nothing can be known yet
        # in an empty organisation.
        known = stored(self.store, rows if self._has_touchpoints else rows.clear())
        missing = rows.join(known, on=KEY, how="anti", maintain_order="left")
        new = self._add(missing)
        if new == len(rows):
            return Inserted(new, 0, frame.clear().with_columns(reason=pl.lit("")))
        if new < len(missing):  # a key occurs again, in this frame or in an earlier one
            known = stored(self.store, rows)
        wrong = contradictions(self.store, rows, known)
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
