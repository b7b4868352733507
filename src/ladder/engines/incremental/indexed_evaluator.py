"""Evaluate a whole history by the reference rules, with an index where speed is felt.

The rules are the reference engine's. This evaluator answers their questions from the ladder's
index, from fact classes and from sorted closers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from copy import copy
from functools import cached_property, lru_cache, wraps
from itertools import accumulate
from typing import Any, Self, TypeVar

from ladder.coverage import Coverage
from ladder.engines.incremental.ladder_index import FactGroups, NodeIds, index_of
from ladder.engines.reference.conditions import positions_of
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.measures import steps_of
from ladder.engines.reference.protocol import Active, Judgements, ScaledComparison, Steps
from ladder.engines.reference.selectors import judge_facts
from ladder.engines.reference.windows import active_intervals
from ladder.errors import DefinitionError
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Exceeds, Measure
from ladder.language.nodes import Condition, Node, Selector
from ladder.language.spans import Duration, Elapsed, Hours
from ladder.language.standings import RungOccupancy
from ladder.model.calendars import FOREVER, HOUR, Calendar
from ladder.model.intervals import INF, Episodes
from ladder.model.organisations import Organisation

E = TypeVar("E", bound="IndexedEvaluation")
N = TypeVar("N", bound=Node)
A = TypeVar("A")


def keep_answer(question: Callable[[E, N], A]) -> Callable[[E, N], A]:
    """Let an evaluation answer a question about a node once."""
    name = question.__name__

    @wraps(question)
    def answer(evaluation: E, node: N) -> A:
        number = evaluation.node_ids[node]
        answers: dict[int, A] = evaluation.answers[name]
        if number not in answers:
            answers[number] = question(evaluation, node)
        return answers[number]

    return answer


class IndexedEvaluation(Evaluation):
    """One history read by one ladder.

    Only facts of the instants [counts_from, counts_until) count and close; the others are there to
    be answered.
    """

    def __init__(
        self,
        history: History,
        organisation: Organisation,
        ladder: Ladder,
        coverage: Sequence[Coverage] = (),
    ) -> None:
        super().__init__(history, organisation, ladder, coverage)
        self.definition = ladder
        self.index = index_of(ladder)
        self.counts_from, self.counts_until = -FOREVER, FOREVER
        self.node_ids = NodeIds(self.index.node_ids)
        self._days: dict[int, int] = {fact.at: fact.day for fact in history.facts}
        self.answers: defaultdict[str, dict[int, Any]] = defaultdict(dict)
        """Answers that were given once, by question and by the number of the node."""

    def on(self, history: History) -> Self:
        """Read another history of the supporter by the same ladder."""
        return type(self)(history, self.organisation, self.definition, self.coverage)

    def before(self, instant: int) -> Self:
        """Give this evaluation with nothing counted except what happened before an instant.

        It says how long that counts, closed by nothing later. What was selected and true until then
        stays as it is, because no condition looks ahead and all voids and refunds lie before.
        """
        past = copy(self)
        past.counts_until = instant
        past.answers = defaultdict(dict)
        for question in ("positions", "judge"):
            past.answers[question] |= self.answers[question]
        return past

    def lanes(self, ladder: Ladder) -> RungOccupancy:
        """Give the conditions that decide the ladder's standing."""
        return self.index.lanes if ladder is self.definition else RungOccupancy(ladder)

    @keep_answer
    def positions(self, condition: Condition) -> Episodes:
        """Find the positions at which the condition is true."""
        return positions_of(condition, self)

    @keep_answer
    def judge(self, selector: Selector) -> Judgements:
        """Judge every fact of the history by a selector."""
        number = self.node_ids[selector]
        if number in self.index.selectors.plain:
            return {fact: answers[number] for fact, answers in self.groups}
        return judge_facts(selector, self)

    @cached_property
    def groups(self) -> FactGroups:
        """The supporter's own facts, by class."""
        return self.index.selectors.groups(self.history.facts)

    @keep_answer
    def select(self, selector: Selector) -> Sequence[Fact]:
        """List the facts that the selector selects and that count, in order."""
        first, last = self.counts_from, self.counts_until
        return [fact for fact in self._selected_facts(selector) if first <= fact.at < last]

    def _selected_facts(self, selector: Selector) -> Sequence[Fact]:
        """List the facts that the selector selects, in order."""
        number = self.node_ids[selector]
        if number in self.index.selectors.plain:
            return [fact for fact, answers in self.groups if answers[number]]
        judgements = self.judge(selector)
        return [fact for fact in self.history.facts if judgements.get(fact)]

    def closing_position(self, selector: Selector, fact: Fact) -> int:
        """Find the position at which facts of the selector close a fact; INF if none does."""
        return self._closing_index(selector).position(fact)

    @keep_answer
    def _closing_index(self, selector: Selector) -> ClosingIndex:
        return ClosingIndex(self.select(selector))

    def end_position(self, duration: Elapsed, instant: int) -> int:
        """Find the position at which a duration that begins at an instant has passed."""
        if isinstance(duration, Hours):
            return min(2 * (instant + duration.number * HOUR), INF)
        day = self._days.get(instant)
        if day is None:
            day = self._days[instant] = self.calendar.day_of(instant)
        return self._day_ends(duration)[day]

    @keep_answer
    def _day_ends(self, duration: Duration) -> _DayEnds:
        return _day_ends(duration, self.calendar)

    @keep_answer
    def active_intervals(self, measure: Measure) -> Sequence[Active]:
        """Find the facts that a measure counts, each with the positions during which it does."""
        return active_intervals(measure, self)

    @keep_answer
    def steps(self, measure: Measure) -> Steps:
        """Find where the value of a measure changes, and by how much."""
        return steps_of(measure, self)

    def scale(self, compare: Compare | Exceeds) -> ScaledComparison:
        """Turn the comparison into one of integers."""
        return self.index.scale(compare, self.node_ids[compare], self.organisation.currency)

    def rule(self, rung: str) -> Condition:
        """Give the condition of a rung.

        Raises:
            DefinitionError: The ladder has no such rung.
        """
        if rung not in self.index.rules:
            raise DefinitionError(f"on_rung({rung!r}) names a rung that this ladder does not have")
        return self.index.rules[rung]


