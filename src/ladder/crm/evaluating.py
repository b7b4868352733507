"""One supporter, evaluated: what every ladder in force says of her, ready to be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ladder.crm.situations import Adopted, Situation
from ladder.live.evaluation import Evaluation
from ladder.live.history import History
from ladder.live.standing import findings, movements
from ladder.storage import recording
from ladder.storage.differences import FindingRow, MovementRow


@dataclass(frozen=True)
class Said:
    """What one ladder says of one supporter."""

    adopted: Adopted
    movements: list[MovementRow]
    findings: list[FindingRow]


@dataclass(frozen=True)
class Read:
    """A supporter's history as the database has it: her own rows and those of whom she brought."""

    supporter_id: int
    own: Sequence[recording.Row]
    brought: Sequence[recording.Row]

    @classmethod
    def of(cls, situation: Situation, supporter_id: int) -> Read:
        """Read it."""
        return cls(supporter_id, *recording.histories(situation.store, supporter_id))

    def history(self, situation: Situation, adopted: Adopted | None) -> History:
        """Settled: voids, refunds, links, and other currencies by the ladder's rates."""
        kinds = situation.kinds if adopted is None else adopted.ladder.kinds
        rates = None if adopted is None else adopted.ladder.rates
        organisation = situation.store.organisation
        return History.from_rows(
            self.own, organisation, kinds, self.brought, rates, self.supporter_id
        )

    def evaluation(self, situation: Situation, adopted: Adopted) -> Evaluation:
        """Her history as read by one ladder."""
        history = self.history(situation, adopted)
        store = situation.store
        return Evaluation(history, store.organisation, adopted.ladder, situation.coverage)

    def rows(self) -> dict[int, recording.Row]:
        """All of them by their ids."""
        rows: dict[int, Any] = {row[0]: row for row in self.own}
        return rows | {row[0]: row for row in self.brought}


@dataclass(frozen=True)
class Judged:
    """A supporter with everything that is to be stored of her."""

    read: Read
    first_at: int | None
    said: tuple[Said, ...]


def judge(situation: Situation, supporter_id: int) -> Judged:
    """Evaluate one supporter by every ladder in force. Writes nothing.

    Raises `CurrencyError` where a ladder adds up amounts in a currency for which it has no rate.
    """
    read = Read.of(situation, supporter_id)
    if not situation.adopted:
        return Judged(read, read.history(situation, None).t0, ())
    said = []
    first_at = None
    for adopted in situation.adopted:
        evaluation = read.evaluation(situation, adopted)
        first_at = evaluation.history.t0
        said.append(_say(evaluation, adopted))
    return Judged(read, first_at, tuple(said))


def _say(evaluation: Evaluation, adopted: Adopted) -> Said:
    moved = [
        MovementRow(
            each.at, each.until, each.kind,
            str(each.before), each.before.height, str(each.after), each.after.height,
            "+".join(each.skipped), each.new_peak, each.cause,
            [fact.id for fact in each.causes],
        )
        for each in movements(evaluation, adopted.ladder)
    ]  # fmt: skip
    found = [
        FindingRow(each.pattern, each.severity, each.at, each.until)
        for each in findings(evaluation, adopted.ladder)
    ]
    return Said(adopted, moved, found)
