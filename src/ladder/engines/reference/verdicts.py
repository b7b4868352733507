"""Give every pattern's verdict at an instant: found, not assessable, or clear; with evidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Literal

from ladder.coverage import (
    BEGINNING,
    MissingCoverage,
    conjuncts,
    find_missing,
    is_about_coverage,
)
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.evidence import evidence
from ladder.engines.reference.facts import Fact
from ladder.language.conditions import Severity
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.model.intervals import around

Word = Literal["found", "not assessable", "clear"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one pattern says at one instant.

    When found: the severity, the instants [since, until) during which that grade's condition holds,
    and the touchpoints that prove it. When not assessable: the reason in the pattern's own words;
    in `missing`, what the log does not hold of what the pattern needs; in `unmet`, the other needs
    that are not true. The reason of a pattern that is made of others has their words too.
    """

    pattern: Pattern
    word: Word
    severity: Severity | None = None
    since: int | None = None
    until: int | None = None
    reason: str = ""
    evidence: tuple[Fact, ...] = ()
    missing: tuple[MissingCoverage, ...] = ()
    unmet: tuple[Condition, ...] = ()


def verdicts(evaluation: Evaluation, ladder: Ladder, at: int) -> list[Verdict]:
    """Give one verdict for each pattern of the ladder, in its order."""
    return [_verdict(evaluation, ladder, pattern, at) for pattern in ladder.patterns]


def _verdict(evaluation: Evaluation, ladder: Ladder, pattern: Pattern, at: int) -> Verdict:
    grades = list(zip(pattern.grades, ladder.open_while[pattern.key], strict=True))
    for grade, condition in reversed(grades):
        episode = around(evaluation.episodes(condition), at)
        if episode is not None:
            since, until = episode
            proof = evidence(evaluation, ladder, pattern, at)
            return Verdict(pattern, "found", grade.severity, since, until, evidence=proof)
    if (
        ladder.suppress_when is not None
        and not pattern.safeguard
        and evaluation.at(ladder.suppress_when, at)
    ):
        return Verdict(pattern, "clear", reason="silent: nothing is held against this relationship")
    requires = ladder.assessable(pattern)
    if requires is not None and not evaluation.at(requires, at):
        return _not_assessable(evaluation, ladder, pattern, at)
    return Verdict(pattern, "clear")


def _not_assessable(evaluation: Evaluation, ladder: Ladder, pattern: Pattern, at: int) -> Verdict:
    """Add what the pattern needs and the log does not hold, and the patterns that it is made of."""
    begun = evaluation.history.t0
    requires = ladder.needs_of(pattern)
    lacking = find_missing(
        reduce(and_, requires),
        evaluation.coverage,
        evaluation.kinds,
        evaluation.calendar,
        at=at,
        begun=BEGINNING if begun is None else begun,
    )
    others = (part for need in requires for part in conjuncts(need) if not is_about_coverage(part))
    unmet = (part for part in others if not evaluation.at(part, at))
    return Verdict(
        pattern,
        "not assessable",
        reason=_reason(evaluation, ladder, pattern, at),
        missing=tuple(lacking),
        unmet=tuple(dict.fromkeys(unmet)),
    )


def _reason(evaluation: Evaluation, ladder: Ladder, pattern: Pattern, at: int) -> str:
    """Give the pattern's words, and those of the parts that cannot be judged at the instant.

    Where all parts can be judged now, name the ones that could not until lately, and until when.
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
    """Find until when it could last not be judged: beyond the instant if it cannot be now."""
    requires = ladder.assessable(part)
    if requires is None:
        return BEGINNING
    if not evaluation.at(requires, at):
        return at + 1
    return max((end for _, end in evaluation.episodes(~requires) if end <= at), default=BEGINNING)
