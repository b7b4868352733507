"""Exit codes, the same for every command."""

from __future__ import annotations

from typing import Final

from ladder.errors import FindingError, LadderError, NotKnown, StorageError

FINE: Final = 0
"""Done as asked."""
FOUND: Final = 1
"""Done, and something was found that wants looking at: rows refused, a ladder's problems, stored
movements that differ from recomputed ones."""
USAGE: Final = 2
"""Not started: an option that does not fit, the name of something that is not there, or what cannot
be done about a finding."""
INPUT: Final = 3
"""A file cannot be read or written, a definition cannot be taken; nothing was changed."""
DATABASE: Final = 4
"""The database is absent, behind, ahead, full, locked or not ours; nothing was changed."""
STOPPED: Final = 130
"""Stopped by Ctrl-C, as shells call it; nothing was changed."""


def code_of(error: LadderError) -> int:
    """The exit code for an error of this library."""
    if isinstance(error, StorageError):
        return DATABASE
    return USAGE if isinstance(error, NotKnown | FindingError) else INPUT
