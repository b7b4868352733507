"""One supporter, evaluated: what every ladder in force says of her, ready to be stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ladder.crm.context import Adopted, Situation
from ladder.engines.incremental.relevance import NOTHING, Bearing, bearing
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Linking
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import Finding, Movement
from ladder.engines.reference.versions import Lines
from ladder.language.ladders import Ladder
from ladder.storage.snapshots import CarriedRow
from ladder.storage.write import recording
from ladder.storage.write.bitemporal import FindingRow, MovementRow

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
    since: int | None = None
    """Said of this instant and later alone (see `differences.rewrite`); None: of all her line."""
    lines: Lines | None = field(default=None, repr=False)
    """What says it, where that is her whole history."""


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

    def history(self, situation: Situation, ladder: Ladder | None) -> History:
        """Settled: voids, refunds, links, and other currencies by the ladder's rates."""
        kinds = situation.kinds if ladder is None else ladder.kinds
        rates = None if ladder is None else ladder.rates
        organisation = situation.store.organisation
        return History.from_rows(
            self.own, organisation, kinds, self.brought, rates, self.supporter_id
        )

    def evaluation(self, situation: Situation, ladder: Ladder) -> Evaluation:
        """Her history as read by one ladder."""
        history = self.history(situation, ladder)
        return Evaluation(history, situation.store.organisation, ladder, situation.coverage)

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
    carried: tuple[CarriedRow, ...] | None = None
    """What is carried along from now on, of the ladders named; nothing at all where it is empty,
    and what was carried where it is None."""
    ahead: Mapping[int, Sequence[recording.Row]] = field(default_factory=dict)
    """What is stored of her lately by the ladders, where that was read ahead (`onwards.Ahead`)."""


def judge(
    situation: Situation,
    supporter_id: int,
    narrowly: Collection[int] | None = None,
    read: Read | None = None,
) -> Judged:
    """Evaluate one supporter by every ladder in force. Writes nothing.

    `narrowly` are her touchpoints that are new since she was last evaluated, given when nothing
    else has changed of what she is judged by: then only what they can bear on is evaluated. `read`
    is her history, where somebody has read it.
    Raises `CurrencyError` where a ladder adds up amounts in a currency for which it has no rate.
    """
    read = read or Read.of(situation, supporter_id)
    if not situation.adopted:
        return Judged(read, read.history(situation, None).t0, ())
    said = []
    first_at = None
    for adopted in situation.adopted:
        by_each = [read.evaluation(situation, each.ladder) for each in adopted.versions]
        first_at = by_each[-1].history.t0
        bears = everything(adopted)
        if narrowly is not None and not touches_others(read.own, narrowly):
            bears = NOTHING
            for evaluation, version in zip(by_each, adopted.versions, strict=True):
                bears = bears.joined(borne_on(evaluation, version.ladder, narrowly))
        said.append(_say(by_each, adopted, bears))
    return Judged(read, first_at, tuple(said))


def touches_others(own: Sequence[recording.Row], new: Collection[int]) -> bool:
    """Whether what is new may change what else of hers counts, or is itself undone by it.

    Voids and refunds do, and whatever another touchpoint answers, which waited for it perhaps.
    """
    keys = {key_of(row) for row in own if row[0] in new}
    return any(answered_by(row) in keys for row in own)


def key_of(row: recording.Row) -> Linking:
    """What a touchpoint is known by among hers."""
    return row[_SOURCE], row[_EXTERNAL_ID]


def answered_by(row: recording.Row) -> Linking | None:
    """The key of what it answers; a bare id is of its own source."""
    if row[_ANSWERS_ID] is None:
        return None
    return row[_ANSWERS_SOURCE] or row[_SOURCE], row[_ANSWERS_ID]


def everything(adopted: Adopted) -> Bearing:
    """All that a ladder says, by any of its versions."""
    ladders = (version.ladder for version in adopted.versions)
    return Bearing(True, frozenset(p.key for ladder in ladders for p in ladder.patterns))


def borne_on(evaluation: Evaluation, ladder: Ladder, new: Collection[int]) -> Bearing:
    """What the new touchpoints bear on; money that cannot be added up is seen everywhere."""
    bears = NOTHING
    facts = evaluation.history.everything
    before = sorted(fact.at for fact in facts)[-2:-1]
    for fact in facts:
        if fact.id in new and not fact.brought:
            if fact.foreign:
                return Bearing(True, frozenset(pattern.key for pattern in ladder.patterns))
            last = all(at < fact.at for at in before)
            bears = bears.joined(bearing(fact, ladder, evaluation.organisation, last=last))
    return bears


def _say(by_each: Sequence[Evaluation], adopted: Adopted, bears: Bearing) -> Said:
    """What the ladder says by all its versions, each within its time."""
    lines = Lines(adopted.versions, by_each)
    moved = movement_rows(lines.movements()) if bears.standing else None
    found = finding_rows(lines.findings(bears.patterns))
    return Said(adopted, moved, found, bears.patterns, lines=lines)


def finding_rows(found: Iterable[Finding]) -> list[FindingRow]:
    """As they are stored."""
    return [FindingRow(each.pattern, each.severity, each.at, each.until) for each in found]


def movement_rows(moved: Iterable[Movement]) -> list[MovementRow]:
    """As they are stored: places by their rungs, touchpoints by their ids."""
    return [
        MovementRow(
            each.at, each.until, each.kind,
            str(each.before), each.before.height, str(each.after), each.after.height,
            "+".join(each.skipped), each.new_peak, each.cause,
            [fact.id for fact in each.causes],
        )
        for each in moved
    ]  # fmt: skip
