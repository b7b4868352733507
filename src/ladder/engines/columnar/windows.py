"""Apply spans to selected touchpoints: when each one counts, as positions on the line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ladder.engines.columnar.facts import UNKNOWN, Reading
from ladder.engines.columnar.intervals import Positions, only
from ladder.engines.columnar.timeline import TONIGHT
from ladder.language.nodes import Both, Selector, Span
from ladder.language.spans import Duration, Ever, Hours, OlderThan, Until


class Stretches(NamedTuple):
    """For each selected row, the interval in which it counts; an empty one counts nothing."""

    rows: Positions
    starts: Positions
    ends: Positions


def stretches(reading: Reading, selector: Selector, span: Span) -> Stretches:
    """Return when the selected rows count: by the span, until a refund, within their line."""
    facts, rows = reading.facts, reading.rows(selector)
    starts, ends = _by_span(reading, selector, span)
    if facts.cut is not None:
        ends = np.minimum(ends, facts.cut[rows])
    if reading.early:
        starts = np.maximum(starts, reading.line_start[facts.supporter[rows]])
    real = starts < ends
    if real.all():
        return Stretches(rows, starts, ends)
    return Stretches(*only(real, rows, starts, ends))


def _by_span(reading: Reading, selector: Selector, span: Span) -> tuple[Positions, Positions]:
    """Return when the span alone lets each row count; spans share their parts."""
    known = reading.spanned.get((selector, span))
    if known is None:
        known = reading.spanned[selector, span] = _apply_span(reading, selector, span)
    return known


def _apply_span(reading: Reading, selector: Selector, span: Span) -> tuple[Positions, Positions]:
    if isinstance(span, Both):
        parts = [_by_span(reading, selector, item) for item in span.items]
        return (
            np.maximum.reduce([part[0] for part in parts]),
            np.minimum.reduce([part[1] for part in parts]),
        )
    facts, clock, rows = reading.facts, reading.facts.clock, reading.rows(selector)
    forever = (facts.supporter[rows] + 1) * clock.stride
    if isinstance(span, OlderThan):
        late = forever if span.end is None else _by_span(reading, selector, span.end)[1]
        return _by_span(reading, selector, span.start)[1], late
    starts = facts.g[rows] + 1
    if isinstance(span, Until):
        return starts, _closing_positions(reading, rows, span)
    if isinstance(span, Ever):
        return starts, forever
    assert isinstance(span, Duration | Hours), span  # noqa: S101  (the node set is closed)
    return starts, _after(reading, rows, span)


def _after(reading: Reading, rows: Positions, duration: Duration | Hours) -> Positions:
    facts = reading.facts
    return facts.clock.ends(duration, facts.supporter[rows], facts.at[rows], facts.days[rows])


def _closing_positions(reading: Reading, rows: Positions, span: Until) -> Positions:
    """Return where each row is closed: by an answer to it, or by the first unlinked closer."""
    facts = reading.facts
    chosen = reading.select(span.selector)
    itself = chosen[rows]
    closers = np.flatnonzero(chosen)
    free = closers[facts.target[closers] == UNKNOWN]
    dated = facts.date_only[free]
    close = (facts.supporter[rows] + 1) * facts.clock.stride
    exact = free[~dated]
    others = ~itself
    opened = facts.g[rows]
    if len(exact):
        close[others] = np.minimum(
            close[others], _first(facts.g[exact], facts.g[exact] + 2, opened[others])
        )
    if dated.any():
        known = free[dated]
        reach = _after(reading, known, TONIGHT)
        close[others] = np.minimum(close[others], _first(facts.g[known], reach, opened[others]))
    if itself.any() and len(free):
        later = _first(facts.g[free], facts.g[free], opened[itself])
        close[itself] = np.minimum(close[itself], later)
    answers = closers[facts.target[closers] >= 0]
    if len(answers):
        _apply_answers(reading, rows, chosen, answers, close)
    return close


def _first(closers: Positions, reach: Positions, opened: Positions) -> Positions:
    """Return the position after the first closer beyond each opening; int64's maximum if none."""
    place = np.searchsorted(reach, opened, side="right")
    known = place < len(closers)
    return np.where(known, closers[np.minimum(place, len(closers) - 1)] + 1, np.iinfo(np.int64).max)


def _apply_answers(
    reading: Reading,
    rows: Positions,
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]],
    answers: Positions,
    close: Positions,
) -> None:
    facts = reading.facts
    to = facts.target[answers]
    counts = ~chosen[to] | (facts.g[answers] > facts.g[to])
    by_row = np.full(len(facts.g), np.iinfo(np.int64).max)
    np.minimum.at(by_row, to[counts], facts.g[answers[counts]] + 1)
    np.minimum(close, by_row[rows], out=close)
