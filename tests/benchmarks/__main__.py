"""How fast, as ratios: `python -m tests.benchmarks [evaluation|replaying|live …]`.

A line for each figure: name, ratio, limit, `ok` or `over`, and what was measured. Exit code 1 when
one is over its limit. `--rows`, `--supporters` and `--turns` measure something smaller.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import chain
from pathlib import Path

from tests.benchmarks import measures
from tests.benchmarks.figures import Size, report

NAMES = ("evaluation", "replaying", "live")


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    for name in ("rows", "supporters", "turns"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Size(), name))
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no figure is called {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    size = Size(asked.rows, asked.supporters, asked.turns)
    with tempfile.TemporaryDirectory(prefix="ladder-bench-") as folder:
        found = (getattr(measures, name)(Path(folder), size) for name in asked.names or NAMES)
        return 0 if report(chain.from_iterable(found)) else 1


if __name__ == "__main__":
    sys.exit(main())
