"""Group touchpoints that plain selectors cannot tell apart, and judge every class once.

Most selectors read kinds, families, directions, purposes, months and details of a touchpoint and of
the one that it answers, and nothing else. Touchpoints that have all of these in common form a
class, and a log has few classes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.selectors import matches
from ladder.language.nodes import AllOf, AnyOf, Negation, Node, Selector
from ladder.language.selectors import (
    AnyTouchpoint,
    HasRate,
    InMonths,
    InReplyTo,
    IsAutomated,
    IsReply,
    KindIs,
    OneOf,
    Where,
)


class ClassAnswers(dict[int, bool]):
    """Whether plain selectors, by number, select a class; each is judged at the first question."""

    def __init__(self, selectors: Mapping[int, Selector], fact: Fact) -> None:
        super().__init__()
        self._selectors, self._fact = selectors, fact

    def __missing__(self, number: int) -> bool:
        # Plain selectors compare no amounts, so no currency is asked for.
        answer = self[number] = matches(self._selectors[number], self._fact, "")
        return answer


FactGroups = list[tuple[Fact, ClassAnswers]]
"""The supporter's own facts, each with the answers of the plain selectors for its class."""

_FactClass = Hashable

_ALWAYS: Final = {"kind", "automated", "foreign"}
_MOST_CLASSES: Final = 4_096


class SelectorCache:
    """The plain ones of some numbered selectors, and their answers for the classes met so far."""

    def __init__(self, selectors: Iterable[tuple[int, Node]]) -> None:
        self._selectors = {
            number: node
            for number, node in selectors
            if isinstance(node, Selector) and is_plain(node)
        }
        self.plain = frozenset(self._selectors)
        nodes = [node for selector in self._selectors.values() for node in selector.walk()]
        fields = {field for node in nodes for field in _fields(node)} | _ALWAYS
        self._fields: Callable[[Fact], tuple[Any, ...]] = attrgetter(*sorted(fields))
        self._details = sorted({node.field for node in nodes if isinstance(node, Where)})
        self._answers: dict[_FactClass, ClassAnswers] = {}
        self._selecting: dict[_FactClass, frozenset[int]] = {}

    def selecting(self, fact: Fact) -> frozenset[int]:
        """Give the numbers of the plain selectors that select this touchpoint."""
        fact_class = self._class_of(fact)
        numbers = self._selecting.get(fact_class)
        if numbers is None:
            answers = self.answers(fact)
            numbers = frozenset(number for number in self._selectors if answers[number])
            self._selecting[fact_class] = numbers
        return numbers

    def answers(self, fact: Fact) -> ClassAnswers:
        """Give the answers of the plain selectors for this touchpoint."""
        fact_class = self._class_of(fact)
        answers = self._answers.get(fact_class)
        if answers is None:
            if len(self._answers) >= _MOST_CLASSES:
                self._answers.clear()
                self._selecting.clear()
            answers = self._answers[fact_class] = ClassAnswers(self._selectors, fact)
        return answers

    def groups(self, facts: Sequence[Fact]) -> FactGroups:
        """Give the answers for each of these facts that the supporter did."""
        return [(fact, self.answers(fact)) for fact in facts if not fact.brought]

    def _class_of(self, fact: Fact) -> _FactClass:
        if fact.target is None:
            return self._values_of(fact)
        return self._values_of(fact), self._values_of(fact.target)

    def _values_of(self, fact: Fact) -> _FactClass:
        values = self._fields(fact), fact.amount is None
        if not self._details or not fact.details:
            return values
        return values, tuple([_detail_value(fact.details.get(name)) for name in self._details])


def is_plain(selector: Selector) -> bool:
    """Say whether a selector reads nothing but the class of a touchpoint."""
    if isinstance(selector, InReplyTo):
        inner = selector.selector
        return is_plain(inner) and not any(
            isinstance(node, InReplyTo | IsReply) for node in inner.walk()
        )
    if isinstance(selector, AllOf | AnyOf):
        return all(map(is_plain, selector.items))
    if isinstance(selector, Negation):
        return is_plain(selector.selector)
    return isinstance(selector, _PLAIN)


_PLAIN: Final = (AnyTouchpoint, IsAutomated, HasRate, InMonths, KindIs, IsReply, OneOf, Where)


def _fields(node: Node) -> Iterator[str]:
    """List the fields of a fact that a plain selector reads."""
    if isinstance(node, OneOf):
        yield "purposes" if node.field == "purpose" else node.field
    elif isinstance(node, InMonths):
        yield "month"


def _detail_value(detail: object) -> Hashable:
    """Give a detail as `where` compares it: True is not 1, and a list or table is no value."""
    return (type(detail), detail) if isinstance(detail, bool | int | str) else None
