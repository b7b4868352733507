"""How long a command takes in a process of its own: its start, a question, the day's list.

The times are milliseconds, and the limits are absolute: a person waits for them.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.figures import ROOT, Figure, Size, timed

DEMO = ROOT / "examples" / "river" / "demo.py"
START_LIMIT = 150
"""Limit of `ladder --help` and of `import ladder`, over `python -c pass`."""
QUESTION_LIMIT = 400
NEXT_LIMIT = 1_000
TODAY = "2026-11-15"
SMALL = 50
"""Supporters of the small database; the demo has 600."""
QUESTIONS = (("standings",), ("upcoming",), ("findings",), ("movements", "--since", "2026-10-01"))
LADDER = ("-m", "ladder")


def figures(folder: Path, size: Size) -> Iterator[Figure]:
    """Measure on a small database and on the demo's."""
    bare = _milliseconds(size, "-c", "pass")
    starts = {"ladder --help": (*LADDER, "--help"), "import ladder": ("-c", "import ladder")}
    for name, words in starts.items():
        ours = _milliseconds(size, *words)
        told = f"{ours:.0f} ms, {bare:.0f} ms for python -c pass"
        yield Figure(f"{name} (ms)", ours - bare, START_LIMIT, told)
    small = _demo(folder / "small", SMALL)
    somebody = _first_supporter(small)
    for words in (*QUESTIONS, ("explain", somebody)):
        ours = _milliseconds(size, *LADDER, *words, "--db", small, "--now", TODAY)
        yield Figure(f"ladder {words[0]} (ms)", ours, QUESTION_LIMIT, f"{SMALL} supporters")
    supporters = min(600, max(SMALL, size.rows // 1_000))
    demo = small if supporters == SMALL else _demo(folder / "demo", supporters)
    ours = _milliseconds(size, *LADDER, "next", "--db", demo, "--now", TODAY)
    yield Figure("ladder next (ms)", ours, NEXT_LIMIT, f"the demo's {supporters} supporters")


def _demo(folder: Path, supporters: int) -> Path:
    """Make the demo's database for so many supporters."""
    _run(str(DEMO), "--out", str(folder), "--supporters", str(supporters))
    return folder / "river.db"


def _first_supporter(database: Path) -> str:
    with sqlite3.connect(database) as connection:
        (key,) = connection.execute("SELECT min(key) FROM ladder_supporter").fetchone()
    return str(key)


def _milliseconds(size: Size, *words: object) -> float:
    """Return the least time of several turns; the first one of several warms the file cache."""
    command = [str(word) for word in words]
    return 1e3 * min(timed(lambda: _run(*command)) for _ in range(size.turns))


def _run(*words: str) -> str:
    """Return what the command prints; exit codes 0 and 1 both mean that it answered."""
    command: Sequence[str] = (sys.executable, *words)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return done.stdout
