"""Determine the touchpoints and columns of a log that some conditions need.

Most touchpoints of a log are letters, and many definitions read few of them. A host that keeps the
log elsewhere may omit every touchpoint that no condition can select. It must then put a neutral
touchpoint at the start of each line. It may also omit names and links of touchpoints that are tied
to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np

from ladder.engines.columnar.intervals import Mask
from ladder.engines.columnar.profiles import CodeColumn, Profiles, bounds, selectable_profiles
from ladder.language.conditions import HeldFor
from ladder.language.ladders import Ladder
from ladder.language.measures import Distinct, Exceeds, Measure, Total
from ladder.language.nodes import Condition, Node, Selector
from ladder.language.selectors import (
    AmountIs,
    HasRate,
    InReplyTo,
    IsAutomated,
    IsReferred,
    IsReply,
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
    """Return every node of these conditions, without duplicates."""
    return list(dict.fromkeys(node for condition in conditions for node in condition.walk()))


def columns(ladder: Ladder) -> list[str]:
    """Return the touchpoint columns that the columnar evaluator needs for this ladder."""
    return columns_of(ladder.conditions())


def columns_of(conditions: Iterable[Condition]) -> list[str]:
    """Return the columns of the touchpoint frame that these conditions need."""
    return list(dict.fromkeys((*ALWAYS, *_fields(nodes(conditions)))))


def _fields(used: Iterable[Node]) -> Iterator[str]:
    for node in used:
        if isinstance(node, OneOf) and node.field != "family":
            yield {"purpose": "purposes"}.get(node.field, node.field)
        elif isinstance(node, IsAutomated):
            yield "automated"
        elif isinstance(node, QuantityIs) or (
            isinstance(node, Total | Exceeds) and node.of == "quantity"
        ):
            yield "quantity"
        elif isinstance(node, Distinct) and node.by in ("channel", "campaign"):
            yield node.by


@dataclass(frozen=True)
class Needs:
    """The kinds and nodes of some conditions, and what they read of touchpoints."""

    kinds: Kinds
    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, kinds: Kinds, conditions: Iterable[Condition]) -> Needs:
        """Collect the nodes of these conditions, under those kinds."""
        return cls(kinds, tuple(nodes(conditions)))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text columns that selectors and dimensions read."""
        return tuple(name for name in dict.fromkeys(_fields(self.nodes)) if name in TEXTS)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The number columns that are read; refunds always need amounts."""
        return ("amount", "quantity") if "quantity" in _fields(self.nodes) else ("amount",)

    @cached_property
    def reads_automated(self) -> bool:
        """Whether the `automated` column is read."""
        return any(isinstance(node, IsAutomated) for node in self.nodes)

    @cached_property
    def links(self) -> bool:
        """Whether it matters which touchpoint another one answers."""
        return any(isinstance(node, IsReply | InReplyTo | Until) for node in self.nodes)

    @cached_property
    def details(self) -> tuple[str, ...]:
        """The host's own details that are read."""
        fields = [node.field for node in self.nodes if isinstance(node, Where)]
        dimensions = [node.by for node in self.nodes if isinstance(node, Distinct)]
        fields += [by.removeprefix(DETAIL) for by in dimensions if by.startswith(DETAIL)]
        return tuple(dict.fromkeys(fields))

    @cached_property
    def odd_details(self) -> bool:
        """Whether JSON may spell the name of some detail differently from the definition."""
        return any(not (name.isascii() and name.isidentifier()) for name in self.details)

    @cached_property
    def people(self) -> bool:
        """Whether it matters which referred supporter acted."""
        return any(isinstance(node, Distinct) and node.by == "person" for node in self.nodes)

    def of_role(self, *roles: str) -> list[str]:
        """Return the kinds with one of these roles."""
        return [kind.name for kind in self.kinds.values() if kind.role in roles]

    def kind_codes(self, *roles: str) -> list[int]:
        """Return the places, among all kinds, of the kinds with one of these roles."""
        return [place for place, kind in enumerate(self.kinds.values()) if kind.role in roles]


