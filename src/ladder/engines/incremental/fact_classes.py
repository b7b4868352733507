"""Which plain selectors select a touchpoint: a matter of its sort, worked out once for each sort.

Most selectors name kinds, families, directions, purposes, months and details, of a touchpoint and
of the one that it answers, and nothing else. Touchpoints that have all of these in common are of
one sort, and a log has few sorts; so hers are put together by sort, and a plain selector selects
some of these heaps, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.selectors import NOTHING, Judge, Selection, judging
from ladder.language.nodes import Node, Selector
from ladder.language.selectors import (
    AllOf,
    Answers,
    AnyOf,
    Anything,
    Automated,
    Convertible,
    InMonths,
    KindIs,
    Linked,
    Negation,
    OneOf,
    Where,
)

Heaps = list[tuple[frozenset[int], Selection]]
"""The numbers of the plain selectors that select these touchpoints, and the touchpoints."""

_Sort = Hashable

_ALWAYS: Final = {"kind", "automated", "foreign"}
_MOST: Final = 4_096


class Sorts:
    """The plain ones of some numbered selectors, and what is known of sorts already."""

    def __init__(self, selectors: Iterable[tuple[int, Node]]) -> None:
        plain = {n: each for n, each in selectors if isinstance(each, Selector) and is_plain(each)}
        self.plain = frozenset(plain)
        self._judges: dict[int, Judge] = {n: judging(each, "") for n, each in plain.items()}
        words = [node for each in plain.values() for node in each.walk()]
        fields = {field for node in words for field in _fields(node)} | _ALWAYS
        self._fields: Callable[[Fact], tuple[Any, ...]] = attrgetter(*sorted(fields))
        self._details = sorted({node.field for node in words if isinstance(node, Where)})
        self._known: dict[_Sort, frozenset[int]] = {}

    def choosing(self, fact: Fact) -> frozenset[int]:
        """The numbers of the plain selectors that select this touchpoint."""
        return self._chosen(self._sort_of(fact), fact)

    def heaps(self, facts: Sequence[Fact]) -> Heaps:
        """Hers of these facts by their sort; what others did is of no sort."""
        by_sort: dict[_Sort, list[int]] = {}
        for n, fact in enumerate(facts):
            if not fact.brought:
                by_sort.setdefault(self._sort_of(fact), []).append(n)
        return [
            (self._chosen(sort, facts[places[0]]), sum(1 << n for n in places))
            for sort, places in by_sort.items()
        ]

    def _sort_of(self, fact: Fact) -> _Sort:
        if fact.target is None:
            return self._words_of(fact)
        return self._words_of(fact), self._words_of(fact.target)

    def _words_of(self, fact: Fact) -> _Sort:
        words = self._fields(fact), fact.amount is None
        if not self._details or not fact.details:
            return words
        return words, tuple([_value(fact.details.get(name)) for name in self._details])

    def _chosen(self, sort: _Sort, one: Fact) -> frozenset[int]:
        chosen = self._known.get(sort)
        if chosen is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            judged = frozenset(number for number, judge in self._judges.items() if judge(one))
            chosen = self._known[sort] = judged
        return chosen


NO_SORTS: Final = Sorts(())
"""Of an evaluation without a ladder: there each selector is asked of each touchpoint."""


def selected_of(heaps: Heaps, number: int) -> Selection:
    """What the plain selector of that number selects."""
    found = NOTHING
    for numbers, some in heaps:
        if number in numbers:
            found |= some
    return found


def is_plain(selector: Selector) -> bool:
    """Whether it asks for nothing but the sort of a touchpoint."""
    if isinstance(selector, Answers):
        return not any(isinstance(node, _LINKS) for node in selector.selector.walk()) and is_plain(
            selector.selector
        )
    if isinstance(selector, AllOf | AnyOf):
        return all(map(is_plain, selector.items))
    if isinstance(selector, Negation):
        return is_plain(selector.selector)
    return isinstance(selector, _WORDS)


_LINKS: Final = (Answers, Linked)
_WORDS: Final = (Anything, Automated, Convertible, InMonths, KindIs, Linked, OneOf, Where)


def _fields(node: Node) -> Iterator[str]:
    """The fields of a fact that a word looks at."""
    if isinstance(node, OneOf):
        yield "purposes" if node.field == "purpose" else node.field
    elif isinstance(node, InMonths):
        yield "month"


def _value(detail: object) -> Hashable:
    """A detail as `where` compares it: True is not 1, and what is no single value is nothing."""
    return (type(detail), detail) if isinstance(detail, bool | int | str) else None
