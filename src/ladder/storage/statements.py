"""Run several statements in one round trip where the driver can.

A recording on PostgreSQL mostly waits for answers. psycopg has a pipeline: the server runs the
statements in order, each sees what those before it did, and the client waits once. SQLAlchemy reads
an answer before it sends the next statement, so a pipeline has to go to the driver (decision 0030
has the measurement). Everything else, and a host that logs or listens, goes through SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Connection, CursorResult
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any]


class Statement:
    """A statement with named parameters, and its text for the driver.

    `columns` are the parameters of an INSERT. Every value is a parameter or a `literal_column`,
    because the driver gets nothing but the text and the given values.
    """

    def __init__(self, clause: Any, columns: Sequence[str] | None = None) -> None:  # noqa: ANN401
        self.clause = clause
        self.columns = columns
        self._texts: dict[str, str] = {}

    def text(self, connection: Connection) -> str:
        """Compile for the connection's driver, once."""
        dialect = connection.dialect
        if dialect.driver not in self._texts:
            compiled = self.clause.compile(dialect=dialect, column_keys=self.columns)
            self._texts[dialect.driver] = str(compiled)
        return self._texts[dialect.driver]


Rows = list[tuple[Any, ...]]
Query = tuple[Statement, Values]
Write = tuple[Statement, Values | Sequence[Values]]

_LISTENED_EVENTS: Final = (
    "before_execute", "after_execute", "before_cursor_execute", "after_cursor_execute",
)  # fmt: skip


def raw_rows(result: CursorResult[Any]) -> list[tuple[Any, ...]]:
    """Fetch all rows as the driver has them, in half of SQLAlchemy's time, and close the result.

    For integers and text; SQLite has booleans as 0 and 1.
    """
    rows = cast("list[tuple[Any, ...]]", result.cursor.fetchall())
    result.close()
    return rows


def query_batch(connection: Connection, queries: Sequence[Query]) -> list[Rows]:
    """Fetch the rows of each query: integers, text, and booleans as the driver has them."""
    return execute_batch(connection, (), queries)


def execute_batch(
    connection: Connection, writes: Sequence[Write], queries: Sequence[Query] = ()
) -> list[Rows]:
    """Execute the writes in order, then fetch the rows of each query."""
    if not writes and not queries:
        return []
    if len(writes) + len(queries) > 1 and is_pipelined(connection):
        return _execute_pipelined(connection, writes, queries)
    for statement, values in writes:
        connection.execute(statement.clause, values)
    return [raw_rows(connection.execute(statement.clause, values)) for statement, values in queries]


def is_pipelined(connection: Connection) -> bool:
    """Return whether statements may use psycopg's pipeline without a listener missing them."""
    dialect = connection.dialect
    return (
        dialect.driver == "psycopg"
        and not dialect.is_async
        and dialect.loaded_dbapi.Pipeline.is_supported()
        and not connection.get_execution_options().get("schema_translate_map")
        and not connection.engine.echo
        and connection.in_transaction()
        and not any(getattr(connection.dispatch, name) for name in _LISTENED_EVENTS)
    )


def _execute_pipelined(
    connection: Connection, writes: Sequence[Write], queries: Sequence[Query]
) -> list[Rows]:
    single_writes: list[Query] = [
        (statement, one)
        for statement, values in writes
        for one in ([values] if isinstance(values, Mapping) else values)
    ]
    driver: Any = connection.connection.dbapi_connection
    error = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline():
            for statement, values in single_writes:
                driver.execute(statement.text(connection), values)
            cursors = [
                driver.execute(statement.text(connection), values) for statement, values in queries
            ]
        return [cursor.fetchall() for cursor in cursors]
    except error as cause:
        # A host catches SQLAlchemy's errors, not the driver's.
        texts = "; ".join(statement.text(connection) for statement, _ in (*single_writes, *queries))
        wrapped = DBAPIError.instance(texts, None, cause, error, dialect=connection.dialect)
        raise wrapped from cause
