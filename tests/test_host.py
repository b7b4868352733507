"""The library lives in a host's application: its tables, its Alembic, its foreign keys."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, ForeignKey, inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from ladder.storage.migrations import VERSION_TABLE, check, head, migrations_path, upgrade
from ladder.storage.models import Base, Organisation, Supporter


class HostBase(DeclarativeBase):
    """A host's own models."""


class Member(HostBase):
    """A host's row that points at ours."""

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    supporter_id: Mapped[int | None] = mapped_column(ForeignKey(Supporter.__table__.c.id))
    supporter: Mapped[Supporter | None] = relationship(Supporter)


ENV = """
from alembic import context
from ladder.storage.migrations import alembic_include_name
from tests.test_host import HostBase

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=HostBase.metadata, include_name=alembic_include_name
)
with context.begin_transaction():
    context.run_migrations()
"""

SCRIPT = """
revision = "host1"
down_revision = None

from alembic import op
import sqlalchemy as sa


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("supporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                  sa.ForeignKey("ladder_supporter.id")),
    )
"""


@pytest.fixture
def host(tmp_path: Path) -> Config:
    """A host's own Alembic: the default version table, one migration."""
    versions = tmp_path / "alembic" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "env.py").write_text(textwrap.dedent(ENV))
    (versions / "host1.py").write_text(SCRIPT)
    config = Config()
    config.set_main_option("script_location", str(versions.parent))
    return config


def migrate(host: Config, engine: Engine, action: str) -> None:
    with engine.begin() as connection:
        host.attributes["connection"] = connection
        if action == "check":
            command.check(host)
        else:
            command.upgrade(host, action)


def version(engine: Engine, table: str) -> list[str]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT version_num FROM {table}")
        return [str(row[0]) for row in rows]


def test_hosts_own_alembic_and_ours_leave_each_other_alone(
    empty_engine: Engine, host: Config
) -> None:
    upgrade(empty_engine)
    migrate(host, empty_engine, "head")
    assert version(empty_engine, "alembic_version") == ["host1"]
    assert version(empty_engine, VERSION_TABLE) == [head()]
    migrate(host, empty_engine, "check")  # would propose to drop every ladder_* table
    upgrade(empty_engine)
    check(empty_engine)
    assert version(empty_engine, "alembic_version") == ["host1"]


def test_host_without_include_name_would_drop_our_tables(
    empty_engine: Engine, host: Config
) -> None:
    """The reason for `alembic_include_name`: if Alembic ever needs it no longer, this says so."""
    upgrade(empty_engine)
    migrate(host, empty_engine, "head")
    env = Path(str(host.get_main_option("script_location"))) / "env.py"
    env.write_text(env.read_text().replace(", include_name=alembic_include_name", ""))
    with pytest.raises(Exception, match="ladder_supporter"):
        migrate(host, empty_engine, "check")


def test_hosts_metadata_knows_nothing_of_our_tables_nor_ours_of_the_hosts(
    empty_sqlite_engine: Engine,
) -> None:
    assert set(HostBase.metadata.tables) == {"member"}
    Base.metadata.create_all(empty_sqlite_engine)
    assert "member" not in inspect(empty_sqlite_engine).get_table_names()


def test_host_row_references_a_supporter_and_joins_it(engine: Engine) -> None:
    HostBase.metadata.create_all(engine)
    with Session(engine) as session:
        river = Organisation(
            key="river", name="River", zone="UTC", currency="EUR", fiscal_month=1, fiscal_day=1
        )
        anna = Supporter(organisation=river, key="anna")
        session.add(Member(id=1, email="anna@example.org", supporter=anna))
        session.commit()
        found = session.execute(
            select(Member.email, Supporter.key).join(Member.supporter).join(Supporter.organisation)
        ).one()
    assert tuple(found) == ("anna@example.org", "anna")


def test_host_may_run_our_scripts_among_its_own(empty_engine: Engine, host: Config) -> None:
    """One version table, two branches: for hosts that want a single history."""
    versions = Path(str(host.get_main_option("script_location"))) / "versions"
    for option in ("path_separator", "version_path_separator"):  # its name before Alembic 1.16
        host.set_main_option(option, "os")
    both = os.pathsep.join([str(versions), str(migrations_path() / "versions")])
    host.set_main_option("version_locations", both)
    migrate(host, empty_engine, "ladder@head")
    migrate(host, empty_engine, "heads")
    assert sorted(version(empty_engine, "alembic_version")) == ["host1", head()]