class _DayEnds(dict[int, int]):
    """The position to which a duration leads from each day, worked out at the first question.

    Month arithmetic is the dearest step of a recording, and days repeat.
    """

    def __init__(self, duration: Duration, calendar: Calendar) -> None:
        super().__init__()
        self.duration, self.calendar = duration, calendar

    def __missing__(self, day: int) -> int:
        end = self.calendar.day_end(self.duration.lead(self.calendar, day))
        position = self[day] = min(2 * end, INF)
        return position


_day_ends = lru_cache(maxsize=512)(_DayEnds)


class ClosingIndex:
    """The closers of one `until`, sorted: the rule of `reference.windows.closes`."""

    def __init__(self, closers: Collection[Fact]) -> None:
        self.closers = frozenset(closers)
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

    def position(self, fact: Fact) -> int:
        """Find the position at which the fact is closed; INF if nothing closes it."""
        is_closer = fact in self.closers
        closers = self.linked.get(fact, [])
        if is_closer:
            closers = [at for at in closers if at > fact.at]
        free = self._next_free(fact) if is_closer else self._first_free(fact)
        if free is not None:
            closers = [*closers, free]
        return 2 * min(closers) + 1 if closers else INF

    def _next_free(self, fact: Fact) -> int | None:
        place = bisect_right(self.instants, fact.at)
        return self.instants[place] if place < len(self.instants) else None

    def _first_free(self, fact: Fact) -> int | None:
        place = bisect_left(self.reaches, fact.at)
        return self.earliest_from[place] if place < len(self.reaches) else None
