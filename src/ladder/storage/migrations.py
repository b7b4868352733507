"""Migrate a database to the tables that this code expects, or explain why it is not there.

The scripts are the top-level `migrations/` of the repository, which a wheel carries as
`ladder/migrations`. They keep their own version table, `ladder_alembic_version`: two programs that
share the default `alembic_version` overwrite each other's revision.

Every function takes an engine (own transaction, committed) or a connection (the host's transaction,
which the host commits). With `AsyncConnection`: `await connection.run_sync(upgrade)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, column, func, inspect, select, table
from sqlalchemy.schema import CreateSchema

from ladder.errors import SchemaMissingError, SchemaOutdatedError, SchemaTooNewError, StorageError
from ladder.storage.engines import BEGIN
from ladder.storage.models import Base

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "ladder_alembic_version"
LOCK = int.from_bytes(b"ladder", "big")
"""Key of the advisory lock that makes a second upgrade wait on PostgreSQL."""

_HERE = Path(__file__).resolve()


def migrations_path() -> Path:
    """Return the folder of migration scripts: in the package when installed, else the checkout.

    A host may list it in its own Alembic's `version_locations`.

    Raises:
        StorageError: The installation has no scripts.
    """
    for folder in (_HERE.parents[1] / "migrations", _HERE.parents[3] / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    message = f"no migrations beside {_HERE.parents[1]}: install ladder-crm anew"
    raise StorageError(message)


def head() -> str:
    """Return the revision that this code expects."""
    revisions = _revisions()
    if not revisions:
        message = f"no migration in {migrations_path()}: install ladder-crm anew"
        raise StorageError(message)
    return revisions[-1]


def current(where: Engine | Connection, *, schema: str | None = None) -> str | None:
    """Return the revision of a database; None where it was never migrated."""
    with _connected(where) as connection:
        return _current(connection, schema)


def check(where: Engine | Connection, *, schema: str | None = None) -> None:
    """Check that code and database agree.

    Raises:
        SchemaMissingError: The database was never migrated.
        SchemaOutdatedError: The database is older than this code.
        SchemaTooNewError: The database is newer than this code.
    """
    with _connected(where) as connection:
        revision, wanted = _current(connection, schema), head()
        if revision is None:
            raise SchemaMissingError(_never(connection, schema))
        _refuse_ahead(revision)
        if revision != wanted:
            message = (
                f"the database is at {revision} and this code needs {wanted}: "
                "run `ladder db upgrade` (or ladder.storage.migrations.upgrade) first"
            )
            raise SchemaOutdatedError(message)


def upgrade(where: Engine | Connection, *, schema: str | None = None, to: str = "head") -> str:
    """Upgrade a database to a revision, in one transaction; return the revision afterwards.

    Does nothing where it is there already. A second process that upgrades at the same time waits
    for the first. Given a connection, this neither commits nor rolls back: the tables appear when
    the host commits. `schema` (PostgreSQL) is created if missing, and holds the version table too.

    Raises:
        SchemaTooNewError: A newer version of this library has migrated the database.
        SchemaMissingError: The tables exist without a version.
    """
    from alembic import command  # noqa: PLC0415  (slow to import, and only an upgrade needs it)

    with _writing(where) as connection:
        _lock(connection)
        with _within(connection, schema):
            revision = _current(connection, schema)
            if revision is not None:
                _refuse_ahead(revision)
            elif _made_otherwise(connection, schema):
                raise SchemaMissingError(_never(connection, schema))
            config = _config()
            config.attributes.update(connection=connection, schema=schema)
            command.upgrade(config, to)
        return _current(connection, schema) or ""


def alembic_include_name(name: str | None, type_: str, parent_names: Mapping[str, Any]) -> bool:
    """Leave this library's tables out of a host's Alembic autogenerate.

    Use it in the host's `env.py`: `context.configure(..., include_name=alembic_include_name)`.
    Without it, `alembic revision --autogenerate` would propose to drop the tables.
    """
    del parent_names
    return type_ != "table" or (name != VERSION_TABLE and name not in Base.metadata.tables)


def _config() -> Config:
    """Build Alembic's settings without a file."""
    from alembic.config import Config  # noqa: PLC0415  (slow to import, see `upgrade`)

    config = Config()
    config.set_main_option("script_location", str(migrations_path()).replace("%", "%%"))
    return config


def _revisions() -> list[str]:
    """Return all revisions, oldest first, by the names of their scripts: `ladder_0001_words.py`.

    File names suffice, because a query has to know the head and should not import Alembic.
    """
    scripts = (migrations_path() / "versions").glob("ladder_*.py")
    return sorted("_".join(script.stem.split("_")[:2]) for script in scripts)


def _current(connection: Connection, schema: str | None) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE, schema=schema):
        return None
    versions = table(VERSION_TABLE, column("version_num"), schema=schema)
    return connection.scalars(select(versions.c.version_num)).one_or_none()


def _refuse_ahead(revision: str) -> None:
    """Refuse a revision without a script: a newer version of this library wrote it."""
    if revision in _revisions():
        return
    message = (
        f"the database is at {revision}, which this code does not know (it knows up to {head()}): "
        "a newer ladder-crm was here; install that version or a later one"
    )
    raise SchemaTooNewError(message)


def _made_otherwise(connection: Connection, schema: str | None) -> bool:
    """Return whether the tables exist without a version, as `create_all` leaves them."""
    return inspect(connection).has_table("ladder_supporter", schema=schema)


def _never(connection: Connection, schema: str | None) -> str:
    if _made_otherwise(connection, schema):
        return (
            f"the database has ladder's tables but no {VERSION_TABLE}, so nobody can tell which "
            "version made them (create_all?): move them away and run `ladder db upgrade`"
        )
    return "the database was never set up for ladder: run `ladder db upgrade` first"


@contextmanager
def _connected(where: Engine | Connection) -> Iterator[Connection]:
    if isinstance(where, Connection):
        yield where
    else:
        with where.connect() as connection:
            yield connection


@contextmanager
def _writing(where: Engine | Connection) -> Iterator[Connection]:
    """Open a transaction with an engine; use the host's with a connection."""
    if isinstance(where, Engine):
        with where.execution_options(**{BEGIN: "IMMEDIATE"}).begin() as connection:
            yield connection
        return
    if not where.in_transaction():
        where.begin()  # else Alembic would open one of its own, and commit it
    yield where


def _lock(connection: Connection) -> None:
    """Make a second upgrade wait, and make DDL transactional on SQLite."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        return
    driver = connection.connection.driver_connection
    if not getattr(driver, "in_transaction", True):  # a host's engine without `prepare`
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _within(connection: Connection, schema: str | None) -> Iterator[None]:
    """Direct statements without a schema to this one, then restore the host's connection."""
    if schema is None:
        yield
        return
    if connection.dialect.name != "postgresql":
        message = f"{connection.dialect.name} has no schemas: leave out schema={schema!r}"
        raise StorageError(message)
    before = connection.get_execution_options().get("schema_translate_map")
    connection.execute(CreateSchema(schema, if_not_exists=True))
    connection.execution_options(schema_translate_map={None: schema})
    try:
        yield
    finally:
        connection.execution_options(schema_translate_map=before)
