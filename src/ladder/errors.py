"""The errors of the library. Every message states the problem, its place and a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LadderError(Exception):
    """The base class of every error that this library raises on purpose."""


class DefinitionError(LadderError):
    """A ladder, rung, pattern or expression has no valid meaning.

    `place` is its position ("ladder.toml, line 12, column 9"), empty when built in Python.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.place = place


class DefinitionErrorGroup(DefinitionError):
    """All the errors of one document, in `errors`, in the order of their places."""

    def __init__(self, errors: Iterable[DefinitionError], where: str = "") -> None:
        self.errors = tuple(errors)
        if len(self.errors) == 1:
            super().__init__(self.errors[0].message, self.errors[0].place)
            return
        lines = "".join(f"\n  {error}" for error in self.errors)
        super().__init__(f"{len(self.errors)} problems{lines}", where)


class TouchpointError(LadderError):
    """A touchpoint is invalid: a naive time, an unknown kind, a negative amount."""


class DuplicateTouchpointError(TouchpointError):
    """The same (source, external_id) is already recorded with different content.

    Touchpoints are immutable: record a `void` of the old one and the new one under its own id.
    """


class CurrencyError(LadderError):
    """An amount in another currency meets a definition that adds or compares money.

    Name a dated converter in the ladder (`[rates]`), or leave these rows out.
    """


class CalendarError(LadderError):
    """A time zone is unknown, or a fiscal year does not start on a day that every year has."""


class CapacityError(LadderError):
    """A figure is too large for exact 64-bit arithmetic."""


class NotFoundError(LadderError):
    """The organisation, supporter, rung, pattern or definition does not exist."""


class FindingError(LadderError):
    """The action on a finding is invalid: no reason, a future time, or nothing to reopen."""


class StorageError(LadderError):
    """The database is not as the code expects: outdated, too new, foreign or never set up."""


class SchemaMissingError(StorageError):
    """The database has no tables of this library, or none with a known version."""


class SchemaOutdatedError(StorageError):
    """The database is older than the code: upgrade the database."""


class SchemaTooNewError(StorageError):
    """A newer version of this library has upgraded the database: upgrade the code."""


class ImportFileError(LadderError):
    """A file or its mapping cannot be read at all (a single bad row never raises this)."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a suffix for "unknown …" with the nearest known names; empty without any."""
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.7)
    return f"; did you mean {' or '.join(near)}?" if near else ""
