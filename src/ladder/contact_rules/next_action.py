"""The next action: reasons to contact a supporter, the most pressing first.

`CRM.next_touch` asks for one supporter and `ladder.outreach.call_queues` for all of them. Both find
the reasons in their own way; the conclusions are drawn here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from ladder.language.conditions import SEVERITIES, OnRung
from ladder.language.ladders import Ladder, Pattern, Touch
from ladder.language.nodes import Node
from ladder.language.selectors import IsReferred, KindIs, OneOf
from ladder.model.calendars import Calendar
from ladder.model.kinds import Kinds

Queue = Literal[
    "stop", "answer", "thank", "report", "climbers", "steadies", "listen", "invite", "inform", "ask"
]
QUEUES: Final[tuple[Queue, ...]] = get_args(Queue)
"""The queues, most pressing first: wrongs to stop, debts, gratitude, then wishes."""

GRATITUDE: Final = ("climbers", "steadies")
RISES: Final = ("arrived", "climbed", "returned")
"""Movements that make a supporter a new climber."""
FALLS: Final = ("lapsed", "slipped")
RESTS: Final = ("was_handed_out", "was_thanked", "was_touched", "was_active")
"""Facts about a supporter's recent touchpoints that are needed before they are assigned."""


@dataclass(frozen=True)
class Call:
    """A reason to contact a supporter.

    `since` is the instant at which the reason began; with `fall`, the instant of the expected fall.
    """

    queue: Queue
    since: int
    pattern: str | None = None
    severity: str | None = None
    fall: bool = False

    @property
    def order(self) -> tuple[int, int, int]:
        """The sort key: queue, then highest severity, then oldest (climbers: newest)."""
        grave = 0 if self.severity is None else [str(s) for s in SEVERITIES].index(self.severity)
        newest = self.queue == "climbers"
        return QUEUES.index(self.queue), -grave, -self.since if newest else self.since

    @property
    def touch(self) -> Touch:
        """The recommended kind of contact."""
        return "thank" if self.queue in GRATITUDE else self.queue  # type: ignore[return-value]


def mending(ladder: Ladder) -> dict[str, Pattern]:
    """Return the patterns whose findings call for an action; purely descriptive ones do not."""
    return {
        pattern.key: pattern for pattern in ladder.patterns if pattern.next and not pattern.optional
    }


def money_rungs(ladder: Ladder) -> frozenset[str]:
    """Return the rungs that a supporter's own gift can hold: a request may help there."""
    return frozenset(
        rung.key for rung in ladder.rungs if any(_of_money(rung.condition, ladder.kinds))
    )


def before_a_fall(before: str, after: str, money: frozenset[str]) -> Queue:
    """Choose the queue before a fall from one place ("donating+volunteering") to another."""
    lost = set(before.split("+")) - set(after.split("+"))
    return "ask" if lost & money else "invite"


def _of_money(node: Node, kinds: Kinds) -> Iterator[bool]:
    """Yield whether parts of a condition concern the supporter's own money."""
    if isinstance(node, IsReferred | OnRung):
        return
    if isinstance(node, KindIs):
        known = kinds.get(node.name)
        yield known is not None and known.family == "money"
    elif isinstance(node, OneOf) and node.field == "family":
        yield "money" in node.values
    for part in node.parts():
        yield from _of_money(part, kinds)


def rests(queue: Queue, known: Mapping[str, bool]) -> bool:
    """Check whether the supporter is left in peace for the time being (`known` as in `RESTS`).

    A wrong is stopped at once. Otherwise an assigned supporter is not assigned again. Debts ignore
    recent contacts.
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
    """The instants that delimit the queues, relative to the instant of the query."""

    climbed_after: int
    steady_before: int
    falls_before: int
    height: int

    @classmethod
    def of(cls, queues: Mapping[str, Any], ladder: Ladder, calendar: Calendar, at: int) -> Times:
        """Compute the instants from the numbers of days in the rules."""
        today = calendar.day_of(at)
        top = max((ladder.height(rung) for rung in ladder.rungs), default=1)
        return cls(
            calendar.day_start(today - _number(queues["climbed_lately"])),
            calendar.day_start(today - _number(queues["steady_for"]) + 1),
            calendar.day_end(today + _number(queues["falls_within"])),
            min(_number(queues["gratitude_height"]), top),
        )

    def of_rise(self, kind: str, at: int, height: int) -> Queue | None:
        """Choose the gratitude queue after a movement of this kind; None when neither fits."""
        if height < self.height:
            return None
        if at < self.steady_before:
            return "steadies"
        return "climbers" if kind in RISES and at >= self.climbed_after else None


def best(calls: Iterable[Call], known: Mapping[str, bool], *, may_ask: bool) -> Call | None:
    """Return the most pressing call that is allowed now; None when there is none."""
    for call in sorted(calls, key=lambda call: call.order):
        if not rests(call.queue, known) and (call.queue != "ask" or may_ask):
            return call
    return None


def _number(value: Any) -> int:  # noqa: ANN401  (a figure that is a plain number)
    return int(str(value))
