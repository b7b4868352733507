"""`import ladder` is light: heavy libraries load when something needs them."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ladder import CRM, Organisation, catalogue, create_engine, upgrade
from ladder.storage.store import Store

HEAVY = {"sqlalchemy", "alembic", "polars", "numpy", "click", "rich", "psycopg"}


def test_importing_ladder_loads_nothing_heavy() -> None:
    code = "import sys, ladder; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "ladder" in loaded
    assert not loaded & HEAVY


NOT_FOR_A_QUESTION = {"alembic", "mako", "numpy", "pandas", "polars", "psycopg", "scipy"}

QUESTIONS = ("standings", "standings --list", "movements", "explain anna", "upcoming", "db check")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("imports") / "small.db"
    engine = create_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.begin() as connection:
        Store.ensure(connection, Organisation(key="mine"))
        crm = CRM(connection, "mine")
        crm.adopt(catalogue.load("default"))
        crm.record(supporter="anna", kind="volunteer_shift", at=datetime(2026, 1, 3, tzinfo=UTC))
    engine.dispose()
    return path


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_to_a_database_loads_neither_alembic_nor_data_frames(
    database: Path, question: str
) -> None:
    code = (
        "import sys\nfrom ladder.cli.group import run\n"
        f"code = run([*{question.split()!r}, '--db', {str(database)!r}])\n"
        "print('modules:', code, *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    exit_code, *modules = done.stdout.rpartition("modules:")[2].split()
    loaded = {name.split(".")[0] for name in modules}
    assert exit_code == "0"
    assert "sqlalchemy" in loaded
    assert not loaded & NOT_FOR_A_QUESTION
