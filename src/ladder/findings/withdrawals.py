"""Findings that were believed once and are no more: what has been learned since, and from what.

A thank-you written down three weeks late leaves no finding at all: it was never unthanked. Who had
it on her list nevertheless wants to know what became of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from ladder.engines.reference.facts import Fact
from ladder.findings.context import FindingContext, SupporterHistory
from ladder.findings.lifecycles import ending
from ladder.findings.states import windows
from ladder.model.calendars import FOREVER
from ladder.storage.read import as_known
from ladder.storage.read.as_known import FindingKept


@dataclass(frozen=True)
class Withdrawal:
    """A finding that was open for whoever looked during `[opened, until)`.

    It was withdrawn `at` an instant, and `cause` says what was learned then: of touchpoints (a
    correction), or another definition.
    """

    pattern: str
    severity: str
    opened: int
    until: int
    at: int
    evidence: tuple[Fact, ...]
    cause: Literal["correction", "definition"]
    touchpoints: tuple[int, ...]


def withdrawals(
    by: FindingContext, supporter_id: int, *, among: Collection[str] | None = None
) -> list[Withdrawal]:
    """All of one supporter's, of these patterns, by when they opened."""
    store, known_at = by.store, by.known_at
    believed = as_known.findings(store, by.root, supporter_id, known_at=known_at)
    over = as_known.withdrawn(store, by.root, supporter_id, known_at=known_at)
    told = [row for row in (*believed, *over) if among is None or row.pattern in among]
    seen = (
        _BelievedStage(row, _opened(row, told)) for row in told if _was_seen(row) and row in over
    )
    return [
        _told(by, supporter_id, rows)
        for rows in _grouped(seen)
        if not any(_same(rows, row) for row in believed)
    ]


class _BelievedStage(NamedTuple):
    """A stretch that was open for whoever looked, and when its finding had opened."""

    row: FindingKept
    opened: int

    @property
    def end(self) -> int:
        """Until when it was."""
        return min(self.row.retracted_at or FOREVER, ending(self.row))


def _was_seen(row: FindingKept) -> bool:
    """Whether it was ever open while it was believed; what lies ahead is replaced all the time."""
    until = min(row.retracted_at or FOREVER, ending(row))
    return max(row.recorded_at, row.at) < until


def _opened(row: FindingKept, told: Iterable[FindingKept]) -> int:
    """Back to where the finding opened, by the stretches that were believed together with it."""
    for each in told:
        before = each.pattern == row.pattern and ending(each) == row.at
        together = each.recorded_at < (row.retracted_at or FOREVER) and row.recorded_at < (
            each.retracted_at or FOREVER
        )
        if before and together:
            return _opened(each, told)
    return row.at


def _grouped(seen: Iterable[_BelievedStage]) -> Iterator[list[_BelievedStage]]:
    """Those of one pattern that touch or overlap are one finding, told again and again."""
    ordered = sorted(seen, key=lambda each: (each.row.pattern, each.opened, each.row.at))
    for _, mine in groupby(ordered, key=lambda each: each.row.pattern):
        group: list[_BelievedStage] = []
        for each in mine:
            if group and each.opened > max(one.end for one in group):
                yield group
                group = []
            group.append(each)
        yield group


def _same(seen: list[_BelievedStage], row: FindingKept) -> bool:
    """Whether what is believed is about that finding too: it only begins or ends otherwise."""
    since, until = seen[0].opened, max(each.end for each in seen)
    return row.pattern == seen[0].row.pattern and row.at <= until and ending(row) >= since


def _told(by: FindingContext, supporter_id: int, seen: list[_BelievedStage]) -> Withdrawal:
    last = max(seen, key=lambda each: each.end)
    at = max(each.row.retracted_at or 0 for each in seen)
    since, until, pattern = seen[0].opened, last.end, last.row.pattern
    cause, touchpoints = _because(by, supporter_id, pattern, (since, until), at)
    return Withdrawal(
        pattern, last.row.severity, since, until, at,
        _evidence(by, supporter_id, pattern, until - 1, at), cause, touchpoints,
    )  # fmt: skip


def _evidence(
    by: FindingContext, supporter_id: int, pattern: str, instant: int, at: int
) -> tuple[Fact, ...]:
    """What proved it for whoever looked last."""
    before = by.as_known(at - 1)
    if before is None:
        return ()
    lines = before.history(supporter_id).lines
    proved = windows(lines, pattern, instant, instant + 1)
    return next((proof.at(instant) for _, proof in proved), ())


def _because(
    by: FindingContext, supporter_id: int, pattern: str, stretch: tuple[int, int], at: int
) -> tuple[Literal["correction", "definition"], tuple[int, ...]]:
    """What was learned at that instant without which it would be found still."""
    after = by.as_known(at)
    hers = None if after is None else after.history(supporter_id)
    told = set() if hers is None else as_known.recorded_at(by.store, list(hers.stored.rows()), at)
    if hers is not None and told and _found(hers.without(told), pattern, stretch):
        needed = [each for each in sorted(told) if _found(hers.without({each}), pattern, stretch)]
        return "correction", tuple(needed or sorted(told))
    defined = as_known.defined_at(by.store, by.key, at)
    return ("definition" if defined else "correction"), ()


def _found(hers: SupporterHistory, pattern: str, stretch: tuple[int, int]) -> bool:
    since, until = stretch
    return any(each.at < until and each.until > since for each in hers.lines.findings({pattern}))
