"""At the size of a national organisation: `python -m tests.benchmarks.scale [NAME …]`.

A line for each figure: name, ratio, limit, `ok` or `over`, and what was measured. Exit code 1 when
one is over its limit. `--rows`, `--supporters` and `--turns` measure something smaller; `--folder`
keeps the files that take long to make, for the next time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from pathlib import Path

from tests.benchmarks.figures import Size, add_size, report

NAMES = ("evaluation", "loading", "whatif", "live", "reading")
"""Each is a module next to this one, with `figures(folder, size)`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.scale", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    add_size(parser, Size(rows=10_000_000, supporters=1_000_000))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args(arguments)
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no figure is called {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    size = Size(asked.rows, asked.supporters, asked.turns)
    with _folder(asked.folder) as folder:
        modules = (import_module(f"tests.benchmarks.scale.{name}") for name in asked.names or NAMES)
        found = (module.figures(folder, size) for module in modules)
        fine = report(chain.from_iterable(found), answers_only=asked.answers_only)
        return 0 if fine else 1


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="ladder-scale-") as made:
        yield Path(made)


if __name__ == "__main__":
    sys.exit(main())
