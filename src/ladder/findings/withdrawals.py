"""Findings that were believed once and are no longer, and what was learned since.

A thank-you that is recorded three weeks late leaves no finding: the gift was never unthanked. A
user who had the finding on a list wants to know what became of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from ladder.engines.reference.facts import Fact
from ladder.findings.context import FindingContext, SupporterHistory
from ladder.findings.lifecycles import end_of
from ladder.findings.states import evidence_windows
from ladder.model.calendars import FOREVER
from ladder.storage.read import as_known
from ladder.storage.read.as_known import FindingKept


@dataclass(frozen=True)
class Withdrawal:
    """A finding that users saw during `[opened, until)` and that was withdrawn `at` an instant.

    `cause` says what was learned then: of touchpoints (a correction), or another definition.
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
    context: FindingContext, supporter_id: int, *, among: Collection[str] | None = None
) -> list[Withdrawal]:
    """Return a supporter's withdrawn findings of these patterns, by when they opened."""
    store, known_at = context.store, context.known_at
    believed = as_known.findings(store, context.root, supporter_id, known_at=known_at)
    retracted = as_known.withdrawn(store, context.root, supporter_id, known_at=known_at)
    rows = [row for row in (*believed, *retracted) if among is None or row.pattern in among]
    stages = (
        _VisibleStage(row, _opened_at(row, rows))
        for row in rows
        if _was_visible(row) and row in retracted
    )
    return [
        _withdrawal(context, supporter_id, group)
        for group in _groups(stages)
        if not any(_is_continued(group, row) for row in believed)
    ]


class _VisibleStage(NamedTuple):
    """A retracted stage that users saw, and when its finding had opened."""

    row: FindingKept
    opened: int

    @property
    def end(self) -> int:
        """The first instant at which users no longer saw it."""
        return _visible_end(self.row)


def _visible_end(row: FindingKept) -> int:
    return min(row.retracted_at or FOREVER, end_of(row))


def _was_visible(row: FindingKept) -> bool:
    """Whether it was ever open while believed; what lies ahead is replaced all the time."""
    return max(row.recorded_at, row.at) < _visible_end(row)


def _opened_at(row: FindingKept, rows: Iterable[FindingKept]) -> int:
    """Return where the finding opened, by the stages that were believed together with this one."""
    for other in rows:
        is_before = other.pattern == row.pattern and end_of(other) == row.at
        are_together = other.recorded_at < (row.retracted_at or FOREVER) and row.recorded_at < (
            other.retracted_at or FOREVER
        )
        if is_before and are_together:
            return _opened_at(other, rows)
    return row.at


def _groups(stages: Iterable[_VisibleStage]) -> Iterator[list[_VisibleStage]]:
    """Group stages of one pattern that touch or overlap: one finding, recorded several times."""
    ordered = sorted(stages, key=lambda stage: (stage.row.pattern, stage.opened, stage.row.at))
    for _, of_pattern in groupby(ordered, key=lambda stage: stage.row.pattern):
        group: list[_VisibleStage] = []
        for stage in of_pattern:
            if group and stage.opened > max(member.end for member in group):
                yield group
                group = []
            group.append(stage)
        yield group


def _is_continued(group: list[_VisibleStage], row: FindingKept) -> bool:
    """Whether a believed stage is of the same finding, which only begins or ends otherwise."""
    since, until = group[0].opened, max(stage.end for stage in group)
    return row.pattern == group[0].row.pattern and row.at <= until and end_of(row) >= since


def _withdrawal(
    context: FindingContext, supporter_id: int, group: list[_VisibleStage]
) -> Withdrawal:
    last = max(group, key=lambda stage: stage.end)
    at = max(stage.row.retracted_at or 0 for stage in group)
    opened, until, pattern = group[0].opened, last.end, last.row.pattern
    cause, touchpoints = _cause(context, supporter_id, pattern, (opened, until), at)
    evidence = _evidence(context, supporter_id, pattern, until - 1, at)
    return Withdrawal(pattern, last.row.severity, opened, until, at, evidence, cause, touchpoints)


def _evidence(
    context: FindingContext, supporter_id: int, pattern: str, instant: int, at: int
) -> tuple[Fact, ...]:
    """Return the evidence that users saw last, before the withdrawal at an instant."""
    before = context.as_known(at - 1)
    if before is None:
        return ()
    lines = before.history(supporter_id).lines
    windows = evidence_windows(lines, pattern, instant, instant + 1)
    return next((proof.at(instant) for _, proof in windows), ())


def _cause(
    context: FindingContext, supporter_id: int, pattern: str, time: tuple[int, int], at: int
) -> tuple[Literal["correction", "definition"], tuple[int, ...]]:
    """Find what was learned at that instant without which the finding would still be found."""
    after = context.as_known(at)
    if after is not None:
        history = after.history(supporter_id)
        learned = as_known.recorded_at(context.store, list(history.stored.rows()), at)
        if learned and _is_found(history.without(learned), pattern, time):
            needed = [
                number
                for number in sorted(learned)
                if _is_found(history.without({number}), pattern, time)
            ]
            return "correction", tuple(needed or sorted(learned))
    is_defined = as_known.defined_at(context.store, context.key, at)
    return ("definition" if is_defined else "correction"), ()


def _is_found(history: SupporterHistory, pattern: str, time: tuple[int, int]) -> bool:
    since, until = time
    findings = history.lines.findings({pattern})
    return any(finding.at < until and finding.until > since for finding in findings)
