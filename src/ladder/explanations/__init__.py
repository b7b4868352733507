"""Explanations: a supporter's standing, its end, what would raise it, and the findings.

Everything is read from one evaluation, so an explanation cannot contradict the standing.
"""

from __future__ import annotations

from ladder.coverage import BEGINNING
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import held_rungs, standing
from ladder.engines.reference.verdicts import verdicts
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.explanations.condition_tree import tree, until
from ladder.explanations.next_steps import lifts
from ladder.explanations.results import Act, Explanation, FigureNow, Lift, RungNow, Tree
from ladder.explanations.text import text
from ladder.language.ladders import Ladder, Rung
from ladder.language.standings import Place
from ladder.language.versions import Version

__all__ = [
    "Act",
    "Explanation",
    "FigureNow",
    "Lift",
    "RungNow",
    "Tree",
    "as_known",
    "explain",
    "explain_line",
    "text",
    "tree",
]


def explain(evaluation: Evaluation, ladder: Ladder, at: int) -> Explanation:
    """Explain the standing at an instant, after all touchpoints of that instant.

    The evaluation must use this ladder. "If nothing happens" means after that instant: later
    touchpoints are ignored. For a suppressed supporter, only the movement into the suppression and
    the findings of safeguards are shown.
    """
    return explain_line(VersionedEvaluation([Version(BEGINNING, ladder)], [evaluation]), at)


def explain_line(lines: VersionedEvaluation, at: int) -> Explanation:
    """Explain a ladder with several definitions, by the one in force at the instant.

    The movement before the instant and the next one come from the version in force at their time.
    """
    known = [as_known(evaluation, at) for evaluation in lines.evaluations]
    number = max((n for n, version in enumerate(lines.versions) if version.since <= at), default=0)
    evaluation, ladder = known[number], lines.versions[number].ladder
    place = standing(evaluation, ladder, at)
    moved = VersionedEvaluation(lines.versions, known).movements()
    all_verdicts = verdicts(evaluation, ladder, at)
    return Explanation(
        at=at,
        place=place,
        title=_title(ladder, place),
        movement=next((movement for movement in reversed(moved) if movement.at <= at), None),
        coming=next((movement for movement in moved if movement.at > at), None),
        rungs=() if place.silent else tuple(_rungs(evaluation, ladder, at)),
        lifts=() if place.silent else tuple(lifts(evaluation, ladder, at)),
        findings=tuple(verdict for verdict in all_verdicts if verdict.word == "found"),
        unassessed_patterns=tuple(
            verdict for verdict in all_verdicts if verdict.word == "not assessable"
        ),
    )


def as_known(evaluation: Evaluation, at: int) -> Evaluation:
    """Return the evaluation without touchpoints after an instant."""
    history = evaluation.history
    if all(fact.at <= at for fact in history.everything):
        return evaluation
    return evaluation.on(history.upto(at))


def _title(ladder: Ladder, place: Place) -> str:
    if place.silent:
        return "silent"
    titles = [ladder.rung(key).title or key for key in place.rungs]
    return " + ".join(titles) or ladder.ground


def _rungs(evaluation: Evaluation, ladder: Ladder, at: int) -> list[RungNow]:
    on = {rung.key for rung in held_rungs(evaluation, ladder, at)}
    return [_rung(evaluation, ladder, rung, at, counts=rung.key in on) for rung in ladder.rungs]


def _rung(evaluation: Evaluation, ladder: Ladder, rung: Rung, at: int, *, counts: bool) -> RungNow:
    rule = tree(rung.condition, evaluation, at)
    return RungNow(
        key=rung.key,
        title=rung.title or rung.key,
        height=ladder.height(rung),
        held=counts,
        by_hand=counts != rule.true,
        until=until(ladder.standing_while[rung.key], evaluation, at),
        rule=rule,
    )
