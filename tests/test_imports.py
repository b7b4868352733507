"""`import ladder` is light: heavy libraries load when something needs them."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"sqlalchemy", "alembic", "polars", "numpy", "click", "rich", "psycopg"}


def test_importing_ladder_loads_nothing_heavy() -> None:
    code = "import sys, ladder; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "ladder" in loaded
    assert not loaded & HEAVY
