"""What to do next: the reasons to be in touch with somebody, the most pressing first.

Asked of one supporter (`CRM.next_touch`) and of everybody (`ladder.outreach.call_queues`): both
find the reasons their own way, and what follows from them is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from ladder.language.conditions import SEVERITIES, Holds
from ladder.language.ladders import Ladder, Pattern, Touch
from ladder.language.nodes import Node
from ladder.language.selectors import Brought, KindIs, OneOf
from ladder.model.calendars import Calendar
from ladder.model.kinds import Kinds

Queue = Literal[
    "stop", "answer", "thank", "report", "climbers", "steadies", "listen", "invite", "inform", "ask"
]
QUEUES: Final[tuple[Queue, ...]] = get_args(Queue)
"""The most pressing first: a wrong to be stopped, debts, gratitude, and only then wishes."""

GRATITUDE: Final = ("climbers", "steadies")
RISES: Final = ("arrived", "climbed", "returned")
"""Movements by which somebody becomes a new climber."""
FALLS: Final = ("lapsed", "slipped")
RESTS: Final = ("was_handed_out", "was_thanked", "was_touched", "was_active")
"""What has to be known of her touchpoints before she is handed out."""


@dataclass(frozen=True)
class Call:
    """A reason to be in touch, since when; before a `fall` that is the fall's instant."""

    queue: Queue
    since: int
    pattern: str | None = None
    severity: str | None = None
    fall: bool = False

    @property
    def order(self) -> tuple[int, int, int]:
        """The most pressing first; then the gravest, then the oldest (of climbers the newest)."""
        grave = 0 if self.severity is None else [str(s) for s in SEVERITIES].index(self.severity)
        newest = self.queue == "climbers"
        return QUEUES.index(self.queue), -grave, -self.since if newest else self.since

    @property
    def touch(self) -> Touch:
        """What to do."""
        return "thank" if self.queue in GRATITUDE else self.queue  # type: ignore[return-value]


def mending(ladder: Ladder) -> dict[str, Pattern]:
    """The patterns whose findings call for something; those that only describe do not."""
    return {each.key: each for each in ladder.patterns if each.next and not each.optional}


def money_rungs(ladder: Ladder) -> frozenset[str]:
    """The rungs that a gift of her own can hold: there a request may be the best touch."""
    return frozenset(
        rung.key for rung in ladder.rungs if any(_of_money(rung.condition, ladder.kinds))
    )


def before_a_fall(before: str, after: str, money: frozenset[str]) -> Queue:
    """What to do before somebody falls from a place ("donating+volunteering") to another."""
    lost = set(before.split("+")) - set(after.split("+"))
    return "ask" if lost & money else "invite"


def _of_money(node: Node, kinds: Kinds) -> Iterator[bool]:
    """What of a condition speaks of money that she gives; not that of whom she brings."""
    if isinstance(node, Brought | Holds):
        return
    if isinstance(node, KindIs):
        known = kinds.get(node.name)
        yield known is not None and known.family == "money"
    elif isinstance(node, OneOf) and node.field == "family":
        yield "money" in node.values
    for part in node.parts():
        yield from _of_money(part, kinds)


def rests(queue: Queue, known: Mapping[str, bool]) -> bool:
    """Whether somebody is left in peace for the time being (`known` as in `RESTS`).

    A wrong is stopped at once; else nobody is handed out twice. Debts wait for no peace.
    """
    if queue == "stop":
        return False
    if known["was_handed_out"]:
        return True
    if queue in GRATITUDE:
        return known["was_thanked"] or (queue == "steadies" and not known["was_active"])
    return queue in ("listen", "invite", "inform", "ask") and known["was_touched"]


@dataclass(frozen=True)
class Times:
    """The instants that queues go by, at the instant of looking."""

    climbed_after: int
    steady_before: int
    falls_before: int
    height: int

    @classmethod
    def of(cls, queues: Mapping[str, Any], ladder: Ladder, calendar: Calendar, at: int) -> Times:
        """By the numbers of days of the rules."""
        today = calendar.day_of(at)
        top = max((ladder.height(rung) for rung in ladder.rungs), default=1)
        return cls(
            calendar.day_start(today - _number(queues["climbed_lately"])),
            calendar.day_start(today - _number(queues["steady_for"]) + 1),
            calendar.day_end(today + _number(queues["falls_within"])),
            min(_number(queues["gratitude_height"]), top),
        )

    def of_rise(self, kind: str, at: int, height: int) -> Queue | None:
        """The queue of somebody who stands where a movement brought her."""
        if height < self.height:
            return None
        if at < self.steady_before:
            return "steadies"
        return "climbers" if kind in RISES and at >= self.climbed_after else None


def best(calls: Iterable[Call], known: Mapping[str, bool], *, may_ask: bool) -> Call | None:
    """The most pressing of these for which she is not left in peace."""
    for each in sorted(calls, key=lambda call: call.order):
        if not rests(each.queue, known) and (each.queue != "ask" or may_ask):
            return each
    return None


def _number(value: Any) -> int:  # noqa: ANN401  (a figure that says a plain number)
    return int(str(value))
