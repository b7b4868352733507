"""Trying a ladder's conditions on sample lives, each life read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ladder.coverage import Coverage
from ladder.engines.reference.evaluator import Evaluation
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition
from ladder.language.selectors import anything
from ladder.lint.sample_histories import Life, lives
from ladder.model.intervals import Episodes
from ladder.model.organisations import Organisation

MOST_LIVES = 480
"""How many lives are tried before a condition is called unreachable."""

_EVERYTHING = (Coverage(selector=anything),)


@dataclass
class Trials:
    """The lives tried so far, with what was found to be true of them."""

    ladder: Ladder
    organisation: Organisation
    read: list[tuple[Life, Evaluation]] = field(default_factory=list)

    def evaluation(self, life: Life) -> Evaluation:
        """The life, read with everything declared as logged."""
        history = life.history(self.ladder, self.organisation)
        return Evaluation(history, self.organisation, self.ladder, _EVERYTHING)

    def reach(self, condition: Condition, part: str, more: int = 12) -> Life | None:
        """The shortest of some lives of which the condition is true at some time, if any is.

        Raises `CurrencyError` when the condition names money that the organisation has not.
        """
        best: Life | None = None
        found = 0
        for life in self._lives([condition], part):
            evaluation = self.evaluation(life)
            self.read.append((life, evaluation))
            if evaluation.episodes(condition):
                found += 1
                if best is None or len(life.own) < len(best.own):
                    best = life
            if found > more:
                break
        return best

    def read_more(self, conditions: Sequence[Condition], part: str) -> None:
        """Try lives made from several conditions together."""
        for life in self._lives(conditions, part):
            self.read.append((life, self.evaluation(life)))

    def _lives(self, conditions: Sequence[Condition], part: str) -> Iterator[Life]:
        made = lives(conditions, self.ladder, self.organisation, f"{self.ladder.key} {part}")
        return islice(made, MOST_LIVES)

    def episodes(self, conditions: Sequence[Condition]) -> Iterator[tuple[Life, list[Episodes]]]:
        """Every life tried so far, with the episodes of these conditions."""
        for life, evaluation in self.read:
            yield life, [evaluation.episodes(condition) for condition in conditions]
