"""The command line `ladder` (extra `cli`): commands to use cases, errors to exit codes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ladder.cli.exit_codes import USAGE

NEEDS = ("click", "rich", "polars", "numpy")

NEW_OBJECTS = 50_000
"""New objects between two garbage collections. Imports leave almost no garbage, and with Python's
default of 700 the search for it takes a tenth of a short command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `ladder` and leave the process with its exit code (see `ladder.cli.exit_codes`)."""
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"the ladder command needs {' and '.join(missing)}: pip install 'ladder-crm[cli]'\n"
        )
        sys.exit(USAGE)
    gc.set_threshold(NEW_OBJECTS)
    from ladder.cli.group import run  # noqa: PLC0415  (what it needs was looked for first)

    sys.exit(run(arguments))
