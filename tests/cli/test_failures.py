"""Databases that are not ready, full disks, and runs that end half-way: nothing is lost."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ladder.storage import migrations
from tests.cli.conftest import Ladder
from tests.cli.worlds import NOW, write

COMMAND = [sys.executable, "-m", "ladder"]
QUESTIONS = (["standings"], ["verify"], ["upcoming"], ["findings"], ["db", "check"])


def counts(db: Path) -> dict[str, int]:
    """How many rows every table holds."""
    with closing(sqlite3.connect(db)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for (name,) in names
        }


def locked(db: Path) -> bool:
    """Whether somebody is in the midst of a transaction that writes."""
    with closing(sqlite3.connect(db, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


def stamp(db: Path, revision: str) -> None:
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE ladder_alembic_version SET version_num = ?", (revision,))
        connection.commit()


@pytest.fixture
def many(tmp_path: Path) -> list[str]:
    """A command line that reads enough rows to be stopped on the way."""
    rows = "".join(
        f"{n},p{n % 4000:05d},donation,20{10 + n % 16}-0{1 + n % 9}-1{n % 9},5.00,,,\n"
        for n in range(40_000)
    )
    return write(tmp_path, rows)


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_missing_database_is_reported(ladder: Ladder, tmp_path: Path, words: list[str]) -> None:
    said = ladder(*words, "--db", tmp_path / "no.db")
    assert said.code == 4
    assert "there is no database" in said.err
    assert not (tmp_path / "no.db").exists(), "looking makes no file"


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_database_ahead_of_the_code(ladder: Ladder, db: Path, words: list[str]) -> None:
    stamp(db, "ladder_9999")
    said = ladder(*words, "--db", db)
    assert said.code == 4
    assert "a newer ladder-crm was here" in said.err


def test_database_behind_the_code_is_not_upgraded_unasked(
    ladder: Ladder, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "head", lambda: "ladder_9999")
    before = counts(db)
    for words in (*QUESTIONS, write(db.parent, "90,zoe,donation,2026-01-01,5.00,,,\n")):
        said = ladder(*words, "--db", db)
        assert said.code == 4, words
        assert "run `ladder db upgrade`" in said.err
    assert counts(db) == before


def test_replay_into_a_newer_database_changes_nothing(ladder: Ladder, db: Path) -> None:
    stamp(db, "ladder_9999")
    before = counts(db)
    words = write(db.parent, "90,zoe,donation,2026-01-01,5.00,,,\n")
    assert ladder(*words, "--db", db).code == 4
    assert counts(db) == before


def test_file_that_is_not_a_database_is_reported(ladder: Ladder, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("Remember to thank Anna.\n" * 200)
    said = ladder("standings", "--db", tmp_path / "notes.db")
    assert said.code == 4
    assert "is no SQLite database" in said.err
    assert ladder(*write(tmp_path), "--db", tmp_path / "notes.db").code == 4
    assert "Remember" in (tmp_path / "notes.db").read_text()


def test_foreign_database_gets_our_tables_only_on_request(ladder: Ladder, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "host.db")) as host:
        host.execute("CREATE TABLE member (id INTEGER)")
    said = ladder("standings", "--db", tmp_path / "host.db")
    assert said.code == 4
    assert "never set up for ladder" in said.err
    assert ladder(*write(tmp_path), "--db", tmp_path / "host.db", "--now", NOW).code == 4
    assert set(counts(tmp_path / "host.db")) == {"member"}
    assert ladder("db", "upgrade", "--db", tmp_path / "host.db").code == 0
    assert "member" in counts(tmp_path / "host.db")


def test_db_commands_tell_where_a_database_is(ladder: Ladder, db: Path) -> None:
    assert ladder("db", "check", "--db", db).code == 0
    assert ladder("db", "upgrade", "--db", db).err.strip().endswith(f"at {migrations.head()}")
    said = ladder("db", "current", "--db", db, "--json").document
    assert said == {"current": migrations.head(), "needed": migrations.head()}


def test_unreachable_server_and_unknown_database_system_are_reported(ladder: Ladder) -> None:
    said = ladder("standings", "--db", "postgresql://anna:secret@127.0.0.1:1/ladder")
    assert said.code == 4
    assert "no server answers" in said.err
    assert "secret" not in said.err
    assert ladder("standings", "--db", "mysql://localhost/ladder").code == 4


def test_missing_folder_is_reported(ladder: Ladder, tmp_path: Path) -> None:
    said = ladder(*write(tmp_path), "--db", tmp_path / "no" / "new.db", "--now", NOW)
    assert said.code == 4
    assert "does its folder exist" in said.err


def test_rejected_rows_that_cannot_be_written_stop_everything(ladder: Ladder, db: Path) -> None:
    before = counts(db)
    words = write(db.parent, "90,zoe,donation,never,5.00,,,\n91,zoe,donation,2026-01-01,5,,,\n")
    said = ladder(*words, "--db", db, "--refused", db.parent / "no" / "bad.csv")
    assert said.code == 3
    assert "refused rows cannot be written" in said.err
    assert counts(db) == before


def test_ctrl_c_changes_nothing_and_says_so(
    ladder: Ladder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ladder.cli.commands.replay.replay", interrupted)
    said = ladder(*write(tmp_path), "--db", tmp_path / "new.db")
    assert said.code == 130
    assert "Stopped: nothing was changed." in said.err
    assert list(tmp_path.glob("new.db*")) == []


def test_ctrl_c_comes_too_late_once_everything_is_about_to_be_stored(
    ladder: Ladder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def printed(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("ladder.cli.render.replay.show", printed)
    said = ladder(*write(tmp_path), "--db", tmp_path / "new.db")
    assert (said.code, said.err) == (0, "")
    assert counts(tmp_path / "new.db")["ladder_touchpoint"] == 11
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.fixture
def running(many: list[str], db: Path) -> Iterator[subprocess.Popen[str]]:
    """A replay into a database that holds something, stopped in the midst of its transaction."""
    process = subprocess.Popen(
        [*COMMAND, *many, "--db", str(db), "--now", NOW], stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not locked(db):
        time.sleep(0.01)
    time.sleep(0.2)  # what it writes is in memory still, and partly in the journal
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_interrupted_replay_changes_nothing(
    running: subprocess.Popen[str], db: Path, ladder: Ladder, many: list[str], how: signal.Signals
) -> None:
    assert running.poll() is None, "it was over too soon"
    running.send_signal(how)
    _, err = running.communicate(timeout=60)
    if how == signal.SIGINT:
        assert running.returncode == 130
        assert "nothing was changed" in err
    assert counts(db)["ladder_touchpoint"] == 11
    assert ladder("verify", "--db", db, "--now", NOW).code == 0
    assert list(db.parent.glob(".*partial")) == []
    again = ladder(*many, "--db", db, "--now", NOW, "--json")
    assert (again.code, again.document["kept"]) == (1, 39_989)


def test_file_that_a_killed_replay_left_empty_is_filled_by_the_next(
    ladder: Ladder, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db")) as left:
        left.execute("PRAGMA journal_mode = WAL")  # what a killed one has written of a new file
    assert (tmp_path / "new.db").stat().st_size > 0
    assert ladder(*write(tmp_path), "--db", tmp_path / "new.db", "--now", NOW).code == 0


def test_full_disk_changes_nothing(many: list[str], db: Path) -> None:
    before = counts(db)
    digest = hashlib.sha256(db.read_bytes()).hexdigest()

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    done = subprocess.run(
        [*COMMAND, *many, "--db", str(db), "--now", NOW],
        check=False, capture_output=True, text=True, preexec_fn=limited,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert counts(db) == before
    assert hashlib.sha256(db.read_bytes()).hexdigest() == digest


def test_disk_too_full_for_a_new_database_leaves_no_file(many: list[str], tmp_path: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [*COMMAND, *many, "--db", str(tmp_path / "new.db"), "--now", NOW],
        check=False, capture_output=True, text=True, preexec_fn=limited,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert list(tmp_path.glob("new.db*")) == []


def test_locked_database_is_reported(ladder: Ladder, db: Path) -> None:
    with closing(sqlite3.connect(db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asked = ladder("standings", "--db", db, "--now", NOW)
        assert asked.code == 0, "readers need not wait"
        other.execute("ROLLBACK")


def test_environment_names_the_database(
    ladder: Ladder, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADDER_DB", f"sqlite:///{db}")
    assert ladder("standings", "--now", NOW).code == 0
