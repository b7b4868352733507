"""A database comes to the code's tables in one step, or hears in words why it does not."""

from __future__ import annotations

import logging
import shutil
import threading
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.orm import Session

from ladder.errors import SchemaMissingError, SchemaOutdatedError, SchemaTooNewError, StorageError
from ladder.storage import migrations
from ladder.storage.migrations import VERSION_TABLE, check, current, head, upgrade
from ladder.storage.models import Base, Organisation

OURS = {*Base.metadata.tables, VERSION_TABLE}


def tables(engine: Engine, schema: str | None = None) -> set[str]:
    return set(inspect(engine).get_table_names(schema=schema))


def stamp(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'")


def test_empty_database_comes_to_the_head(empty_engine: Engine) -> None:
    assert current(empty_engine) is None
    assert upgrade(empty_engine) == head()
    assert current(empty_engine) == head()
    assert tables(empty_engine) == OURS
    check(empty_engine)


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    with Session(engine) as session:
        session.add(
            Organisation(
                key="r", name="R", zone="UTC", currency="EUR", fiscal_month=1, fiscal_day=1
            )
        )
        session.commit()
    assert upgrade(engine) == head()
    with Session(engine) as session:
        assert session.scalars(select(Organisation.key)).all() == ["r"]


def test_database_never_migrated_says_what_to_run(empty_engine: Engine) -> None:
    with pytest.raises(
        SchemaMissingError, match="never set up for ladder: run `ladder db upgrade`"
    ):
        check(empty_engine)


def test_database_behind_names_both_revisions(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "head", lambda: "ladder_9999")
    with pytest.raises(SchemaOutdatedError, match=f"is at {current(engine)} .* needs ladder_9999"):
        check(engine)


def test_database_ahead_of_the_code_is_left_alone(engine: Engine) -> None:
    stamp(engine, "ladder_9999")
    for look in (check, upgrade):
        with pytest.raises(SchemaTooNewError, match=f"ladder_9999.*knows up to {head()}.*install"):
            look(engine)
    assert current(engine) == "ladder_9999"


def test_tables_without_a_version_are_not_guessed_at(empty_engine: Engine) -> None:
    Base.metadata.create_all(empty_engine)
    for look in (check, upgrade):
        with pytest.raises(SchemaMissingError, match=f"tables but no {VERSION_TABLE}"):
            look(empty_engine)


def test_upgrade_rolled_back_by_the_host_leaves_nothing(empty_engine: Engine) -> None:
    with empty_engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE host_thing (id INTEGER)")
        upgrade(connection)
        assert current(connection) == head()
        connection.rollback()
    assert tables(empty_engine) == set()


def test_upgrade_on_a_fresh_connection_still_waits_for_the_hosts_commit(
    empty_engine: Engine,
) -> None:
    with empty_engine.connect() as connection:
        upgrade(connection)
    assert tables(empty_engine) == set()
    with empty_engine.connect() as connection:
        upgrade(connection)
        connection.commit()
    assert tables(empty_engine) == OURS


def test_hosts_unprepared_sqlite_engine_can_take_back_an_upgrade_too(tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    with engine.connect() as connection:
        upgrade(connection)
        connection.rollback()
    assert tables(engine) == set()
    assert upgrade(engine) == head()
    assert tables(engine) == OURS
    engine.dispose()


def test_failing_migration_leaves_nothing_half_done(empty_engine: Engine) -> None:
    class Refused(Exception):
        pass

    def refuse(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        del connection, cursor
        if "CREATE TABLE ladder_movement" in statement:
            raise Refused

    sqlalchemy.event.listen(empty_engine, "before_cursor_execute", refuse)
    with pytest.raises(Refused):
        upgrade(empty_engine)
    assert tables(empty_engine) == set()


def test_concurrent_upgrades_take_turns(empty_engine: Engine) -> None:
    results: list[object] = []

    def work() -> None:
        try:
            results.append(upgrade(empty_engine))
        except Exception as error:  # noqa: BLE001 - the assertion shows it
            results.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [head()] * 3
    assert tables(empty_engine) == OURS


@pytest.mark.postgres
def test_schema_of_its_own_holds_tables_and_version(empty_pg_engine: Engine) -> None:
    with empty_pg_engine.begin() as connection:
        assert upgrade(connection, schema="crm") == head()
        assert connection.get_execution_options().get("schema_translate_map") is None
    assert tables(empty_pg_engine) == set()
    assert tables(empty_pg_engine, "crm") == OURS
    check(empty_pg_engine, schema="crm")
    with pytest.raises(SchemaMissingError):
        check(empty_pg_engine)
    translated = empty_pg_engine.execution_options(schema_translate_map={None: "crm"})
    with Session(translated) as session:
        assert session.scalars(select(Organisation)).all() == []
    assert upgrade(empty_pg_engine, schema="crm") == head()


def test_sqlite_has_no_schemas_and_says_so(empty_sqlite_engine: Engine) -> None:
    with pytest.raises(StorageError, match="sqlite has no schemas"):
        upgrade(empty_sqlite_engine, schema="crm")
    assert tables(empty_sqlite_engine) == set()


def test_hosts_loggers_go_on_speaking(empty_sqlite_engine: Engine) -> None:
    host = logging.getLogger("host.app")
    root = logging.getLogger().handlers[:]
    upgrade(empty_sqlite_engine)
    assert not host.disabled
    assert logging.getLogger().handlers == root


def test_migrations_can_all_be_downgraded(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    with empty_engine.begin() as connection:
        config = migrations._config()
        config.attributes.update(connection=connection, schema=None)
        command.downgrade(config, "base")
    assert tables(empty_engine) == {VERSION_TABLE}
    assert upgrade(empty_engine) == head()


def test_downgrade_keeps_the_last_definition_under_the_id_of_the_first(
    engine: Engine,
) -> None:
    row = {"organisation_id": 1, "key": "k", "title": "", "fingerprint": "f", "adopted_at": 1}
    more = [{"document": "one"}, {"document": "two", "first_id": 1, "effective_from": 5}]
    retired = {"document": "three", "first_id": 1, "effective_from": 4, "retired_at": 3}
    with engine.begin() as connection:
        with Session(connection) as session:
            session.add(Organisation(key="r", name="", zone="UTC", currency="EUR",
                                     fiscal_month=1, fiscal_day=1))  # fmt: skip
            session.flush()
            columns = ("document", "first_id", "effective_from", "retired_at")
            for each in (*more, retired):
                whole = row | dict.fromkeys(columns) | each
                session.execute(Base.metadata.tables["ladder_definition"].insert(), whole)
            session.flush()
            config = migrations._config()
            config.attributes.update(connection=connection, schema=None)
            command.downgrade(config, "ladder_0001")
        said = "SELECT document, effective_from, retired_at FROM ladder_definition ORDER BY id"
        assert connection.exec_driver_sql(said).all() == [
            ("two", None, None), ("two", 5, 1), ("three", 4, 3),
        ]  # fmt: skip


def test_revisions_by_file_names_are_those_that_alembic_reads() -> None:
    scripts = ScriptDirectory.from_config(migrations._config())
    read = [script.revision for script in scripts.walk_revisions()]
    assert migrations._revisions() == read[::-1]
    assert head() == scripts.get_current_head()


def test_path_with_blanks_and_percent_signs_holds_migrations_too(
    empty_sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "50% of it; really: yes"
    shutil.copytree(migrations.migrations_path(), folder)
    monkeypatch.setattr(migrations, "migrations_path", lambda: folder)
    assert upgrade(empty_sqlite_engine) == head()


def test_installation_without_its_migrations_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(migrations, "_HERE", tmp_path / "a" / "b" / "c" / "d.py")
    with pytest.raises(StorageError, match="install ladder-crm anew"):
        migrations.migrations_path()
