"""The base classes of the ladder language: frozen data that prints as its own text form.

Selectors judge one touchpoint, spans say how long it counts, conditions judge a supporter over
time. Nodes have no `evaluate()`, because two evaluators give them their meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NoReturn, Self

from pydantic import BaseModel, ConfigDict, field_validator

from ladder.errors import DefinitionError

OR, AND, NOT, COMPARISON, SUM, PRODUCT, ATOM = range(7)
"""Precedences of a node's text, loosest first, as in Python's grammar."""


class Node(BaseModel):
    """A frozen piece of a definition. `str(node)` is its text form, which parses back to it."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    __slots__ = ("_hash",)

    binds: ClassVar[int] = ATOM

    def __hash__(self) -> int:
        """Compute the hash once, because lookups are frequent and pydantic walks the tree.

        The slot that stores it is neither copied nor pickled, because text hashes differ between
        processes.
        """
        try:
            known: int = _hash_of(self)
        except AttributeError:
            known = hash((type(self), *self.__dict__.values()))
            object.__setattr__(self, "_hash", known)
        return known

    def text(self) -> str:
        """Return the node in the ladder language."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<{self.text()}>"

    def __bool__(self) -> NoReturn:
        message = (
            "a definition is neither true nor false: in Python join with &, | and ~ "
            "(and put comparisons in parentheses), in text with and, or, not"
        )
        raise TypeError(message)

    def within(self, binds: int) -> str:
        """Return the text, in parentheses where it binds more loosely than its surroundings."""
        return self.text() if self.binds >= binds else f"({self.text()})"

    def parts(self) -> Iterator[Node]:
        """Yield the nodes directly inside this one."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                for item in value:
                    yield from _nodes(item)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all nodes inside it, at any depth."""
        yield self
        for part in self.parts():
            yield from part.walk()


_hash_of = vars(Node)["_hash"].__get__
"""The getter of the slot. Pydantic would take a declaration in the class for a private attribute.
"""


def _nodes(item: object) -> Iterator[Node]:
    if isinstance(item, Node):
        yield item
    elif isinstance(item, tuple):
        for inner in item:
            yield from _nodes(inner)


class Selector(Node):
    """The base of selectors, which judge one touchpoint. Join with `&`, `|`, `~`.

    `.when(condition)` restricts it to a moment. `looks_around` marks selectors that need other
    touchpoints than the judged one, `looks_back` those that need the state just before it.
    """

    looks_around: ClassVar[bool] = False
    looks_back: ClassVar[bool] = False

    def __and__(self, other: Selector) -> Selector:
        return AllOf.of(self, other)

    def __or__(self, other: Selector) -> Selector:
        return AnyOf.of(self, other)

    def __invert__(self) -> Selector:
        return self.selector if isinstance(self, Negation) else Negation(selector=self)

    def when(self, condition: Condition) -> Selector:
        """Restrict the selector to moments at which the condition held, disregarding their instant.

        The condition is read between the two steps of the instant: the clock has struck, but
        nothing of that instant has acted yet.
        """
        return When(selector=self, condition=condition)


class Span(Node):
    """The base of spans, which map a touchpoint's instant to the interval in which it counts.

    `a & b` counts while both count.
    """

    def __and__(self, other: Span) -> Span:
        return Both.of(self, other)


class Condition(Node):
    """The base of conditions, which judge a supporter over time and are true during episodes.

    Join with `&`, `|`, `~`.
    """

    def __and__(self, other: Condition) -> Condition:
        return And.of(self, other)

    def __or__(self, other: Condition) -> Condition:
        return Or.of(self, other)

    def __invert__(self) -> Condition:
        return self.condition if isinstance(self, Not) else Not(condition=self)


class Joint(Node):
    """Two or more nodes joined by one word (and, or); nested joints of that word are flattened."""

    word: ClassVar[str]
    items: tuple[Node, ...]

    @classmethod
    def of(cls, *items: Node) -> Self:
        """Join the items, flattening joints of the same kind."""
        flat: list[Node] = []
        for item in items:
            flat.extend(item.items if isinstance(item, cls) else (item,))
        return cls(items=tuple(flat))

    @field_validator("items")
    @classmethod
    def _several(cls, items: tuple[Node, ...]) -> tuple[Node, ...]:
        if any(isinstance(item, cls) for item in items):  # a normal form, however it was built
            return cls.of(*items).items
        if len(items) < 2:  # noqa: PLR2004  (a joint needs two items)
            message = f"{cls.word!r} joins at least two"
            raise DefinitionError(message)
        return items

    def text(self) -> str:
        """Return the items with the word between them."""
        return f" {self.word} ".join(item.within(self.binds + 1) for item in self.items)


class AllOf(Joint, Selector):
    """Touchpoints that all items select."""

    binds: ClassVar[int] = AND
    word: ClassVar[str] = "and"
    items: tuple[Selector, ...]


class AnyOf(Joint, Selector):
    """Touchpoints that at least one item selects."""

    binds: ClassVar[int] = OR
    word: ClassVar[str] = "or"
    items: tuple[Selector, ...]


class Negation(Selector):
    """Touchpoints that the selector does not select.

    These include touchpoints with an absent field, so prefer positive selectors.
    """

    binds: ClassVar[int] = NOT
    selector: Selector

    def text(self) -> str:
        return f"not {self.selector.within(NOT)}"


class When(Selector):
    """Touchpoints at a time when the condition held, read just before their instant acts."""

    looks_back: ClassVar[bool] = True
    selector: Selector
    condition: Condition

    def text(self) -> str:
        return f"{self.selector.within(self.binds)}.when({self.condition})"


class Both(Joint, Span):
    """While the touchpoint counts by all of these spans."""

    binds: ClassVar[int] = AND
    word: ClassVar[str] = "and"
    items: tuple[Span, ...]


class And(Joint, Condition):
    """True while all items are true."""

    binds: ClassVar[int] = AND
    word: ClassVar[str] = "and"
    items: tuple[Condition, ...]


class Or(Joint, Condition):
    """True while at least one item is true."""

    binds: ClassVar[int] = OR
    word: ClassVar[str] = "or"
    items: tuple[Condition, ...]


class Not(Condition):
    """True while the condition is false, within the supporter's activity."""

    binds: ClassVar[int] = NOT
    condition: Condition

    def text(self) -> str:
        return f"not {self.condition.within(NOT)}"
