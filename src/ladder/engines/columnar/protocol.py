"""What the rules for selectors, windows and measures ask of the evaluation that calls them."""

from __future__ import annotations

from typing import Protocol

from ladder.engines.columnar.facts import Facts
from ladder.engines.columnar.intervals import Intervals, Mask, Positions
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition, Selector, Span
from ladder.model.organisations import Organisation


class Reading(Protocol):
    """One line of touchpoints with the results so far; `conditions.LineReading` implements it."""

    facts: Facts
    ladder: Ladder
    organisation: Organisation
    line: Intervals
    judgements: dict[Selector, Mask]
    spanned: dict[tuple[Selector, Span], tuple[Positions, Positions]]

    @property
    def line_start(self) -> Positions:
        """Return the first position of each supporter's line; the largest int64 without one."""

    @property
    def early(self) -> bool:
        """Return whether any touchpoint precedes its supporter's line, as a status fact can."""

    def rows(self, selector: Selector) -> Positions:
        """Return the rows of the selected touchpoints."""

    def select(self, selector: Selector) -> Mask:
        """Return the mask of the selected touchpoints."""

    def condition(self, node: Condition) -> Intervals:
        """Return the positions at which the condition is true."""
