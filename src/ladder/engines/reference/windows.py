"""How long facts count: since the last of some positions, until the first of others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.selectors import Selection
from ladder.language.nodes import Selector, Span
from ladder.language.spans import Aged, Both, Duration, Elapsed, Ever, Hours, Until
from ladder.model.calendars import HOUR, Calendar
from ladder.model.intervals import INF

if TYPE_CHECKING:
    from ladder.engines.reference.evaluator import Evaluation

Live = tuple[int, int, Fact]
"""The positions [start, end) during which a fact counts, and the fact. No class with names: tens
of them are made for each recording."""


class Limits(NamedTuple):
    """What a span comes to: from when on a fact counts, until when, and what closes it."""

    since: tuple[Elapsed, ...] = ()
    until: tuple[Elapsed, ...] = ()
    closers: tuple[Selector, ...] = ()


def limits(span: Span) -> Limits:
    """Of any span: what several say together is what each of them says."""
    match span:
        case Ever():
            return Limits()
        case Duration() | Hours():
            return Limits(until=(span,))
        case Aged():
            return Limits(since=(span.start,), until=() if span.end is None else (span.end,))
        case Until():
            return Limits(closers=(span.selector,))
        case Both():
            since, until, closers = zip(*map(limits, span.items), strict=True)
            return Limits(sum(since, ()), sum(until, ()), sum(closers, ()))
        case _:
            message = f"{type(span).__name__} is no span"
            raise TypeError(message)


def lives_of(selection: Selection, span: Limits, evaluation: Evaluation) -> list[Live]:
    """When a span counts each of these facts: cut, on her line, and never empty.

    The innermost loop of all, so without max() and min(), which take twice as long.
    """
    begins = evaluation.line[0]
    since = [evaluation.passing(each).of for each in span.since]
    until = [evaluation.passing(each).of for each in span.until]
    until += [evaluation.closing(each).of for each in span.closers]
    counting = []
    for fact in evaluation.among(selection):
        start, end = 2 * fact.at + 1, fact.cut
        if start < begins:  # noqa: PLR1730
            start = begins
        for position_of in since:
            position = position_of(fact)
            if position > start:  # noqa: PLR1730
                start = position
        for position_of in until:
            position = position_of(fact)
            if position < end:  # noqa: PLR1730
                end = position
        if start < end:
            counting.append((start, end, fact))
    return counting


class Days(dict[int, int]):
    """To which position a duration leads from each day; found out when a day is first asked for.

    Month arithmetic costs most here, and days repeat.
    """

    def __init__(self, span: Duration, calendar: Calendar) -> None:
        super().__init__()
        self.span, self.calendar = span, calendar

    def __missing__(self, day: int) -> int:
        end = self.calendar.day_end(self.span.lead(self.calendar, day))
        position = self[day] = min(2 * end, INF)
        return position

    def of(self, fact: Fact) -> int:
        """The position at which so much time has passed since the fact."""
        return self[fact.day]


class Elapsing(NamedTuple):
    """The same of exact hours."""

    span: Hours

    def of(self, fact: Fact) -> int:
        """The position at which so much time has passed since the fact."""
        return min(2 * (fact.at + self.span.number * HOUR), INF)


Passing = Days | Elapsing


@lru_cache(maxsize=512)
def passing(span: Elapsed, calendar: Calendar) -> Passing:
    """What tells when so much time has passed; kept with what it has found out."""
    return Elapsing(span) if isinstance(span, Hours) else Days(span, calendar)


def end_at(span: Elapsed, instant: int, calendar: Calendar) -> int:
    """The position at which so much time has passed since an instant."""
    return min(2 * span.end(calendar, instant), INF)


class Closing:
    """When each fact is closed by the facts of a selector: the rule of `until`.

    A closer that answers something known closes exactly that. One that answers nothing (known)
    closes everything at or before itself, which for a date means on or before that day. What is
    itself selected is closed by nothing of its own instant, nor by anything earlier.
    """

    def __init__(self, closers: Collection[Fact]) -> None:
        self.selected = closers
        self.linked: dict[Fact, list[int]] = {}
        for fact in closers:
            if fact.target is not None:
                self.linked.setdefault(fact.target, []).append(fact.at)
        free = [fact for fact in closers if fact.target is None]
        self.instants = sorted(fact.at for fact in free)
        by_reach = sorted((fact.reach, fact.at) for fact in free)
        self.reaches = [reach for reach, _ in by_reach]
        earliest = accumulate((at for _, at in reversed(by_reach)), min)
        self.earliest_from = list(earliest)[::-1]
        self._known: dict[Fact, int] = {}

    def of(self, fact: Fact) -> int:
        """The position at which the fact is closed; INF when nothing closes it."""
        found = self._known.get(fact)
        if found is None:
            found = self._known[fact] = self._closed(fact)
        return found

    def _closed(self, fact: Fact) -> int:
        among_them = fact in self.selected
        closers = self.linked.get(fact, [])
        if among_them:
            closers = [at for at in closers if at > fact.at]
        free = self._next_free(fact) if among_them else self._first_free(fact)
        if free is not None:
            closers = [*closers, free]
        return 2 * min(closers) + 1 if closers else INF

    def _next_free(self, fact: Fact) -> int | None:
        place = bisect_right(self.instants, fact.at)
        return self.instants[place] if place < len(self.instants) else None

    def _first_free(self, fact: Fact) -> int | None:
        place = bisect_left(self.reaches, fact.at)
        return self.earliest_from[place] if place < len(self.reaches) else None
