"""Read Polars frames from the database, and insert them fast.

Needs the extra `bulk`; the live path does not use this module.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DataError

from ladder.errors import StorageError
from ladder.model.touchpoint_frame import SCHEMA
from ladder.storage import models
from ladder.storage.sql import name_of
from ladder.storage.statements import raw_rows

STORED: Final[dict[str, pl.DataType]] = {
    "supporter": pl.Int64(),
    "id": pl.Int64(),
    **{name: kind for name, kind in SCHEMA.items() if name not in ("supporter", "referrer")},
    "referrer": pl.Int64(),
}
"""The columns for an evaluator: supporters, referrers and touchpoints by their ids."""

TABLES: Final[dict[str, Table]] = {
    table.name.removeprefix("ladder_"): table for table in models.Base.metadata.sorted_tables
}
_NAMED: Final = re.compile(r"(?<!:):([a-z_]+)")


def ids(schema: Sequence[str]) -> dict[str, pl.DataType]:
    """Return a schema of integers."""
    return dict.fromkeys(schema, pl.Int64())


def fetch(
    connection: Connection,
    sql: str,
    schema: dict[str, pl.DataType],
    **given: Any,  # noqa: ANN401  (whatever a driver binds)
) -> pl.DataFrame:
    """Return the rows of a SELECT as a frame, about five times as fast as SQLAlchemy's rows.

    `{touchpoint}` in the text stands for that table's name, `:name` for a value and `IN :name` for
    a list of values of any length. The order of columns is the schema's.
    """
    text, values = _for_driver(connection, sql, given)
    if connection.dialect.name == "sqlite":
        return _fetch_sqlite(connection, text, schema, values)
    return _copy_out(connection, text, schema, values)


def run(
    connection: Connection,
    sql: str,
    **given: Any,  # noqa: ANN401
) -> int:
    """Execute a statement written as for `fetch`; return the number of changed rows."""
    return connection.exec_driver_sql(*_for_driver(connection, sql, given)).rowcount


SLICE: Final = 50_000
"""Rows that are Python tuples at a time: about 30 MB."""


def add_rows(
    connection: Connection,
    table: Table,
    rows: pl.DataFrame,
    constant: dict[str, int],
    conflict: str = "",
) -> int:
    """Insert a frame's rows, each with the `constant` values too; return their number.

    Uses executemany on SQLite and COPY on PostgreSQL. `conflict` is an ON CONFLICT clause. COPY has
    none, so there the rows go through a temporary table.
    """
    if rows.is_empty():
        return 0
    rows = rows.select(name for name in rows.columns if rows[name].null_count() < len(rows))
    if connection.dialect.name == "sqlite":
        return _execute(connection, table, rows, constant, conflict)
    rows = rows.with_columns(**{name: pl.lit(value) for name, value in constant.items()})
    name, columns = name_of(connection, table), ", ".join(rows.columns)
    if not conflict:
        copy_in(connection, name, rows)
        return len(rows)
    plainly = connection.exec_driver_sql
    plainly(
        "CREATE TEMPORARY TABLE ladder_batch ON COMMIT DROP AS "  # noqa: S608  (own names)
        f"SELECT {columns} FROM {name} WITH NO DATA"
    )
    copy_in(connection, "ladder_batch", rows)
    done = plainly(
        f"INSERT INTO {name} ({columns}) SELECT {columns} FROM ladder_batch {conflict}"  # noqa: S608
    ).rowcount
    plainly("DROP TABLE ladder_batch")
    return done


def _execute(
    connection: Connection,
    table: Table,
    rows: pl.DataFrame,
    constant: dict[str, int],
    conflict: str,
) -> int:
    columns = ", ".join([*rows.columns, *constant])
    values = ", ".join(["?"] * rows.width + [str(value) for value in constant.values()])
    sql = f"INSERT INTO {table.name} ({columns}) VALUES ({values}) {conflict}"  # noqa: S608
    done = 0
    for part in rows.iter_slices(SLICE):
        tuples = zip(*(column.to_list() for column in part.iter_columns()), strict=True)
        done += connection.exec_driver_sql(sql, list(tuples)).rowcount
    return done


def copy_in(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    """COPY a frame into a PostgreSQL table, in the connection's own transaction."""
    if rows.is_empty():
        return
    columns = ", ".join(rows.columns)
    sql = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)"
    with driver(connection).cursor() as cursor, cursor.copy(sql) as copy:
        copy.write(rows.write_csv(include_header=False, quote_style="non_numeric"))


