"""The commands on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Ladder
from tests.cli.worlds import NOW, write
from tests.databases import Server

pytestmark = pytest.mark.postgres


def test_questions_are_answered_on_postgresql_as_on_sqlite(
    ladder: Ladder, pg_server: Server, filled: Path, tmp_path: Path
) -> None:
    with pg_server.database() as address:
        url = address.render_as_string(hide_password=False)
        assert ladder(*write(tmp_path), "--db", url, "--now", NOW).code == 0
        for words in (
            ["standings", "--list"],
            ["standings", "--at", "2026-12-24"],
            ["movements", "--since", "2024-01-01"],
            ["upcoming", "--days", "60"],
            ["findings"],
            ["explain", "ben"],
            ["verify"],
        ):
            here = ladder(*words, "--json", "--now", NOW, "--db", url)
            there = ladder(*words, "--json", "--now", NOW, "--db", filled)
            assert here.code == 0, here.err
            assert here.document == there.document or words[0] == "explain", words
            if words[0] == "explain":
                assert here.document["rungs"][0]["held"] == there.document["rungs"][0]["held"]


def test_postgresql_is_never_set_up_without_a_request(
    ladder: Ladder, pg_server: Server, tmp_path: Path
) -> None:
    with pg_server.database(migrated=False) as address:
        url = address.render_as_string(hide_password=False)
        said = ladder(*write(tmp_path), "--db", url, "--now", NOW)
        assert said.code == 4
        assert "run `ladder db upgrade`" in said.err
        assert ladder("db", "upgrade", "--db", url).code == 0
        assert ladder(*write(tmp_path), "--db", url, "--now", NOW).code == 0


def test_replaying_twice_on_postgresql_changes_nothing(
    ladder: Ladder, pg_server: Server, tmp_path: Path
) -> None:
    with pg_server.database() as address:
        words = [*write(tmp_path), "--db", address.render_as_string(hide_password=False)]
        first = ladder(*words, "--now", NOW, "--json").document
        second = ladder(*words, "--now", NOW, "--json").document
        assert (second["kept"], second["known"]) == (0, first["kept"])
        assert second["movements"] == first["movements"]
