"""Decide when to take a snapshot, and take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ladder.coverage import BEGINNING
from ladder.engines.incremental.checkpoints import choose_checkpoint, resolve_corrections
from ladder.engines.incremental.indexed_evaluator import IndexedEvaluation
from ladder.engines.incremental.requirements import requirements_of
from ladder.engines.incremental.snapshot_evaluator import (
    Snapshot,
    SnapshotEvaluator,
    findings_since,
    take_snapshot,
)
from ladder.engines.incremental.snapshot_json import StoredSnapshot
from ladder.engines.reference.movements import places
from ladder.engines.reference.versions import VersionedEvaluation

LONG: Final = 20
"""As many touchpoints are read again before a later snapshot is taken."""

MOST_SETTLED: Final = 64
"""No snapshot is taken where more touchpoints are void, or awaited by voids and refunds."""


def first_snapshot(
    lines: VersionedEvaluation, rows: Sequence[Sequence[Any]], supporter: int, now: int
) -> StoredSnapshot | None:
    """Take a snapshot of a whole history; None where no evaluation can go on from one.

    `rows` are all its touchpoints. The last version of the ladder alone goes on from a snapshot.
    """
    evaluation, (since, ladder) = lines.evaluations[-1], lines.versions[-1]
    assert isinstance(evaluation, IndexedEvaluation)  # as a stored history makes it  # noqa: S101
    history = evaluation.history
    requires = requirements_of(ladder, evaluation.organisation)
    corrections = resolve_corrections(rows, ladder.kinds, supporter)
    at = choose_checkpoint(history.facts, evaluation.calendar, corrections.at, now)
    if at is None or history.t0 is None or history.t0 >= at or BEGINNING < since >= at:
        return None
    if requires.money and any(fact.foreign for fact in history.facts):
        return None
    if max(len(corrections.gone), len(corrections.waiting)) > MOST_SETTLED:
        return None
    heights = [place.height for then, place in places(evaluation, ladder) if then < at]
    opened = {
        finding.pattern: finding.at
        for finding in lines.findings()
        if finding.at < at <= finding.until
    }
    snapshot = take_snapshot(evaluation, at, max(heights, default=0), opened)
    return StoredSnapshot(snapshot, frozenset(corrections.gone), frozenset(corrections.waiting))


def later_snapshot(evaluation: SnapshotEvaluator, now: int) -> Snapshot | None:
    """Take a later snapshot when many touchpoints came since the present one, else None."""
    ladder, snapshot = evaluation.definition, evaluation.snapshot
    facts = [fact for fact in evaluation.history.facts if fact.at >= snapshot.at]
    if len(facts) <= LONG:
        return None
    at = choose_checkpoint(facts, evaluation.calendar, snapshot.at, now)
    if at is None or at <= snapshot.at:
        return None
    heights = [place.height for then, place in places(evaluation, ladder) if then < at]
    findings = findings_since(evaluation, ladder, None, at)
    opened = {finding.pattern: finding.at for finding in findings if finding.at < at}
    return take_snapshot(evaluation, at, max([snapshot.peak, *heights]), opened)
