"""What the patterns say at an instant: found, not assessable, or clear; and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Literal

from ladder.coverage import BEGINNING, Lack, conjuncts, lacks, only_logged
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.evidence import evidence
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.ladder_index import plan_of
from ladder.language.conditions import Severity
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.model.intervals import around

Word = Literal["found", "not assessable", "clear"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one pattern says at one instant.

    When found: how severe, during which instants that grade's condition holds, and the touchpoints
    that prove it. When not assessable: the reason, in the pattern's own words (for one that is
    made of others, in theirs too, where they are not known); of these needs what the log lacks, and
    which others are not met.
    """

    pattern: Pattern
    word: Word
    severity: Severity | None = None
    since: int | None = None
    until: int | None = None
    reason: str = ""
    evidence: tuple[Fact, ...] = ()
    lacks: tuple[Lack, ...] = ()
    unmet: tuple[Condition, ...] = ()


def verdicts(evaluation: Evaluation, ladder: Ladder, at: int) -> list[Verdict]:
    """One verdict for each pattern of the ladder, in its order."""
    return [_verdict(evaluation, ladder, pattern, at) for pattern in ladder.patterns]


def _verdict(evaluation: Evaluation, ladder: Ladder, pattern: Pattern, at: int) -> Verdict:
    for grade, condition in reversed(plan_of(ladder).findings[pattern.key]):
        episode = around(evaluation.episodes(condition), at)
        if episode is not None:
            since, until = episode
            proof = evidence(evaluation, ladder, pattern, at)
            return Verdict(pattern, "found", grade.severity, since, until, evidence=proof)
    if ladder.silent is not None and not pattern.duty and evaluation.at(ladder.silent, at):
        return Verdict(pattern, "clear", reason="silent: nothing is held against this relationship")
    needs = ladder.assessable(pattern)
    if needs is not None and not evaluation.at(needs, at):
        return _not_assessable(evaluation, ladder, pattern, at)
    return Verdict(pattern, "clear")


def _not_assessable(evaluation: Evaluation, ladder: Ladder, pattern: Pattern, at: int) -> Verdict:
    """With what the log lacks of its needs, and of those of the patterns that it is made of."""
    begun = evaluation.history.t0
    needs = ladder.needs_of(pattern)
    lacking = lacks(
        reduce(and_, needs),
        evaluation.coverage,
        evaluation.kinds,
        evaluation.calendar,
        at=at,
        begun=BEGINNING if begun is None else begun,
    )
    others = (part for each in needs for part in conjuncts(each) if not only_logged(part))
    unmet = (each for each in others if not evaluation.at(each, at))
    return Verdict(
        pattern,
        "not assessable",
        reason=_reason(evaluation, ladder, pattern, at),
        lacks=tuple(lacking),
        unmet=tuple(dict.fromkeys(unmet)),
    )


def _reason(evaluation: Evaluation, ladder: Ladder, pattern: Pattern, at: int) -> str:
    """In the pattern's words; of one that is made of others, in those of them it waits for, too.

    These are the parts that cannot be judged at the instant. Where all of them can, it looks back:
    then the ones that could not until lately, and until when.
    """
    parts = ladder.parts_of(pattern)
    until = [_unknown_until(evaluation, ladder, part, at) for part in parts]
    latest = max(until, default=BEGINNING)
    if latest == BEGINNING:
        return pattern.wants
    when = "" if latest > at else f" until {evaluation.calendar.text(latest)}"
    those = [part for part, end in zip(parts, until, strict=True) if end == latest]
    unknown = ", ".join(f"{part.key}{when} ({part.wants})" for part in those)
    return f"{pattern.wants} Not known: {unknown}"


def _unknown_until(evaluation: Evaluation, ladder: Ladder, part: Pattern, at: int) -> int:
    """Until when it could not be judged last: beyond the instant, where it cannot be now."""
    needs = ladder.assessable(part)
    if needs is None:
        return BEGINNING
    if not evaluation.at(needs, at):
        return at + 1
    return max((end for _, end in evaluation.episodes(~needs) if end <= at), default=BEGINNING)
