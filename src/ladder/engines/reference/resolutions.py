"""Why a finding ended: time passed, touchpoints of that instant, or another definition speaks."""

from __future__ import annotations

from ladder.engines.incremental.relevance import bearing
from ladder.engines.reference.causes import responsible
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.ladder_index import plan_of
from ladder.engines.reference.versions import Lines
from ladder.language.ladders import Ladder
from ladder.language.standings import Cause
from ladder.model.intervals import holds


def ending(lines: Lines, pattern: str, at: int) -> tuple[Cause, tuple[Fact, ...]]:
    """What ended the finding of that pattern which is open no more at an instant.

    The clock, if it would be over had nothing happened at that instant; else the touchpoints of
    that instant without which it would be open still. At a seam the definition, if by the one
    before it would be.
    """
    before = max(n for n, each in enumerate(lines.versions) if n == 0 or each.since < at)
    evaluation, ladder = lines.evaluations[before], lines.versions[before].ladder
    seam = any(each.since == at for each in lines.versions[before + 1 :])
    if seam and _found(evaluation, ladder, pattern, 2 * at + 1):
        return "definition", ()
    if not _found(evaluation, ladder, pattern, 2 * at):
        return "clock", ()
    acting = _acting(evaluation, ladder, pattern, at)
    if len(acting) < 2:  # noqa: PLR2004
        return "touchpoint", acting

    def over(history: History) -> bool:
        return not _found(evaluation.on(history), ladder, pattern, 2 * at + 1)

    return "touchpoint", responsible(acting, evaluation.history.upto(at), over)


def _found(evaluation: Evaluation, ladder: Ladder, pattern: str, position: int) -> bool:
    """Whether the pattern is found, at any grade, at a position."""
    grades = plan_of(ladder).findings.get(pattern, [])
    return any(holds(evaluation.positions(found), position) for _, found in grades)


def _acting(evaluation: Evaluation, ladder: Ladder, pattern: str, at: int) -> tuple[Fact, ...]:
    """Those of the instant that can bear on it at all."""
    return tuple(
        fact
        for fact in evaluation.history.everything
        if fact.at == at
        and (
            fact.brought
            or fact.refunded is not None
            or pattern in bearing(fact, ladder, evaluation.organisation).patterns
        )
    )