def driver(connection: Connection) -> Any:  # noqa: ANN401  (the driver's own connection)
    """Return psycopg's connection behind SQLAlchemy's.

    Raises:
        StorageError: The driver is another one.
    """
    if connection.dialect.driver != "psycopg":
        message = (
            f"loads in bulk need psycopg 3 and not {connection.dialect.driver}: use an engine for "
            "postgresql+psycopg:// (ladder.storage.engines.create_engine makes one)"
        )
        raise StorageError(message)
    return connection.connection.driver_connection


def _for_driver(connection: Connection, sql: str, given: dict[str, Any]) -> tuple[str, Any]:
    """Return the text and the parameters for the driver."""
    text = sql.format(**{short: name_of(connection, table) for short, table in TABLES.items()})
    lists = [name for name, value in given.items() if isinstance(value, list)]
    if connection.dialect.name == "sqlite":
        for name in lists:
            inner = f"(SELECT value FROM json_each(:{name}))"  # noqa: S608  (own names)
            text = text.replace(f"IN :{name}", f"IN {inner}")
        values = given | {name: json.dumps(given[name]) for name in lists}
        return _NAMED.sub("?", text), tuple(values[name] for name in _NAMED.findall(text))
    for name in lists:
        kind = "text" if given[name] and isinstance(given[name][0], str) else "bigint"
        text = text.replace(f"IN :{name}", f"= ANY(:{name}::{kind}[])")
    return _NAMED.sub(r"%(\1)s", text), given


def _fetch_sqlite(
    connection: Connection, text: str, schema: dict[str, pl.DataType], values: tuple[Any, ...]
) -> pl.DataFrame:
    """Fetch each column as one JSON array, which SQLite writes and Polars reads.

    This takes half the time of a Python object per cell. A driver that returns columns itself
    (ADBC) has a connection of its own, which sees nothing of this transaction. An array must be a
    text that SQLite can hold, by default a gigabyte. A result with a longer array is read row by
    row.
    """
    read = {name: pl.Int64() if kind == pl.Boolean else kind for name, kind in schema.items()}
    arrays = ", ".join(f"json_group_array({name})" for name in read)
    whole = f"WITH found({', '.join(read)}) AS ({text}) SELECT {arrays} FROM found"  # noqa: S608
    try:
        (columns,) = raw_rows(connection.exec_driver_sql(whole, values))
    except DataError:
        rows = raw_rows(connection.exec_driver_sql(text, values))
        frame = pl.DataFrame(rows, schema=read, orient="row")
    else:
        frame = _from_arrays(dict(zip(read, columns, strict=True)), read)
    return frame.cast({name: kind for name, kind in schema.items() if kind == pl.Boolean})


def _from_arrays(columns: dict[str, str], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    if "[]" in columns.values():  # older Polars explode an empty list into one null
        return pl.DataFrame(schema=schema)
    return pl.DataFrame(
        pl.Series(name, [columns[name]]).str.json_decode(pl.List(kind)).explode()
        for name, kind in schema.items()
    )


def _copy_out(
    connection: Connection, text: str, schema: dict[str, pl.DataType], values: dict[str, Any]
) -> pl.DataFrame:
    sql, lines = f"COPY ({text}) TO STDOUT (FORMAT csv)", io.BytesIO()
    with driver(connection).cursor() as cursor, cursor.copy(sql, values) as copy:
        lines.writelines(
            copy
        )  # `b"".join(copy)` keeps a million small objects and takes three times as long
    lines.seek(0)
    read = {name: pl.String() if kind == pl.Boolean else kind for name, kind in schema.items()}
    frame = pl.read_csv(lines, has_header=False, schema=read)
    truths = [name for name, kind in schema.items() if kind == pl.Boolean]
    return frame.with_columns(pl.col(name) == "t" for name in truths)
