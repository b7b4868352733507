"""Several statements given to the driver as they are, in one round trip where it can.

SQLAlchemy fits out a result anew for every column of every execution, and waits for each answer.
SQLite needs neither; psycopg has a pipeline, in which statements run one after the other all the
same, each seeing what those before it did: on PostgreSQL a recording is mostly waiting for answers.
Whoever logs statements or listens to them is not passed by, and drivers that are awaited go their
usual way: there each statement runs by itself, through SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final

from sqlalchemy import Connection, CursorResult
from sqlalchemy.exc import DBAPIError

from ladder.storage.sql import plain

Values = Mapping[str, Any]


class Prepared:
    """A statement with named parameters, and its text for the driver.

    `columns` are those of an INSERT, which are its parameters. It takes every value when it is run:
    write constants as `literal_column`. One that is `planned_once` has a plan that is right for all
    values, and takes longer to plan than to run (see `together`).
    """

    def __init__(
        self,
        statement: Any,  # noqa: ANN401
        columns: Sequence[str] | None = None,
        *,
        planned_once: bool = False,
    ) -> None:
        self.statement = statement
        self.columns = columns
        self.planned_once = planned_once
        self._compiled: dict[str, tuple[str, tuple[str, ...]]] = {}

    def run(self, connection: Connection, values: Values | Sequence[Values]) -> CursorResult[Any]:
        """Execute it in SQLAlchemy's own way, for one set of values or for several."""
        translated = connection.get_execution_options().get("schema_translate_map")
        if connection.dialect.name != "sqlite" or translated:
            result: CursorResult[Any] = connection.execute(self.statement, values)
            return result
        text, names = self.compiled(connection)
        if isinstance(values, Mapping):
            return connection.exec_driver_sql(text, tuple([values[name] for name in names]))
        rows = [tuple([each[name] for name in names]) for each in values]
        return connection.exec_driver_sql(text, rows)

    def compiled(self, connection: Connection) -> tuple[str, tuple[str, ...]]:
        """The statement as the driver takes it, and its parameters where they go by place."""
        dialect = connection.dialect
        found = self._compiled.get(dialect.driver)
        if found is None:
            made = self.statement.compile(dialect=dialect, column_keys=self.columns)
            found = self._compiled[dialect.driver] = str(made), tuple(made.positiontup or ())
        return found


Rows = list[tuple[Any, ...]]
Query = tuple[Prepared, Values]
Write = tuple[Prepared, Values | Sequence[Values]]

_CURSORS: Final = "ladder_cursors"
"""A cursor for each statement, kept with the connection: psycopg's know how to write the parameters
and read the columns of what they ran last, which takes half of their time."""

_ONCE: Final = """
SELECT set_config('ladder.plan_cache_mode', current_setting('plan_cache_mode'), true),
    set_config('ladder.enable_seqscan', current_setting('enable_seqscan'), true),
    set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true)
"""
_AGAIN: Final = """
SELECT set_config('plan_cache_mode', current_setting('ladder.plan_cache_mode'), true),
    set_config('enable_seqscan', current_setting('ladder.enable_seqscan'), true)
"""
"""PostgreSQL plans a prepared statement anew for every set of values, for as long as it takes this
to be cheaper, without counting what planning costs: for what is planned once it is a millisecond of
a recording. And by index, for the plan has to do when the table has grown. In force from the one to
the other, and for nobody else's statements: then what the host has set is so again."""

_MANY: Final = 1_000

_HEARD: Final = (
    "before_execute", "after_execute", "before_cursor_execute", "after_cursor_execute",
)  # fmt: skip


def pipelines(connection: Connection) -> bool:
    """Whether several statements take one round trip here."""
    return connection.dialect.driver == "psycopg" and _driver(connection) is not None


def ask(connection: Connection, queries: Sequence[Query]) -> list[Rows]:
    """The rows of each of these: integers and text, and truths as the driver has them."""
    return do(connection, (), queries)


def do(
    connection: Connection, writes: Sequence[Write], queries: Sequence[Query] = ()
) -> list[Rows]:
    """All of these in order, each for one set of values or several; then the queries' rows."""
    if not writes and not queries:
        return []
    driver = _driver(connection)
    if driver is None:
        for statement, values in writes:
            statement.run(connection, values)
        return [plain(query.run(connection, values)) for query, values in queries]
    error = connection.dialect.loaded_dbapi.Error
    try:
        if connection.dialect.name == "sqlite":
            return _in_turn(connection, driver, writes, queries)
        return _piped(connection, driver, writes, queries)
    except error as trouble:  # told as SQLAlchemy tells it
        texts = "; ".join(each.compiled(connection)[0] for each, _ in (*writes, *queries))
        told = DBAPIError.instance(texts, None, trouble, error, dialect=connection.dialect)
        raise told from trouble


def _driver(connection: Connection) -> Any:  # noqa: ANN401
    """The driver's own connection, where statements may go to it; else None."""
    dialect = connection.dialect
    if dialect.name != "sqlite" and (
        dialect.driver != "psycopg"
        or dialect.is_async
        or not dialect.loaded_dbapi.Pipeline.is_supported()
    ):
        return None
    translated = connection.get_execution_options().get("schema_translate_map")
    if translated or connection.engine.echo or not connection.in_transaction():
        return None
    if any(getattr(connection.dispatch, name) for name in _HEARD):
        return None
    return connection.connection.dbapi_connection


def _in_turn(
    connection: Connection,
    driver: Any,  # noqa: ANN401
    writes: Sequence[Write],
    queries: Sequence[Query],
) -> list[Rows]:
    cursor = driver.cursor()
    try:
        for statement, values in writes:
            text, names = statement.compiled(connection)
            if isinstance(values, Mapping):
                cursor.execute(text, [values[name] for name in names])
            else:
                cursor.executemany(text, [[each[name] for name in names] for each in values])
        found = []
        for query, values in queries:
            text, names = query.compiled(connection)
            cursor.execute(text, [values[name] for name in names])
            found.append(cursor.fetchall())
        return found
    finally:
        cursor.close()


def _piped(
    connection: Connection,
    driver: Any,  # noqa: ANN401
    writes: Sequence[Write],
    queries: Sequence[Query],
) -> list[Rows]:
    single: list[Query] = [
        (statement, each)
        for statement, values in writes
        for each in ([values] if isinstance(values, Mapping) else values)
    ]
    asked = [*single, *queries]
    known = connection.info.setdefault(_CURSORS, {})
    cursors = []
    once = len(asked) > 1 and any(statement.planned_once for statement, _ in asked)
    with driver.pipeline() if len(asked) > 1 else nullcontext():
        if once:
            known[_ONCE] = (known.pop(_ONCE, None) or driver.cursor()).execute(_ONCE)
        for statement, values in asked:
            cursor = known.pop(statement, None) or driver.cursor()
            cursors.append(cursor.execute(statement.compiled(connection)[0], values))
        if once:
            known[_AGAIN] = (known.pop(_AGAIN, None) or driver.cursor()).execute(_AGAIN)
    rows = [cursor.fetchall() for cursor in cursors[len(single) :]]
    if sum(map(len, rows)) < _MANY:  # what a cursor has read it keeps
        known.update(zip((statement for statement, _ in asked), cursors, strict=True))
    return rows
