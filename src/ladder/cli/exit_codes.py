"""Exit codes, which all commands share."""

from __future__ import annotations

from typing import Final

from ladder.errors import FindingError, LadderError, NotFoundError, StorageError

FINE: Final = 0
"""Done as asked."""
FOUND: Final = 1
"""Done, with something to look at: rejected rows, a ladder's problems, or stored movements that
differ from recomputed ones."""
USAGE: Final = 2
"""Not started: an option does not fit, a name is unknown, or a finding does not allow the
action."""
INPUT: Final = 3
"""A file cannot be read or written, or a definition is not valid; nothing was changed."""
DATABASE: Final = 4
"""The database is absent, outdated, too new, full, locked or not ours; nothing was changed."""
STOPPED: Final = 130
"""Stopped by Ctrl-C, with the exit code that shells use; nothing was changed."""


def code_of(error: LadderError) -> int:
    """Return the exit code of an error of this library."""
    if isinstance(error, StorageError):
        return DATABASE
    return USAGE if isinstance(error, NotFoundError | FindingError) else INPUT
