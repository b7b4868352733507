"""Asynchronous hosts call through `run_sync`: there is no asynchronous twin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from ladder.crm import CRM
from ladder.errors import StorageError
from ladder.storage.engines import prepare
from ladder.storage.migrations import upgrade
from tests.crm.conftest import LITTLE
from tests.crm.worlds import ALDER, clock

Host = Callable[[AsyncSession], Awaitable[None]]


def give(session: Session) -> list[str]:
    """Use the CRM as a host does, in synchronous calls."""
    crm = CRM(session, organisation="alder", clock=clock)
    crm.record(supporter="ada", kind="donation", at=date(2024, 3, 5), external_id="d1")
    return [each.kind for each in crm.history("ada")]


async def recorded(url: str) -> list[str]:
    engine = create_async_engine(url)
    prepare(engine.sync_engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
        async with AsyncSession(engine) as session:
            await session.run_sync(lambda sync: CRM.create(sync, ALDER, LITTLE, clock=clock))
            await session.run_sync(give)
            await session.rollback()
            await session.run_sync(lambda sync: CRM.create(sync, ALDER, LITTLE, clock=clock))
            told = await session.run_sync(give)
            await session.commit()
        async with AsyncSession(engine) as session:
            again = await session.run_sync(give)
        assert again == told
        return told
    finally:
        await engine.dispose()


def test_asynchronous_session_records_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'async.db'}"
    assert asyncio.run(recorded(url)) == ["arrived", "lapsed"]


@pytest.mark.postgres
def test_asynchronous_session_records_on_postgresql(empty_pg_engine: Engine) -> None:
    url = empty_pg_engine.url.render_as_string(hide_password=False)
    assert asyncio.run(recorded(url)) == ["arrived", "lapsed"]


def test_asynchronous_session_passed_directly_is_rejected_with_advice(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'async.db'}")
    with pytest.raises(StorageError, match="AsyncSession calls through run_sync"):
        CRM(AsyncSession(engine), organisation="alder")  # type: ignore[arg-type]
