"""How fast, as ratios: `python -m tests.benchmarks [NAME …]`.

A line for each figure: name, ratio, limit, `ok` or `over`, and what was measured. Exit code 1 when
one is over its limit. `--rows`, `--supporters` and `--turns` measure something smaller; limits are
judged at full size, so a smaller run usually says `--answers-only`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from tests.benchmarks import commands, imports, measures, recording
from tests.benchmarks.figures import Figure, Size, add_size, report

MEASURES: Final[dict[str, Callable[[Path, Size], Iterable[Figure]]]] = {
    "evaluation": measures.evaluation,
    "replaying": measures.replaying,
    "recording": recording.figures,
    "again": imports.again,
    "rejected": imports.rejected,
    "commands": commands.figures,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the figures that are named, or all of them, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURES))
    add_size(parser, Size())
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(MEASURES)
    if unknown:
        known = ", ".join(MEASURES)
        parser.error(f"no figure is called {', '.join(sorted(unknown))}; known: {known}")
    size = Size(options.rows, options.supporters, options.turns)
    with tempfile.TemporaryDirectory(prefix="ladder-bench-") as folder:
        figures = (MEASURES[name](Path(folder), size) for name in options.names or MEASURES)
        fine = report(chain.from_iterable(figures), answers_only=options.answers_only)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
