"""Name the questions that a rule may ask of the evaluation that it is a part of.

Rules depend on this protocol and the evaluator depends on the rules, so no import goes in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from ladder.coverage import Gap
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.language.measures import Compare, Exceeds, Measure
from ladder.language.nodes import Condition, Selector
from ladder.language.spans import Elapsed
from ladder.model.calendars import Calendar
from ladder.model.intervals import Episode, Episodes
from ladder.model.organisations import Organisation

Judgements = Mapping[Fact, bool]
"""True: the selector selects the fact. False: its negation does. Absent: neither does."""

Active = tuple[int, int, Fact]
"""The positions [start, end) during which a fact counts, and the fact."""

Steps = list[tuple[int, int]]
"""(position, change of value), in any order."""


class ScaledComparison(NamedTuple):
    """A comparison in integers: the factor of each measure, and the constant on the right.

    `multiplier` is what both sides were multiplied by, beyond minor units and millionths.
    """

    factors: tuple[int, ...]
    constant: int
    multiplier: int


class EvaluationProtocol(Protocol):
    """One history, read by one definition."""

    history: History
    organisation: Organisation

    @property
    def calendar(self) -> Calendar:
        """The organisation's calendar."""

    @property
    def line(self) -> Episode:
        """The supporter's line, in positions."""

    def positions(self, condition: Condition) -> Episodes:
        """The positions at which the condition is true."""

    def judge(self, selector: Selector) -> Judgements:
        """Judge every fact of the history by a selector."""

    def select(self, selector: Selector) -> Sequence[Fact]:
        """The facts that the selector selects, in order."""

    def closing_position(self, selector: Selector, fact: Fact) -> int:
        """The position at which facts of the selector close a fact; INF if none does."""

    def end_position(self, duration: Elapsed, instant: int) -> int:
        """The position at which a duration that begins at an instant has passed."""

    def active_intervals(self, measure: Measure) -> Sequence[Active]:
        """The facts that a measure counts, each with the positions during which it does."""

    def steps(self, measure: Measure) -> Steps:
        """Where the value of a measure changes, and by how much."""

    def scale(self, compare: Compare | Exceeds) -> ScaledComparison:
        """The comparison in integers."""

    def changes(self, compare: Compare | Exceeds) -> Mapping[int, int]:
        """By how much the sum of the measures changes at each position, in integers as `scale`."""

    def gaps(self, selector: Selector) -> Sequence[Gap]:
        """When the log is not declared to hold everything that the selector selects."""

    def rule(self, rung: str) -> Condition:
        """The condition of a rung."""
