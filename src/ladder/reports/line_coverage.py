"""Find for which lines a condition about the log is true: it depends on where a line begins.

What is declared of a log is the same for all supporters, but nothing can be missing before a line
begins. The later a line begins, the less of it lies in a gap: `logged` is false up to some
beginning and true of all lines that begin later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ladder.coverage import Coverage
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.language.conditions import IsCovered
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition
from ladder.model.organisations import Organisation


class Beginnings(NamedTuple):
    """Lines that begin at an instant in [since, until)."""

    since: int
    until: int


@dataclass(frozen=True)
class DeclaredLines:
    """What is declared, as read by a ladder at an instant."""

    ladder: Ladder
    organisation: Organisation
    coverage: tuple[Coverage, ...]
    at: int

    def of_lines(self, condition: Condition, earliest: int) -> Sequence[Beginnings]:
        """Find the lines of which a condition is true, if none begins before `earliest`.

        The condition is about coverage alone. The intervals are in order, and no two of them touch.
        """
        leaves = {node for node in condition.walk() if isinstance(node, IsCovered)}
        turns = {self._first_true(leaf, earliest) for leaf in leaves}
        edges = sorted({earliest, self.at + 1, *turns})
        true: list[Beginnings] = []
        for since, until in pairwise(edges):
            if self._is_true(condition, since):
                touches = true and true[-1].until == since
                true.append(Beginnings(true.pop().since if touches else since, until))
        return true

    def _first_true(self, leaf: IsCovered, earliest: int) -> int:
        """Find the first beginning of a line of which it is true; `at + 1` if there is none.

        By halving, so that the evaluator's own rule is asked: fifty questions for any range.
        """
        low, high = earliest, self.at + 1
        while low < high:
            middle = (low + high) // 2
            if self._is_true(leaf, middle):
                high = middle
            else:
                low = middle + 1
        return low

    def _is_true(self, condition: Condition, begun: int) -> bool:
        kinds = self.ladder.kinds
        history = History.from_rows([], self.organisation, kinds, begun=begun)
        evaluation = Evaluation(history, self.organisation, self.ladder, self.coverage)
        return evaluation.at(condition, self.at)
