"""Which plain selectors select a touchpoint: a matter of its sort, worked out once for each sort.

Most selectors name kinds, families, directions and purposes, and nothing else. Touchpoints that
have all of these in common are of one sort, and a log has few sorts; so hers are put together by
sort, and a plain selector selects some of these heaps, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import attrgetter
from typing import Any, Final

from ladder.live.facts import Fact
from ladder.live.selection import NOTHING, Judge, Selection, judging
from ladder.nodes import Node, Selector
from ladder.selectors import AllOf, AnyOf, Anything, Automated, KindIs, Negation, OneOf

Heaps = list[tuple[frozenset[int], Selection]]
"""The numbers of the plain selectors that select these touchpoints, and the touchpoints."""

_MOST: Final = 4_096


class Sorts:
    """The plain ones of some numbered selectors, and what is known of sorts already."""

    def __init__(self, selectors: Iterable[tuple[int, Node]]) -> None:
        plain = {n: each for n, each in selectors if isinstance(each, Selector) and is_plain(each)}
        self.plain = frozenset(plain)
        self._judges: dict[int, Judge] = {n: judging(each, "") for n, each in plain.items()}
        fields = sorted({field for each in plain.values() for field in _fields(each)} | {"kind"})
        self._sort_of: Callable[[Fact], Any] = attrgetter(*fields)
        self._known: dict[Any, frozenset[int]] = {}

    def choosing(self, fact: Fact) -> frozenset[int]:
        """The numbers of the plain selectors that select this touchpoint."""
        return self._chosen(self._sort_of(fact), fact)

    def heaps(self, facts: Iterable[Fact]) -> Heaps:
        """The facts by their sort."""
        by_sort: dict[Any, list[Fact]] = {}
        sort_of = self._sort_of
        for fact in facts:
            by_sort.setdefault(sort_of(fact), []).append(fact)
        return [(self._chosen(sort, some[0]), frozenset(some)) for sort, some in by_sort.items()]

    def _chosen(self, sort: Any, one: Fact) -> frozenset[int]:  # noqa: ANN401
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
    chosen = [some for numbers, some in heaps if number in numbers]
    return reduce(Selection.union, chosen, NOTHING)


def is_plain(selector: Selector) -> bool:
    """Whether it asks for nothing but the sort of a touchpoint."""
    if isinstance(selector, AllOf | AnyOf):
        return all(map(is_plain, selector.items))
    if isinstance(selector, Negation):
        return is_plain(selector.selector)
    return isinstance(selector, Anything | Automated | KindIs | OneOf)


def _fields(selector: Selector) -> Iterator[str]:
    """The fields of a fact that it looks at."""
    for node in selector.walk():
        if isinstance(node, OneOf):
            yield "purposes" if node.field == "purpose" else node.field
        elif isinstance(node, Automated):
            yield "automated"
