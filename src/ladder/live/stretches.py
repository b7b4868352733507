"""How long facts count: one short rule for each span, in positions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from functools import lru_cache, singledispatch
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ladder.calendars import HOUR, Calendar
from ladder.episodes import INF, Episode
from ladder.live.facts import Fact
from ladder.live.selection import Selection
from ladder.nodes import Span
from ladder.spans import Aged, Both, Duration, Elapsed, Ever, Hours, Until

if TYPE_CHECKING:
    from ladder.live.evaluation import Evaluation


class Ends(dict[int, int]):
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


@lru_cache(maxsize=512)
def ends_by_day(span: Duration, calendar: Calendar) -> Ends:
    """Those of a duration, kept."""
    return Ends(span, calendar)


@singledispatch
def stretches(span: Span, selection: Selection, evaluation: Evaluation) -> list[Episode]:
    """The stretch of each fact selected, before cuts and before the line; it may be empty."""
    del selection, evaluation
    message = f"{type(span).__name__} is no span"
    raise TypeError(message)


@stretches.register(Ever)
def _ever(_: Ever, selection: Selection, evaluation: Evaluation) -> list[Episode]:
    return [(2 * fact.at + 1, INF) for fact in evaluation.among(selection)]


@stretches.register(Duration)
def _lasting(span: Duration, selection: Selection, evaluation: Evaluation) -> list[Episode]:
    ends = evaluation.ends(span)
    return [(2 * fact.at + 1, ends[fact.day]) for fact in evaluation.among(selection)]


@stretches.register(Hours)
def _elapsed(span: Hours, selection: Selection, evaluation: Evaluation) -> list[Episode]:
    facts = evaluation.among(selection)
    return [
        (2 * fact.at + 1, end)
        for fact, end in zip(facts, after(span, facts, evaluation), strict=True)
    ]


@stretches.register(Aged)
def _aged(span: Aged, selection: Selection, evaluation: Evaluation) -> list[Episode]:
    facts = evaluation.among(selection)
    starts = after(span.start, facts, evaluation)
    if span.end is None:
        return [(start, INF) for start in starts]
    return list(zip(starts, after(span.end, facts, evaluation), strict=True))


@stretches.register(Both)
def _both(span: Both, selection: Selection, evaluation: Evaluation) -> list[Episode]:
    both, *others = [evaluation.stretches(selection, item) for item in span.items]
    for other in others:
        both = [
            (begin if begin > start else start, stop if stop < end else end)  # noqa: FURB136
            for (start, end), (begin, stop) in zip(both, other, strict=True)
        ]
    return both


@stretches.register(Until)
def _until(span: Until, selection: Selection, evaluation: Evaluation) -> list[Episode]:
    closing = evaluation.closing(span.selector)
    return [(2 * fact.at + 1, closing.of(fact)) for fact in evaluation.among(selection)]


def after(span: Elapsed, facts: Sequence[Fact], evaluation: Evaluation) -> list[int]:
    """The position at which so much time has passed since each fact."""
    if isinstance(span, Hours):
        length = span.number * HOUR
        return [min(2 * (fact.at + length), INF) for fact in facts]
    ends = evaluation.ends(span)
    return [ends[fact.day] for fact in facts]


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


STRETCHING: Final = stretches.registry
"""The rule for each span."""
