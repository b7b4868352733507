"""Evaluate a history incrementally, starting from a snapshot.

The evaluator reads the touchpoints from one instant on by the rules of the reference engine, and
adds what the snapshot remembers of those before: what measures still count, and which conditions
were true at the end, and since when. It agrees with a reading of the whole history about that
instant and all that follow.

Why it is exact. Nothing before the instant can change, because what comes later acts later (see
`SnapshotEvaluator` for the exceptions, which are refused). A measure is the sum of what each
touchpoint adds to it, so it may be summed in two parts. `and`, `or`, `not` and comparisons look at
one position only. Three nodes look back: `lasting`, at where the running episode began; `latch`, at
whether it held just before, which is all that it passes on; and `.when`, whose touchpoints before
the instant have been judged for good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ladder.coverage import Coverage
from ladder.engines.incremental.compaction import (
    ResidualInterval,
    compact,
    compact_sum,
    contribution_of,
)
from ladder.engines.incremental.indexed_evaluator import IndexedEvaluation, keep_answer
from ladder.engines.incremental.requirements import (
    RequiredMeasure,
    RequiredSum,
    requirements_of,
)
from ladder.engines.reference.conditions import latch_positions, positions_of, unbroken
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.measures import count_distinct, dimension, true_while
from ladder.engines.reference.movements import Finding, findings
from ladder.engines.reference.protocol import Steps
from ladder.language.conditions import Latch
from ladder.language.ladders import Ladder
from ladder.language.measures import OPERATORS, Compare, Count, Distinct, Exceeds, Measure
from ladder.language.nodes import AllOf, And, Condition, Selector, When
from ladder.model.intervals import INF, Episodes, around, holds, intersection, union
from ladder.model.organisations import Organisation

MOST_NAMED = 64
"""Touchpoints that an answer may close one by one; older ones are counted without their ids."""


class FullReadRequired(Exception):
    """The snapshot does not suffice: the whole history has to be read."""


Residuals = Sequence[Sequence[Any]]
"""The fields of each `ResidualInterval`, as they were stored; most are never read."""


@dataclass(frozen=True)
class Snapshot:
    """What is remembered of everything before the instant `at`.

    `begun` is where the line begins and `peak` the greatest height held. `running` has the
    conditions that were true at the end, by number, with the position since which they were.
    `residuals` are what measures still count, by number, and `nameless` the measures that count
    something that an answer could close without its id. `sums` has what only time changes, added up
    (see `compaction.compact_sum`). `opened` says since when each pattern's finding is open.
    """

    at: int
    begun: int
    peak: int
    running: Mapping[int, int]
    residuals: Mapping[int, Residuals]
    nameless: frozenset[int]
    sums: Mapping[int, Sequence[int]]
    opened: Mapping[str, int]


class SnapshotEvaluator(IndexedEvaluation):
    """Evaluate what happened from `snapshot.at` on, and what the snapshot remembers.

    The history may hold earlier touchpoints that later ones answer; they are not counted again.

    Raises:
        FullReadRequired: A touchpoint changes the past in a way that the snapshot cannot tell. It
            is in a currency without a rate, or answers something of which more is asked than its
            own fields, or something that is counted without its id.
    """

    def __init__(
        self,
        history: History,
        organisation: Organisation,
        ladder: Ladder,
        coverage: Sequence[Coverage],
        snapshot: Snapshot,
    ) -> None:
        super().__init__(history, organisation, ladder, coverage)
        self.snapshot = snapshot
        self.since, self.peak = snapshot.at, snapshot.peak
        self.counts_from = snapshot.at
        self.first = 2 * snapshot.at
        self.requirements = requirements_of(ladder, organisation)
        for fact in history.facts:
            answers_past = fact.target is not None and fact.target.at < snapshot.at <= fact.at
            if (fact.foreign and self.requirements.money) or (
                answers_past and self.requirements.looks_on
            ):
                raise FullReadRequired

    def on(self, history: History) -> SnapshotEvaluator:
        """Read another history of the supporter from the same snapshot."""
        return SnapshotEvaluator(
            history, self.organisation, self.definition, self.coverage, self.snapshot
        )

    @keep_answer
    def positions(self, condition: Condition) -> Episodes:
        """Find the positions at which the condition is true, from the snapshot on.

        Of the conditions that the snapshot remembers, the running episode is whole. What another
        one says of the time before is of no meaning, and no rule asks for it.
        """
        number, positions = self.node_ids[condition], self._evaluate(condition)
        if number in self.requirements.conditions:
            return self._with_running(number, positions)
        return positions

    def _evaluate(self, condition: Condition) -> Episodes:
        match condition:
            case Compare():
                return self._evaluate_compare(condition)
            case And():
                return self._evaluate_and(condition)
            case Latch():
                return self._evaluate_latch(condition)
            case _:
                return positions_of(condition, self)

    def _evaluate_compare(self, compare: Compare) -> Episodes:
        constant, compares = self.scale(compare).constant, OPERATORS[compare.op]
        parts = self.requirements.parts[self.node_ids[compare]]
        only_grows = parts.times > 0 and len(parts.timed) == 1 and not parts.others
        if only_grows and compare.op != "==" and isinstance(parts.timed[0][1], Count):
            flat = self.snapshot.sums.get(parts.number or 0, ())
            if len(flat) == 2 and flat[0] <= self.first:  # noqa: PLR2004
                # What counts for ever decides already if nothing that comes can change the answer.
                figure = parts.times * flat[1]
                is_true, rises = compares(figure, constant), compare.op in {">=", ">"}
                if is_true == rises:
                    return [self.line] if is_true else []
        changes = self.changes(compare)
        if not changes:
            return [self.line] if compares(0, constant) else []
        return true_while(changes, lambda value: compares(value, constant), self.line)

    def _evaluate_and(self, condition: And) -> Episodes:
        """End as soon as nothing is left, because most patterns are not found.

        The item that ended it the last time is asked first.
        """
        number, ended_by = self.node_ids[condition], self.index.ended_by
        likely = ended_by.get(number)
        items = condition.items if likely is None else (likely, *condition.items)
        episodes: Episodes = [(-INF, INF)]
        for item in items:
            episodes = intersection(episodes, self.positions(item))
            if not episodes or episodes[-1][1] <= self.first:
                if number < len(self.index.node_ids):
                    ended_by[number] = item
                return []
        return episodes

    def _evaluate_latch(self, condition: Latch) -> Episodes:
        """To have held just before is as good as having been entered then."""
        just_before = self.first - 2
        enter = self._from_first(self.positions(condition.enter))
        leave = [] if condition.leave is None else self.positions(condition.leave)
        if self.node_ids[condition] in self.snapshot.running:
            enter = union([(just_before, self.first), *enter])
        return latch_positions(enter, self._from_first(leave), (just_before, INF))

    def _from_first(self, positions: Episodes) -> Episodes:
        first = self.first
        return [(max(start, first), end) for start, end in positions if end > first]

    def _with_running(self, number: int, positions: Episodes) -> Episodes:
        """Join what is true from the snapshot on and the episode that was running before."""
        later = self._from_first(positions)
        since = self.snapshot.running.get(number)
        if since is None:
            return later
        return union([(since, self.first), *later])

    def _selected_facts(self, selector: Selector) -> Sequence[Fact]:
        """List the facts that a selector selects, and evaluate no moment of which nothing depends.

        Amounts without a rate were refused, so no part of a selector can be an error.
        """
        if self.node_ids[selector] in self.index.selectors.plain:
            return super()._selected_facts(selector)
        match selector:
            case AllOf():
                facts = self._selected_facts(selector.items[0])
                for item in selector.items[1:]:
                    if not facts:
                        break
                    selected = set(self._selected_facts(item))
                    facts = [fact for fact in facts if fact in selected]
                return facts
            case When():
                facts = self._selected_facts(selector.selector)
                if not facts:
                    return []
                positions = self.positions(selector.condition)
                return [fact for fact in facts if holds(positions, 2 * fact.at)]
            case _:
                return super()._selected_facts(selector)

    def changes(self, compare: Compare | Exceeds) -> Mapping[int, int]:
        """Add the steps of the measures up by position, what the snapshot counts included."""
        parts = self.requirements.parts[self.node_ids[compare]]
        flat = () if parts.number is None else self.snapshot.sums.get(parts.number, ())
        factors_and_steps: list[tuple[int, Iterable[tuple[int, int]]]] = [
            (parts.times, zip(flat[::2], flat[1::2], strict=True)),
            *((factor, self.steps(measure)) for factor, measure in parts.timed),
            *((factor, self._all_steps(measure)) for factor, measure in parts.others),
        ]
        changes: dict[int, int] = defaultdict(int)
        for factor, steps in factors_and_steps:
            for position, change in steps:
                changes[position] += factor * change
        return changes

    def _all_steps(self, measure: Measure) -> Steps:
        """List the steps of a measure that something may close, or of a `distinct`."""
        if isinstance(measure, Distinct):
            value_of = dimension(measure.by, self.calendar)
            values = [(value_of(f), start, end) for start, end, f in self.active_intervals(measure)]
            values += [(value, start, end) for start, end, value, _ in self.residuals(measure)]
            return count_distinct(values)
        steps = list(self.steps(measure))
        for start, end, contribution, _ in self.residuals(measure):
            steps += ((start, contribution), (end, -contribution))
        return steps

    @keep_answer
    def residuals(self, measure: Measure) -> Residuals:
        """List what a measure still counts of the past, closed by what came later."""
        number = self.node_ids[measure]
        residuals = self.snapshot.residuals.get(number, ())
        for closer in self.requirements.measures[number].closers if residuals else ():
            residuals = self._close(residuals, closer, number)
        return residuals

    def _close(self, residuals: Residuals, selector: Selector, number: int) -> Residuals:
        all_at, by_id = self._closers(selector)
        if by_id and number in self.snapshot.nameless:
            named = {touchpoint for *_, touchpoint in residuals}
            if by_id.keys() - named:
                raise FullReadRequired
        closed = [
            (start, min(end, all_at, by_id.get(touchpoint, INF)), contribution, touchpoint)
            for start, end, contribution, touchpoint in residuals
        ]
        return [interval for interval in closed if interval[0] < interval[1]]

    def _closers(self, selector: Selector) -> tuple[int, Mapping[int, int]]:
        """Find where everything in the snapshot is closed, and where single touchpoints are.

        A closer that answers nothing known closes everything; else exactly what it answers.
        """
        all_at, by_id = INF, dict[int, int]()
        for fact in self.select(selector):
            position = 2 * fact.at + 1
            if fact.target is None:
                all_at = min(all_at, position)
            elif fact.target.at < self.since:
                by_id[fact.target.id] = min(by_id.get(fact.target.id, INF), position)
        return all_at, by_id


def take_snapshot(
    evaluation: IndexedEvaluation, at: int, peak: int, opened: Mapping[str, int]
) -> Snapshot:
    """Find what to remember at an instant, so that later evaluations may start there.

    The line has begun, and all voids and refunds lie before that instant.
    """
    begun = evaluation.history.t0
    assert begun is not None  # the caller asks for no other history  # noqa: S101
    requirements = requirements_of(evaluation.definition, evaluation.organisation)
    running = {
        number: episode[0]
        for number, condition in requirements.conditions.items()
        if (positions := evaluation.positions(condition))
        and (episode := around(unbroken(positions), 2 * at - 1)) is not None
    }
    residuals: dict[int, Residuals] = {}
    sums: dict[int, Sequence[int]] = {}
    nameless = set()
    past = evaluation.before(at)
    for number, required_sum in requirements.sums.items():
        if flat := _remaining_sum(past, required_sum, 2 * at, number):
            sums[number] = flat
    for number, required in requirements.measures.items():
        intervals, all_named = _remaining_intervals(past, required, 2 * at, number)
        if intervals:
            residuals[number] = intervals
        if not all_named:
            nameless.add(number)
    return Snapshot(at, begun, peak, running, residuals, frozenset(nameless), sums, opened)


def _remaining_sum(
    evaluation: IndexedEvaluation, required: RequiredSum, now: int, number: int
) -> list[int]:
    steps: Steps = []
    for factor, measure in required.terms:
        contribution = contribution_of(measure, evaluation.calendar)
        for start, end, fact in evaluation.active_intervals(measure):
            amount = factor * contribution(fact)
            steps += ((start, amount), (end, -amount))
    if isinstance(evaluation, SnapshotEvaluator):
        flat = evaluation.snapshot.sums.get(number, ())
        steps += zip(flat[::2], flat[1::2], strict=True)
    return compact_sum(steps, now, required.enough)


def _remaining_intervals(
    evaluation: IndexedEvaluation, required: RequiredMeasure, now: int, number: int
) -> tuple[list[ResidualInterval], bool]:
    """Find what a measure still counts, and whether all that an answer may close has its id."""
    measure, enough, closers = required
    intervals: list[Sequence[Any]] = []
    all_named = True
    if isinstance(evaluation, SnapshotEvaluator):
        intervals += evaluation.residuals(measure)
        all_named = number not in evaluation.snapshot.nameless
    contribution_to = contribution_of(measure, evaluation.calendar)
    for start, end, fact in evaluation.active_intervals(measure):
        is_named = closers and fact.key is not None and not fact.brought
        intervals.append((start, end, contribution_to(fact), fact.id if is_named else None))
    nothing = None if isinstance(measure, Distinct) else 0
    named: list[ResidualInterval] = []
    rest: list[ResidualInterval] = []
    for start, end, contribution, touchpoint in intervals:
        if end > now and contribution != nothing:
            interval = ResidualInterval(max(start, now), end, contribution, touchpoint)
            (rest if touchpoint is None else named).append(interval)
    kept = named[-MOST_NAMED:]
    rest += [interval._replace(touchpoint=None) for interval in named[: len(named) - len(kept)]]
    compacted = compact(measure, rest, now, enough)
    return [*kept, *compacted], all_named and len(kept) == len(named)


def findings_since(
    evaluation: SnapshotEvaluator, ladder: Ladder, among: Collection[str] | None, since: int
) -> list[Finding]:
    """List the findings that are open at an instant or later, and those that end then."""
    opened = evaluation.snapshot.opened
    return [
        finding if finding.at >= evaluation.since else replace(finding, at=opened[finding.pattern])
        for finding in findings(evaluation, ladder, among)
        if finding.until >= since
    ]
