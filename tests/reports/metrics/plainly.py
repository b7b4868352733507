"""The metrics by an independent count, one supporter and one touchpoint at a time.

Written apart from the implementation, from docs/metrics.md and the language reference: plain loops
over the rows, no evaluator, no columns. Voids, refunds and links are settled here a third time.
Only the calendar is shared, and whether a serious pattern is found is asked of the reference
evaluator.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from statistics import median
from typing import Any

from ladder.engines.reference.facts import Row
from ladder.model.calendars import DAY, HOUR, Calendar, to_date
from ladder.model.kinds import KINDS

NEVER = 2**60

Stretch = tuple[int, int]
"""Instants of which the log is declared complete: [since, until)."""


@dataclass(eq=False)
class Told:
    """A touchpoint with what others do to it."""

    row: Row
    answers: Told | None = None
    cut: int = NEVER

    @property
    def at(self) -> int:
        assert isinstance(self.row.at, int)
        return self.row.at

    def is_(self, *kinds: str) -> bool:
        return self.row.kind in kinds

    def family(self, *families: str) -> bool:
        return KINDS[self.row.kind].family in families

    def purpose(self, *purposes: str) -> bool:
        return bool(set(purposes) & set(self.row.purposes.split(",")))

    @property
    def campaign(self) -> str | None:
        if self.row.campaign is None and self.answers is not None:
            return self.answers.row.campaign
        return self.row.campaign

    @property
    def personal(self) -> bool:
        """Sent, said or called by somebody."""
        return self.row.direction == "outbound" and self.row.automated is not True

    @property
    def occasion(self) -> bool:
        if self.is_("donation"):
            return self.answers is None or not self.answers.is_(
                "pledge", "commitment_started", "commitment_resumed"
            )
        return self.is_("commitment_started")

    @property
    def money_ask(self) -> bool:
        outbound = self.row.direction == "outbound"
        return outbound and self.purpose("ask") and self.row.asks_for == "money"

    @property
    def nonask(self) -> bool:
        return self.personal and not self.purpose("ask") and not self.family("service")

    @property
    def contact(self) -> bool:
        return self.personal and not self.family("service")

    @property
    def of_money(self) -> bool:
        """Answers a gift or a commitment, or nothing that is known."""
        to = self.answers
        return to is None or to.is_("donation", "instalment", "payment") or to.family("commitment")

    @property
    def thanks(self) -> bool:
        return self.personal and self.purpose("thank") and self.of_money

    @property
    def receipt(self) -> bool:
        machine = self.row.direction == "outbound" and self.row.automated is True
        return machine and self.purpose("thank", "receipt") and self.of_money

    @property
    def reports(self) -> bool:
        return self.row.direction == "outbound" and self.purpose("report")

    @property
    def query(self) -> bool:
        says = json.loads(self.row.details or "{}").get("expects_reply")
        waits = self.is_("question", "complaint") or says is True
        return self.row.direction == "inbound" and waits and says is not False

    @property
    def reply(self) -> bool:
        alone = self.row.audience == "individual" and not self.purpose("ask")
        return self.personal and (self.answers is not None or alone)

    @property
    def conversation(self) -> bool:
        to = self.answers
        answered = to is not None and to.row.direction == "inbound" and to.family("word")
        talked = answered or self.is_("call", "meeting")
        return self.contact and self.row.audience != "broadcast" and talked


def settled(rows: Sequence[Row], calendar: Calendar) -> list[Told]:
    """One person's rows with voids, refunds and links worked out."""

    def answers(row: Row) -> tuple[str, str] | None:
        return (
            None if row.answers_id is None else (row.answers_source or row.source, row.answers_id)
        )

    void = [row for row in rows if KINDS[row.kind].role == "void"]
    gone = {answers(row) for row in void}
    kept = [Told(row) for row in rows if row not in void and _key(row) not in gone]
    by_key = {_key(told.row): told for told in kept if told.row.external_id is not None}
    backs: dict[Told, list[Told]] = defaultdict(list)
    for told in kept:
        target = by_key.get(answers(told.row) or ("", ""))
        if target is None or target is told:
            continue
        if target.at <= _reach(told, calendar):
            told.answers = target
        if KINDS[told.row.kind].role == "refund" and KINDS[target.row.kind].role != "refund":
            backs[target].append(told)
    for gift, refunds in backs.items():
        gift.cut = _gone_at(gift, refunds)
    return sorted(kept, key=lambda told: (told.at, told.row.id))


def _key(row: Row) -> tuple[str, str] | None:
    return None if row.external_id is None else (row.source, row.external_id)


