"""Trials of a ladder's conditions on sample histories; a history is evaluated only once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ladder.coverage import Coverage
from ladder.engines.reference.evaluator import Evaluation
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition
from ladder.language.selectors import any_touchpoint
from ladder.lint.sample_histories import Life, lives
from ladder.model.intervals import Episodes
from ladder.model.organisations import Organisation

MOST_LIVES = 480
"""The number of sample histories to try before a condition counts as unreachable."""

_EVERYTHING = (Coverage(selector=any_touchpoint),)


@dataclass
class Trials:
    """The sample histories tried so far, with their evaluations."""

    ladder: Ladder
    organisation: Organisation
    read: list[tuple[Life, Evaluation]] = field(default_factory=list)

    def evaluation(self, life: Life) -> Evaluation:
        """Evaluate the history with everything declared as logged."""
        history = life.history(self.ladder, self.organisation)
        return Evaluation(history, self.organisation, self.ladder, _EVERYTHING)

    def reach(self, condition: Condition, part: str, more: int = 12) -> Life | None:
        """Return the shortest tried history in which the condition is ever true; None without one.

        The search stops once more than `more` such histories are matches.

        Raises:
            CurrencyError: the condition names money in a currency that the organisation lacks.
        """
        best: Life | None = None
        matches = 0
        for life in self._lives([condition], part):
            evaluation = self.evaluation(life)
            self.read.append((life, evaluation))
            if evaluation.episodes(condition):
                matches += 1
                if best is None or len(life.own) < len(best.own):
                    best = life
            if matches > more:
                break
        return best

    def read_more(self, conditions: Sequence[Condition], part: str) -> None:
        """Try sample histories that are made from several conditions together."""
        for life in self._lives(conditions, part):
            self.read.append((life, self.evaluation(life)))

    def _lives(self, conditions: Sequence[Condition], part: str) -> Iterator[Life]:
        made = lives(conditions, self.ladder, self.organisation, f"{self.ladder.key} {part}")
        return islice(made, MOST_LIVES)

    def episodes(self, conditions: Sequence[Condition]) -> Iterator[tuple[Life, list[Episodes]]]:
        """Yield every history tried so far, with the episodes of the conditions."""
        for life, evaluation in self.read:
            yield life, [evaluation.episodes(condition) for condition in conditions]
