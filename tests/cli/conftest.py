"""Commands run in this process; a database to ask."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ladder.cli.group import run
from tests.cli.worlds import NOW, write


class Ran(NamedTuple):
    """The exit code, stdout and stderr of a command."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[str]:
        """The lines of stdout that are not empty."""
        return [line for line in self.out.splitlines() if line.strip()]


Ladder = Callable[..., Ran]


@pytest.fixture
def ladder(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ladder:
    """Run a command: `ladder("standings", "--json")`."""
    monkeypatch.delenv("LADDER_DB", raising=False)

    def call(*words: object) -> Ran:
        capsys.readouterr()
        code = run([str(word) for word in words])
        caught = capsys.readouterr()
        return Ran(code, caught.out, caught.err)

    return call


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the people in `worlds`, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    db = folder / "list.db"
    assert run([*write(folder), "--db", str(db), "--now", NOW]) == 0
    return db


@pytest.fixture
def db(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of one's own, in the present folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(filled, tmp_path / "list.db"))


@pytest.fixture
def ask(ladder: Ladder, db: Path, monkeypatch: pytest.MonkeyPatch) -> Ladder:
    """Ask that database something on 15 November 2026."""
    monkeypatch.setenv("LADDER_DB", str(db))

    def call(command: str, *words: object) -> Ran:
        return ladder(command, *words, "--now", NOW)

    return call
