"""Of which lines something is declared to be logged: a matter of where they begin, and no more.

What an organisation's word says of a log depends on nothing that anybody did, but for when her
line began: before that, nothing can be missing. So it need not be asked of everybody. The later a
line begins, the less of it lies in a gap: `logged` is false up to some beginning, and true of all
lines that begin later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ladder.coverage import Coverage
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.language.conditions import Logged
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition
from ladder.model.organisations import Organisation


class Beginnings(NamedTuple):
    """Lines that begin from `since` on, and before `until`."""

    since: int
    until: int


@dataclass(frozen=True)
class Declared:
    """What is declared, as read by a ladder at an instant."""

    ladder: Ladder
    organisation: Organisation
    coverage: tuple[Coverage, ...]
    at: int

    def of_lines(self, condition: Condition, earliest: int) -> Sequence[Beginnings]:
        """Of which lines the condition is true, if none begins earlier than that.

        The condition is of declarations alone (`coverage.only_logged`). Stretches in order, none of
        them touching the next.
        """
        leaves = {node for node in condition.walk() if isinstance(node, Logged)}
        turns = {self._turn(leaf, earliest) for leaf in leaves}
        edges = sorted({earliest, self.at + 1, *turns})
        found: list[Beginnings] = []
        for since, until in pairwise(edges):
            if self._true(condition, since):
                goes_on = found and found[-1].until == since
                found.append(Beginnings(found.pop().since if goes_on else since, until))
        return found

    def _turn(self, leaf: Logged, earliest: int) -> int:
        """The first beginning of a line of which it is true; beyond the instant when there is none.

        By halving, for the rule is the evaluator's: fifty questions, whatever the span is.
        """
        low, high = earliest, self.at + 1
        while low < high:
            middle = (low + high) // 2
            if self._true(leaf, middle):
                high = middle
            else:
                low = middle + 1
        return low

    def _true(self, condition: Condition, begun: int) -> bool:
        kinds = self.ladder.kinds
        history = History.from_rows([], self.organisation, kinds, begun=begun)
        evaluation = Evaluation(history, self.organisation, self.ladder, self.coverage)
        return evaluation.at(condition, self.at)
