"""One supporter judged by what is carried along of her past, and by what has come since.

Most touchpoints come in order. Then it takes a row and the few touchpoints since it was written to
judge her, however long her history is; now and then the row moves on. What reaches further back
(see `ladder.engines.incremental.snapshot_evaluator`), and whatever else may have changed than that
something came, is judged by her whole history, and a row is written for the next time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from ladder.coverage import BEGINNING
from ladder.crm.context import Adopted, Situation
from ladder.crm.evaluation import (
    Judged,
    Read,
    Said,
    answered_by,
    borne_on,
    everything,
    finding_rows,
    judge,
    key_of,
    movement_rows,
)
from ladder.engines.incremental.checkpoints import checkpoint, settled
from ladder.engines.incremental.requirements import memory_of
from ladder.engines.incremental.snapshot_evaluator import (
    Carried,
    NotCarried,
    State,
    carry,
    findings_since,
)
from ladder.engines.incremental.snapshot_json import Kept, judged_by, read, written
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import movements, places
from ladder.storage.snapshots import CarriedRow
from ladder.storage.statements import Query, query_batch
from ladder.storage.write import bitemporal, recording
from ladder.storage.write.recording import Recent, Row

LONG: Final = 20
"""So many touchpoints are read again before what is carried moves on."""

MOST_SETTLED: Final = 64
"""Of whom more is void than that, or waited for by voids and refunds, nothing is carried along."""

_AT, _KIND = map(recording.COLUMNS.index, ("at", "kind"))


class Ahead(NamedTuple):
    """What was read ahead about a supporter, for the only touchpoint of hers that is new."""

    recent: Recent
    stored: Mapping[int, Sequence[Row]]
    """What is stored of her lately, by ladder (see `differences.lately`)."""


def asking_ahead(situation: Situation, supporter_id: int, at: int) -> list[Query]:
    """What asks for all that a touchpoint of that instant is judged by, and compared with."""
    store = situation.store
    return [
        recording.asking_recent(supporter_id, len(situation.adopted), at),
        *(
            bitemporal.lately(
                store, each.definition.root, supporter_id, at, everything(each).patterns
            )
            for each in situation.adopted
        ),
    ]


def read_ahead(situation: Situation, rows: Sequence[Sequence[Row]]) -> Ahead:
    """From the rows of each of these."""
    recent, *stored = rows
    roots = [each.definition.root for each in situation.adopted]
    return Ahead(Recent.of(recent, len(situation.adopted)), dict(zip(roots, stored, strict=True)))


def judge_new(
    situation: Situation,
    supporter_id: int,
    new: Mapping[int, int] | None,
    ahead: Ahead | None = None,
    *,
    now: int,
) -> Judged:
    """Evaluate one supporter whose touchpoints with these ids (and instants) are new.

    None where more than that may have changed. Writes nothing. Raises as `judge` does.
    """
    store = situation.store
    if new is None or not situation.adopted:
        judged = judge(situation, supporter_id, read=Read.of(situation, supporter_id))
        return replace(judged, carried=_from_all(situation, judged, now))
    recent = _recent(situation, supporter_id, new) if ahead is None else ahead.recent
    known = Read(supporter_id, recent.own, recent.brought)
    if recent.carried:
        try:
            return _Onwards(situation, known, new, now).judged(recent.carried, ahead)
        except NotCarried:
            known = Read.of(situation, supporter_id)
    else:
        acts = recording.with_answers(store, supporter_id, recent.brought)
        known = replace(known, brought=acts)
    judged = judge(situation, supporter_id, new, read=known)
    return replace(judged, carried=_from_all(situation, judged, now))


def _recent(situation: Situation, supporter_id: int, new: Mapping[int, int]) -> Recent:
    ladders = len(situation.adopted)
    query = recording.asking_recent(supporter_id, ladders, min(new.values()))
    (rows,) = query_batch(situation.store.connection, [query])
    return Recent.of(rows, ladders)


def _from_all(situation: Situation, judged: Judged, now: int) -> tuple[CarriedRow, ...] | None:
    """What to carry along of a whole history, for every ladder; else nothing.

    Of a short one nothing is, nor ever was.
    """
    if len(judged.read.own) + len(judged.read.brought) <= LONG:
        return None
    rows = [_kept(situation, judged.read, said, now) for said in judged.said]
    return tuple(row for row in rows if row is not None) if all(rows) else ()


def _kept(situation: Situation, read: Read, said: Said, now: int) -> CarriedRow | None:
    """The row for one ladder; None where it cannot be carried along."""
    assert said.lines is not None  # a whole history is told by lines  # noqa: S101
    evaluation, since = said.lines.evaluations[-1], said.lines.versions[-1].since
    history, calendar = evaluation.history, evaluation.calendar
    ladder = said.adopted.ladder
    memory = memory_of(ladder, evaluation.organisation)
    done = settled([*read.own, *read.brought], ladder.kinds, read.supporter_id)
    at = checkpoint(history.facts, calendar, done.at, now)
    if at is None or history.t0 is None or history.t0 >= at or BEGINNING < since >= at:
        return None
    if memory.money and any(fact.foreign for fact in history.facts):
        return None
    if max(len(done.gone), len(done.waiting)) > MOST_SETTLED:
        return None
    heights = [place.height for then, place in places(evaluation, ladder) if then < at]
    opened = {f.pattern: f.at for f in said.lines.findings() if f.at < at <= f.until}
    state = carry(evaluation, at, max(heights, default=0), opened)
    return _row(situation, said.adopted, Kept(state, frozenset(done.gone), frozenset(done.waiting)))


def _row(situation: Situation, adopted: Adopted, kept: Kept) -> CarriedRow:
    mark = judged_by(adopted.ladder, situation.store.organisation, situation.coverage)
    return CarriedRow(adopted.definition.id, kept.state.at, mark, written(kept))


class _Onwards:
    """What has come since; raises `NotCarried` where it takes more to tell."""

    def __init__(self, situation: Situation, read: Read, new: Mapping[int, int], now: int) -> None:
        if any(situation.kinds.find(row[_KIND]).role for row in (*read.own, *read.brought)):
            raise NotCarried
        self.situation, self.new, self.now = situation, new, now
        self.keys = {key_of(row) for row in read.own if row[0] in new}
        waited = [row[_AT] for row in read.own if answered_by(row) in self.keys]
        self.widely = bool(waited)
        self.since: int = min([*new.values(), *waited])
        answered = [tuple(row) for row in _answered(situation, read)]
        self.read = Read(read.supporter_id, [*answered, *read.own], read.brought)

    def judged(self, rows: Sequence[CarriedRow], ahead: Ahead | None) -> Judged:
        """By every ladder."""
        known = {row.definition_id: row for row in rows}
        said, carried, begun = [], [], None
        for adopted in self.situation.adopted:
            row = known.get(adopted.definition.id)
            kept = None if row is None else self._kept(adopted, row)
            if kept is None:
                raise NotCarried
            begun = kept.state.begun
            evaluation = self._evaluation(adopted, kept)
            said.append(self._said(adopted, evaluation))
            further = self._further(evaluation)
            if further is not None:
                carried.append(_row(self.situation, adopted, replace(kept, state=further)))
        stored: Mapping[int, Sequence[Row]] = {}
        if ahead is not None and self.since == min(self.new.values()):
            stored = ahead.stored
        return Judged(self.read, begun, tuple(said), tuple(carried) or None, stored)

    def _kept(self, adopted: Adopted, row: CarriedRow) -> Kept | None:
        """What is carried, if it was made by what she is judged by now and speaks for the past."""
        organisation = self.situation.store.organisation
        if row.judged_by != judged_by(adopted.ladder, organisation, self.situation.coverage):
            return None
        kept = read(row.state, row.at, adopted.ladder, organisation)
        return None if self.keys & kept.waiting or self.since < row.at else kept

    def _evaluation(self, adopted: Adopted, kept: Kept) -> Carried:
        organisation, ladder = self.situation.store.organisation, adopted.ladder
        own, brought = (
            [row for row in rows if row[0] not in kept.gone]
            for rows in (self.read.own, self.read.brought)
        )
        history = History.from_rows(
            own, organisation, ladder.kinds, brought, ladder.rates,
            self.read.supporter_id, kept.state.begun,
        )  # fmt: skip
        return Carried(history, organisation, ladder, self.situation.coverage, kept.state)

    def _said(self, adopted: Adopted, evaluation: Carried) -> Said:
        ladder = adopted.ladder
        bears = everything(adopted) if self.widely else borne_on(evaluation, ladder, self.new)
        moved = None
        if bears.standing:
            moved = movement_rows(movements(evaluation, ladder, self.since))
        found = finding_rows(findings_since(evaluation, ladder, bears.patterns, self.since))
        return Said(adopted, moved, found, bears.patterns, since=self.since)

    def _further(self, evaluation: Carried) -> State | None:
        """What is carried from a later instant on, when much has come since the present one."""
        history, ladder, state = evaluation.history, evaluation.definition, evaluation.state
        facts = [fact for fact in history.facts if fact.at >= state.at]
        if len(facts) <= LONG:
            return None
        at = checkpoint(facts, evaluation.calendar, state.at, self.now)
        if at is None or at <= state.at:
            return None
        heights = [place.height for then, place in places(evaluation, ladder) if then < at]
        found = findings_since(evaluation, ladder, None, at)
        opened = {each.pattern: each.at for each in found if each.at < at}
        return carry(evaluation, at, max([state.peak, *heights]), opened)


def _answered(situation: Situation, read: Read) -> Iterator[Row]:
    """What of her past is answered by what came since."""
    known = {key_of(row) for row in read.own}
    asked: dict[str, list[str]] = {}
    for row in read.own:
        key = answered_by(row)
        if key is not None and key not in known:
            asked.setdefault(key[0], []).append(key[1])
    for source, external_ids in asked.items():
        yield from recording.answered(
            situation.store, read.supporter_id, source, sorted(set(external_ids))
        )
