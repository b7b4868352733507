"""What one more touchpoint can bear on at all, so that nothing else need be evaluated again.

A measure, an `until` and a `.when` change only by a touchpoint that their selector selects; what
happens to others of her touchpoints (a void, a refund, a link that becomes known) and where her
line begins are for the caller to see to: then everything may have changed.

The moment at which `.when` looks is before anything of its instant has acted. So the last
touchpoint of all changes no moment, and what only moments look at need not look at it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import singledispatch
from typing import NamedTuple
from weakref import WeakKeyDictionary

from ladder.engines.incremental.fact_classes import Sorts
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.ladder_index import Plan, plan_of
from ladder.engines.reference.node_ids import Numbers
from ladder.engines.reference.selectors import Judge, judging
from ladder.language.conditions import Holds
from ladder.language.ladders import Ladder, Pattern
from ladder.language.measures import Exceeds, Measure
from ladder.language.nodes import Node, Selector
from ladder.language.selectors import AllOf, Answers, AnyOf, Brought, Linked, Negation, When, static
from ladder.language.spans import Until
from ladder.model.organisations import Organisation


class Bearing(NamedTuple):
    """Whether a touchpoint can move her, and which patterns' findings, or proofs, it can change."""

    standing: bool
    patterns: frozenset[str]

    def joined(self, other: Bearing) -> Bearing:
        """What either of them bears on."""
        return Bearing(self.standing or other.standing, self.patterns | other.patterns)


NOTHING = Bearing(standing=False, patterns=frozenset())


def bearing(
    fact: Fact, ladder: Ladder, organisation: Organisation, *, last: bool = False
) -> Bearing:
    """What a touchpoint of her own bears on, or at least everything that it does.

    `last`: everything else in her history, others' acts included, happened before it.
    """
    watch = _watch(plan_of(ladder), organisation.currency, last)
    seen = watch.sorts.choosing(fact).union([n for n, judge in watch.judges if judge(fact)])
    patterns = [key for key, looks in watch.patterns.items() if not looks.isdisjoint(seen)]
    return Bearing(not watch.standing.isdisjoint(seen), frozenset(patterns))


def impact_of(evaluation: Evaluation, ladder: Ladder, new: Collection[int]) -> Bearing:
    """Find what new touchpoints can affect; money without a rate can affect everything."""
    impact = NOTHING
    facts = evaluation.history.everything
    before = sorted(fact.at for fact in facts)[-2:-1]
    for fact in facts:
        if fact.id in new and not fact.brought:
            if fact.foreign:
                return Bearing(True, frozenset(pattern.key for pattern in ladder.patterns))
            is_last = all(at < fact.at for at in before)
            impact = impact.joined(bearing(fact, ladder, evaluation.organisation, last=is_last))
    return impact


@dataclass(frozen=True)
class _Watch:
    """Questions about a touchpoint, each once, and which of them standings and patterns ask.

    Most are answered by its sort; the `judges` are the others.
    """

    sorts: Sorts
    judges: tuple[tuple[int, Judge], ...]
    standing: frozenset[int]
    patterns: dict[str, frozenset[int]]


_WATCHES: WeakKeyDictionary[Plan, dict[tuple[str, bool], _Watch]] = WeakKeyDictionary()


def _watch(plan: Plan, currency: str, last: bool) -> _Watch:
    """Made once for each ladder and currency."""
    known = _WATCHES.setdefault(plan, {})
    found = known.get((currency, last))
    if found is None:
        found = known[currency, last] = _made(plan, currency, last)
    return found


def _made(plan: Plan, currency: str, last: bool) -> _Watch:
    numbers = Numbers()

    def numbers_of(selectors: Iterable[Selector]) -> frozenset[int]:
        return frozenset(numbers[each] for each in selectors)

    lanes = (each for lane in plan.lanes.conditions for each in _looked_at(lane, plan, last))
    standing = numbers_of(lanes)
    patterns = {
        pattern.key: numbers_of(_seen_by(pattern, plan, last)) for pattern in plan.ladder.patterns
    }
    sorts = Sorts(numbers.items())
    judges = {
        number: perhaps(node, currency, True)
        for number, node in numbers.items()
        if isinstance(node, Selector) and number not in sorts.plain
    }
    return _Watch(sorts, tuple(judges.items()), standing, patterns)


def _seen_by(pattern: Pattern, plan: Plan, last: bool) -> Iterator[Selector]:
    """What its grades look at, and what it shows as proof."""
    for _, condition in plan.findings[pattern.key]:
        yield from _looked_at(condition, plan, last)
    if pattern.shows is not None:
        yield static(pattern.shows)
        yield from _looked_at(pattern.shows, plan, last)


def _looked_at(node: Node, plan: Plan, last: bool) -> Iterator[Selector]:
    """What a condition's measures, `until` and moments look at, rungs that it names included.

    Not what is asked for a moment, by conditions and figures, when that lies before the `last`.
    """
    if isinstance(node, Measure | Until | When):
        yield static(node.selector)
    elif isinstance(node, Holds):
        yield from _looked_at(plan.rules[node.rung], plan, last)
    elif last and isinstance(node, Exceeds):
        return
    for part in (node.selector,) if last and isinstance(node, When) else node.parts():
        yield from _looked_at(part, plan, last)


@singledispatch
def perhaps(selector: Selector, currency: str, positive: bool) -> Judge:
    """A question: does the selector (not `positive`: its negation) select this fact of hers?

    No false no: where it takes the whole history to tell, the answer is yes.
    """
    judge = judging(selector, currency)
    return judge if positive else lambda fact: not judge(fact)


@perhaps.register(Exceeds)
def _exceeds(selector: Exceeds, _: Organisation, positive: bool) -> Judge:
    return lambda fact: not positive or getattr(fact, selector.of) is not None


@perhaps.register(Linked)
def _linked(_: Linked, __: str, positive: bool) -> Judge:
    return lambda fact: (fact.target is not None) == positive


@perhaps.register(Answers)
def _answers(_: Answers, __: str, positive: bool) -> Judge:
    return lambda fact: not positive or fact.target is not None


@perhaps.register(Brought)
def _brought(_: Brought, __: str, positive: bool) -> Judge:
    return lambda _: not positive


@perhaps.register(When)
def _when(selector: When, currency: str, positive: bool) -> Judge:
    return perhaps(selector.selector, currency, True) if positive else lambda _: True


@perhaps.register(Negation)
def _negation(selector: Negation, currency: str, positive: bool) -> Judge:
    return perhaps(selector.selector, currency, not positive)


@perhaps.register(AllOf)
@perhaps.register(AnyOf)
def _joint(selector: AllOf | AnyOf, currency: str, positive: bool) -> Judge:
    judges = [perhaps(item, currency, positive) for item in selector.items]
    if isinstance(selector, AllOf) == positive:
        return lambda fact: all(judge(fact) for judge in judges)
    return lambda fact: any(judge(fact) for judge in judges)
