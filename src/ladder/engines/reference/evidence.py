"""Find the touchpoints that prove a pattern's finding, and the instants at which they do.

A finding is proved by what its condition counts then: for every grade that is true, the measures of
what makes it true. A gift that was thanked for proves nothing any more, and of "this or that" only
the part that is true does.

A pattern may say by `shows` which touchpoints prove it. Of those that its measures can count, these
are the ones that are counted. Others, at which the measures look to see what ended something (the
requests after a gift that waits for thanks), are those since the earliest counted one. Where none
of these exist, everything that is counted proves the finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.errors import CurrencyError
from ladder.language.conditions import HeldFor, OnRung
from ladder.language.ladders import Ladder, Pattern
from ladder.language.measures import Measure
from ladder.language.nodes import And, Condition, Node, Or
from ladder.language.selectors import static
from ladder.model.calendars import FOREVER
from ladder.model.intervals import Episode, Episodes, holds, intersection, union

Proving = Mapping[Fact, Episodes]
"""The instants at which each touchpoint proves a finding."""


@dataclass(frozen=True)
class Proofs:
    """When each touchpoint proves a finding: at any instant the first of `sorts` that has one."""

    sorts: tuple[Proving, ...] = ()

    def at(self, instant: int) -> tuple[Fact, ...]:
        """List those that prove it at an instant, in order; none while there is no finding."""
        for proving in self.sorts:
            facts = [fact for fact, episodes in proving.items() if holds(episodes, instant)]
            if facts:
                return tuple(sorted(facts, key=lambda fact: fact.order))
        return ()


def evidence(evaluation: Evaluation, ladder: Ladder, pattern: Pattern, at: int) -> tuple[Fact, ...]:
    """List the touchpoints that prove the pattern's finding at an instant."""
    return proofs(evaluation, ladder, pattern, at, at + 1).at(at)


def proofs(
    evaluation: Evaluation, ladder: Ladder, pattern: Pattern, since: int, until: int
) -> Proofs:
    """Find what proves the pattern's findings at the instants [since, until)."""
    intervals: dict[Fact, list[Episode]] = defaultdict(list)
    for measure, episodes in _true_measures(evaluation, ladder, pattern, (since, until)):
        for start, end, fact in evaluation.active_intervals(measure):
            instants = (start // 2, min(end // 2, FOREVER))
            intervals[fact] += intersection(episodes, [instants])
    counted = {fact: union(parts) for fact, parts in intervals.items() if parts}
    named = _named_evidence(evaluation, pattern) if counted else None
    if named is None:
        return Proofs((counted,))
    chosen = {fact: episodes for fact, episodes in counted.items() if fact in named}
    countable = _countable(evaluation, ladder, pattern)
    others = [fact for fact in named if fact not in countable]
    return Proofs(({**chosen, **_after_counted(counted, others)}, counted))


def _named_evidence(evaluation: Evaluation, pattern: Pattern) -> list[Fact] | None:
    """List what the pattern says proves it; None where it says nothing.

    Also None where an amount without a rate prevents an answer: the finding stands, and a recording
    is not refused because of its evidence.
    """
    try:
        return None if pattern.evidence is None else list(evaluation.select(pattern.evidence))
    except CurrencyError:
        return None


def _countable(evaluation: Evaluation, ladder: Ladder, pattern: Pattern) -> set[Fact]:
    """Find what the pattern's measures can count at any time."""
    conditions = [ladder.expand(grade.condition) for grade in pattern.grades]
    measures = [measure for one in conditions for measure in _measures_in(one, evaluation)]
    return {fact for m in measures for fact in evaluation.select(static(m.selector))}


class _Part(NamedTuple):
    """A measure, and the instants at which it is a part of what is true."""

    measure: Measure
    episodes: Episodes


def _true_measures(
    evaluation: Evaluation, ladder: Ladder, pattern: Pattern, window: Episode
) -> Iterator[_Part]:
    for grade, condition in zip(pattern.grades, ladder.open_while[pattern.key], strict=True):
        episodes = intersection(evaluation.episodes(condition), [window])
        if episodes:
            yield from _true_parts(ladder.expand(grade.condition), evaluation, episodes)


def _true_parts(
    condition: Condition, evaluation: Evaluation, episodes: Episodes
) -> Iterator[_Part]:
    """List the measures that make a condition true at these instants, at which it is true.

    Where it cannot be said which of its parts do (`not`, `latch`), list all of them.
    """
    match condition:
        case And():
            for item in condition.items:
                yield from _true_parts(item, evaluation, episodes)
        case Or():
            for item in condition.items:
                true = intersection(evaluation.episodes(item), episodes)
                if true:
                    yield from _true_parts(item, evaluation, true)
        case OnRung():
            yield from _true_parts(evaluation.rule(condition.rung), evaluation, episodes)
        case HeldFor():
            yield from _true_parts(condition.condition, evaluation, episodes)
        case _:
            for measure in _measures_in(condition, evaluation):
                yield _Part(measure, episodes)


def _measures_in(condition: Node, evaluation: Evaluation) -> Iterator[Measure]:
    """List all measures that a condition compares, those of rungs that it names included."""
    if isinstance(condition, Measure):
        yield condition
    elif isinstance(condition, OnRung):
        yield from _measures_in(evaluation.rule(condition.rung), evaluation)
    else:
        for part in condition.parts():
            yield from _measures_in(part, evaluation)


def _after_counted(counted: Proving, others: Iterable[Fact]) -> Proving:
    """Find those that happened no earlier than something counted, while that is counted."""
    proving: dict[Fact, Episodes] = {}
    for other in others:
        earlier = [counted[fact] for fact in counted if fact.at <= other.at]
        episodes = union(episode for several in earlier for episode in several)
        while_counted = intersection(episodes, [(other.at, FOREVER)])
        if while_counted:
            proving[other] = while_counted
    return proving
