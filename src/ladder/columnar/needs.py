"""Which columns of a touchpoint a definition reads, and how far ahead its spans reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ladder.calendars import FOREVER, LAST_DAY, Calendar
from ladder.conditions import Lasting
from ladder.kinds import Kinds
from ladder.ladders import Ladder
from ladder.measures import Distinct, Exceeds, Total
from ladder.nodes import Condition, Node
from ladder.selectors import (
    Answers,
    Automated,
    Linked,
    OneOf,
    QuantityIs,
    Where,
)
from ladder.spans import Duration, Hours, Until

ALWAYS = (
    "supporter", "id", "kind", "at", "date_only", "amount", "currency", "details",
    "answers_source", "answers_id", "referrer", "source", "external_id",
)  # fmt: skip
"""Columns that voids, refunds, links, placements and referrers are read from."""

TEXTS: Final = ("direction", "purposes", "asks_for", "channel", "audience", "campaign")
DETAIL: Final = "details."


def nodes(conditions: Iterable[Condition]) -> list[Node]:
    """Every node of these conditions, equal ones once."""
    return list(dict.fromkeys(node for each in conditions for node in each.walk()))


def columns(ladder: Ladder) -> list[str]:
    """The columns of the touchpoint frame that the columnar evaluator needs for this ladder."""
    return columns_of(ladder.conditions())


def columns_of(conditions: Iterable[Condition]) -> list[str]:
    """The same for some conditions."""
    return list(dict.fromkeys((*ALWAYS, *_fields(nodes(conditions)))))


def _fields(used: Iterable[Node]) -> Iterator[str]:
    for node in used:
        if isinstance(node, OneOf) and node.field != "family":
            yield {"purpose": "purposes"}.get(node.field, node.field)
        elif isinstance(node, Automated):
            yield "automated"
        elif isinstance(node, QuantityIs) or (
            isinstance(node, Total | Exceeds) and node.of == "quantity"
        ):
            yield "quantity"
        elif isinstance(node, Distinct) and node.by in ("channel", "campaign"):
            yield node.by


@dataclass(frozen=True)
class Needs:
    """What some conditions read of touchpoints."""

    kinds: Kinds
    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, kinds: Kinds, conditions: Iterable[Condition]) -> Needs:
        """Of these conditions, by those kinds."""
        return cls(kinds, tuple(nodes(conditions)))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The columns of names that selectors and dimensions read."""
        return tuple(name for name in dict.fromkeys(_fields(self.nodes)) if name in TEXTS)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The columns of numbers: refunds need amounts, whoever else reads them."""
        return ("amount", "quantity") if "quantity" in _fields(self.nodes) else ("amount",)

    @cached_property
    def automated(self) -> bool:
        """Whether it matters what a machine sent."""
        return any(isinstance(node, Automated) for node in self.nodes)

    @cached_property
    def links(self) -> bool:
        """Whether it matters which touchpoint another one answers."""
        return any(isinstance(node, Linked | Answers | Until) for node in self.nodes)

    @cached_property
    def details(self) -> tuple[str, ...]:
        """The host's own details that are read."""
        fields = [node.field for node in self.nodes if isinstance(node, Where)]
        dimensions = [node.by for node in self.nodes if isinstance(node, Distinct)]
        fields += [by.removeprefix(DETAIL) for by in dimensions if by.startswith(DETAIL)]
        return tuple(dict.fromkeys(fields))

    @cached_property
    def odd_details(self) -> bool:
        """Whether some detail may be spelt otherwise in JSON than in the definition."""
        return any(not (name.isascii() and name.isidentifier()) for name in self.details)

    @cached_property
    def people(self) -> bool:
        """Whether it matters who of those that somebody brought acted."""
        return any(isinstance(node, Distinct) and node.by == "person" for node in self.nodes)

    def of_role(self, *roles: str) -> list[str]:
        """The kinds with one of these roles."""
        return [kind.name for kind in self.kinds.values() if kind.role in roles]

    def kind_codes(self, *roles: str) -> list[int]:
        """The same as places among the kinds."""
        return [place for place, kind in enumerate(self.kinds.values()) if kind.role in roles]


def horizon(
    used: Iterable[Node], calendar: Calendar, latest: int, others: Iterable[int] = ()
) -> int:
    """The latest instant below FOREVER that any stretch may end at."""
    used = list(used)
    opened = max([latest, *(each for each in others if each < FOREVER)])
    durations = [node for node in used if isinstance(node, Duration | Hours)]
    reached = max([opened, *(_end(each, calendar, opened) for each in durations)])
    waits = [node.duration for node in used if isinstance(node, Lasting)]
    for _ in waits:  # one may stand within another, in any order: the longest, as often as any can
        reached = max(_end(each, calendar, reached) for each in waits)
    return _end(Duration(steps=()), calendar, reached)


def _end(duration: Duration | Hours, calendar: Calendar, instant: int) -> int:
    end = duration.end(calendar, instant)
    return end if end < FOREVER else calendar.day_end(LAST_DAY - 1)
