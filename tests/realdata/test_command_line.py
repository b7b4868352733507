"""One command from a real export to the published figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.realdata.published import COUNTED, FILES, reference
from tests.realdata.replays import HERE, shared

pytestmark = pytest.mark.shared_data


def ladder(folder: Path, *arguments: str) -> Any:
    """Return the JSON that a successful command prints."""
    command = [sys.executable, "-m", "ladder", *arguments, "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_swiss_export_is_replayed_counted_and_verified(tmp_path: Path) -> None:
    export = shared("swiss_ngo", "transactions_slim_no_pii.csv.gz")
    mapping = HERE / "swiss" / "mapping.toml"
    where = ("--zone", "Europe/Zurich", "--currency", "CHF", "--db", "swiss.db")
    report = ladder(
        tmp_path, "replay", str(export), "--mapping", str(mapping), "--ladder", "donor_states",
        *where,
    )  # fmt: skip
    assert (report["kept"], report["refused"]) == (13_489, 0)
    for year in (2019, 2024):
        told = ladder(tmp_path, "standings", "--db", "swiss.db", "--at", f"{year}-12-31")
        found = {place["rungs"][0]: place["supporters"] for place in told["places"][:-1]}
        published = reference(shared(*FILES["swiss"]), year)
        assert {state: found[state] for state in COUNTED} == {
            state: int(published[state]) for state in COUNTED
        }
    verified = ladder(tmp_path, "verify", "--db", "swiss.db")
    assert verified["supporters"] == 1_492
