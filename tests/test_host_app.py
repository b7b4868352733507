"""The example of a host app runs as it stands, on both databases."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from ladder.storage.models import Touchpoint

APP = Path(__file__).parents[1] / "examples" / "host_app" / "app.py"

SAID = """\
anna, 2024-05-31 00:00: arrived from unreached to Donating, past Hearing and Engaging, \
because of donation of 25.00 EUR on 2024-05-31 (till 1)
anna, 2025-06-01 00:00: slipped from Donating to Hearing, because time had passed
anna@example.org is donating since 2024-05-31
ben@example.org is donating since 2024-05-30
ben: Hearing since 2024-06-01 11:00, until 2025-06-02 00:00 if nothing happens
"""


@pytest.fixture(scope="module")
def app() -> ModuleType:
    spec = importlib.util.spec_from_file_location("host_app", APP)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # SQLAlchemy looks annotations up there
    spec.loader.exec_module(module)
    return module


def test_host_app_records_and_answers_through_a_day(
    app: ModuleType, empty_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    app.main(empty_engine.url.render_as_string(hide_password=False))
    assert capsys.readouterr().out == SAID
    tables = set(inspect(empty_engine).get_table_names())
    assert {"member", "gift", "alembic_version", "ladder_alembic_version"} <= tables


def test_host_row_and_touchpoint_commit_and_roll_back_together(
    app: ModuleType, empty_sqlite_engine: Engine
) -> None:
    app.set_up(empty_sqlite_engine)
    with Session(empty_sqlite_engine) as session:
        anna = app.join(session, "anna@example.org")
        session.commit()
        app.give(session, anna, 2500, app.TODAY.date())
        session.rollback()
        assert session.scalars(select(app.Gift)).all() == []
        assert [each.kind for each in session.scalars(select(Touchpoint))] == ["subscribed"]


def test_setting_up_at_every_start_does_no_harm(
    app: ModuleType, empty_sqlite_engine: Engine
) -> None:
    app.set_up(empty_sqlite_engine)
    app.set_up(empty_sqlite_engine)
