"""This library beside what else one would take: `make bench-peers`.

A table in Markdown: the same ladder over the same rows, each way in a process of its own, the
answers compared. Exit code 1 when one differs.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import child
from tests.benchmarks.files import write_parquet
from tests.benchmarks.peers.counting import lines
from tests.benchmarks.peers.table import WAYS, Measured, Way, markdown

CHILD = "tests.benchmarks.peers.children"
QUICK = 10
"""Seconds under which a way is measured three times; the least counts."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="WAY", help=", ".join(w.module for w in WAYS))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--supporters", type=int, default=100_000)
    asked = parser.parse_args()
    ways = [way for way in WAYS if not asked.names or way.module in asked.names]
    with tempfile.TemporaryDirectory(prefix="ladder-peers-") as folder:
        measured = list(_measured(Path(folder), ways, asked.rows, asked.supporters))
    print(f"\n{_machine()}; {asked.rows:,} touchpoints of {asked.supporters:,} supporters\n")
    print(markdown(measured))
    return 0 if all(each.same for each in measured) else 1


def _measured(folder: Path, ways: list[Way], rows: int, supporters: int) -> Iterator[Measured]:
    expected: dict[int, Any] = {}
    for way in ways:
        size = rows // way.share
        file = folder / f"{size}.parquet"
        if way.share not in expected:
            write_parquet(file, size, max(supporters // way.share, 1))
            expected[way.share] = child(CHILD, "columns", file)["digest"]
        taken: list[Any] = [child(CHILD, way.module, file)]
        while len(taken) < 3 and taken[0]["seconds"] < QUICK:
            taken.append(child(CHILD, way.module, file))
        measured = Measured(
            way=way,
            version=version(way.package),
            lines=lines(way.module),
            rows=size,
            seconds=min(each["seconds"] for each in taken),
            busy=min(each["busy"] for each in taken),
            peak=min(each["peak"] for each in taken),
            same=all(each["digest"] == expected[way.share] for each in taken),
        )
        print(
            f"{way.title}: {measured.seconds:.2f} s, {measured.busy:.2f} of a core",
            file=sys.stderr,
            flush=True,
        )
        yield measured


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}"
    return f"{_cores()} cores, {system}, Python {platform.python_version()}"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
