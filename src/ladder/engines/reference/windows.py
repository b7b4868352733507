"""Find how long facts count: one rule for each span."""

from __future__ import annotations

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.protocol import Active, EvaluationProtocol
from ladder.language.measures import Measure
from ladder.language.nodes import Both, Selector, Span
from ladder.language.spans import Duration, Elapsed, Ever, Hours, OlderThan, Until
from ladder.model.calendars import Calendar
from ladder.model.intervals import INF, Episode


def active_intervals(measure: Measure, evaluation: EvaluationProtocol) -> list[Active]:
    """Find the facts that a measure counts, each with its positions [start, end).

    A fact counts on the supporter's line only, and until it is refunded. No interval is empty.
    """
    active = []
    for fact in evaluation.select(measure.selector):
        start, end = active_interval(measure.span, fact.at, evaluation, fact)
        start = max(start, evaluation.line[0])
        end = min(end, fact.cut)
        if start < end:
            active.append((start, end, fact))
    return active


def active_interval(
    span: Span, instant: int, evaluation: EvaluationProtocol, fact: Fact | None = None
) -> Episode:
    """Find the positions [start, end) during which a span counts a fact; start may reach end.

    Without a fact, of something else that begins when the clock strikes and that nothing closes.
    """
    begin = 2 * instant if fact is None else 2 * instant + 1
    end_position = evaluation.end_position
    match span:
        case Ever():
            return begin, INF
        case Duration() | Hours():
            return begin, end_position(span, instant)
        case OlderThan():
            start = max(begin, end_position(span.start, instant))
            return start, INF if span.end is None else end_position(span.end, instant)
        case Until() if fact is not None:
            return begin, evaluation.closing_position(span.selector, fact)
        case Both():
            intervals = [active_interval(item, instant, evaluation, fact) for item in span.items]
            return max(start for start, _ in intervals), min(end for _, end in intervals)
        case _:
            raise TypeError(f"{type(span).__name__} is no span that can be counted here")


def end_position(duration: Elapsed, instant: int, calendar: Calendar) -> int:
    """Find the position at which a duration that begins at an instant has passed."""
    return min(2 * duration.end(calendar, instant), INF)


def closing_position(selector: Selector, fact: Fact, evaluation: EvaluationProtocol) -> int:
    """Find the position at which the facts of a selector close a fact; INF if none does."""
    is_closer = evaluation.judge(selector).get(fact, False)
    closers = evaluation.select(selector)
    closed = [2 * closer.at + 1 for closer in closers if closes(closer, fact, is_closer=is_closer)]
    return min(closed, default=INF)


def closes(closer: Fact, fact: Fact, *, is_closer: bool) -> bool:
    """Say whether a closer ends a fact's interval.

    A closer that answers something known closes exactly that. Any other closes everything at or
    before itself; one known only by date closes what was opened on or before its day. `is_closer`:
    the fact is selected by the same selector, so nothing of its own instant closes it.
    """
    if is_closer and closer.at <= fact.at:
        return False
    if closer.target is not None:
        return closer.target is fact
    return fact.at <= closer.reach
