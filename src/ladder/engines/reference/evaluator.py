"""Evaluate one supporter's history by one definition: the meaning of the language, in plain Python.

Every node has one rule, in `selectors`, `windows`, `measures` and `conditions`. The evaluator asks
the rules and keeps each node's answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Self

from ladder.coverage import BEGINNING, Coverage, Gap, gaps
from ladder.engines.reference.conditions import positions_of
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.measures import scale_comparison, steps_of, sum_changes, value_at
from ladder.engines.reference.protocol import Active, Judgements, ScaledComparison, Steps
from ladder.engines.reference.selectors import judge_facts
from ladder.engines.reference.windows import active_intervals, closing_position, end_position
from ladder.errors import DefinitionError
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Exceeds, Measure
from ladder.language.nodes import Condition, Selector
from ladder.language.spans import Elapsed
from ladder.language.standings import RungOccupancy
from ladder.model.calendars import Calendar
from ladder.model.intervals import Episode, Episodes, holds, visible
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation


class Evaluation:
    """One history read by one definition.

    It reads no clock. `coverage` is what the organisation declared its log to hold; only the
    `requires` of patterns read it. Every node is evaluated once, so ask one evaluation many
    questions.

    It speaks of the supporter's line from `since` on: of all of it, unless an engine starts from a
    snapshot of the past. `peak` is the greatest height that the supporter held before `since`.

    Amounts in another currency without a rate raise CurrencyError where a definition compares or
    adds money. `on_rung` of a rung that the ladder does not have raises DefinitionError.
    """

    since: int = BEGINNING
    peak: int = 0

    def __init__(
        self,
        history: History,
        organisation: Organisation,
        ladder: Ladder | None = None,
        coverage: Sequence[Coverage] = (),
    ) -> None:
        self.history = history
        self.organisation = organisation
        self.ladder = ladder
        self.coverage = coverage
        self._positions: dict[Condition, Episodes] = {}
        self._judgements: dict[Selector, Judgements] = {}
        self._active: dict[Measure, Sequence[Active]] = {}
        self._steps: dict[Measure, Steps] = {}

    def on(self, history: History) -> Self:
        """Read another history of the supporter by the same definition."""
        return type(self)(history, self.organisation, self.ladder, self.coverage)

    @property
    def calendar(self) -> Calendar:
        """The organisation's calendar."""
        return self.organisation.calendar

    @property
    def line(self) -> Episode:
        """The supporter's line, in positions."""
        return self.history.line

    @property
    def kinds(self) -> Kinds:
        """The kinds that are declared here."""
        return self.history.kinds if self.ladder is None else self.ladder.kinds

    def lanes(self, ladder: Ladder) -> RungOccupancy:
        """Give the conditions that decide the ladder's standing."""
        return self._lanes if ladder is self.ladder else RungOccupancy(ladder)

    @cached_property
    def _lanes(self) -> RungOccupancy:
        assert self.ladder is not None  # `lanes` asks for the ladder that there is  # noqa: S101
        return RungOccupancy(self.ladder)

    def episodes(self, condition: Condition) -> Episodes:
        """Find the instants [start, end) during which the condition is true."""
        return visible(self.positions(condition))

    def at(self, condition: Condition, instant: int) -> bool:
        """Say whether the condition is true at an instant, all its touchpoints having acted."""
        return holds(self.positions(condition), 2 * instant + 1)

    def positions(self, condition: Condition) -> Episodes:
        """Find the positions at which the condition is true: two for each instant."""
        if condition not in self._positions:
            self._positions[condition] = positions_of(condition, self)
        return self._positions[condition]

    def judge(self, selector: Selector) -> Judgements:
        """Judge every fact of the history by a selector."""
        if selector not in self._judgements:
            self._judgements[selector] = judge_facts(selector, self)
        return self._judgements[selector]

    def select(self, selector: Selector) -> Sequence[Fact]:
        """List the facts that the selector selects, in order."""
        judgements = self.judge(selector)
        return [fact for fact in self.history.facts if judgements.get(fact)]

    def closing_position(self, selector: Selector, fact: Fact) -> int:
        """Find the position at which facts of the selector close a fact; INF if none does."""
        return closing_position(selector, fact, self)

    def end_position(self, duration: Elapsed, instant: int) -> int:
        """Find the position at which a duration that begins at an instant has passed."""
        return end_position(duration, instant, self.calendar)

    def active_intervals(self, measure: Measure) -> Sequence[Active]:
        """Find the facts that a measure counts, each with the positions during which it does."""
        if measure not in self._active:
            self._active[measure] = active_intervals(measure, self)
        return self._active[measure]

    def steps(self, measure: Measure) -> Steps:
        """Find where the value of a measure changes, and by how much."""
        if measure not in self._steps:
            self._steps[measure] = steps_of(measure, self)
        return self._steps[measure]

    def value(self, measure: Measure, instant: int) -> int:
        """Give the measure at an instant: a number, minor units or millionths."""
        return value_at(self.steps(measure), 2 * instant + 1)

    def counted_facts(self, measure: Measure, instant: int) -> list[Fact]:
        """List the facts that the measure counts at an instant."""
        position = 2 * instant + 1
        return [
            fact for start, end, fact in self.active_intervals(measure) if start <= position < end
        ]

    def scale(self, compare: Compare | Exceeds) -> ScaledComparison:
        """Turn the comparison into one of integers."""
        return scale_comparison(compare, self.organisation.currency)

    def changes(self, compare: Compare | Exceeds) -> Mapping[int, int]:
        """Add the steps of the comparison's measures up, by position, with its integer factors."""
        return sum_changes(compare, self)

    def gaps(self, selector: Selector) -> Sequence[Gap]:
        """Find when the log is not declared to hold everything that the selector selects."""
        return gaps(self.coverage, selector, self.kinds)

    def rule(self, rung: str) -> Condition:
        """Give the condition of a rung.

        Raises:
            DefinitionError: The ladder has no such rung.
        """
        for known in () if self.ladder is None else self.ladder.rungs:
            if known.key == rung:
                return known.condition
        raise DefinitionError(f"on_rung({rung!r}) names a rung that this ladder does not have")
