"""Problems of patterns and of suppression.

Patterns may have incomplete requirements or findings that never end. Suppression is tried on a
supporter who objects, dies or is erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from math import inf
from typing import Final

from ladder.documents.absence_checks import absences, find_uncovered, reach
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.language.conditions import HeldFor, Latch, OnRung
from ladder.language.ladders import Ladder, Pattern
from ladder.language.measures import Compare
from ladder.language.nodes import And, Condition, Not, Or
from ladder.lint.problem import Problem
from ladder.lint.rungs import impossibilities
from ladder.lint.sample_histories import too_many
from ladder.lint.sample_runs import MOST_LIVES, Trials
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint

TO_LEAVE: Final = {
    "objected": "people who objected",
    "deceased": "people who died",
    "erased": "people whose data were erased",
    "placeholder": "names that are no one person",
}
"""Kinds that forbid profiling. Staff are not listed because they may be supporters, too."""

_TODO: Final = (
    "Say suppress_when = 'do_not_contact()' under [ladder], or name these kinds in your own"
)


def check_patterns(ladder: Ladder, trials: Trials) -> Iterator[Problem]:
    """Yield all problems of the patterns, in their order."""
    for pattern in ladder.patterns:
        yield from _needs(pattern, ladder)
        for grade in pattern.grades:
            part = f"pattern {pattern.key}, {grade.severity}"
            condition = ladder.expand(grade.condition)
            reasons = list(impossibilities(condition, part, ladder))
            yield from reasons
            if _never_ends(pattern, condition, ladder):
                yield _unbounded_problem(part)
            sure = ladder.sure(pattern, grade)
            tried = not reasons and not too_many(sure, ladder)
            if tried and trials.reach(sure, part, more=0) is None:
                yield _unreachable(part)


def is_bounded(condition: Condition, ladder: Ladder, *, positive: bool = True) -> bool:
    """Check whether the condition surely becomes false once nothing happens any more.

    With `positive` false, check whether it surely becomes true.
    """
    if isinstance(condition, Not):
        return is_bounded(condition.condition, ladder, positive=not positive)
    if isinstance(condition, And | Or):
        every = (is_bounded(item, ladder, positive=positive) for item in condition.items)
        return any(every) if isinstance(condition, And) == positive else all(every)
    if isinstance(condition, HeldFor):
        return positive and is_bounded(condition.condition, ladder)
    if isinstance(condition, Latch):
        if condition.leave is None or not positive:
            return False
        leaves = is_bounded(condition.leave, ladder, positive=False)
        return leaves and is_bounded(condition.enter, ladder)
    if isinstance(condition, OnRung):
        return is_bounded(ladder.rung(condition.rung).condition, ladder, positive=positive)
    if isinstance(condition, Compare):
        return _falls(condition) if positive else False
    return False


def _falls(comparison: Compare) -> bool:
    if comparison.op not in (">=", ">", "=="):
        return False
    spans = [term.measure.span for term in comparison.terms if term.times > 0]
    nothing = comparison.constant < 0 or (comparison.constant == 0 and comparison.op != ">")
    return not nothing and all(reach(span) != inf for span in spans)


def _never_ends(pattern: Pattern, condition: Condition, ladder: Ladder) -> bool:
    absent = any(True for _ in absences(condition, ladder))
    whole = condition if pattern.requires is None else pattern.requires & condition
    return absent and not is_bounded(whole, ladder)


def _needs(pattern: Pattern, ladder: Ladder) -> Iterator[Problem]:
    part = f"pattern {pattern.key}, requires"
    for message in find_uncovered(pattern, ladder):
        what, _, todo = message.rpartition(": ")
        yield Problem(
            "error",
            "requires",
            part,
            what[:1].upper() + what[1:],
            todo[:1].upper() + todo[1:],
        )
    if pattern.requires is not None and not pattern.requires_text:
        yield Problem(
            "note",
            "words",
            part,
            f"pattern {pattern.key} does not say in words what it needs",
            "Add requires_text: people read it where nothing can be assessed",
        )


def _unbounded_problem(part: str) -> Problem:
    return Problem(
        "warning",
        "unbounded",
        part,
        f"{part} holds something against a relationship for ever, however long ago it began",
        "Bound it in age: older_than(months(12), months(36)) instead of ever, or and … within a "
        "span",
    )


def _unreachable(part: str) -> Problem:
    return Problem(
        "warning",
        "unreachable",
        part,
        f"{part} was never found in {MOST_LIVES} sample lives made to show it",
        "Look for parts that exclude each other, and try it on a life in which you expect it",
    )


def check_suppression(ladder: Ladder, organisation: Organisation) -> Iterator[Problem]:
    """Yield a problem if the ladder suppresses nobody, or if `suppress_when` misses some kinds."""
    if ladder.suppress_when is None:
        if ladder.patterns:
            what = f"nothing is silent here, so its patterns are held against {_list(TO_LEAVE)}"
            yield Problem("warning", "silent", "ladder", what, _TODO)
        return
    left_out = [
        kind
        for kind in TO_LEAVE
        if not _suppresses(ladder.suppress_when, kind, ladder, organisation)
    ]
    if left_out:
        what = f"suppress_when is not true of {_list(left_out)} ({', '.join(left_out)})"
        yield Problem("warning", "silent", "suppress_when", what, _TODO)


def _suppresses(silent: Condition, kind: str, ladder: Ladder, organisation: Organisation) -> bool:
    """Check whether the condition is ever true of a supporter with this kind a day after a gift."""
    evaluation = Evaluation(_life(kind, ladder.kinds, organisation), organisation, ladder)
    return bool(evaluation.episodes(silent))


def _life(kind: str, kinds: Kinds, organisation: Organisation) -> History:
    kinds_and_days = (("donation", date(2024, 3, 4)), (kind, date(2024, 3, 5)))
    rows = [Touchpoint(supporter="ada", kind=name, at=day) for name, day in kinds_and_days]
    return History.of(rows, organisation, kinds)


def _list(kinds: Iterable[str]) -> str:
    *several, last = (TO_LEAVE[kind] for kind in kinds)
    return f"{', '.join(several)} and {last}" if several else last
