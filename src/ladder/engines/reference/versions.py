"""Evaluate one supporter by several definitions, joined at their version boundaries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ladder.coverage import BEGINNING
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import Finding, Movement, findings, movements
from ladder.language.standings import GROUND, Place
from ladder.language.versions import Succession, seam_kind
from ladder.model.calendars import FOREVER


@dataclass(frozen=True)
class VersionedEvaluation:
    """One supporter's history as each version of a ladder reads it."""

    versions: Succession
    evaluations: Sequence[Evaluation]

    def movements(self) -> list[Movement]:
        """List the movements, those at the version boundaries among them."""
        joined: list[Movement] = []
        for (since, ladder), evaluation in zip(self.versions, self.evaluations, strict=True):
            new = movements(evaluation, ladder)
            joined = new if since == BEGINNING else join_movements(joined, new, since)
        return joined

    def findings(self, among: Collection[str] | None = None) -> list[Finding]:
        """List the findings, of the patterns with the keys `among` only where they are given."""
        joined: list[Finding] = []
        for (since, ladder), evaluation in zip(self.versions, self.evaluations, strict=True):
            new = findings(evaluation, ladder, among)
            joined = new if since == BEGINNING else join_findings(joined, new, since)
        return joined


def join_movements(old: Sequence[Movement], new: Sequence[Movement], at: int) -> list[Movement]:
    """Join the old definition's movements before an instant and the new one's from it on."""
    kept = [movement for movement in old if movement.at < at]
    ahead = [movement for movement in new if movement.at > at]
    before = _last_place(kept)
    after = _last_place([movement for movement in new if movement.at <= at])
    until = ahead[0].at if ahead else FOREVER
    if before == after:
        kept[-1:] = [replace(movement, until=until) for movement in kept[-1:]]
        return kept + ahead
    kept[-1:] = [replace(movement, until=at) for movement in kept[-1:]]
    if before == _last_place([movement for movement in new if movement.at < at]):
        return [*kept, *(movement for movement in new if movement.at == at), *ahead]
    boundary = Movement(
        at=at,
        until=until,
        kind=seam_kind(before, after, been=any(movement.after.height for movement in kept)),
        before=before,
        after=after,
        skipped=(),
        new_peak=False,
        cause="definition",
    )
    return [*kept, boundary, *ahead]


def _last_place(movements: Sequence[Movement]) -> Place:
    return movements[-1].after if movements else GROUND


def join_findings(old: Sequence[Finding], new: Sequence[Finding], at: int) -> list[Finding]:
    """Join findings at an instant; one that is open on both sides, as severe, is one finding."""
    kept = [replace(finding, until=min(finding.until, at)) for finding in old if finding.at < at]
    ahead = [replace(finding, at=max(finding.at, at)) for finding in new if finding.until > at]
    continuing = {
        (finding.pattern, finding.severity): finding for finding in ahead if finding.at == at
    }
    joined = []
    for finding in kept:
        later = None
        if finding.until == at:
            later = continuing.pop((finding.pattern, finding.severity), None)
        joined.append(finding if later is None else replace(finding, until=later.until))
    rest = list(continuing.values())
    return joined + [finding for finding in ahead if finding.at > at or finding in rest]
