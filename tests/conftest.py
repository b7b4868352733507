"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ladder.storage.engines import create_engine
from tests.databases import Server, fresh_sqlite, postgres_server

# "dev" and "ci" at each change, "ci" with the same examples every time; "thorough" before a
# release, "night" when there is time; "quick" while a test is being written. What each proves
# stands in docs/decisions/0031-two-depths-of-tests.md. No deadline: cores are shared, and a slow
# example is not a wrong one.
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
SAME = {"derandomize": True, "print_blob": True}
settings.register_profile("quick", max_examples=8, **COMMON)
settings.register_profile("dev", max_examples=25, **COMMON)
settings.register_profile("ci", max_examples=25, **SAME, **COMMON)
settings.register_profile("thorough", max_examples=100, **SAME, **COMMON)
settings.register_profile("night", max_examples=5000, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def pytest_configure() -> None:
    """Ctrl-C is a test's to try: a run in the background would ignore it, and its children too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Server]:
    """A PostgreSQL server for this worker."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def pg_engine(pg_server: Server) -> Iterator[Engine]:
    """A fresh, migrated PostgreSQL database."""
    with pg_server.database() as address:
        engine = create_engine(address)
        yield engine
        engine.dispose()


@pytest.fixture
def empty_pg_engine(pg_server: Server) -> Iterator[Engine]:
    """A fresh PostgreSQL database without any table."""
    with pg_server.database(migrated=False) as address:
        engine = create_engine(address)
        yield engine
        engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """A fresh, migrated SQLite file."""
    engine = fresh_sqlite(tmp_path / "ladder.db")
    yield engine
    engine.dispose()


@pytest.fixture
def empty_sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """A fresh SQLite file without any table."""
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    yield engine
    engine.dispose()


BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest) -> Engine:
    """A fresh, migrated database: once on SQLite, once on PostgreSQL."""
    name = {"sqlite": "sqlite_engine", "postgresql": "pg_engine"}[request.param]
    found: Engine = request.getfixturevalue(name)
    return found


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A host's session on that database."""
    with Session(engine) as session:
        yield session


@pytest.fixture(params=BOTH)
def empty_engine(request: pytest.FixtureRequest) -> Engine:
    """A fresh database without any table: once on SQLite, once on PostgreSQL."""
    name = {"sqlite": "empty_sqlite_engine", "postgresql": "empty_pg_engine"}[request.param]
    found: Engine = request.getfixturevalue(name)
    return found
