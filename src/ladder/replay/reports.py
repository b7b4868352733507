"""What a replay tells while it runs and when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ladder.coverage import Coverage, Lack, declared_part, lacks
from ladder.language.ladders import Ladder
from ladder.reports.line_coverage import Declared
from ladder.storage.read import line_starts
from ladder.storage.store import Store
from ladder.storage.write.bitemporal_bulk import Written


@dataclass(frozen=True)
class Progress:
    """How far a replay is: `done` of `total`, bytes of a file while reading, then supporters.

    `look` is for those who only look at what is stored.
    """

    stage: Literal["read", "evaluate", "look"]
    name: str
    done: int
    total: int


@dataclass(frozen=True)
class Unassessable:
    """A pattern that cannot be held against anybody for want of declared coverage.

    `supporters` of `of` have no verdict at the instant of the replay; `reason` is the pattern's
    word on what it needs, `missing` what nobody has declared of that.
    """

    pattern: str
    supporters: int
    of: int
    reason: str
    missing: tuple[Lack, ...] = ()


@dataclass
class Tally:
    """What became of rows: read, kept, known before, refused, passed over by the mapping."""

    rows: int = 0
    kept: int = 0
    known: int = 0
    refused: int = 0
    ignored: int = 0

    def add(self, other: Tally) -> None:
        """Count another's too."""
        for name in ("rows", "kept", "known", "refused", "ignored"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Report:
    """What a replay did.

    `rows` were read; `kept` of the touchpoints in them are new, `known` were there before,
    `refused` rows went to the caller. `evaluated` of the `supporters` were worked out anew (the
    others nothing concerned); `left_out` of them are silent now: objected, died, on the staff,
    nobody in particular. `movements` and `findings` are those that now stand, and `written` says
    how many were added and retracted.
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
        """Rows read."""
        return self.tally.rows

    @property
    def kept(self) -> int:
        """Touchpoints that are new."""
        return self.tally.kept

    @property
    def known(self) -> int:
        """Touchpoints that were there before."""
        return self.tally.known

    @property
    def refused(self) -> int:
        """Rows that were not taken."""
        return self.tally.refused


def unassessable(
    store: Store, ladder: Ladder, coverage: tuple[Coverage, ...], root: int, now: int
) -> tuple[Unassessable, ...]:
    """The patterns whose `needs` are not met now, with for how many of those whose line has begun.

    Of the ladder of that root. Who is silent now is left out, and what lies ahead. So far as
    declarations are all it takes: what a pattern needs to know of her besides is no fault of the
    log.
    """
    earliest = line_starts.earliest(store)
    if earliest is None or earliest > now:
        return ()
    declared = Declared(ladder, store.organisation, coverage, now)
    return tuple(_judged(store, declared, root, earliest))


def _judged(store: Store, declared: Declared, root: int, earliest: int) -> Iterator[Unassessable]:
    ladder, now, calendar = declared.ladder, declared.at, store.organisation.calendar

    def heard(since: int, until: int) -> int:
        return line_starts.heard(store, root, since, until, at=now, now=now)

    lines = heard(earliest, now + 1)
    for pattern in ladder.patterns:
        needs = None if pattern.needs is None else declared_part(pattern.needs)
        if needs is None:
            continue
        met = sum(heard(*each) for each in declared.of_lines(needs, earliest))
        if met < lines:
            lacking = lacks(
                needs, declared.coverage, ladder.kinds, calendar, at=now, begun=earliest
            )
            yield Unassessable(pattern.key, lines - met, lines, pattern.wants, tuple(lacking))
