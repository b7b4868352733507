"""Polars frames out of the database: columns of a touchpoint frame, and a fast way to fill them.

Needs the extra `bulk`; the live path does without this module.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Table

from ladder.errors import StorageError
from ladder.storage import models
from ladder.storage.sets import name_of

TOUCHPOINTS: Final[dict[str, pl.DataType]] = {
    "supporter": pl.String(),
    "kind": pl.String(),
    "at": pl.Int64(),
    "date_only": pl.Boolean(),
    "direction": pl.String(),
    "purposes": pl.String(),
    "asks_for": pl.String(),
    "channel": pl.String(),
    "audience": pl.String(),
    "automated": pl.Boolean(),
    "campaign": pl.String(),
    "amount": pl.Int64(),
    "currency": pl.String(),
    "quantity": pl.Int64(),
    "answers_source": pl.String(),
    "answers_id": pl.String(),
    "referrer": pl.String(),
    "source": pl.String(),
    "external_id": pl.String(),
    "details": pl.String(),
}
"""What an importer hands over: supporters and referrers by their keys."""

STORED: Final[dict[str, pl.DataType]] = {
    "supporter": pl.Int64(),
    "id": pl.Int64(),
    **{name: kind for name, kind in TOUCHPOINTS.items() if name not in ("supporter", "referrer")},
    "referrer": pl.Int64(),
}
"""What an evaluator gets: supporters and referrers by their ids, and the touchpoint's own."""

TABLES: Final[dict[str, Table]] = {
    table.name.removeprefix("ladder_"): table for table in models.Base.metadata.sorted_tables
}
_NAMED: Final = re.compile(r":([a-z_]+)")


def ids(schema: Sequence[str]) -> dict[str, pl.DataType]:
    """A schema of integers."""
    return dict.fromkeys(schema, pl.Int64())


def fetch(
    connection: Connection,
    sql: str,
    schema: dict[str, pl.DataType],
    **given: Any,  # noqa: ANN401  (whatever a driver binds)
) -> pl.DataFrame:
    """The rows of a SELECT as a frame, some five times as fast as through SQLAlchemy's rows.

    `{touchpoint}` in the text stands for that table's name, `:name` for a value and `IN :name` for
    a list of values of any length. The order of columns is the schema's.
    """
    text = sql.format(**{short: name_of(connection, table) for short, table in TABLES.items()})
    if connection.dialect.name == "sqlite":
        return _fetch_sqlite(connection, text, schema, given)
    return _copy_out(connection, text, schema, given)


def copy_in(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    """COPY a frame into a PostgreSQL table, on the connection's own transaction."""
    if rows.is_empty():
        return
    columns = ", ".join(rows.columns)
    sql = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)"
    with driver(connection).cursor() as cursor, cursor.copy(sql) as copy:
        copy.write(rows.write_csv(include_header=False, quote_style="non_numeric"))


def driver(connection: Connection) -> Any:  # noqa: ANN401  (the driver's own connection)
    """Psycopg's connection behind SQLAlchemy's; `StorageError` with any other driver."""
    if connection.dialect.driver != "psycopg":
        message = (
            f"loads in bulk need psycopg 3 and not {connection.dialect.driver}: use an engine for "
            "postgresql+psycopg:// (ladder.storage.engines.create_engine makes one)"
        )
        raise StorageError(message)
    return connection.connection.driver_connection


def _fetch_sqlite(
    connection: Connection, text: str, schema: dict[str, pl.DataType], given: dict[str, Any]
) -> pl.DataFrame:
    lists = {name: json.dumps(list(v)) for name, v in given.items() if _is_list(v)}
    for name in lists:
        inner = f"(SELECT value FROM json_each(:{name}))"  # noqa: S608  (own names)
        text = text.replace(f"IN :{name}", f"IN {inner}")
    names = _NAMED.findall(text)
    values = tuple((given | lists)[name] for name in names)
    result = connection.exec_driver_sql(_NAMED.sub("?", text), values)
    rows = result.cursor.fetchall()  # SQLAlchemy's own rows cost three times as much
    result.close()
    read = {name: pl.Int64() if kind == pl.Boolean else kind for name, kind in schema.items()}
    frame = pl.DataFrame(rows, schema=read, orient="row")
    return frame.cast({name: kind for name, kind in schema.items() if kind == pl.Boolean})


def _copy_out(
    connection: Connection, text: str, schema: dict[str, pl.DataType], given: dict[str, Any]
) -> pl.DataFrame:
    for name, value in given.items():
        if _is_list(value):
            kind = "text" if value and isinstance(value[0], str) else "bigint"
            text = text.replace(f"IN :{name}", f"= ANY(%({name})s::{kind}[])")
    text = re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", text)
    sql = f"COPY ({text}) TO STDOUT (FORMAT csv)"
    with driver(connection).cursor() as cursor, cursor.copy(sql, given) as copy:
        lines = b"".join(copy)
    read = {name: pl.String() if kind == pl.Boolean else kind for name, kind in schema.items()}
    frame = pl.read_csv(io.BytesIO(lines), has_header=False, schema=read)
    truths = [name for name, kind in schema.items() if kind == pl.Boolean]
    return frame.with_columns(pl.col(name) == "t" for name in truths)


def _is_list(value: object) -> bool:
    return isinstance(value, list)
