"""What the patterns say at an instant: found, not assessable, or clear; and on what evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ladder.conditions import Holds, Measure
from ladder.coverage import BEGINNING, Lack, conjuncts, lacks, only_logged
from ladder.episodes import around
from ladder.ladders import Grade, Ladder, Pattern, Severity
from ladder.live.evaluation import Evaluation
from ladder.live.facts import Fact
from ladder.live.plans import plan_of
from ladder.nodes import Condition, Node

Word = Literal["found", "not assessable", "clear"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one pattern says at one instant.

    When found: how severe, during which instants that grade's condition holds, and the touchpoints
    that prove it. When not assessable: the reason, in the pattern's own words; of these needs what
    the log lacks, and which others are not met.
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
            evidence = tuple(_evidence(evaluation, pattern, grade, at))
            return Verdict(pattern, "found", grade.severity, since, until, evidence=evidence)
    if ladder.silent is not None and not pattern.duty and evaluation.at(ladder.silent, at):
        return Verdict(pattern, "clear", reason="silent: nothing is held against this relationship")
    if pattern.needs is not None and not evaluation.at(pattern.needs, at):
        return _not_assessable(evaluation, pattern, pattern.needs, at)
    return Verdict(pattern, "clear")


def _not_assessable(evaluation: Evaluation, pattern: Pattern, needs: Condition, at: int) -> Verdict:
    begun = evaluation.history.t0
    lacking = lacks(
        needs,
        evaluation.coverage,
        evaluation.kinds,
        evaluation.calendar,
        at=at,
        begun=BEGINNING if begun is None else begun,
    )
    others = (each for each in conjuncts(needs) if not only_logged(each))
    unmet = (each for each in others if not evaluation.at(each, at))
    return Verdict(
        pattern,
        "not assessable",
        reason=pattern.needs_words or str(needs),
        lacks=tuple(lacking),
        unmet=tuple(unmet),
    )


def _evidence(evaluation: Evaluation, pattern: Pattern, grade: Grade, at: int) -> Iterator[Fact]:
    """What the finding's measures count now; of these, those that the pattern says prove it."""
    counted = {
        fact
        for measure in measures_in(grade.condition, evaluation)
        for fact in evaluation.counted(measure, at)
    }
    if pattern.shows is not None:
        counted = counted & evaluation.selection(pattern.shows) or counted
    return (fact for fact in evaluation.history.facts if fact in counted)


def measures_in(condition: Condition, evaluation: Evaluation) -> Iterator[Measure]:
    """The measures that a condition compares, not those that its selectors look at."""
    waiting: list[Node] = [condition]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Measure):
            yield node
        elif isinstance(node, Holds):
            waiting.append(evaluation.rule(node.rung))
        else:
            waiting.extend(node.parts())
