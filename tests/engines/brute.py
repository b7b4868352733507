"""The language read by brute force: what holds at one position, straight from its sentences.

No episodes, no sorting, no steps: each question is answered by asking every fact again. It shares
with the evaluator only the preparation of a history (links, cuts), which has tests of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.language import conditions as c
from ladder.language import measures as m
from ladder.language import selectors as s
from ladder.language import spans as p
from ladder.language.nodes import (
    AllOf,
    And,
    AnyOf,
    Both,
    Condition,
    Negation,
    Not,
    Or,
    Selector,
    Span,
    When,
)
from ladder.model.calendars import FOREVER, UNITS, Calendar, to_date
from ladder.model.intervals import INF
from ladder.model.kinds import KINDS

SCALES = {"number": 1, "money": 100, "quantity": 1_000_000}


class Brute:
    """Reads conditions of one history whose currency has two decimals."""

    def __init__(self, history: History, rules: dict[str, Condition]) -> None:
        self.history = history
        self.rules = rules
        self.facts = history.facts
        self.calendar: Calendar = history.organisation.calendar
        self.points: list[int] = []
        self.known: dict[tuple[int, int], bool] = {}

    def prepare(self, condition: Condition) -> list[int]:
        """Every position at which anything in the condition can change, in order."""
        nodes = list(self._all(condition))
        durations = [node for node in nodes if isinstance(node, p.Duration | p.Hours)]
        rounds = 1 + sum(isinstance(node, c.HeldFor) for node in nodes)
        instants = {fact.at for fact in self.facts}
        for _ in range(rounds):
            instants |= {d.end(self.calendar, at) for d in durations for at in instants}
            instants = {at for at in instants if at < FOREVER}
        cuts = {fact.cut // 2 for fact in self.facts if fact.cut < INF}
        back = {place // 2 for fact in self.facts for place, _ in fact.reductions}
        begins = self.history.line[0]
        places = {2 * at + step for at in instants | cuts | back for step in (0, 1)}
        self.points = sorted(place for place in places | {begins} if begins <= place < INF)
        return self.points

    def _all(self, condition: Condition) -> Iterable[Any]:
        for node in condition.walk():
            yield node
            if isinstance(node, c.OnRung):
                yield from self._all(self.rules[node.rung])

    def reads(self, condition: Condition, place: int) -> bool:
        key = (id(condition), place)
        if key not in self.known:
            self.known[key] = place >= self.history.line[0] and self._reads(condition, place)
        return self.known[key]

    def _reads(self, condition: Condition, place: int) -> bool:
        match condition:
            case m.Compare():
                return self.compares(condition, place)
            case And():
                return all(self.reads(item, place) for item in condition.items)
            case Or():
                return any(self.reads(item, place) for item in condition.items)
            case Not():
                return not self.reads(condition.condition, place)
            case c.OnRung():
                return self.reads(self.rules[condition.rung], place)
            case c.HeldFor():
                return self.lasts(condition, place)
            case c.Latch():
                return self.latched(condition, place)
        raise TypeError(condition)

    def lasts(self, condition: c.HeldFor, place: int) -> bool:
        if not self.reads(condition.condition, place):
            return False
        before = [point for point in self.points if point <= place][::-1]
        since = place
        for point, earlier in zip(before, [*before[1:], None], strict=True):
            if self.reads(condition.condition, point):
                since = point
                continue
            unseen = point % 2 == 0 and since == point + 1 and earlier is not None
            if not (unseen and self.reads(condition.condition, earlier or 0)):
                break
        return place >= 2 * condition.duration.end(self.calendar, since // 2)

    def latched(self, condition: c.Latch, place: int) -> bool:
        if self.reads(condition.enter, place):
            return True
        leave = condition.leave
        if leave is not None and self.reads(leave, place):
            return False
        for point in (point for point in self.points[::-1] if point % 2 and point <= place):
            if self.reads(condition.enter, point):
                return True
            if leave is not None and self.reads(leave, point):
                return False
        return False

    def compares(self, condition: m.Compare, place: int) -> bool:
        scale = SCALES[condition.unit]
        left = Fraction(0)
        for term in condition.terms:
            whole = isinstance(term.measure, m.Total)
            left += term.times * self.value(term.measure, place) * (1 if whole else scale)
        right = condition.constant * scale
        return {
            ">=": left >= right,
            ">": left > right,
            "<=": left <= right,
            "<": left < right,
            "==": left == right,
        }[condition.op]

    def figure(self, exceeds: m.Exceeds, place: int) -> Fraction:
        scale = SCALES[exceeds.unit]
        value = exceeds.constant * scale
        for term in exceeds.terms if place >= self.history.line[0] else ():
            whole = isinstance(term.measure, m.Total)
            value += term.times * self.value(term.measure, place) * (1 if whole else scale)
        return value

    def value(self, measure: m.Measure, place: int) -> int:
        live = [fact for fact in self.facts if self.counts(measure, fact, place)]
        if isinstance(measure, m.Count):
            return len(live)
        if isinstance(measure, m.Distinct):
            values = {self.dimension(measure.by, fact) for fact in live}
            return len(values - {None})
        if measure.unit == "quantity":
            return sum(fact.quantity or 0 for fact in live)
        return sum((fact.amount or 0) - self.refunded(fact, place) for fact in live)

    def refunded(self, fact: Fact, place: int) -> int:
        return sum(less for since, less in fact.reductions if since <= place)

    def dimension(self, by: str, fact: Fact) -> Any:
        if by in UNITS:
            return self.calendar.unit_start(by, fact.day)  # type: ignore[arg-type]
        if by == "month_of_year":
            return to_date(fact.day).month
        if by.startswith("details."):
            value = fact.details.get(by[8:])
            return None if value is None else (type(value).__name__, value)
        return getattr(fact, by)

    def counts(self, measure: m.Measure, fact: Fact, place: int) -> bool:
        return (
            place < fact.cut
            and self.spans(measure.span, fact, place)
            and self.chosen(measure.selector, fact)
        )

    def spans(self, span: Span, fact: Fact, place: int) -> bool:
        end = lambda duration: 2 * duration.end(self.calendar, fact.at)  # noqa: E731
        match span:
            case Both():
                return all(self.spans(item, fact, place) for item in span.items)
            case p.OlderThan():
                return end(span.start) <= place and (span.end is None or place < end(span.end))
            case p.Until():
                open_ = not any(
                    place > 2 * closer.at and self.closes(span.selector, closer, fact)
                    for closer in self.facts
                )
                return place > 2 * fact.at and open_
            case p.Ever():
                return place > 2 * fact.at
        return 2 * fact.at < place < end(span)

    def closes(self, selector: Selector, closer: Fact, fact: Fact) -> bool:
        if not self.chosen(selector, closer):
            return False
        later = closer.at > fact.at
        among_them = self.chosen(selector, fact)
        if closer.target is not None:
            return closer.target is fact and (later or not among_them)
        return later if among_them else fact.at <= closer.reach

    def chosen(self, selector: Selector, fact: Fact, *, yes: bool = True) -> bool:
        match selector:
            case Negation():
                return self.chosen(selector.selector, fact, yes=not yes)
            case AllOf() | AnyOf():
                every = isinstance(selector, AllOf) == yes
                said = [self.chosen(item, fact, yes=yes) for item in selector.items]
                return all(said) if every else any(said)
            case s.IsReferred():
                if yes:
                    return fact.brought and self.plain(selector.selector, fact)
                return not fact.brought
            case When():
                kept = self.chosen(selector.selector, fact) and self.reads(
                    selector.condition, 2 * fact.at
                )
                return kept if yes else not fact.brought and not kept
            case m.Exceeds():
                own = fact.amount if selector.of == "amount" else fact.quantity
                figure = self.figure(selector, 2 * fact.at)
                exceeds = self.bounded(selector.bound, own, figure)
                return not fact.brought and exceeds == yes
            case s.InReplyTo():
                target = fact.target
                known = target is not None and self.chosen(selector.selector, target)
                return not fact.brought and known == yes
        return not fact.brought and self.plain(selector, fact) == yes

    def plain(self, selector: Selector, fact: Fact) -> bool:  # noqa: C901, PLR0912  (a list)
        match selector:
            case Negation():
                return not self.plain(selector.selector, fact)
            case AllOf():
                return all(self.plain(item, fact) for item in selector.items)
            case AnyOf():
                return any(self.plain(item, fact) for item in selector.items)
            case s.AnyTouchpoint():
                return True
            case s.KindIs():
                return fact.kind == selector.name
            case s.OneOf(field="purpose"):
                return any(value in fact.purposes for value in selector.values)
            case s.OneOf(field="family"):
                return KINDS[fact.kind].family in selector.values
            case s.OneOf():
                return getattr(fact, selector.field) in selector.values
            case s.IsAutomated():
                return bool(fact.automated)
            case s.HasRate():
                return fact.amount is not None and not fact.foreign
            case s.AmountIs():
                return self.bounded(selector.bound, fact.amount, selector.amount * 100)
            case s.QuantityIs():
                return self.bounded(selector.bound, fact.quantity, selector.millionths)
            case s.InMonths():
                return to_date(self.calendar.day_of(fact.at)).month in selector.months
            case s.Where():
                value = fact.details.get(selector.field)
                return (type(value), value) == (type(selector.value), selector.value)
            case s.IsReply():
                return fact.target is not None
        raise TypeError(selector)

    def bounded(self, bound: str, value: int | None, limit: Any) -> bool:
        return value is not None and (value > limit or (bound == "at_least" and value == limit))
