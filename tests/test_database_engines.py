"""SQLite minds foreign keys, waits for its turn and takes back DDL; URLs are read with care."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Engine, inspect, select, type_coerce
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ladder.errors import CalendarError, StorageError
from ladder.model.calendars import FOREVER, to_instant
from ladder.storage.columns import LATEST, Instant
from ladder.storage.engines import BEGIN, create_engine, prepare
from ladder.storage.models import Definition, Organisation, Supporter

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


def organisation(key: str = "river") -> Organisation:
    return Organisation(
        key=key, name="River", zone="UTC", currency="EUR", fiscal_month=1, fiscal_day=1
    )


def test_row_without_its_organisation_is_rejected(engine: Engine) -> None:
    with Session(engine) as session:
        session.add(Supporter(organisation_id=404, key="anna"))
        with pytest.raises(IntegrityError):
            session.flush()


def test_supporters_of_an_organisation_never_share_a_key(engine: Engine) -> None:
    with Session(engine) as session:
        one, other = organisation("one"), organisation("other")
        session.add_all(
            [Supporter(organisation=one, key="a"), Supporter(organisation=other, key="a")]
        )
        session.flush()
        session.add(Supporter(organisation=one, key="a"))
        with pytest.raises(IntegrityError):
            session.flush()


def test_table_made_in_a_transaction_goes_with_it(empty_engine: Engine) -> None:
    with empty_engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE kept_by_mistake (id INTEGER)")
        connection.rollback()
    assert inspect(empty_engine).get_table_names() == []


def test_second_writer_waits_for_the_first(sqlite_engine: Engine) -> None:
    immediate = sqlite_engine.execution_options(**{BEGIN: "IMMEDIATE"})
    begun, order = threading.Event(), []

    def second() -> None:
        begun.wait()
        with Session(immediate) as session:
            session.add(organisation("second"))
            session.commit()
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with Session(immediate) as session:
        session.add(organisation("first"))
        session.flush()
        begun.set()
        thread.join(0.2)
        order.append("first")
        session.commit()
    thread.join(5)
    assert order == ["first", "second"]


def test_readers_go_on_while_one_writes(sqlite_engine: Engine) -> None:
    with Session(sqlite_engine) as writer, Session(sqlite_engine) as reader:
        writer.add(organisation())
        writer.flush()
        assert reader.scalars(select(Organisation)).all() == []


def test_preparing_twice_begins_once(tmp_path: Path) -> None:
    engine = prepare(prepare(sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'host.db'}")))
    with engine.connect() as connection:  # a second BEGIN would be an error
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()


def test_memory_is_one_database_for_all_connections() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE here (id INTEGER)")
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.extend(inspect(engine).get_table_names()))
    thread.start()
    thread.join()
    assert found == ["here"]
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_bare_postgresql_url_means_psycopg_3(scheme: str) -> None:
    engine = create_engine(f"{scheme}://user@localhost/db")
    assert engine.url.drivername == "postgresql+psycopg"


def test_url_that_cannot_be_read_is_rejected_without_repeating_its_password() -> None:
    with pytest.raises(StorageError, match=r"sqlite:///file\.db") as refused:
        create_engine("anna:secret@server")
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_missing_driver_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ladder.storage.engines.find_spec", lambda _: None)
    with pytest.raises(StorageError, match=r"pip install 'ladder-crm\[postgres\]'"):
        create_engine("postgresql://localhost/db")


def test_unsupported_database_is_rejected_by_name() -> None:
    with pytest.raises(StorageError, match="mysql is not supported"):
        create_engine("mysql://localhost/db")


@given(st.integers(to_instant(datetime.min.replace(tzinfo=UTC)), LATEST))
def test_instant_reads_back_as_it_was_written(instant: int) -> None:
    dialect = sqlalchemy.create_mock_engine("sqlite://", lambda *_: None).dialect
    moment = Instant().process_result_value(instant, dialect)
    assert Instant().process_bind_param(moment, dialect) == instant


def test_instant_is_exact_and_aware_in_the_database(engine: Engine) -> None:
    paris = NOON.astimezone(timezone(timedelta(hours=1)))
    moments = [paris + timedelta(microseconds=1), None, FOREVER]
    with Session(engine) as session:
        owner = organisation()
        for n, at in enumerate(moments):
            session.add(Supporter(organisation=owner, key=str(n), first_at=at))
        session.flush()
        session.expire_all()
        rows = session.scalars(select(Supporter.first_at).order_by(Supporter.key)).all()
        whole = type_coerce(Supporter.first_at, BigInteger)
        early = select(Supporter.key).where(Supporter.first_at <= to_instant(paris) + 1)
        assert rows == [
            NOON + timedelta(microseconds=1),
            None,
            datetime.max.replace(tzinfo=UTC),
        ]
        assert session.scalars(select(whole).order_by(Supporter.key)).all()[2] == FOREVER
        assert session.scalars(early).all() == ["0"]
        assert rows[0] is not None
        assert rows[0].utcoffset() == timedelta(0)


def test_naive_datetime_is_rejected(engine: Engine) -> None:
    naive = NOON.replace(tzinfo=None)
    with Session(engine) as session, pytest.raises(sqlalchemy.exc.StatementError) as refused:
        session.scalars(select(Definition).where(Definition.adopted_at == naive)).all()
    assert isinstance(refused.value.orig, CalendarError)
