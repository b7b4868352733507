"""Find the rungs and patterns that a new touchpoint can affect.

A measure, an `until` and a `.when` change only by a touchpoint that their selector selects. What
happens to other touchpoints (a void, a refund, a link that becomes known) and where the line begins
are for the caller to check, because then everything may have changed.

The moment at which `.when` looks is before anything of its instant has acted. So the last
touchpoint of all changes no moment, and what only moments read need not read it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ladder.engines.incremental.ladder_index import LadderIndex, NodeIds, SelectorCache, index_of
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.selectors import matches
from ladder.language.conditions import OnRung
from ladder.language.ladders import Ladder, Pattern
from ladder.language.measures import Exceeds, Measure
from ladder.language.nodes import AllOf, AnyOf, Negation, Node, Selector, When
from ladder.language.selectors import InReplyTo, IsReferred, IsReply, static
from ladder.language.spans import Until
from ladder.model.organisations import Organisation

Test = Callable[[Fact], bool]


class Impact(NamedTuple):
    """Whether a touchpoint can change the standing, and which patterns' findings or evidence."""

    standing: bool
    patterns: frozenset[str]

    def join(self, other: Impact) -> Impact:
        """Join two impacts."""
        return Impact(self.standing or other.standing, self.patterns | other.patterns)


NO_IMPACT = Impact(standing=False, patterns=frozenset())


def find_impact(
    fact: Fact, ladder: Ladder, organisation: Organisation, *, last: bool = False
) -> Impact:
    """Find everything that a touchpoint can affect, and perhaps more.

    It is the supporter's own, or an act of a referred supporter. `last`: everything else in the
    history, acts of referred supporters included, happened before.
    """
    watch = _watch_of(index_of(ladder), organisation.currency, last)
    tests = watch.referred_tests if fact.brought else watch.tests
    numbers = {number for number, test in tests if test(fact)}
    if not fact.brought:
        numbers |= watch.selectors.selecting(fact)
    patterns = [key for key, watched in watch.patterns.items() if not watched.isdisjoint(numbers)]
    return Impact(not watch.standing.isdisjoint(numbers), frozenset(patterns))


def impact_of(evaluation: Evaluation, ladder: Ladder, new: Collection[int]) -> Impact:
    """Find what new touchpoints can affect; money without a rate can affect everything."""
    impact = NO_IMPACT
    facts = evaluation.history.everything
    before = sorted(fact.at for fact in facts)[-2:-1]
    for fact in facts:
        if fact.id in new:
            if fact.foreign:
                return Impact(True, frozenset(pattern.key for pattern in ladder.patterns))
            is_last = all(at < fact.at for at in before)
            impact = impact.join(find_impact(fact, ladder, evaluation.organisation, last=is_last))
    return impact


@dataclass(frozen=True)
class _Watch:
    """The selectors that standings and patterns depend on, by number.

    The cache answers for the plain ones about own touchpoints, and `tests` for the others;
    `referred_tests` answer about the acts of referred supporters.
    """

    selectors: SelectorCache
    tests: tuple[tuple[int, Test], ...]
    referred_tests: tuple[tuple[int, Test], ...]
    standing: frozenset[int]
    patterns: dict[str, frozenset[int]]


@lru_cache(maxsize=128)
def _watch_of(index: LadderIndex, currency: str, last: bool) -> _Watch:
    node_ids = NodeIds()

    def numbers_of(selectors: Iterable[Selector]) -> frozenset[int]:
        return frozenset(node_ids[selector] for selector in selectors)

    lanes = index.lanes.conditions
    standing = numbers_of(s for lane in lanes for s in _watched_by(lane, index, last))
    patterns = {
        pattern.key: numbers_of(_watched_by_pattern(pattern, index, last))
        for pattern in index.ladder.patterns
    }
    cache = SelectorCache(node_ids.items())
    selectors = [(number, node) for number, node in node_ids.items() if isinstance(node, Selector)]
    tests = tuple(
        (number, may_match(node, currency, positive=True, referred=False))
        for number, node in selectors
        if number not in cache.plain
    )
    referred_tests = tuple(
        (number, may_match(node, currency, positive=True, referred=True))
        for number, node in selectors
        if any(isinstance(part, IsReferred) for part in node.walk())
    )
    return _Watch(cache, tests, referred_tests, standing, patterns)


def _watched_by_pattern(pattern: Pattern, index: LadderIndex, last: bool) -> Iterator[Selector]:
    """List what a pattern's grades look at, and what it shows as evidence."""
    for condition in index.ladder.open_while[pattern.key]:
        yield from _watched_by(condition, index, last)
    if pattern.evidence is not None:
        yield static(pattern.evidence)
        yield from _watched_by(pattern.evidence, index, last)


def _watched_by(node: Node, index: LadderIndex, last: bool) -> Iterator[Selector]:
    """List what a node's measures, `until` and moments look at, by rungs that it names too.

    For the `last` touchpoint, leave out what is asked of an earlier moment.
    """
    if isinstance(node, Measure | Until | When):
        yield static(node.selector)
    elif isinstance(node, OnRung):
        yield from _watched_by(index.rules[node.rung], index, last)
    elif last and isinstance(node, Exceeds):
        return
    for part in (node.selector,) if last and isinstance(node, When) else node.parts():
        yield from _watched_by(part, index, last)


def may_match(selector: Selector, currency: str, *, positive: bool, referred: bool) -> Test:  # noqa: C901  (a line a node)
    """Make a test: can the selector (not `positive`: its negation) select this fact?

    It never denies wrongly: where the answer takes the whole history, it is yes. `referred`: the
    facts are acts of referred supporters, which no selector outside `referred(…)` selects or
    rejects; else they are the supporter's own.
    """
    match selector:
        case Negation():
            return may_match(selector.selector, currency, positive=not positive, referred=referred)
        case AllOf() | AnyOf():
            tests = [
                may_match(item, currency, positive=positive, referred=referred)
                for item in selector.items
            ]
            join = all if isinstance(selector, AllOf) == positive else any
            return lambda fact: join(test(fact) for test in tests)
        case When() if positive:
            return may_match(selector.selector, currency, positive=True, referred=referred)
        case When():
            return lambda _: not referred
        case IsReferred() if referred and positive:
            return lambda fact: matches(selector.selector, fact, currency)
        case IsReferred():
            return lambda _: not referred and not positive
        case _ if referred:
            return lambda _: False
        case Exceeds():
            return lambda fact: not positive or getattr(fact, selector.of) is not None
        case IsReply():
            return lambda fact: (fact.target is not None) == positive
        case InReplyTo():
            return lambda fact: not positive or fact.target is not None
    return lambda fact: matches(selector, fact, currency) == positive
