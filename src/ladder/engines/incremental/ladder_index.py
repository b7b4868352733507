"""Work out once for a ladder what evaluations ask of it again and again; number its nodes.

Most selectors read kinds, families, directions, purposes, months and details of a touchpoint and of
the one that it answers, and nothing else. Touchpoints that have all of these in common form a
class, and a log has few classes: plain selectors judge every class once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.measures import scale_comparison
from ladder.engines.reference.protocol import ScaledComparison
from ladder.engines.reference.selectors import matches
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Exceeds
from ladder.language.nodes import AllOf, AnyOf, Condition, Negation, Node, Selector
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
from ladder.language.standings import RungOccupancy


class NodeIds:
    """Numbers of nodes. A ladder numbers its own once; an evaluation adds its questions.

    A node is looked up by identity. An unknown node is compared with the others by its text,
    because comparing equal nodes field by field takes ten times as long.
    """

    def __init__(self, common: NodeIds | None = None) -> None:
        # Shared until a node is new, and then copied: copying once is quicker than looking in two
        # dictionaries thousands of times.
        self.known: dict[int, int] = {} if common is None else common.known
        self.texts: dict[tuple[type, str], int] = {} if common is None else common.texts
        # Keeps the nodes alive, because an identity is only unique among living objects.
        self.nodes: list[Node] = [] if common is None else common.nodes
        self._is_shared = common is not None

    def __len__(self) -> int:
        """Count the numbers; they start from 0."""
        return len(self.texts)

    def __getitem__(self, node: Node) -> int:
        """Give the node's number; an equal node has the same."""
        known = self.known.get(id(node))
        return self._add(node) if known is None else known

    def items(self) -> Iterator[tuple[int, Node]]:
        """List the known nodes with their numbers; equal nodes share one."""
        return ((self[node], node) for node in self.nodes)

    def _add(self, node: Node) -> int:
        if self._is_shared:
            self.known, self.texts = dict(self.known), dict(self.texts)
            self.nodes, self._is_shared = list(self.nodes), False
        number = self.texts.setdefault((type(node), str(node)), len(self.texts))
        self.known[id(node)] = number
        self.nodes.append(node)
        return number


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


class LadderIndex:
    """A ladder's conditions, each made once, and the numbers of all nodes in them."""

    def __init__(self, ladder: Ladder) -> None:
        self.ladder = ladder
        self.lanes = RungOccupancy(ladder)
        self.rules = {rung.key: rung.condition for rung in ladder.rungs}
        self.node_ids = NodeIds()
        for node in (*self.conditions(), *self.lanes.watched_selectors):
            for part in node.walk():
                _ = self.node_ids[part]
        self.selectors = SelectorCache(self.node_ids.items())
        self.ended_by: dict[int, Condition] = {}
        """By the number of an `and`, the item that last left nothing true."""
        self._scaled: dict[tuple[int, str], ScaledComparison] = {}

    def conditions(self) -> Iterator[Condition]:
        """List every condition that is ever evaluated."""
        yield from self.lanes.conditions
        yield from self.rules.values()
        for conditions in self.ladder.open_while.values():
            yield from conditions
        yield from (
            pattern.requires for pattern in self.ladder.patterns if pattern.requires is not None
        )

    def scale(self, compare: Compare | Exceeds, number: int, currency: str) -> ScaledComparison:
        """Turn the comparison with that number into one of integers."""
        scaled = self._scaled.get((number, currency))
        if scaled is None:
            scaled = scale_comparison(compare, currency)
            if number < len(self.node_ids):
                self._scaled[number, currency] = scaled
        return scaled


_INDICES: OrderedDict[int, LadderIndex] = OrderedDict()
_MOST_INDICES = 64


def index_of(ladder: Ladder) -> LadderIndex:
    """Give the ladder's index; those of the latest ladders are kept, by identity."""
    index = _INDICES.get(id(ladder))
    if index is None:
        index = _INDICES[id(ladder)] = LadderIndex(ladder)
        while len(_INDICES) > _MOST_INDICES:
            _INDICES.popitem(last=False)
    return index
