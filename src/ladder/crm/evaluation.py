"""Evaluate one supporter by every ladder in force, without running a statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from ladder.crm.context import Adopted, OrganisationContext
from ladder.crm.loading import SupporterContext, is_awaited
from ladder.engines.incremental.relevance import NOTHING, Bearing, bearing
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import Finding, Movement
from ladder.engines.reference.versions import Lines
from ladder.language.ladders import Ladder
from ladder.storage.read.histories import StoredHistory
from ladder.storage.snapshots import SnapshotRow
from ladder.storage.write.bitemporal import FindingRow, LadderRows, MovementRow


@dataclass(frozen=True)
class LadderResult:
    """What one ladder says of one supporter, as rows to be stored."""

    adopted: Adopted
    rows: LadderRows
    lines: Lines | None = field(default=None, repr=False)
    """The evaluation, where it read the whole history."""

    @property
    def is_unchanged(self) -> bool:
        """Whether the new touchpoints affect nothing that this ladder says."""
        return self.rows.movements is None and not self.rows.patterns


@dataclass(frozen=True)
class EvaluationResult:
    """What all ladders say of one supporter."""

    context: SupporterContext
    first_at: int | None
    ladders: tuple[LadderResult, ...]
    snapshots: tuple[SnapshotRow, ...] | None = None
    """New snapshots, one per ladder. Empty: delete all snapshots. None: keep the stored ones."""


def evaluate_whole(
    organisation: OrganisationContext, supporter: SupporterContext
) -> EvaluationResult:
    """Evaluate a whole history.

    Where only touchpoints are new, only the rungs and patterns that these can affect are evaluated.

    Raises:
        CurrencyError: A ladder adds up amounts in a currency for which it has no rate.
    """
    history, new = supporter.history, supporter.new
    if not organisation.adopted:
        return EvaluationResult(supporter, _first_at(organisation, history), ())
    is_partial = new is not None and not is_awaited(history.own, new)
    results, first_at = [], None
    for adopted in organisation.adopted:
        evaluations = [
            history.evaluation(organisation.store, version.ladder, organisation.coverage)
            for version in adopted.versions
        ]
        first_at = evaluations[-1].history.t0
        impact = Bearing(True, adopted.patterns)
        if new is not None and is_partial:
            impact = NOTHING
            for evaluation, version in zip(evaluations, adopted.versions, strict=True):
                impact = impact.joined(impact_of(evaluation, version.ladder, new))
        lines = Lines(adopted.versions, evaluations)
        movements = movement_rows(lines.movements()) if impact.standing else None
        findings = finding_rows(lines.findings(impact.patterns))
        rows = LadderRows(movements, findings, impact.patterns)
        results.append(LadderResult(adopted, rows, lines))
    return EvaluationResult(supporter, first_at, tuple(results))


def _first_at(organisation: OrganisationContext, history: StoredHistory) -> int | None:
    """Return where a line begins by the kinds alone, for an organisation without a ladder."""
    return History.from_rows(
        history.own, organisation.store.organisation, organisation.kinds, history.referred, None,
        history.supporter_id,
    ).t0  # fmt: skip


def impact_of(evaluation: Evaluation, ladder: Ladder, new: Collection[int]) -> Bearing:
    """Find what new touchpoints can affect; money without a rate can affect everything."""
    impact = NOTHING
    facts = evaluation.history.everything
    before = sorted(fact.at for fact in facts)[-2:-1]
    for fact in facts:
        if fact.id in new and not fact.brought:
            if fact.foreign:
                return Bearing(True, frozenset(pattern.key for pattern in ladder.patterns))
            is_last = all(at < fact.at for at in before)
            impact = impact.joined(bearing(fact, ladder, evaluation.organisation, last=is_last))
    return impact


def finding_rows(findings: Iterable[Finding]) -> list[FindingRow]:
    """Convert findings to rows."""
    return [
        FindingRow(finding.pattern, finding.severity, finding.at, finding.until)
        for finding in findings
    ]


def movement_rows(movements: Iterable[Movement]) -> list[MovementRow]:
    """Convert movements to rows: places by their rungs, touchpoints by their ids."""
    return [
        MovementRow(
            movement.at, movement.until, movement.kind,
            str(movement.before), movement.before.height,
            str(movement.after), movement.after.height,
            "+".join(movement.skipped), movement.new_peak, movement.cause,
            [fact.id for fact in movement.causes],
        )
        for movement in movements
    ]  # fmt: skip