def _reach(told: Told, calendar: Calendar) -> int:
    """The last instant at which it may have happened."""
    if not told.row.date_only:
        return told.at
    return calendar.day_start(calendar.day_of(told.at) + 1) - 1


def _gone_at(gift: Told, refunds: Iterable[Told]) -> int:
    """When nothing of a gift was left."""
    left = gift.row.amount
    for at in sorted({refund.at for refund in refunds}):
        amounts = [refund.row.amount for refund in refunds if refund.at == at]
        if left is None or None in amounts:
            return at
        left -= sum(amount or 0 for amount in amounts)
        if left <= 0:
            return at
    return NEVER


@dataclass
class Share:
    """Number of cases, of cases that are true, and of those left out by reason."""

    yes: int = 0
    no: int = 0
    young: int = 0
    unknown: int = 0

    def add(self, word: str) -> None:
        if word != "gone":
            setattr(self, word, getattr(self, word) + 1)

    def told(self, wanted: str = "yes") -> tuple[Any, ...]:
        size = self.yes + self.no
        number = getattr(self, wanted)
        return (number / size if size else None, number, size, self.young, self.unknown)


@dataclass
class Count:
    """One month, one campaign, or everything."""

    shares: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    watched: dict[str, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))
    unwatched: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gives: list[int] = field(default_factory=list)
    first_unknown: int = 0
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def told(self) -> dict[str, tuple[Any, ...]]:
        """For each metric: value, numerator, denominator, young, unknown."""
        none = sum(1 for number in self.gives if number == 0)
        size = len(self.gives)
        said = {name: self.shares[name].told() for name in (
            "thanked_soon", "thanked_late", "reported_before_ask", "reported_late",
            "answered_soon", "answered_late",
        )}  # fmt: skip
        said["unthanked"] = self.shares["thanked_ever"].told("no")
        said["answered"] = self.shares["answered_ever"].told()
        said["thank_days"] = self._half("thanked")
        said["answer_days"] = self._half("answered")
        middle = median(self.gives) if self.gives else None
        said["gives_before_ask"] = (middle, None, size, 0, self.first_unknown)
        said["asked_first"] = (none / size if size else None, none, size, 0, self.first_unknown)
        for name, part, whole in (
            ("nonask_per_ask", "nonask", "ask"), ("conversation", "conversation", "contact"),
        ):  # fmt: skip
            a, b = self.sums[part], self.sums[whole]
            said[name] = (a / b if b else None, a, b, 0, self.sums[f"unknown {name}"])
        return said

    def _half(self, name: str) -> tuple[Any, ...]:
        watched = self.watched[name]
        left, half = Fraction(1), None
        for time in sorted({time for time, served in watched if served}):
            risk = sum(1 for other, _ in watched if other >= time)
            served = sum(1 for other, done in watched if done and other == time)
            left *= 1 - Fraction(served, risk)
            if left <= Fraction(1, 2):
                half = time / DAY
                break
        return (half, None, len(watched), 0, self.unwatched[name])


