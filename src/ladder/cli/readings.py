"""Evaluations of single supporters for the commands that explain them."""

from __future__ import annotations

from functools import cached_property

from ladder.cli.context import Asking
from ladder.coverage import Coverage
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.language.ladders import Ladder
from ladder.storage import coverage
from ladder.storage.read.histories import StoredHistory


class Readings:
    """Evaluations of single supporters; the declarations they share are read once."""

    def __init__(self, ask: Asking) -> None:
        self.ask = ask

    @cached_property
    def declared(self) -> tuple[Coverage, ...]:
        """The organisation's declarations of coverage."""
        return coverage.declared(self.ask.store, self.ask.ladder.kinds)

    def of(self, supporter_id: int) -> Evaluation:
        """Evaluate a supporter by the ladder version at the instant of the question."""
        return self._by(self.ask.ladder, supporter_id)

    def lines(self, supporter_id: int) -> VersionedEvaluation:
        """The same, read by every definition of it."""
        versions = self.ask.versions
        return VersionedEvaluation(
            versions, [self._by(version.ladder, supporter_id) for version in versions]
        )

    def _by(self, ladder: Ladder, supporter_id: int) -> Evaluation:
        history = StoredHistory.read(self.ask.store, supporter_id)
        return history.evaluation(self.ask.store, ladder, self.declared)
