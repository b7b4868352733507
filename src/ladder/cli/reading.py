"""One supporter's history as the reference evaluator reads it, out of the database."""

from __future__ import annotations

from functools import cached_property

from ladder.cli.asking import Asking
from ladder.coverage import Coverage
from ladder.ladders import Ladder
from ladder.live.evaluation import Evaluation
from ladder.live.history import History
from ladder.live.seams import Lines
from ladder.storage import coverage, recording


class Readings:
    """Evaluations of single supporters; what they have in common is read once."""

    def __init__(self, ask: Asking) -> None:
        self.ask = ask

    @cached_property
    def declared(self) -> tuple[Coverage, ...]:
        """What the organisation declared its log to hold."""
        return coverage.declared(self.ask.store, self.ask.ladder.kinds)

    def of(self, supporter_id: int) -> Evaluation:
        """Everything that is known of her, read by the ladder as it is at the instant asked."""
        return self._by(self.ask.ladder, supporter_id)

    def lines(self, supporter_id: int) -> Lines:
        """The same, read by every definition of it."""
        versions = self.ask.versions
        return Lines(versions, [self._by(each.ladder, supporter_id) for each in versions])

    def _by(self, ladder: Ladder, supporter_id: int) -> Evaluation:
        ask = self.ask
        own, brought = recording.histories(ask.store, supporter_id)
        organisation = ask.store.organisation
        history = History.from_rows(
            own, organisation, ladder.kinds, brought, ladder.rates, supporter_id
        )
        return Evaluation(history, organisation, ladder, self.declared)
