"""Name the questions that a rule may ask of the evaluation that it is a part of.

Rules depend on this protocol and the evaluator depends on the rules, so no import goes in a circle.
"""

# ruff: noqa: D102  (the methods are described where they are implemented)

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
    """One history, read by one definition; `evaluator.Evaluation` tells what each method gives."""

    history: History
    organisation: Organisation

    @property
    def calendar(self) -> Calendar: ...

    @property
    def line(self) -> Episode: ...

    def positions(self, condition: Condition) -> Episodes: ...

    def judge(self, selector: Selector) -> Judgements: ...

    def select(self, selector: Selector) -> Sequence[Fact]: ...

    def closing_position(self, selector: Selector, fact: Fact) -> int: ...

    def end_position(self, duration: Elapsed, instant: int) -> int: ...

    def active_intervals(self, measure: Measure) -> Sequence[Active]: ...

    def steps(self, measure: Measure) -> Steps: ...

    def scale(self, compare: Compare | Exceeds) -> ScaledComparison: ...

    def changes(self, compare: Compare | Exceeds) -> Mapping[int, int]: ...

    def gaps(self, selector: Selector) -> Sequence[Gap]: ...

    def rule(self, rung: str) -> Condition: ...
