"""Which touchpoints prove what a pattern finds, and at which instants each of them does.

What proves a finding is what its condition counts *then*: of each grade that is true, the measures
of what makes it true. A gift thanked for since proves nothing any more, and of "this or that" only
what is so does.

A pattern may say by `shows` which touchpoints prove it. Of those that its measures can count, these
are the ones that are counted. Others, at which it looks to see what ended something (the requests
upon a gift that waits for thanks), are those since the earliest counted one. Where it shows none,
all that is counted proves it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce, singledispatch
from operator import or_
from typing import NamedTuple

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.ladder_index import plan_of
from ladder.engines.reference.selectors import Selection, among
from ladder.errors import CurrencyError
from ladder.language.conditions import And, Holds, Lasting, Or
from ladder.language.ladders import Ladder, Pattern
from ladder.language.measures import Compare, Measure
from ladder.language.nodes import Node, Selector
from ladder.language.selectors import static
from ladder.model.calendars import FOREVER
from ladder.model.intervals import Episode, Episodes, holds, intersection, union

Proving = Mapping[Fact, Episodes]
"""When each touchpoint does, in instants."""


@dataclass(frozen=True)
class Proofs:
    """When each touchpoint proves a finding: at any instant the first sort that there is."""

    sorts: tuple[Proving, ...] = ()

    def at(self, instant: int) -> tuple[Fact, ...]:
        """Those that prove it at an instant, in the order of her history; none while not found."""
        for sort in self.sorts:
            found = [fact for fact, when in sort.items() if holds(when, instant)]
            if found:
                return tuple(sorted(found, key=lambda fact: fact.order))
        return ()


def evidence(evaluation: Evaluation, ladder: Ladder, pattern: Pattern, at: int) -> tuple[Fact, ...]:
    """What proves that pattern's finding at an instant."""
    return proofs(evaluation, ladder, pattern, at, at + 1).at(at)


def proofs(
    evaluation: Evaluation, ladder: Ladder, pattern: Pattern, since: int, until: int
) -> Proofs:
    """What proves that pattern's findings at the instants [since, until), and when."""
    found: dict[Fact, list[Episode]] = defaultdict(list)
    for measure, when in _measures(evaluation, ladder, pattern, (since, until)):
        for fact, stretch in _counted(evaluation, measure):
            found[fact] += _within(when, stretch)
    counted = {fact: union(stretches) for fact, stretches in found.items() if stretches}
    shown = _shown(evaluation, pattern) if counted else None
    if shown is None:
        return Proofs((counted,))
    facts = evaluation.history.facts
    chosen = frozenset(among(facts, shown))
    mine = {fact: when for fact, when in counted.items() if fact in chosen}
    countable = reduce(or_, map(evaluation.selection, _looks(evaluation, ladder, pattern)))
    others = among(facts, shown & ~countable)
    return Proofs(({**mine, **_since_then(counted, others)}, counted))


def _shown(evaluation: Evaluation, pattern: Pattern) -> Selection | None:
    """What the pattern says proves it; None where it says nothing.

    Neither where an amount in another currency keeps it from being told: the finding stands, and a
    recording that it comes with is not refused for that.
    """
    try:
        return None if pattern.shows is None else evaluation.selection(pattern.shows)
    except CurrencyError:
        return None


def _looks(evaluation: Evaluation, ladder: Ladder, pattern: Pattern) -> set[Selector]:
    """What its measures can count at any time, whatever they count at the instants asked for."""
    conditions = (ladder.written_out(grade.condition) for grade in pattern.grades)
    measures = (each for one in conditions for each in _measures_in(one, evaluation))
    return {static(measure.selector) for measure in measures}


class _Leaf(NamedTuple):
    """A measure, and the instants at which it is a part of what is true."""

    measure: Measure
    when: Episodes


def _measures(
    evaluation: Evaluation, ladder: Ladder, pattern: Pattern, window: Episode
) -> Iterator[_Leaf]:
    for grade, found in plan_of(ladder).findings[pattern.key]:
        when = intersection(evaluation.episodes(found), [window])
        if when:
            yield from true_of(ladder.written_out(grade.condition), evaluation, when)


@singledispatch
def true_of(condition: Node, evaluation: Evaluation, when: Episodes) -> Iterator[_Leaf]:
    """The measures that make a condition true at these instants, at which it is.

    Where it cannot be told which of its parts do (`not`, `latch`), all of them.
    """
    return (_Leaf(measure, when) for measure in _measures_in(condition, evaluation))


def _measures_in(condition: Node, evaluation: Evaluation) -> Iterator[Measure]:
    """All that a condition compares, rungs that it names included."""
    waiting = [condition]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Measure):
            yield node
        elif isinstance(node, Holds):
            waiting.append(evaluation.rule(node.rung))
        else:
            waiting.extend(node.parts())


@true_of.register(Compare)
def _compare(condition: Compare, _: Evaluation, when: Episodes) -> Iterator[_Leaf]:
    return (_Leaf(term.measure, when) for term in condition.terms)


@true_of.register(And)
def _and(condition: And, evaluation: Evaluation, when: Episodes) -> Iterator[_Leaf]:
    for item in condition.items:
        yield from true_of(item, evaluation, when)


@true_of.register(Or)
def _or(condition: Or, evaluation: Evaluation, when: Episodes) -> Iterator[_Leaf]:
    for item in condition.items:
        true = intersection(evaluation.episodes(item), when)
        if true:
            yield from true_of(item, evaluation, true)


@true_of.register(Holds)
def _holds(condition: Holds, evaluation: Evaluation, when: Episodes) -> Iterator[_Leaf]:
    return true_of(evaluation.rule(condition.rung), evaluation, when)


@true_of.register(Lasting)
def _lasting(condition: Lasting, evaluation: Evaluation, when: Episodes) -> Iterator[_Leaf]:
    return true_of(condition.condition, evaluation, when)


def _counted(evaluation: Evaluation, measure: Measure) -> Iterator[tuple[Fact, Episode]]:
    """What a measure counts, and at which instants (of two positions each)."""
    for start, end, fact in evaluation.lives(measure):
        first, last = start // 2, min(end // 2, FOREVER)
        if first < last:
            yield fact, (first, last)


def _within(when: Episodes, stretch: Episode) -> Iterator[Episode]:
    """The parts of a stretch at which these hold."""
    start, end = stretch
    place = max(0, bisect_right(when, (start, FOREVER)) - 1)
    while place < len(when) and when[place][0] < end:
        first, last = max(start, when[place][0]), min(end, when[place][1])
        if first < last:
            yield first, last
        place += 1


def _since_then(counted: Proving, others: Iterable[Fact]) -> Proving:
    """Those that happened no earlier than something that is counted, and while that is."""
    waiting = sorted(counted, key=lambda fact: fact.at)
    found: dict[Fact, Episodes] = {}
    earlier: Episodes = []
    taken = 0
    for fact in sorted(others, key=lambda fact: fact.at):
        begun = taken
        while taken < len(waiting) and waiting[taken].at <= fact.at:
            taken += 1
        if taken > begun:
            new = (stretch for each in waiting[begun:taken] for stretch in counted[each])
            earlier = union([*earlier, *new])
        when = list(_within(earlier, (fact.at, FOREVER)))
        if when:
            found[fact] = when
    return found
