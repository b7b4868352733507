"""What all nodes of the ladder language share: frozen data that prints as its own text form.

There are three sorts: selectors judge one touchpoint, spans say how long it counts, conditions
judge a supporter over time. Nodes have no `evaluate()`: two evaluators give them their meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NoReturn, Self

from pydantic import BaseModel, ConfigDict, field_validator

from ladder.errors import DefinitionError

OR, AND, NOT, COMPARISON, SUM, PRODUCT, ATOM = range(7)
"""How tightly a node's text binds, loosest first, as in Python's grammar."""


class Node(BaseModel):
    """A frozen piece of a definition. `str(node)` is its text form, which parses back to it."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    __slots__ = ("_hash",)

    binds: ClassVar[int] = ATOM

    def __hash__(self) -> int:
        """Worked out once: evaluators look nodes up all the time, and pydantic walks the tree.

        Kept in a slot, which neither copies nor pickles: texts hash otherwise in another process.
        """
        try:
            known: int = _hash_of(self)
        except AttributeError:
            known = hash((type(self), *self.__dict__.values()))
            object.__setattr__(self, "_hash", known)
        return known

    def text(self) -> str:
        """The node in the ladder language."""
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
        """The text, in parentheses where it binds more loosely than its surroundings."""
        return self.text() if self.binds >= binds else f"({self.text()})"

    def parts(self) -> Iterator[Node]:
        """The nodes directly inside this one."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                for item in value:
                    yield from _nodes(item)

    def walk(self) -> Iterator[Node]:
        """This node and all nodes inside it, however deep."""
        yield self
        for part in self.parts():
            yield from part.walk()


_hash_of = vars(Node)["_hash"].__get__
"""Reads the slot; declared in the class, pydantic would take it for a private attribute."""


def _nodes(item: object) -> Iterator[Node]:
    if isinstance(item, Node):
        yield item
    elif isinstance(item, tuple):
        for inner in item:
            yield from _nodes(inner)


class Selector(Node):
    """Judges one touchpoint. Join with `&`, `|`, `~`; `.when(condition)` looks at the moment.

    `looks_around`: it asks for other touchpoints than the one judged; `looks_back`: for what was so
    just before it.
    """

    looks_around: ClassVar[bool] = False
    looks_back: ClassVar[bool] = False

    def __and__(self, other: Selector) -> Selector:
        from ladder.language.selectors import AllOf  # noqa: PLC0415  (the operators build what lies above)

        return AllOf.of(self, other)

    def __or__(self, other: Selector) -> Selector:
        from ladder.language.selectors import AnyOf  # noqa: PLC0415

        return AnyOf.of(self, other)

    def __invert__(self) -> Selector:
        from ladder.language.selectors import Negation  # noqa: PLC0415

        return self.selector if isinstance(self, Negation) else Negation(selector=self)

    def when(self, condition: Condition) -> Selector:
        """Keep what happened while the condition held, as it would have stood without that instant.

        The condition is read between the two steps of the instant: the clock has struck, nothing
        of that instant has acted yet.
        """
        from ladder.language.selectors import When  # noqa: PLC0415

        return When(selector=self, condition=condition)


class Span(Node):
    """Maps a touchpoint's instant to the stretch in which it counts. `a & b`: while both say so."""

    def __and__(self, other: Span) -> Span:
        from ladder.language.spans import Both  # noqa: PLC0415

        return Both.of(self, other)


class Condition(Node):
    """Judges a supporter over time: true during episodes. Join with `&`, `|`, `~`."""

    def __and__(self, other: Condition) -> Condition:
        from ladder.language.conditions import And  # noqa: PLC0415

        return And.of(self, other)

    def __or__(self, other: Condition) -> Condition:
        from ladder.language.conditions import Or  # noqa: PLC0415

        return Or.of(self, other)

    def __invert__(self) -> Condition:
        from ladder.language.conditions import Not  # noqa: PLC0415

        return self.condition if isinstance(self, Not) else Not(condition=self)


class Joint(Node):
    """Several nodes of one sort under one word (and, or); nested ones of that word are one."""

    word: ClassVar[str]
    items: tuple[Node, ...]

    @classmethod
    def of(cls, *items: Node) -> Self:
        """Join the items, laying joints of the same kind flat."""
        flat: list[Node] = []
        for item in items:
            flat.extend(item.items if isinstance(item, cls) else (item,))
        return cls(items=tuple(flat))

    @field_validator("items")
    @classmethod
    def _several(cls, items: tuple[Node, ...]) -> tuple[Node, ...]:
        if any(isinstance(item, cls) for item in items):  # one form, however it was built
            return cls.of(*items).items
        if len(items) < 2:  # noqa: PLR2004
            message = f"{cls.word!r} joins at least two"
            raise DefinitionError(message)
        return items

    def text(self) -> str:
        """The items with the word between them."""
        return f" {self.word} ".join(item.within(self.binds + 1) for item in self.items)
