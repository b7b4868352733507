"""The difference that a recording made, put into words when a host asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

from ladder.crm.context import Adopted
from ladder.crm.presenters import Names
from ladder.crm.results import Finding, Movement
from ladder.storage.write.bitemporal import LadderChanges

T = TypeVar("T")


@dataclass(frozen=True)
class Difference(Generic[T]):
    """What is believed since a recording, and what no longer is."""

    added: tuple[T, ...] = ()
    retracted: tuple[T, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.retracted)


class Change(NamedTuple):
    """What the rows of one ladder and one supporter became."""

    adopted: Adopted
    supporter_id: int
    rows: LadderChanges


@dataclass(frozen=True)
class Changes:
    """All changes of one call, as rows until a host asks for them."""

    rows: tuple[Change, ...] = ()
    names: Names = field(default_factory=Names)

    @cached_property
    def movements(self) -> Difference[Movement]:
        """Movements added and retracted, of the supporter and of their referrer."""
        added: list[Movement] = []
        retracted: list[Movement] = []
        for adopted, supporter_id, changed in self.rows:
            rungs = {number: key for (key, _), number in changed.places.items()}
            for rows, movements in (
                (changed.movements.added, added),
                (changed.movements.retracted, retracted),
            ):
                movements += [
                    self.names.movement(adopted, supporter_id, row, rungs) for row in rows
                ]
        return Difference(tuple(added), tuple(sorted(retracted, key=attrgetter("at"))))

    @cached_property
    def findings(self) -> Difference[Finding]:
        """Findings added and retracted."""
        added: list[Finding] = []
        retracted: list[Finding] = []
        for adopted, supporter_id, changed in self.rows:
            for rows, findings in (
                (changed.findings.added, added),
                (changed.findings.retracted, retracted),
            ):
                findings += [self.names.finding(adopted, supporter_id, *row) for row in rows]
        return Difference(tuple(added), tuple(retracted))


class _WithChanges:
    """Results of recordings: the differences that they made."""

    changes: Changes

    @property
    def movements(self) -> Difference[Movement]:
        """Movements that were added and retracted, those ahead included."""
        return self.changes.movements

    @property
    def findings(self) -> Difference[Finding]:
        """Findings that were added and retracted."""
        return self.changes.findings


@dataclass(frozen=True)
class RecordResult(_WithChanges):
    """What became of one touchpoint.

    `touchpoint` is its id in the database. Not `new`: the very same was known, and nothing changed.
    """

    touchpoint: int
    new: bool
    changes: Changes = field(default_factory=Changes, repr=False)


@dataclass(frozen=True)
class RecordManyResult(_WithChanges):
    """What became of several touchpoints, in their order, and the difference all of them made."""

    touchpoints: tuple[int, ...]
    new: int
    changes: Changes = field(default_factory=Changes, repr=False)
