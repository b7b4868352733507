"""Progress and final report of a replay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ladder.coverage import Coverage, MissingCoverage, declared_part, find_missing
from ladder.language.ladders import Ladder
from ladder.reports.line_coverage import DeclaredLines
from ladder.storage.read import line_starts
from ladder.storage.store import Store
from ladder.storage.write.bitemporal_bulk import Written


@dataclass(frozen=True)
class Progress:
    """The progress of a replay: `done` of `total`.

    Both are bytes of a file in the stage `read`, and supporters in the stage `evaluate`. The stage
    `look` belongs to readers of stored data.
    """

    stage: Literal["read", "evaluate", "look"]
    name: str
    done: int
    total: int


@dataclass(frozen=True)
class Unassessable:
    """A pattern that cannot be assessed because required coverage is not declared.

    `supporters` of `of` have no verdict at the instant of the replay. `reason` is the pattern's
    text on the data that it requires, and `missing` lists the part of it that is not declared.
    """

    pattern: str
    supporters: int
    of: int
    reason: str
    missing: tuple[MissingCoverage, ...] = ()


@dataclass
class Tally:
    """Counts of rows and touchpoints.

    Rows are read, rejected (`refused`) or ignored by the mapping; touchpoints are new (`kept`) or
    already stored (`known`).
    """

    rows: int = 0
    kept: int = 0
    known: int = 0
    refused: int = 0
    ignored: int = 0

    def add(self, other: Tally) -> None:
        """Add the counts of another tally."""
        for name in ("rows", "kept", "known", "refused", "ignored"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Report:
    """The result of a replay.

    `rows` were read. `kept` of their touchpoints are new, `known` were already stored, and
    `refused` rows were passed to the caller. `evaluated` of the `supporters` were recomputed; the
    others were not affected. `left_out` of them are silent now, for example because they objected,
    died, are staff, or are a placeholder. `movements` and `findings` are the current totals.
    `written` counts the rows that were added and retracted. `seconds` is the duration.
    """

    tally: Tally = field(default_factory=Tally)
    supporters: int = 0
    left_out: int = 0
    evaluated: int = 0
    movements: int = 0
    findings: int = 0
    written: Written = field(default_factory=Written)
    unassessable: tuple[Unassessable, ...] = ()
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Number of rows read."""
        return self.tally.rows

    @property
    def kept(self) -> int:
        """Number of new touchpoints."""
        return self.tally.kept

    @property
    def known(self) -> int:
        """Number of touchpoints that were already stored."""
        return self.tally.known

    @property
    def refused(self) -> int:
        """Number of rejected rows."""
        return self.tally.refused


def unassessable(
    store: Store, ladder: Ladder, coverage: tuple[Coverage, ...], root: int, now: int
) -> tuple[Unassessable, ...]:
    """Count, per pattern whose `requires` is not met now, the supporters whose line has begun.

    `root` is the root id of the ladder. Supporters who are silent now and lines that begin later
    are left out. Only the part of `requires` that declarations can meet counts: missing knowledge
    about a supporter is not a gap of the log.
    """
    earliest = line_starts.earliest(store)
    if earliest is None or earliest > now:
        return ()
    declared = DeclaredLines(ladder, store.organisation, coverage, now)
    return tuple(_unassessable(store, declared, root, earliest))


def _unassessable(
    store: Store, declared: DeclaredLines, root: int, earliest: int
) -> Iterator[Unassessable]:
    ladder, now, calendar = declared.ladder, declared.at, store.organisation.calendar

    def heard(since: int, until: int) -> int:
        return line_starts.heard(store, root, since, until, at=now, now=now)

    lines = heard(earliest, now + 1)
    for pattern in ladder.patterns:
        requires = None if pattern.requires is None else declared_part(pattern.requires)
        if requires is None:
            continue
        met = sum(heard(*line) for line in declared.of_lines(requires, earliest))
        if met < lines:
            lacking = find_missing(
                requires, declared.coverage, ladder.kinds, calendar, at=now, begun=earliest
            )
            yield Unassessable(pattern.key, lines - met, lines, pattern.wants, tuple(lacking))
