"""Several statements in one round trip, where the driver can: psycopg's pipeline.

They run one after the other all the same, each seeing what those before it did. On PostgreSQL a
recording is mostly waiting for answers; on SQLite, and with drivers that are awaited, there is no
such thing, and each runs by itself. So it does for whoever logs statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ladder.storage.prepared import Prepared, Values

Rows = list[tuple[Any, ...]]
Query = tuple[Prepared, Values]
Write = tuple[Prepared, Values | Sequence[Values]]


def pipelines(connection: Connection) -> bool:
    """Whether several statements take one round trip here."""
    dialect = connection.dialect
    if dialect.driver != "psycopg" or dialect.is_async or connection.engine.echo:
        return False
    translated = connection.get_execution_options().get("schema_translate_map")
    known: bool = dialect.loaded_dbapi.Pipeline.is_supported()
    return known and connection.in_transaction() and not translated


def ask(connection: Connection, queries: Sequence[Query]) -> list[Rows]:
    """The rows of each of these."""
    if not pipelines(connection):
        return [query.rows(connection, values) for query, values in queries]
    return _piped(connection, queries)


def do(connection: Connection, writes: Sequence[Write]) -> None:
    """All of these in order, for one set of values or for several each."""
    if not pipelines(connection):
        for statement, values in writes:
            statement.run(connection, values)
    elif writes:
        single = [
            (statement, each)
            for statement, values in writes
            for each in ([values] if isinstance(values, Mapping) else values)
        ]
        _piped(connection, single)


def _piped(connection: Connection, queries: Sequence[Query]) -> list[Rows]:
    driver: Any = connection.connection.dbapi_connection
    error = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline():
            cursors = [
                driver.execute(query.compiled(connection)[0], values) for query, values in queries
            ]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
    except error as trouble:  # told as SQLAlchemy tells it
        texts = "; ".join(query.compiled(connection)[0] for query, _ in queries)
        told = DBAPIError.instance(texts, None, trouble, error, dialect=connection.dialect)
        raise told from trouble
