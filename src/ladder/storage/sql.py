"""SQL helpers: sets of values in a statement, integers for instants, table names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy import type_coerce as coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

if TYPE_CHECKING:
    Query = Select[*tuple[Any, ...]]
else:  # SQLAlchemy 2.0 takes one type here, a tuple's; 2.1 takes many
    Query = Select


def connection_of(where: Connection | Session) -> Connection:
    """Return the connection of a host's session, in its transaction, or the given connection."""
    return where.connection() if isinstance(where, Session) else where


def members(connection: Connection, values: Sequence[int] | Sequence[str]) -> Select[Any]:
    """Build a select of one column, `value`, that yields these values: `Column.in_(members(…))`.

    It uses one parameter for any number of values. A list of placeholders ends at 32,766 on SQLite
    and at 65,535 on PostgreSQL, and is compiled again for every length.
    """
    numbers = len(values) > 0 and isinstance(values[0], int)
    kind = BigInteger() if numbers else String()
    if connection.dialect.name == "sqlite":
        text = bindparam(None, json.dumps(list(values)), type_=String(), unique=True)
        table = func.json_each(text).table_valued("value", name="given")
        return select(coerce(table.c.value, kind).label("value"))
    array = bindparam(None, list(values), type_=ARRAY(kind), unique=True)
    return select(coerce(func.unnest(array), kind).label("value"))


def as_integer(column: Any) -> ColumnElement[int]:  # noqa: ANN401  (mapped attributes have many types)
    """Read an instant's column as the stored integer, without a datetime."""
    return coerce(column, BigInteger)


def besides(column: Any) -> ColumnElement[int]:  # noqa: ANN401
    """Filter by a column without its index, because another condition is narrower.

    SQLite would scan all rows of an organisation to find one id. PostgreSQL's choice is unchanged.
    """
    return as_integer(column) + literal_column("0", BigInteger())


def inserting(connection: Connection, table: Table) -> Any:  # noqa: ANN401  (two types, one door)
    """Build an INSERT with `on_conflict_do_nothing()`, which only the dialects' INSERTs have."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def name_of(connection: Connection, table: Table) -> str:
    """Return a table's name for SQL sent directly to the driver, which translates no schema."""
    options = connection.get_execution_options()
    schema = (options.get("schema_translate_map") or {}).get(table.schema, table.schema)
    quoted = connection.dialect.identifier_preparer.quote
    return table.name if schema is None else f"{quoted(schema)}.{table.name}"