class Plain:
    """Everything counted, in total, by month and by campaign."""

    def __init__(
        self,
        rows: Sequence[Row],
        calendar: Calendar,
        complete: Sequence[Stretch],
        period: Stretch,
        now: int,
        *,
        receipts: bool = False,
    ) -> None:
        self.calendar = calendar
        self.complete = complete
        self.period = period
        self.now = now
        self.receipts = receipts
        self.total = Count()
        self.by: dict[str, dict[Any, Count]] = {
            "month": defaultdict(Count), "campaign": defaultdict(Count),
        }  # fmt: skip
        every = {row.supporter for row in rows}
        lives = {
            supporter: settled([r for r in rows if r.supporter == supporter], calendar)
            for supporter in every
        }
        for supporter, facts in lives.items():
            friends = [told for other, acts in lives.items() if other != supporter
                       for told in acts if told.row.referrer == supporter]  # fmt: skip
            self.person(facts, friends)

    def person(self, facts: list[Told], friends: list[Told]) -> None:
        """Count one supporter, unless suppressed now."""
        begins = [told.at for told in (*facts, *friends) if not told.family("status")]
        seen = [told for told in facts if told.at <= self.now]
        quiet = (told for told in seen if told.is_("objected", "deceased", "erased"))
        if any(told.cut > self.now for told in quiet) and min(begins, default=NEVER) <= self.now:
            return
        for told in seen:
            if not self.period[0] <= told.at < self.period[1]:
                continue
            into = self.counts(told)
            if told.occasion and told.cut > told.at:
                self.gift(told, seen, into)
            if told.query and told.cut > told.at:
                self.query(told, seen, into)
            self.touch(told, into)
        asks = [told for told in seen if told.money_ask]
        if asks and self.period[0] <= asks[0].at < self.period[1]:
            self.first(asks[0], seen, min(begins))

    def counts(self, told: Told) -> list[Count]:
        """Where a touchpoint is counted."""
        day: date = to_date(self.calendar.day_of(told.at))
        month = self.by["month"][f"{day.year}-{day.month:02}"]
        return [self.total, month, self.by["campaign"][told.campaign]]

    def known(self, first: int, last: int) -> bool:
        """Whether the log is complete at every instant from the first to the last."""
        at = first
        while at <= last:
            reached = max((until for since, until in self.complete if since <= at), default=at)
            if reached <= at:
                return False
            at = reached
        return True

    def gift(self, gift: Told, seen: list[Told], into: list[Count]) -> None:
        thanks = [t for t in seen if t.thanks or (self.receipts and t.receipt)]
        thanked, reported = self.end(gift, thanks), self.end(gift, [t for t in seen if t.reports])
        late = self.last(gift, 14 * DAY, whole_days=True)
        self.waited("thanked", gift, thanked, self.last(gift, 2 * DAY), late, into)
        in_time = self.within(gift, reported, self.last(gift, 180 * DAY, whole_days=True))
        later = [told.at for told in seen if told.money_ask and told.at > gift.at]
        before = self.within(gift, reported, min(later) - 1) if later else "gone"
        for count in into:
            count.shares["reported_late"].add(in_time)
            count.shares["reported_before_ask"].add(before)

    def query(self, query: Told, seen: list[Told], into: list[Count]) -> None:
        answered = self.end(query, [told for told in seen if told.reply])
        soon, late = self.last(query, DAY), self.last(query, 3 * DAY)
        self.waited("answered", query, answered, soon, late, into)

    def waited(
        self, name: str, told: Told, end: int, soon: int, late: int, into: list[Count]
    ) -> None:
        """Within the two times, ever, and for how long it was watched."""
        ever = self.within(told, end, self.now)
        if late > self.now and ever != "unknown":
            ever = "young"
        watched = min(told.cut, self.now + 1)
        while not self.known(told.at, watched - 1):
            borders = [edge for stretch in self.complete for edge in stretch if edge < watched]
            watched = max([edge for edge in borders if edge > told.at], default=told.at)
        for count in into:
            count.shares[f"{name}_soon"].add(self.within(told, end, soon))
            count.shares[f"{name}_late"].add(self.within(told, end, late))
            count.shares[f"{name}_ever"].add(ever)
            if watched > told.at:
                count.watched[name].append((min(end, watched) - told.at, end < watched))
            else:
                count.unwatched[name] += 1

    def end(self, opened: Told, closers: list[Told]) -> int:
        """When the first of these settled it; NEVER if none did."""
        found = [
            told.at
            for told in closers
            if told.answers is opened
            or (told.answers is None and _reach(told, self.calendar) >= opened.at)
        ]
        return max(opened.at, min(found)) if found else NEVER

    def last(self, told: Told, length: int, *, whole_days: bool = False) -> int:
        """The last instant in time: hours to the end, days to the end of the day."""
        if whole_days or told.row.date_only:
            day = self.calendar.day_of(told.at) + length // DAY
            return self.calendar.day_start(day + 1) - 1
        return told.at + length // HOUR * HOUR

    def within(self, told: Told, end: int, last: int) -> str:
        """Return the outcome by then."""
        if not self.known(told.at, min(last, self.now)):
            return "unknown"
        if last > self.now:
            return "young"
        if end <= last and end < told.cut:
            return "yes"
        return "gone" if told.cut <= last else "no"

    def first(self, ask: Told, seen: list[Told], begun: int) -> None:
        gives = sum(1 for told in seen if told.nonask and told.at < ask.at)
        known = self.known(min(begun, ask.at), ask.at)
        for count in self.counts(ask):
            if known:
                count.gives.append(gives)
            else:
                count.first_unknown += 1

    def touch(self, told: Told, into: list[Count]) -> None:
        known = self.known(told.at, told.at)
        for count in into:
            if told.nonask or told.money_ask:
                names = ["nonask"] * told.nonask + ["ask"] * told.money_ask
                for name in names if known else ["unknown nonask_per_ask"]:
                    count.sums[name] += 1
            if told.contact:
                names = ["contact"] + ["conversation"] * told.conversation
                for name in names if known else ["unknown conversation"]:
                    count.sums[name] += 1
