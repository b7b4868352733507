"""Evaluate one supporter from snapshots of their past and the touchpoints since.

Most touchpoints come in order. Then a snapshot and the few touchpoints since it was taken suffice,
however long the history is, and now and then a later snapshot replaces it. A touchpoint that
reaches further back takes the whole history (see
`ladder.engines.incremental.snapshot_evaluator`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ladder.coverage import BEGINNING
from ladder.crm.context import Adopted, OrganisationContext
from ladder.crm.evaluation import (
    EvaluationResult,
    LadderResult,
    evaluate_whole,
    finding_rows,
    impact_of,
    movement_rows,
)
from ladder.crm.loading import SupporterContext
from ladder.engines.incremental.checkpoints import checkpoint, settled
from ladder.engines.incremental.requirements import memory_of
from ladder.engines.incremental.snapshot_evaluator import (
    Carried,
    NotCarried,
    State,
    carry,
    findings_since,
)
from ladder.engines.incremental.snapshot_json import Kept, judged_by, read, written
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import movements, places
from ladder.storage.read.histories import key_of
from ladder.storage.snapshots import SnapshotRow
from ladder.storage.write.bitemporal import LadderRows

LONG: Final = 20
"""As many touchpoints are read again before a later snapshot is taken."""

MOST_SETTLED: Final = 64
"""No snapshot is taken where more touchpoints are void, or awaited by voids and refunds."""


def evaluate(
    organisation: OrganisationContext, supporter: SupporterContext, *, now: int
) -> EvaluationResult:
    """Evaluate a supporter from their snapshots or, without any, from the whole history.

    Raises:
        NotCarried: It takes the whole history; never raised without snapshots.
        CurrencyError: A ladder adds up amounts in a currency for which it has no rate.
    """
    if supporter.snapshots:
        return _IncrementalEvaluation(organisation, supporter, now).result()
    result = evaluate_whole(organisation, supporter)
    return replace(result, snapshots=_first_snapshots(organisation, result, now))


def _first_snapshots(
    organisation: OrganisationContext, result: EvaluationResult, now: int
) -> tuple[SnapshotRow, ...] | None:
    """Take snapshots of a whole history, for all ladders or for none.

    A short history never had any.
    """
    if len(result.context.history.rows()) <= LONG:
        return None
    rows = [_first_snapshot(organisation, result, ladder, now) for ladder in result.ladders]
    return tuple(row for row in rows if row is not None) if all(rows) else ()


def _first_snapshot(
    organisation: OrganisationContext, result: EvaluationResult, ladder: LadderResult, now: int
) -> SnapshotRow | None:
    """Take the snapshot for one ladder; None where its evaluation cannot go on from one."""
    lines, adopted = ladder.lines, ladder.adopted
    assert lines is not None  # a whole history was evaluated  # noqa: S101
    evaluation, since = lines.evaluations[-1], lines.versions[-1].since
    history, rows = evaluation.history, list(result.context.history.rows().values())
    needs = memory_of(adopted.ladder, evaluation.organisation)
    corrections = settled(rows, adopted.ladder.kinds, result.context.supporter.id)
    at = checkpoint(history.facts, evaluation.calendar, corrections.at, now)
    if at is None or history.t0 is None or history.t0 >= at or BEGINNING < since >= at:
        return None
    if needs.money and any(fact.foreign for fact in history.facts):
        return None
    if max(len(corrections.gone), len(corrections.waiting)) > MOST_SETTLED:
        return None
    heights = [place.height for then, place in places(evaluation, adopted.ladder) if then < at]
    findings = lines.findings()
    opened = {
        finding.pattern: finding.at for finding in findings if finding.at < at <= finding.until
    }
    snapshot = carry(evaluation, at, max(heights, default=0), opened)
    kept = Kept(snapshot, frozenset(corrections.gone), frozenset(corrections.waiting))
    return _snapshot_row(organisation, adopted, kept)


def _snapshot_row(organisation: OrganisationContext, adopted: Adopted, kept: Kept) -> SnapshotRow:
    mark = judged_by(adopted.ladder, organisation.store.organisation, organisation.coverage)
    return SnapshotRow(adopted.definition.id, kept.state.at, mark, written(kept))


class _IncrementalEvaluation:
    """The evaluation of one supporter from snapshots; raises `NotCarried` where it needs more."""

    def __init__(
        self, organisation: OrganisationContext, supporter: SupporterContext, now: int
    ) -> None:
        assert supporter.new is not None  # else the whole history is loaded  # noqa: S101
        self.organisation, self.supporter, self.now = organisation, supporter, now
        self.new = supporter.new
        self.since = min(supporter.new.values())
        self.new_keys = {key_of(row) for row in supporter.history.own if row[0] in self.new}

    def result(self) -> EvaluationResult:
        """Evaluate by every ladder."""
        by_definition = {row.definition_id: row for row in self.supporter.snapshots}
        results, snapshots, first_at = [], [], None
        for adopted in self.organisation.adopted:
            kept = self._kept(adopted, by_definition.get(adopted.definition.id))
            first_at = kept.state.begun
            evaluation = self._evaluation(adopted, kept)
            results.append(self._ladder_result(adopted, evaluation))
            later = self._later_snapshot(evaluation)
            if later is not None:
                moved = replace(kept, state=later)
                snapshots.append(_snapshot_row(self.organisation, adopted, moved))
        return EvaluationResult(self.supporter, first_at, tuple(results), tuple(snapshots) or None)

    def _kept(self, adopted: Adopted, row: SnapshotRow | None) -> Kept:
        """Read a snapshot, if the same rules made it and it ends before the new touchpoints."""
        organisation = self.organisation.store.organisation
        mark = judged_by(adopted.ladder, organisation, self.organisation.coverage)
        if row is None or row.judged_by != mark:
            raise NotCarried
        kept = read(row.state, row.at, adopted.ladder, organisation)
        if self.new_keys & kept.waiting or self.since < row.at:
            raise NotCarried
        return kept

    def _evaluation(self, adopted: Adopted, kept: Kept) -> Carried:
        organisation, ladder = self.organisation.store.organisation, adopted.ladder
        rows = self.supporter.history.without(kept.gone)
        history = History.from_rows(
            rows.own, organisation, ladder.kinds, rows.referred, ladder.rates,
            rows.supporter_id, kept.state.begun,
        )  # fmt: skip
        return Carried(history, organisation, ladder, self.organisation.coverage, kept.state)

    def _ladder_result(self, adopted: Adopted, evaluation: Carried) -> LadderResult:
        ladder = adopted.ladder
        impact = impact_of(evaluation, ladder, self.new)
        moved = None
        if impact.standing:
            moved = movement_rows(movements(evaluation, ladder, self.since))
        findings = findings_since(evaluation, ladder, impact.patterns, self.since)
        rows = LadderRows(moved, finding_rows(findings), impact.patterns, self.since)
        return LadderResult(adopted, rows)

    def _later_snapshot(self, evaluation: Carried) -> State | None:
        """Take a later snapshot when many touchpoints came since the present one."""
        history, ladder, snapshot = evaluation.history, evaluation.definition, evaluation.state
        facts = [fact for fact in history.facts if fact.at >= snapshot.at]
        if len(facts) <= LONG:
            return None
        at = checkpoint(facts, evaluation.calendar, snapshot.at, self.now)
        if at is None or at <= snapshot.at:
            return None
        heights = [place.height for then, place in places(evaluation, ladder) if then < at]
        findings = findings_since(evaluation, ladder, None, at)
        opened = {finding.pattern: finding.at for finding in findings if finding.at < at}
        return carry(evaluation, at, max([snapshot.peak, *heights]), opened)
