"""Evaluate one supporter by every ladder in force, without running a statement.

Most touchpoints come in order. Then snapshots of the past and the few touchpoints since suffice,
however long the history is. A touchpoint that reaches further back takes the whole history (see
`ladder.engines.incremental.snapshot_evaluator`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ladder.crm.context import Adopted, OrganisationContext
from ladder.engines.incremental.relevance import NO_IMPACT, Impact, impact_of
from ladder.engines.incremental.snapshot_evaluator import (
    FullReadRequired,
    SnapshotEvaluator,
    findings_since,
)
from ladder.engines.incremental.snapshots import (
    LONG,
    StoredSnapshot,
    first_snapshot,
    hash_definition,
    later_snapshot,
    read_snapshot,
    write_snapshot,
)
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import Finding, Movement, movements
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.storage.read.histories import key_of
from ladder.storage.snapshots import SnapshotRow
from ladder.storage.write.loading import SupporterContext, find_awaited


@dataclass(frozen=True)
class LadderResult:
    """What one ladder says of one supporter.

    With `since`, of that instant and later only; everything earlier stays as it is stored.
    """

    adopted: Adopted
    movements: Sequence[Movement] | None
    """None: the stored ones stay."""
    findings: Sequence[Finding]
    patterns: frozenset[str]
    """The patterns that `findings` are about."""
    since: int | None = None
    lines: VersionedEvaluation | None = field(default=None, repr=False)
    """The evaluation, where it read the whole history."""

    @property
    def is_unchanged(self) -> bool:
        """Whether the new touchpoints affect nothing that this ladder says."""
        return self.movements is None and not self.patterns


@dataclass(frozen=True)
class EvaluationResult:
    """What all ladders say of one supporter."""

    context: SupporterContext
    first_at: int | None
    ladders: tuple[LadderResult, ...]
    snapshots: tuple[SnapshotRow, ...] | None = None
    """New snapshots, one per ladder. Empty: delete all snapshots. None: keep the stored ones."""


def evaluate(
    organisation: OrganisationContext, supporter: SupporterContext, *, now: int
) -> EvaluationResult | None:
    """Evaluate a supporter from their snapshots or, without any, from the whole history.

    None where the snapshots do not suffice.

    Raises:
        CurrencyError: A ladder adds up amounts in a currency for which it has no rate.
    """
    if supporter.snapshots:
        try:
            return _IncrementalEvaluation(organisation, supporter, now).result()
        except FullReadRequired:
            return None
    result = evaluate_whole(organisation, supporter)
    rows = list(supporter.history.rows().values())
    if len(rows) <= LONG:
        return result
    kept = [
        first_snapshot(ladder.lines, rows, supporter.supporter.id, now)
        for ladder in result.ladders
        if ladder.lines is not None
    ]
    snapshots = tuple(
        SnapshotRow(
            adopted.definition.id,
            one.snapshot.at,
            hash_definition(adopted.ladder, organisation.store.organisation, organisation.coverage),
            write_snapshot(one),
        )
        for adopted, one in zip(organisation.adopted, kept, strict=True)
        if one is not None
    )
    # Where one ladder has none, none is stored: the next recording reads the whole history anyway.
    return replace(result, snapshots=() if None in kept else snapshots)


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
        first_at = history.line_start(organisation.store, organisation.kinds)
        return EvaluationResult(supporter, first_at, ())
    if new is not None and find_awaited(history.own, new):
        new = None
    results, first_at = [], None
    for adopted in organisation.adopted:
        evaluations = [
            history.evaluation(organisation.store, version.ladder, organisation.coverage)
            for version in adopted.versions
        ]
        first_at = evaluations[-1].history.t0
        impact = Impact(True, adopted.patterns) if new is None else NO_IMPACT
        for evaluation, version in zip(evaluations, adopted.versions, strict=True):
            impact = impact.join(impact_of(evaluation, version.ladder, new or ()))
        lines = VersionedEvaluation(adopted.versions, evaluations)
        moved = lines.movements() if impact.standing else None
        findings = lines.findings(impact.patterns)
        results.append(LadderResult(adopted, moved, findings, impact.patterns, lines=lines))
    return EvaluationResult(supporter, first_at, tuple(results))


class _IncrementalEvaluation:
    """One supporter's evaluation from snapshots; raises `FullReadRequired` if it needs more."""

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
        results, later, first_at = [], [], None
        for adopted in self.organisation.adopted:
            kept = self._kept(adopted, by_definition.get(adopted.definition.id))
            first_at = kept.snapshot.begun
            evaluation = self._evaluation(adopted, kept)
            results.append(self._ladder_result(adopted, evaluation))
            snapshot = later_snapshot(evaluation, self.now)
            if snapshot is not None:
                moved = replace(kept, snapshot=snapshot)
                row = by_definition[adopted.definition.id]
                later.append(row._replace(at=snapshot.at, state=write_snapshot(moved)))
        return EvaluationResult(self.supporter, first_at, tuple(results), tuple(later) or None)

    def _kept(self, adopted: Adopted, row: SnapshotRow | None) -> StoredSnapshot:
        """Read a snapshot, if the same rules made it and it ends before the new touchpoints."""
        organisation = self.organisation.store.organisation
        made_by = hash_definition(adopted.ladder, organisation, self.organisation.coverage)
        if row is None or row.judged_by != made_by:
            raise FullReadRequired
        kept = read_snapshot(row.state, row.at, adopted.ladder, organisation)
        if self.new_keys & kept.waiting or self.since < row.at:
            raise FullReadRequired
        return kept

    def _evaluation(self, adopted: Adopted, kept: StoredSnapshot) -> SnapshotEvaluator:
        organisation, ladder = self.organisation.store.organisation, adopted.ladder
        rows = self.supporter.history.without(kept.gone)
        history = History.from_rows(
            rows.own, organisation, ladder.kinds, rows.referred, ladder.rates,
            rows.supporter_id, kept.snapshot.begun,
        )  # fmt: skip
        return SnapshotEvaluator(
            history, organisation, ladder, self.organisation.coverage, kept.snapshot
        )

    def _ladder_result(self, adopted: Adopted, evaluation: SnapshotEvaluator) -> LadderResult:
        ladder = adopted.ladder
        impact = impact_of(evaluation, ladder, self.new)
        moved = movements(evaluation, ladder, self.since) if impact.standing else None
        findings = findings_since(evaluation, ladder, impact.patterns, self.since)
        return LadderResult(adopted, moved, findings, impact.patterns, self.since)
