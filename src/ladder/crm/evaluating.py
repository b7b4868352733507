"""One supporter, evaluated: what every ladder in force says of her, ready to be stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ladder.crm.situations import Adopted, Situation
from ladder.live.bearing import NOTHING, Bearing, bearing
from ladder.live.evaluation import Evaluation
from ladder.live.history import History
from ladder.live.standing import findings, movements
from ladder.storage import recording
from ladder.storage.differences import FindingRow, MovementRow

_SOURCE, _EXTERNAL_ID, _ANSWERS_SOURCE, _ANSWERS_ID = map(
    recording.COLUMNS.index, ("source", "external_id", "answers_source", "answers_id")
)


@dataclass(frozen=True)
class Said:
    """What one ladder says of one supporter."""

    adopted: Adopted
    movements: list[MovementRow] | None
    """None where they stay as they are."""
    findings: list[FindingRow]
    among: frozenset[str] | None = None
    """The patterns whose findings these are; None: all."""


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


def judge(
    situation: Situation, supporter_id: int, narrowly: Collection[int] | None = None
) -> Judged:
    """Evaluate one supporter by every ladder in force. Writes nothing.

    `narrowly` are her touchpoints that are new since she was last evaluated, given when nothing
    else has changed of what she is judged by: then only what they can bear on is evaluated.
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
        bears = _everything(adopted)
        if narrowly is not None and not touches_others(read.own, narrowly):
            bears = _borne_on(evaluation, adopted, narrowly)
        said.append(_say(evaluation, adopted, bears))
    return Judged(read, first_at, tuple(said))


def touches_others(own: Sequence[recording.Row], new: Collection[int]) -> bool:
    """Whether what is new may change what else of hers counts, or is itself undone by it.

    Voids and refunds do, and whatever another touchpoint answers, which waited for it perhaps.
    """
    keys = {(row[_SOURCE], row[_EXTERNAL_ID]) for row in own if row[0] in new}
    return any(
        (row[_ANSWERS_SOURCE] or row[_SOURCE], row[_ANSWERS_ID]) in keys
        for row in own
        if row[_ANSWERS_ID] is not None
    )


def _everything(adopted: Adopted) -> Bearing:
    return Bearing(True, frozenset(pattern.key for pattern in adopted.ladder.patterns))


def _borne_on(evaluation: Evaluation, adopted: Adopted, new: Collection[int]) -> Bearing:
    """What the new touchpoints bear on; money that cannot be added up is seen everywhere."""
    bears = NOTHING
    for fact in evaluation.history.facts:
        if fact.id in new and not fact.brought:
            if fact.foreign:
                return _everything(adopted)
            bears = bears.joined(bearing(fact, adopted.ladder, evaluation.organisation))
    return bears


def _say(evaluation: Evaluation, adopted: Adopted, bears: Bearing) -> Said:
    moved = _movements(evaluation, adopted) if bears.standing else None
    found = [
        FindingRow(each.pattern, each.severity, each.at, each.until)
        for each in findings(evaluation, adopted.ladder, bears.patterns)
    ]
    return Said(adopted, moved, found, bears.patterns)


def _movements(evaluation: Evaluation, adopted: Adopted) -> list[MovementRow]:
    return [
        MovementRow(
            each.at, each.until, each.kind,
            str(each.before), each.before.height, str(each.after), each.after.height,
            "+".join(each.skipped), each.new_peak, each.cause,
            [fact.id for fact in each.causes],
        )
        for each in movements(evaluation, adopted.ladder)
    ]  # fmt: skip
