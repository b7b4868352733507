"""Statements of the live path, compiled once: on SQLite half of what they take is compiling.

SQLAlchemy keeps compiled statements too, but looks each one up by its structure and prepares its
parameters type by type, which here are integers and text as they are. `together` hands them to the
driver, where it may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult

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
