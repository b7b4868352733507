"""A reading of one line: every selector and condition is worked out once and kept."""

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
    bridged,
    nothing,
    only,
    shown,
    where_all,
    where_any,
    without,
)
from ladder.engines.columnar.measures import compare
from ladder.engines.columnar.selectors import select
from ladder.language.conditions import And, Holds, Lasting, Latch, Logged, Not, Or
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.spans import Aged, Both, Duration, Ever, Hours
from ladder.model.calendars import FOREVER
from ladder.model.organisations import Organisation


class Reading:
    """What a ladder's selectors and conditions say on one line of touchpoints."""

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
        self.judged: dict[Selector, Mask] = {}
        self.spanned: dict[tuple[Selector, Span], tuple[Positions, Positions]] = {}
        self._selected: dict[Selector, Mask] = {}
        self._rows: dict[Selector, Positions] = {}
        self._episodes: dict[Condition, Intervals] = {}

    @cached_property
    def line_start(self) -> Positions:
        """Where each supporter's line begins; beyond everything for those without one."""
        size = int(self.facts.supporter[-1]) + 1 if len(self.facts.supporter) else 0
        begins = np.full(size, np.iinfo(np.int64).max)
        begins[self.facts.line_of] = self.line.starts
        return begins

    @cached_property
    def early(self) -> bool:
        """Whether there is anything before its supporter's line begins: a status fact can be."""
        return bool((self.facts.g < self.line_start[self.facts.supporter]).any())

    def rows(self, selector: Selector) -> Positions:
        """The rows of the selected touchpoints."""
        found = self._rows.get(selector)
        if found is None:
            found = self._rows[selector] = np.flatnonzero(self.select(selector))
        return found

    def select(self, selector: Selector) -> Mask:
        """Which touchpoints are selected."""
        found = self._selected.get(selector)
        if found is None:
            found = self._selected[selector] = select(self, selector)
        return found

    def condition(self, node: Condition) -> Intervals:
        """Where the condition is true, as positions."""
        found = self._episodes.get(node)
        if found is None:
            found = self._episodes[node] = self._work_out(node)
        return found

    def _work_out(self, node: Condition) -> Intervals:
        match node:
            case Compare():
                return compare(self, node)
            case And():
                return where_all([self.condition(item) for item in node.items])
            case Or():
                return where_any([self.condition(item) for item in node.items])
            case Not():
                return without(self.line, self.condition(node.condition))
            case Lasting():
                return self._lasting(node)
            case Latch():
                return self._latch(node)
            case Holds():
                return self.condition(self.ladder.rung(node.rung).condition)
            case Logged():
                return self._logged(node)
        message = f"the columnar evaluator does not know {type(node).__name__}"
        raise NotImplementedError(message)

    def _lasting(self, node: Lasting) -> Intervals:
        """Each unbroken stretch from when it has lasted long enough, where it is true."""
        true = self.condition(node.condition)
        whole = bridged(true)
        if not len(whole.starts):
            return whole
        clock = self.facts.clock
        begun = clock.instants(whole.starts)
        who = whole.starts // clock.stride
        starts = clock.ends(node.duration, who, begun, clock.days(begun))
        return where_all([Intervals(*only(starts < whole.ends, starts, whole.ends)), true])

    def _latch(self, node: Latch) -> Intervals:
        """History as it was shown; only the present instant is read between its steps."""
        enter = self.condition(node.enter)
        leave = nothing() if node.leave is None else self.condition(node.leave)
        left = shown(_minus(leave, enter))
        entered = shown(enter)
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

    def _logged(self, node: Logged) -> Intervals:
        """Not logged from a gap in the coverage on, for as long as the span looks back at it."""
        stretches = [
            self._unlogged(gap.since, gap.until, node.span)
            for gap in gaps(self.coverage, node.selector, self.ladder.kinds)
        ]
        if not stretches:
            return self.line
        starts = np.concatenate([each[0] for each in stretches])
        ends = np.concatenate([each[1] for each in stretches])
        return without(self.line, at_least(*both_sorted(starts, ends), 1))

    def _unlogged(self, since: int, until: int, span: Span) -> tuple[Positions, Positions]:
        clock, line = self.facts.clock, self.line
        first = np.maximum(clock.instants(line.starts), since)
        touched = first < until
        first, begins = first[touched], line.starts[touched]
        who = begins // clock.stride
        starts = self._reach(who, first, span, opening=True)
        last = np.full(len(who), FOREVER if until >= FOREVER else until - 1)
        ends = self._reach(who, last, span, opening=False)
        return np.maximum(starts, begins), ends

    def _reach(
        self, who: Positions, instants: Positions, span: Span, *, opening: bool
    ) -> Positions:
        """Where a stretch opened at each instant starts or ends, read at the clock's step."""
        clock = self.facts.clock
        if isinstance(span, Both):
            parts = [self._reach(who, instants, item, opening=opening) for item in span.items]
            return reduce(np.maximum if opening else np.minimum, parts)
        if isinstance(span, Aged):
            duration = span.start if opening else span.end
        else:
            duration = None if opening or isinstance(span, Ever) else span  # type: ignore[assignment]
        if duration is None:
            reached = instants if opening else np.full(len(who), FOREVER)
            return clock.positions(who, reached)
        assert isinstance(duration, Duration | Hours)  # noqa: S101  (the node set is closed)
        never = instants >= FOREVER
        known = np.where(never, clock.origin, instants)
        ends = clock.ends(duration, who, known, clock.days(known))
        return np.where(never, (who + 1) * clock.stride, ends)


def _minus(left: Intervals, right: Intervals) -> Intervals:
    """Where the first set runs and the second does not."""
    if not len(left.starts) or not len(right.starts):
        return left
    common = where_all([left, right])
    return without(left, common)
