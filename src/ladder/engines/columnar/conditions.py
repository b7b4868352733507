"""Evaluate selectors and conditions on one line of touchpoints, and keep every result."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce

import numpy as np

from ladder.coverage import Coverage, gaps
from ladder.engines.columnar.facts import Facts
from ladder.engines.columnar.intervals import (
    Intervals,
    Mask,
    Positions,
    at_least,
    both_sorted,
    bridge,
    nothing,
    only,
    visible,
    where_all,
    where_any,
    without,
)
from ladder.engines.columnar.measures import compare
from ladder.engines.columnar.selectors import select
from ladder.language.conditions import HeldFor, IsCovered, Latch, OnRung
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare
from ladder.language.nodes import And, Both, Condition, Not, Or, Selector, Span
from ladder.language.spans import Duration, Ever, Hours, OlderThan
from ladder.model.calendars import FOREVER
from ladder.model.organisations import Organisation


class LineReading:
    """The selectors and conditions of a ladder, evaluated on one line of touchpoints."""

    def __init__(
        self,
        facts: Facts,
        ladder: Ladder,
        organisation: Organisation,
        coverage: Sequence[Coverage] = (),
    ) -> None:
        self.facts = facts
        self.ladder = ladder
        self.organisation = organisation
        self.coverage = coverage
        self.line = facts.line
        self.judgements: dict[Selector, Mask] = {}
        self.spanned: dict[tuple[Selector, Span], tuple[Positions, Positions]] = {}
        self._selected: dict[Selector, Mask] = {}
        self._rows: dict[Selector, Positions] = {}
        self._episodes: dict[Condition, Intervals] = {}

    @cached_property
    def line_start(self) -> Positions:
        """The first position of each supporter's line; the largest int64 without one."""
        size = int(self.facts.supporter[-1]) + 1 if len(self.facts.supporter) else 0
        begins = np.full(size, np.iinfo(np.int64).max)
        begins[self.facts.line_of] = self.line.starts
        return begins

    @cached_property
    def early(self) -> bool:
        """Whether any touchpoint precedes its supporter's line, as a status fact can."""
        return bool((self.facts.g < self.line_start[self.facts.supporter]).any())

    def rows(self, selector: Selector) -> Positions:
        """Return the rows of the selected touchpoints."""
        known = self._rows.get(selector)
        if known is None:
            known = self._rows[selector] = np.flatnonzero(self.select(selector))
        return known

    def select(self, selector: Selector) -> Mask:
        """Return the mask of the selected touchpoints."""
        known = self._selected.get(selector)
        if known is None:
            known = self._selected[selector] = select(self, selector)
        return known

    def condition(self, node: Condition) -> Intervals:
        """Return the positions at which the condition is true."""
        known = self._episodes.get(node)
        if known is None:
            known = self._episodes[node] = self._evaluate(node)
        return known

    def _evaluate(self, node: Condition) -> Intervals:
        match node:
            case Compare():
                return compare(self, node)
            case And():
                return where_all([self.condition(item) for item in node.items])
            case Or():
                return where_any([self.condition(item) for item in node.items])
            case Not():
                return without(self.line, self.condition(node.condition))
            case HeldFor():
                return self._held_positions(node)
            case Latch():
                return self._latch(node)
            case OnRung():
                return self.condition(self.ladder.rung(node.rung).condition)
            case IsCovered():
                return self._covered_positions(node)
        raise NotImplementedError(f"the columnar evaluator does not know {type(node).__name__}")

    def _held_positions(self, node: HeldFor) -> Intervals:
        """Return each unbroken true interval from the moment it has lasted for the duration."""
        true = self.condition(node.condition)
        whole = bridge(true)
        if not len(whole.starts):
            return whole
        clock = self.facts.clock
        begun = clock.instants(whole.starts)
        supporter = whole.starts // clock.stride
        starts = clock.ends(node.duration, supporter, begun, clock.days(begun))
        return where_all([Intervals(*only(starts < whole.ends, starts, whole.ends)), true])

    def _latch(self, node: Latch) -> Intervals:
        """Follow the latch through history as shown; only the present is read between its steps."""
        enter = self.condition(node.enter)
        leave = nothing() if node.leave is None else self.condition(node.leave)
        left = visible(_minus(leave, enter))
        entered = visible(enter)
        if not len(entered.starts):
            return enter
        stride = self.facts.clock.stride
        region = (entered.starts // stride + 1) * stride
        ends = region
        if len(left.starts):
            place = np.searchsorted(left.starts, entered.ends, side="left")
            later = left.starts[np.minimum(place, len(left.starts) - 1)]
            ends = np.where(place < len(left.starts), np.minimum(later, region), region)
        stays = at_least(*both_sorted(entered.starts, ends), 1)
        past = Intervals(
            stays.starts + 1, np.where(stays.ends % stride == 0, stays.ends, stays.ends + 1)
        )
        return where_any([enter, _minus(past, leave)])

    def _covered_positions(self, node: IsCovered) -> Intervals:
        """Exclude each gap in the coverage for as long as the span looks back at it."""
        stretches = [
            self._gap_positions(gap.since, gap.until, node.span)
            for gap in gaps(self.coverage, node.selector, self.ladder.kinds)
        ]
        if not stretches:
            return self.line
        starts = np.concatenate([stretch[0] for stretch in stretches])
        ends = np.concatenate([stretch[1] for stretch in stretches])
        return without(self.line, at_least(*both_sorted(starts, ends), 1))

    def _gap_positions(self, since: int, until: int, span: Span) -> tuple[Positions, Positions]:
        clock, line = self.facts.clock, self.line
        first = np.maximum(clock.instants(line.starts), since)
        touched = first < until
        first, begins = first[touched], line.starts[touched]
        supporter = begins // clock.stride
        starts = self._reach(supporter, first, span, opening=True)
        last = np.full(len(supporter), FOREVER if until >= FOREVER else until - 1)
        ends = self._reach(supporter, last, span, opening=False)
        return np.maximum(starts, begins), ends

    def _reach(
        self, supporter: Positions, instants: Positions, span: Span, *, opening: bool
    ) -> Positions:
        """Return where intervals that open at these instants start or end, at the clock's step."""
        clock = self.facts.clock
        if isinstance(span, Both):
            parts = [self._reach(supporter, instants, item, opening=opening) for item in span.items]
            return reduce(np.maximum if opening else np.minimum, parts)
        if isinstance(span, OlderThan):
            duration = span.start if opening else span.end
        else:
            duration = None if opening or isinstance(span, Ever) else span  # type: ignore[assignment]
        if duration is None:
            reached = instants if opening else np.full(len(supporter), FOREVER)
            return clock.positions(supporter, reached)
        assert isinstance(duration, Duration | Hours)  # noqa: S101  (the node set is closed)
        never = instants >= FOREVER
        known = np.where(never, clock.origin, instants)
        ends = clock.ends(duration, supporter, known, clock.days(known))
        return np.where(never, (supporter + 1) * clock.stride, ends)


def _minus(left: Intervals, right: Intervals) -> Intervals:
    """Return the intervals of the first set without those of the second."""
    if not len(left.starts) or not len(right.starts):
        return left
    common = where_all([left, right])
    return without(left, common)
