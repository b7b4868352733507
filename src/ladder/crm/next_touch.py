"""The best next contact with a supporter: the most pressing reason, in a host's terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ladder.contact_rules import Rules
from ladder.contact_rules.next_action import (
    FALLS,
    RESTS,
    Call,
    Queue,
    Times,
    before_a_fall,
    best,
    mending,
    money_rungs,
)
from ladder.crm.may_ask import MayAsk, may_ask
from ladder.crm.queries import SupporterQueries, When
from ladder.crm.results import Cause, Finding, Movement
from ladder.crm.time_conversion import ending, seen_at
from ladder.engines.reference.evaluator import Evaluation
from ladder.explanations import Lift
from ladder.explanations.next_steps import lifts
from ladder.language.ladders import Ladder, Touch
from ladder.language.standings import Place
from ladder.model.calendars import FOREVER

_WAYS: Final[dict[str, Touch]] = {
    "money": "ask", "commitment": "ask", "time": "invite", "voice": "invite", "word": "listen",
    "signal": "inform",
}  # fmt: skip
"""The touch that can lead to an act of each family."""


@dataclass(frozen=True)
class NextTouch:
    """The best next touch with a supporter, and why.

    `touch` None: do not contact them now (`why` has the reason). `queue` is the queue of `ladder
    next`; None where nothing is pressing and only a step up is possible. `since` is the start of
    the finding or of the rung; before a fall it is the instant of the fall if nothing happens.
    `lift` is what would lift them, `asking` whether they may be asked, where that is the touch.
    """

    supporter: str
    touch: Touch | None
    why: str
    queue: Queue | None = None
    since: datetime | None = None
    pattern: str | None = None
    severity: str | None = None
    remedy: str = ""
    evidence: tuple[Cause, ...] = ()
    lift: str = ""
    asking: MayAsk | None = None

    def __str__(self) -> str:
        lift = f"; what would lift them: {self.lift}" if self.lift else ""
        return f"{self.supporter}: {self.touch or 'nothing'}: {self.why}{lift}"


def next_touch(
    queries: SupporterQueries, supporter: str, rules: Rules, at: When | None
) -> NextTouch:
    """As `CRM.next_touch`."""
    calendar = queries.organisation.store.organisation.calendar
    instant = min(seen_at(calendar, at, queries.now), FOREVER - 1)
    return _NextTouchQuery(queries, supporter, rules, instant, at).told()


def touch_of_call(
    queries: SupporterQueries, supporter: str, call: Call, rules: Rules, *, with_lift: bool = True
) -> NextTouch:
    """As `CRM.touches_of_calls`, for one call."""
    instant = min(queries.now, FOREVER - 1)
    return _NextTouchQuery(queries, supporter, rules, instant, None).of_call(
        call, with_lift=with_lift
    )


@dataclass(frozen=True)
class _NextTouchQuery:
    queries: SupporterQueries
    supporter: str
    rules: Rules
    instant: int
    at: When | None

    @property
    def ladder(self) -> Ladder:
        return self.queries.adopted.at(self.instant)

    def told(self) -> NextTouch:
        calls = [*self._by_findings(), *self._by_movements()]
        silent = self.queries.questions.is_silent(self.supporter)
        if silent:
            calls = [call for call in calls if call.queue == "stop"]
        evaluation = self.queries.evaluation(self.supporter, self.instant)
        known = {name: evaluation.at(self.rules.queues[name], self.instant) for name in RESTS}
        asking = may_ask(self.queries, self.supporter, self.rules, self.at, None, None)
        call = best(calls, known, may_ask=asking.verdict == "yes")
        if call is not None:
            return self._find_calls(call, evaluation, asking)
        if silent or evaluation.history.t0 is None:
            why = "the supporter is suppressed" if silent else "nothing has gone to or fro yet"
            return NextTouch(self.supporter, None if silent else "inform", why)
        if known["was_handed_out"] or known["was_touched"]:
            return NextTouch(
                self.supporter, None, "there was a personal contact lately: let it rest"
            )
        return self._upwards(evaluation, asking)

    def of_call(self, call: Call, *, with_lift: bool) -> NextTouch:
        """Describe a call that was chosen already; read only what the call needs."""
        evaluation = self.queries.evaluation(self.supporter, self.instant) if with_lift else None
        asking = None
        if call.queue == "ask":
            asking = may_ask(self.queries, self.supporter, self.rules, self.at, None, None)
        return self._find_calls(call, evaluation, asking)

    def _by_findings(self) -> Iterator[Call]:
        mends = mending(self.ladder)
        questions, seen_to = self.queries.questions, ("open", "acknowledged")
        for finding in questions.findings(self.instant, supporter=self.supporter, states=seen_to):
            pattern = mends.get(finding.pattern)
            if pattern is not None and pattern.next is not None:
                yield Call(pattern.next, finding.at, finding.pattern, finding.severity)

    def _by_movements(self) -> Iterator[Call]:
        calendar = self.queries.organisation.store.organisation.calendar
        times = Times.of(self.rules.queues, self.ladder, calendar, self.instant)
        for movement in self.queries.questions.movements(supporter=self.supporter, seams=True):
            until = FOREVER if movement.until is None else movement.until
            if movement.at <= self.instant < until:
                queue = times.of_rise(movement.kind, movement.at, movement.height_after)
                if queue is not None:
                    yield Call(queue, movement.at)
            ahead = self.instant < movement.at < times.falls_before
            if ahead and movement.kind in FALLS and movement.cause != "definition":
                queue = before_a_fall(movement.before, movement.after, money_rungs(self.ladder))
                yield Call(queue, movement.at, fall=True)
                return

    def _find_calls(
        self,
        call: Call,
        evaluation: Evaluation | None,
        asking: MayAsk | None,
    ) -> NextTouch:
        calendar = self.queries.organisation.store.organisation.calendar
        since = ending(calendar, call.since)
        mine, brought = None, None
        if call.pattern is not None:
            mine = self.queries.finding(self.supporter, call.pattern, self.at)
        if mine is None:
            brought = self.queries.movement(self.supporter, call.since)
        proof = mine.evidence if mine else brought.causes if brought else ()
        return NextTouch(
            supporter=self.supporter,
            touch=call.touch,
            why=_why(call, mine, brought),
            queue=call.queue,
            since=since,
            pattern=call.pattern,
            severity=call.severity,
            remedy=mine.remedy if mine else "",
            evidence=proof,
            lift="" if call.queue == "stop" or evaluation is None else self._lift(evaluation)[1],
            asking=asking if call.queue == "ask" else None,
        )

    def _upwards(self, evaluation: Evaluation, asking: MayAsk) -> NextTouch:
        """Choose the touch by the next step up, when nothing is pressing."""
        lift, words = self._lift(evaluation)
        if lift is None:
            return NextTouch(self.supporter, "inform", "nothing is open: keep them informed")
        act = lift.acts[0]
        touch: Touch = "invite"
        if not act.brought:
            touch = _WAYS.get(evaluation.kinds.find(act.kind).family, "invite")
        if touch == "ask" and asking.verdict != "yes":
            why = f"a gift would lift them, but they may not be asked: {asking.verdict}"
            return NextTouch(self.supporter, "inform", why, lift=words, asking=asking)
        why = "nothing is open, and one more step would lift them"
        return NextTouch(
            self.supporter, touch, why, lift=words, asking=asking if touch == "ask" else None
        )

    def _lift(self, evaluation: Evaluation) -> tuple[Lift | None, str]:
        first = next(lifts(evaluation, self.ladder, self.instant), None)
        if first is None:
            return None, ""
        return first, f"{' and '.join(map(str, first.acts))}, to {_title(self.ladder, first.place)}"


def _why(call: Call, finding: Finding | None, brought: Movement | None) -> str:
    if finding is not None:
        return finding.title
    if brought is None:
        return ""
    if call.fall:
        word = "lapses" if brought.kind == "lapsed" else "slips"
        when = f"{brought.at:%Y-%m-%d}"
        return f"{word} from {brought.before_title} on {when} unless something happens"
    if call.queue == "climbers":
        return f"{brought.kind} from {brought.before_title} to {brought.after_title}"
    return f"has stood on {brought.after_title} since {brought.at:%Y-%m-%d}"


def _title(ladder: Ladder, place: Place) -> str:
    return " + ".join(ladder.rung(key).title or key for key in place.rungs) or ladder.ground
