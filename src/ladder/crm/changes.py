"""What a recording changed: the difference it made, in words when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from ladder.crm.context import Adopted
from ladder.crm.presenters import Names
from ladder.crm.results import Finding, Movement
from ladder.storage.write.bitemporal import Rewritten

T = TypeVar("T")


@dataclass(frozen=True)
class Difference(Generic[T]):
    """What is believed now and was not before, and what no longer is."""

    added: tuple[T, ...] = ()
    retracted: tuple[T, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.retracted)


class Change(NamedTuple):
    """What one ladder's rows of one supporter became."""

    adopted: Adopted
    supporter_id: int
    rewritten: Rewritten


@dataclass(frozen=True)
class Changes:
    """All changes of one call, as rows; put into words only when somebody asks."""

    rows: tuple[Change, ...] = ()
    names: Names = field(default_factory=Names)

    @cached_property
    def movements(self) -> Difference[Movement]:
        """Movements added and retracted, hers and those of whoever brought her."""
        added, retracted = [], []
        for adopted, whose, done in self.rows:
            rungs = {number: key for (key, _), number in done.places.items()}
            written = done.movements
            added += [self.names.movement(adopted, whose, row, rungs) for row in written.new]
            retracted += [self.names.movement(adopted, whose, row, rungs) for row in written.gone]
        return Difference(tuple(added), tuple(sorted(retracted, key=lambda each: each.at)))

    @cached_property
    def findings(self) -> Difference[Finding]:
        """Findings added and retracted."""
        added, retracted = [], []
        for adopted, whose, done in self.rows:
            added += [self.names.finding(adopted, whose, *row) for row in done.findings.new]
            retracted += [self.names.finding(adopted, whose, *row) for row in done.findings.gone]
        return Difference(tuple(added), tuple(retracted))


@dataclass(frozen=True)
class Recorded:
    """What became of one touchpoint.

    `touchpoint` is its id in the database. Not `new`: the very same was known, and nothing changed.
    """

    touchpoint: int
    new: bool
    changes: Changes = field(default_factory=Changes, repr=False)

    @property
    def movements(self) -> Difference[Movement]:
        """Movements that this added and retracted, those ahead included."""
        return self.changes.movements

    @property
    def findings(self) -> Difference[Finding]:
        """Findings that this added and retracted."""
        return self.changes.findings


@dataclass(frozen=True)
class RecordedMany:
    """What became of several touchpoints, in their order, and the difference all of them made."""

    touchpoints: tuple[int, ...]
    new: int
    changes: Changes = field(default_factory=Changes, repr=False)

    @property
    def movements(self) -> Difference[Movement]:
        """Movements that these added and retracted, those ahead included."""
        return self.changes.movements

    @property
    def findings(self) -> Difference[Finding]:
        """Findings that these added and retracted."""
        return self.changes.findings
