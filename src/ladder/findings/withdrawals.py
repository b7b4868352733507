"""Findings that were believed once and are no more: what has been learned since, and from what.

A thank-you written down three weeks late leaves no finding at all: it was never unthanked. Who had
it on her list nevertheless wants to know what became of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ladder.calendars import FOREVER
from ladder.findings.judging import Hers, Judging
from ladder.findings.lives import ending
from ladder.findings.states import windows
from ladder.live.facts import Fact
from ladder.storage import knowing
from ladder.storage.knowing import FindingKept


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
    by: Judging, supporter_id: int, *, among: Collection[str] | None = None
) -> list[Withdrawal]:
    """All of one supporter's, of these patterns, by when they opened."""
    store, known_at = by.store, by.known_at
    believed = knowing.findings(store, by.root, supporter_id, known_at=known_at)
    over = knowing.withdrawn(store, by.root, supporter_id, known_at=known_at)
    seen = (row for row in over if among is None or row.pattern in among)
    return [
        _told(by, supporter_id, rows)
        for rows in _grouped(row for row in seen if _was_seen(row))
        if not any(_overlap(rows, row) for row in believed)
    ]


def _was_seen(row: FindingKept) -> bool:
    """Whether it was ever open while it was believed; what lies ahead is replaced all the time."""
    return max(row.recorded_at, row.at) < _end(row)


def _end(row: FindingKept) -> int:
    """Until when it was open for whoever looked."""
    return min(row.retracted_at or FOREVER, ending(row))


def _grouped(rows: Iterable[FindingKept]) -> Iterator[list[FindingKept]]:
    """Those of one pattern that touch or overlap are one finding, told again and again."""
    ordered = sorted(rows, key=lambda row: (row.pattern, row.at))
    for _, mine in groupby(ordered, key=lambda row: row.pattern):
        group: list[FindingKept] = []
        for row in mine:
            if group and row.at > max(map(_end, group)):
                yield group
                group = []
            group.append(row)
        yield group


def _overlap(rows: list[FindingKept], row: FindingKept) -> bool:
    """Whether what is believed is about that finding too."""
    since, until = rows[0].at, max(map(_end, rows))
    return row.pattern == rows[0].pattern and row.at < until and ending(row) > since


def _told(by: Judging, supporter_id: int, rows: list[FindingKept]) -> Withdrawal:
    last = max(rows, key=_end)
    at = max(row.retracted_at or 0 for row in rows)
    since, until = rows[0].at, _end(last)
    cause, touchpoints = _because(by, supporter_id, last.pattern, (since, until), at)
    return Withdrawal(
        last.pattern, last.severity, since, until, at,
        _evidence(by, supporter_id, last.pattern, until - 1, at), cause, touchpoints,
    )  # fmt: skip


def _evidence(
    by: Judging, supporter_id: int, pattern: str, instant: int, at: int
) -> tuple[Fact, ...]:
    """What proved it for whoever looked last."""
    before = by.as_known(at - 1)
    if before is None:
        return ()
    lines = before.hers(supporter_id).lines
    proved = windows(lines, pattern, instant, instant + 1)
    return next((proof.at(instant) for _, proof in proved), ())


def _because(
    by: Judging, supporter_id: int, pattern: str, stretch: tuple[int, int], at: int
) -> tuple[Literal["correction", "definition"], tuple[int, ...]]:
    """What was learned at that instant without which it would be found still."""
    after = by.as_known(at)
    hers = None if after is None else after.hers(supporter_id)
    told = set() if hers is None else knowing.recorded_at(by.store, hers.ids, at)
    if hers is not None and told and _found(hers.without(told), pattern, stretch):
        needed = [each for each in sorted(told) if _found(hers.without({each}), pattern, stretch)]
        return "correction", tuple(needed or sorted(told))
    defined = knowing.defined_at(by.store, by.key, at)
    return ("definition" if defined else "correction"), ()


def _found(hers: Hers, pattern: str, stretch: tuple[int, int]) -> bool:
    since, until = stretch
    return any(each.at < until and each.until > since for each in hers.lines.findings({pattern}))
