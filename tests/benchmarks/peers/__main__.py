"""This library compared with the alternatives: `make bench-peers`.

The same ladder over the same rows, few and many, each way in a process of its own, the answers
compared. Exit code 1 when one fails or answers otherwise than the first that answered. `--write`
puts the table into docs/peers.md, if every way came to its end with the same answer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import ROOT
from tests.benchmarks.files import write_parquet
from tests.benchmarks.peers.counting import lines
from tests.benchmarks.peers.table import WAYS, Failure, Measured, Run, Way, markdown, terminal

CHILD = "tests.benchmarks.peers.children"
PAGE = ROOT / "docs" / "peers.md"
BEGIN = "<!-- written by make bench-peers ARGS=--write -->"
END = "<!-- end of what is written -->"
FEW, MANY = 10_000, 500_000
"""Touchpoints; a tenth as many supporters. The few are for who commits each of them."""

QUICK = 5
"""Seconds under which a way is measured three times; the least counts."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write if asked to."""
    asked = _asked(arguments)
    ways = [way for way in WAYS if not asked.names or way.module in asked.names]
    with tempfile.TemporaryDirectory(prefix="ladder-peers-") as folder:
        bench = Bench(Path(folder), asked.limit)
        measured = list(bench.measured(ways, asked.few, asked.many))
    print(f"\n{_machine()}\n\n{terminal(measured, asked.few, asked.many)}", flush=True)
    fine = all(each.fine for each in measured)
    if not asked.write:
        return 0 if fine else 1
    if not fine or len(ways) < len(WAYS):
        print(f"{PAGE.name} stays as it was: only a whole table is written", file=sys.stderr)
        return 1
    table = f"{markdown(measured, asked.few, asked.many)}\n\n{_when()} {_machine()}."
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")
    print(f"written into {PAGE}", file=sys.stderr)
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="WAY", help=", ".join(w.module for w in WAYS))
    parser.add_argument("--few", type=int, default=FEW, help="touchpoints that all ways get")
    parser.add_argument("--many", type=int, default=MANY, help="and that the quicker ones get")
    parser.add_argument("--limit", type=int, default=180, help="seconds after which one is stopped")
    parser.add_argument("--write", action="store_true", help="put the table into docs/peers.md")
    asked = parser.parse_args(arguments)
    unknown = set(asked.names) - {way.module for way in WAYS}
    if unknown:
        known = ", ".join(way.module for way in WAYS)
        parser.error(f"no way is called {', '.join(sorted(unknown))}; known: {known}")
    if asked.few < 1 or asked.many < 1:
        parser.error("--few and --many: at least one touchpoint")
    return asked


@dataclass
class Bench:
    """Runs ways in processes of their own; what the first answers others have to answer too."""

    folder: Path
    limit: float
    expected: dict[int, str] = field(default_factory=dict)

    def measured(self, ways: Sequence[Way], few: int, many: int) -> Iterator[Measured]:
        """Each way over few rows, and over many if it is not slow."""
        for way in ways:
            yield Measured(
                way=way,
                version=version(way.package),
                lines=lines(way.module),
                few=self.least(way, few),
                many=None if way.slow else self.least(way, many),
            )

    def least(self, way: Way, rows: int) -> Run | Failure:
        """The quickest of three runs of a quick way, the only one of others."""
        found = self.once(way, rows)
        turns = 1
        while isinstance(found, Run) and found.seconds < QUICK and turns < 3:
            again, turns = self.once(way, rows), turns + 1
            found = again if isinstance(again, Failure) or not again.same else _best(found, again)
        told = f"{found.seconds:.2f} s" if isinstance(found, Run) else found.reason
        print(f"{way.title}, {rows:,} rows: {told}", file=sys.stderr, flush=True)
        return found

    def once(self, way: Way, rows: int) -> Run | Failure:
        """One run: what it printed, or why it printed nothing."""
        command = [sys.executable, "-m", CHILD, way.module, str(self._file(rows))]
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=self.limit
            )
        except subprocess.TimeoutExpired:
            return Failure(rows, f"stopped after {self.limit:,.0f} s")
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["it said nothing"]
            return Failure(rows, f"exit code {done.returncode}: {said[-1]}")
        told: dict[str, Any] = json.loads(done.stdout)
        run = Run(rows, told["seconds"], told["peak"], told["digest"])
        return replace(run, same=run.digest == self.expected.setdefault(rows, run.digest))

    def _file(self, rows: int) -> Path:
        file = self.folder / f"{rows}.parquet"
        if not file.exists():
            write_parquet(file, rows, max(rows // 10, 1))
        return file


def _best(one: Run, other: Run) -> Run:
    quicker = min(one, other, key=lambda run: run.seconds)
    return replace(quicker, peak=min(one.peak, other.peak), same=one.same and other.same)


def written(page: str, table: str) -> str:
    """The page with the table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{PAGE.name}: the marks between which the table belongs are gone")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}"
    polars = version("polars")
    return f"{_cores()} cores, {system}, Python {platform.python_version()}, Polars {polars}"


def _when() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}, a supporter for every ten touchpoints,"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
