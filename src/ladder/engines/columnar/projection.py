"""What some conditions have to be handed of a log: which touchpoints, in which columns.

An organisation's log is mostly letters, and many definitions look at little of it. Whoever keeps
the log elsewhere may leave out all that no condition can select, as long as a neutral touchpoint
stands where each line begins; and the names and links of what is tied to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np

from ladder.engines.columnar.dictionary import Coded, Profiles
from ladder.engines.columnar.intervals import Mask
from ladder.engines.columnar.selector_bounds import bounds, carried
from ladder.language.conditions import Lasting
from ladder.language.ladders import Ladder
from ladder.language.measures import Distinct, Exceeds, Measure, Total
from ladder.language.nodes import Condition, Node, Selector
from ladder.language.selectors import (
    AmountIs,
    Answers,
    Automated,
    Brought,
    Convertible,
    Linked,
    OneOf,
    QuantityIs,
    Where,
)
from ladder.language.spans import Duration, Hours, Until
from ladder.model.calendars import FOREVER, LAST_DAY, Calendar
from ladder.model.kinds import Kinds

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


PLAIN: Final = ("supporter", "id", "kind", "at", "date_only")
"""What is read of every touchpoint."""


@dataclass(frozen=True)
class Narrow:
    """What has to be read of a log.

    That is all that one of these `selectors` may select, in these `columns`; and whole, with
    whatever they answer, all touchpoints of the `tied` kinds, which name what they are about
    (voids, refunds, what closes something). `neutral` is a kind that nothing selects, for where
    lines begin. `brought` says whether others' acts matter, and `foreign` whether any amount in
    another currency does.
    """

    kinds: Kinds
    selectors: tuple[Selector, ...]
    tied: tuple[str, ...]
    columns: tuple[str, ...]
    neutral: str
    brought: bool
    foreign: bool

    @classmethod
    def of(cls, kinds: Kinds, conditions: Iterable[Condition]) -> Self | None:
        """For these conditions; None where they may have to do with anything, or with many links.

        What closes something must be of family status (a placement, leaving the staff): there are
        few of those. Thanks that close gifts are a fair share of a log, and so is what they answer.
        """
        needs = Needs.of(kinds, conditions)
        closing, neutral = _closing(needs), _neutral(needs)
        many = any(kinds[name].family != "status" for name in closing)
        if neutral is None or many or any(isinstance(n, Linked | Answers) for n in needs.nodes):
            return None
        measures = (node for node in needs.nodes if isinstance(node, Measure))
        tied = (*needs.of_role("void", "refund"), *closing)
        return cls(
            kinds=kinds,
            selectors=tuple(dict.fromkeys(measure.selector for measure in measures)),
            tied=tuple(dict.fromkeys(tied)),
            columns=tuple(_columns(needs, tied)),
            neutral=neutral,
            brought=any(isinstance(node, Brought) for node in needs.nodes),
            foreign=any(isinstance(node, AmountIs | Exceeds) for node in needs.nodes),
        )


def _neutral(needs: Needs) -> str | None:
    """A kind whose touchpoints begin a line and are selected by nothing, saying nothing else."""
    profiles = _by_kind(needs, TEXTS, "automated", "details")
    chosen = carried(profiles, needs.kinds, needs.nodes, own=True)
    for name in _named(needs, ~chosen):
        if needs.kinds[name].family != "status" and not needs.kinds[name].role:
            return name
    return None


def _closing(needs: Needs) -> Sequence[str]:
    """The kinds whose touchpoints may close what another condition counts."""
    spans = [node for node in needs.nodes if isinstance(node, Until)]
    profiles = _by_kind(needs)
    masks = [bounds(profiles, needs.kinds, span.selector).possibly for span in spans]
    return _named(needs, np.logical_or.reduce(masks)) if masks else ()


def _by_kind(needs: Needs, absent: Iterable[str] = (), *more: str) -> Profiles:
    """A touchpoint of each kind; of other fields these are absent, and the rest is not known."""
    every = np.arange(len(needs.kinds))
    nothing = Coded(np.zeros(len(every), np.int64), ())
    fields = dict.fromkeys((*absent, *more), nothing)
    return Profiles(every, {"kind": Coded(every, list(needs.kinds)), **fields})


def _named(needs: Needs, mask: Mask) -> list[str]:
    return [name for name, chosen in zip(needs.kinds, mask.tolist(), strict=True) if chosen]


def _columns(needs: Needs, tied: Iterable[str]) -> list[str]:
    names = [*PLAIN, *needs.texts]
    if any(isinstance(node, Total | AmountIs | Exceeds | Convertible) for node in needs.nodes):
        names += ["amount", "currency"]
    if "quantity" in needs.numbers:
        names.append("quantity")
    if needs.automated:
        names.append("automated")
    if needs.details or "placed" not in tied:
        names.append("details")
    return names