def horizon(
    used: Iterable[Node], calendar: Calendar, latest: int, others: Iterable[int] = ()
) -> int:
    """Return the latest instant below FOREVER at which any interval may end."""
    used = list(used)
    opened = max([latest, *(other for other in others if other < FOREVER)])
    durations = [node for node in used if isinstance(node, Duration | Hours)]
    reached = max([opened, *(_end(duration, calendar, opened) for duration in durations)])
    waits = [node.duration for node in used if isinstance(node, HeldFor)]
    # Waits nest in any order, so the longest one is added once per wait.
    for _ in waits:
        reached = max(_end(wait, calendar, reached) for wait in waits)
    return _end(Duration(steps=()), calendar, reached)


def _end(duration: Duration | Hours, calendar: Calendar, instant: int) -> int:
    end = duration.end(calendar, instant)
    return end if end < FOREVER else calendar.day_end(LAST_DAY - 1)


PLAIN: Final = ("supporter", "id", "kind", "at", "date_only")
"""The columns that are read of every touchpoint."""


@dataclass(frozen=True)
class Narrow:
    """The smallest part of a log that has to be read.

    Read all touchpoints that one of these `selectors` may select, in these `columns`. Read the
    touchpoints of the `tied` kinds whole, with the touchpoints that they answer: they name what
    they are about (voids, refunds, closers). `neutral` is a kind that nothing selects, for line
    starts. `brought` is whether referred acts matter. `foreign` is whether amounts in another
    currency matter.
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
        """Build the projection for these conditions; None where nearly everything must be read.

        That is so where the conditions may select any kind, or where many links matter. Closers
        must be of family status (a placement, leaving the staff), because there are few of those.
        Thanks that close gifts are a large share of a log, and so are the gifts that they answer.
        """
        requires = Needs.of(kinds, conditions)
        closing, neutral = _closing(requires), _neutral(requires)
        many = any(kinds[name].family != "status" for name in closing)
        if (
            neutral is None
            or many
            or any(isinstance(n, IsReply | InReplyTo) for n in requires.nodes)
        ):
            return None
        measures = (node for node in requires.nodes if isinstance(node, Measure))
        tied = (*requires.of_role("void", "refund"), *closing)
        return cls(
            kinds=kinds,
            selectors=tuple(dict.fromkeys(measure.selector for measure in measures)),
            tied=tuple(dict.fromkeys(tied)),
            columns=tuple(_columns(requires, tied)),
            neutral=neutral,
            brought=any(isinstance(node, IsReferred) for node in requires.nodes),
            foreign=any(isinstance(node, AmountIs | Exceeds) for node in requires.nodes),
        )


def _neutral(requires: Needs) -> str | None:
    """Return a kind that begins lines and that nothing selects, with all other fields absent."""
    profiles = _by_kind(requires, TEXTS, "automated", "details")
    chosen = selectable_profiles(profiles, requires.kinds, requires.nodes, own=True)
    for name in _kind_names(requires, ~chosen):
        if requires.kinds[name].family != "status" and not requires.kinds[name].role:
            return name
    return None


def _closing(requires: Needs) -> Sequence[str]:
    """Return the kinds whose touchpoints may close an `until` span."""
    spans = [node for node in requires.nodes if isinstance(node, Until)]
    profiles = _by_kind(requires)
    masks = [bounds(profiles, requires.kinds, span.selector).possibly for span in spans]
    return _kind_names(requires, np.logical_or.reduce(masks)) if masks else ()


def _by_kind(requires: Needs, absent: Iterable[str] = (), *more: str) -> Profiles:
    """Build one profile per kind; the named fields are absent, and other fields are unknown."""
    every = np.arange(len(requires.kinds))
    nothing = CodeColumn(np.zeros(len(every), np.int64), ())
    fields = dict.fromkeys((*absent, *more), nothing)
    return Profiles(every, {"kind": CodeColumn(every, list(requires.kinds)), **fields})


def _kind_names(requires: Needs, mask: Mask) -> list[str]:
    return [name for name, chosen in zip(requires.kinds, mask.tolist(), strict=True) if chosen]


def _columns(requires: Needs, tied: Iterable[str]) -> list[str]:
    names = [*PLAIN, *requires.texts]
    if any(isinstance(node, Total | AmountIs | Exceeds | HasRate) for node in requires.nodes):
        names += ["amount", "currency"]
    if "quantity" in requires.numbers:
        names.append("quantity")
    if requires.reads_automated:
        names.append("automated")
    if requires.details or "placed" not in tied:
        names.append("details")
    return names
