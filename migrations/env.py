"""Alembic's entry: `ladder.storage.migrations` hands a connection over, a developer a URL.

    alembic -x url=sqlite:///scratch.db revision --autogenerate -m "what changes"

No `fileConfig`: it would silence every logger of the host that was there before.
"""

from alembic import context
from sqlalchemy import Connection

from ladder.storage.engines import create_engine
from ladder.storage.migrations import VERSION_TABLE
from ladder.storage.models import Base


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    """See our tables and nobody else's."""
    del parent_names
    return type_ != "table" or (name or "").startswith("ladder_")


def run(connection: Connection, schema: str | None = None) -> None:
    """Run what Alembic was asked for over a connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table=VERSION_TABLE,
        version_table_schema=schema,
        include_name=include_name,
        transactional_ddl=True,  # true of SQLite as well, see ladder.storage.engines.prepare
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given, context.config.attributes.get("schema"))
else:
    url = context.get_x_argument(as_dictionary=True).get("url", "sqlite:///scratch.db")
    with create_engine(url).connect() as connection:
        run(connection)
