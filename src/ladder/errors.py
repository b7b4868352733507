"""One family of errors. Every message says what is wrong, where, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LadderError(Exception):
    """The ancestor of every error this library raises on purpose."""


class DefinitionError(LadderError):
    """A ladder, rung, pattern or expression does not mean anything.

    `place` is where it stands ("ladder.toml, line 12, column 9"), empty when built in Python.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.place = place


class DefinitionErrors(DefinitionError):
    """Everything that is wrong with one document: `errors`, in the order of their places."""

    def __init__(self, errors: Iterable[DefinitionError], where: str = "") -> None:
        self.errors = tuple(errors)
        if len(self.errors) == 1:
            super().__init__(self.errors[0].message, self.errors[0].place)
            return
        lines = "".join(f"\n  {error}" for error in self.errors)
        super().__init__(f"{len(self.errors)} problems{lines}", where)


class TouchpointError(LadderError):
    """A touchpoint cannot be taken as it is: a naive time, an unknown kind, a negative amount."""


class DuplicateTouchpoint(TouchpointError):
    """The same (source, external_id) is known with different content.

    Touchpoints are immutable: record a `void` of the old one and the new one under its own id.
    """


class CurrencyError(LadderError):
    """Amounts in another currency meet a definition that adds or compares money.

    Name a dated converter in the ladder (`[rates]`), or leave these rows out.
    """


class CalendarError(LadderError):
    """An unknown time zone, or a fiscal year that does not start on a day of every year."""


class CapacityError(LadderError):
    """Figures too large for exact 64-bit arithmetic."""


class NotKnown(LadderError):
    """No such organisation, supporter, rung, pattern or definition here."""


class FindingError(LadderError):
    """That cannot be done about a finding: no reason, a time ahead, nothing to take back."""


class StorageError(LadderError):
    """The database is not what the code expects: behind, ahead, foreign or never set up."""


class NeverMigrated(StorageError):
    """The database has no tables of this library, or none whose version is known."""


class DatabaseBehind(StorageError):
    """The database is older than the code: upgrade it."""


class DatabaseAhead(StorageError):
    """A newer version of this library has upgraded the database: upgrade the code."""


class ImportFileError(LadderError):
    """A file or its mapping cannot be read at all (a single bad row never raises this)."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Words to append to "unknown …": the nearest known names, or nothing."""
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.7)
    return f"; did you mean {' or '.join(near)}?" if near else ""
