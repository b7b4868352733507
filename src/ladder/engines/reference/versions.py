"""Evaluate one supporter by several definitions, joined at version boundaries; why findings end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ladder.coverage import BEGINNING
from ladder.engines.reference.causes import acting_facts, responsible_facts
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import Finding, Movement, findings, movements
from ladder.language.ladders import Ladder
from ladder.language.measures import Measure
from ladder.language.nodes import Selector, When
from ladder.language.selectors import static
from ladder.language.spans import Until
from ladder.language.standings import GROUND, Cause, Place
from ladder.language.versions import Succession, boundary_kind
from ladder.model.calendars import FOREVER
from ladder.model.intervals import holds


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
        kind=boundary_kind(before, after, been=any(movement.after.height for movement in kept)),
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


def find_resolution(
    versioned: VersionedEvaluation, pattern: str, at: int
) -> tuple[Cause, tuple[Fact, ...]]:
    """Find what ended the finding of a pattern that is open no more at an instant.

    It is the clock if the finding would be over had nothing happened at that instant; else the
    touchpoints of that instant without which it would be open still. At a version boundary it is
    the definition, if the finding would be open by the earlier one.
    """
    versions = versioned.versions
    before = max(n for n, version in enumerate(versions) if n == 0 or version.since < at)
    evaluation, ladder = versioned.evaluations[before], versions[before].ladder
    is_boundary = any(version.since == at for version in versions[before + 1 :])
    if is_boundary and _is_open(evaluation, ladder, pattern, 2 * at + 1):
        return "definition", ()
    if not _is_open(evaluation, ladder, pattern, 2 * at):
        return "clock", ()
    acting = acting_facts(evaluation, set(_watched_selectors(ladder, pattern)), at)
    if len(acting) < 2:  # noqa: PLR2004  (with one or none there is nothing to choose)
        return "touchpoint", acting

    def is_over(history: History) -> bool:
        return not _is_open(evaluation.on(history), ladder, pattern, 2 * at + 1)

    return "touchpoint", responsible_facts(acting, evaluation.history.upto(at), is_over)


def _is_open(evaluation: Evaluation, ladder: Ladder, pattern: str, position: int) -> bool:
    conditions = ladder.open_while.get(pattern, ())
    return any(holds(evaluation.positions(condition), position) for condition in conditions)


def _watched_selectors(ladder: Ladder, pattern: str) -> Iterator[Selector]:
    """List what the pattern's measures, `until` and moments look at, by rungs that it names too."""
    conditions = ladder.open_while[pattern]
    for condition in (*conditions, *ladder.rungs_named_in(conditions).values()):
        for node in condition.walk():
            if isinstance(node, Measure | Until | When):
                yield static(node.selector)
