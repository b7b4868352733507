"""Touchpoints taken in, one or several: stored once, and everybody they bear on evaluated anew.

Everything is evaluated before any movement is written, so that what an evaluator refuses (a
currency without a rate) leaves nothing behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from ladder.crm.changes import Change, Changes
from ladder.crm.context import Situation
from ladder.crm.evaluation import Judged
from ladder.crm.finding_states import Borne
from ladder.crm.incremental import Ahead, asking_ahead, judge_new, read_ahead
from ladder.crm.presenters import Names
from ladder.crm.validation import refuse_other, taken_in
from ladder.engines.reference.facts import Row
from ladder.errors import LadderError
from ladder.model.touchpoints import Touchpoint
from ladder.storage import snapshots
from ladder.storage.statements import Query, Write, execute_batch, is_pipelined, query_batch
from ladder.storage.write import bitemporal, recording
from ladder.storage.write.recording import COLUMNS, Locked


@dataclass
class Taken:
    """What has been stored so far, and whom it bears on."""

    ids: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    people: dict[int, Locked] = field(default_factory=dict)
    affected: dict[int, dict[int, int] | None] = field(default_factory=dict)
    """Supporters with what is new of theirs, and at which instants; None where more than that may
    have changed."""
    ahead: dict[int, Ahead] = field(default_factory=dict)
    """What was read ahead, where one touchpoint alone is taken in."""

    def affect(self, supporter: Locked, touchpoint: int, row: Row, *, widely: bool) -> None:
        """Note that she has to be evaluated, all of her where her line begins anew."""
        new = self.affected.setdefault(supporter.id, {})
        at = cast("int", row.at)
        earlier = supporter.first_at is None or at < supporter.first_at
        if widely or earlier or new is None:
            self.affected[supporter.id] = None
        else:
            new[touchpoint] = at


def take(
    situation: Situation,
    touchpoints: Sequence[Touchpoint],
    locked: Mapping[str, Locked] | None = None,
    *,
    now: int,
) -> tuple[Taken, Changes]:
    """Store what is new of these and write the difference it makes.

    `locked` is who has been locked on the way here.
    """
    store = situation.store
    rows = [taken_in(each, store.organisation, situation.kinds) for each in touchpoints]
    keys = {row.supporter for row in rows} | {row.referrer for row in rows}
    known = recording.lock(store, (key for key in keys if isinstance(key, str)), locked)
    taken = Taken(people={each.id: each for each in known.values()})
    try:
        for row in rows:
            _store(situation, row, known, taken, now=now, alone=len(rows) == 1)
        affected = sorted(taken.affected.items())
        judged = [
            judge_new(situation, whose, new, taken.ahead.get(whose), now=now)
            for whose, new in affected
        ]
    except LadderError:
        made = [each.id for each in known.values() if each.made]
        recording.forget(store, taken.new, made)
        raise
    return taken, write(situation, judged, taken.people, now=now)


def _store(
    situation: Situation, row: Row, known: dict[str, Locked], taken: Taken, *, now: int, alone: bool
) -> None:
    """One of them, unless it is there already; and who else has to be looked at."""
    store = situation.store
    supporter = known[str(row.supporter)]
    referrer = None if row.referrer is None else known[str(row.referrer)]
    values = dict(zip(COLUMNS[1:], row[1:], strict=True))
    values |= {"supporter_id": supporter.id, "referrer_id": referrer and referrer.id}
    adding = recording.adding(store, values, now=now)
    ahead: list[Query] = []
    if alone and situation.adopted and is_pipelined(store.connection):
        ahead = asking_ahead(situation, supporter.id, cast("int", row.at))
    added, *read = query_batch(store.connection, [adding, *ahead])
    if read:
        taken.ahead[supporter.id] = read_ahead(situation, read)
    number = added[0][0] if added else None
    if number is None:
        taken.ids.append(_known(situation, values))
        return
    taken.ids.append(number)
    taken.new.append(number)
    readings = (situation.kinds, *(each.ladder.kinds for each in situation.adopted))
    role = any(kinds[row.kind].role for kinds in readings)
    taken.affect(supporter, number, row, widely=role)
    if referrer is not None:
        taken.affect(referrer, number, row, widely=True)
    if row.answers_id is not None and role:
        others = recording.touched(store, row.answers_source or row.source, row.answers_id)
        taken.people |= recording.lock_ids(store, set(others) - set(taken.people))
        taken.affected |= dict.fromkeys(others)


def _known(situation: Situation, values: Mapping[str, object]) -> int:
    """The id of the touchpoint that has this key, if it says the same."""
    store = situation.store
    row = recording.known(store, str(values["source"]), str(values["external_id"]))
    assert row is not None  # nothing but its key keeps a touchpoint out  # noqa: S101
    named = (row[1], values["supporter_id"], row[COLUMNS.index("referrer_id")])
    numbers = {each for each in (*named, values["referrer_id"]) if isinstance(each, int)}
    different = any(row[n] != values[name] for n, name in enumerate(COLUMNS) if n)
    if different:
        calendar = store.organisation.calendar
        refuse_other(row, values, calendar, recording.keys(store, numbers))
    number: int = row[0]
    return number


def write(
    situation: Situation, judged: Iterable[Judged], people: dict[int, Locked], *, now: int
) -> Changes:
    """Store what was judged: what is no longer so is retracted, what is new is added."""
    store = situation.store
    changes: list[Change] = []
    writes: list[Write] = []
    touchpoints: dict[int, recording.Row] = {}
    borne = Borne(situation)
    for each in judged:
        whose = each.read.supporter_id
        if not each.said and people[whose].first_at != each.first_at:
            recording.begin(store, whose, each.first_at)
        for said in each.said:
            if said.movements is None and not said.among:
                continue  # nothing that this ladder says was touched
            done = bitemporal.rewrite(
                store, said.adopted.definition.root, whose, said.movements, said.findings,
                first_at=each.first_at, now=now, among=said.among, since=said.since,
                writes=writes, ahead=each.ahead.get(said.adopted.definition.root),
            )  # fmt: skip
            changes.append(Change(said.adopted, whose, done))
            borne.note(whose, said)
        touchpoints |= each.read.rows()
        if each.carried is not None and not each.carried:
            snapshots.drop(store, whose)
        writes += [snapshots.remembering(store, whose, row) for row in each.carried or ()]
    missing = {each for change in changes for each in _causes(change)} - touchpoints.keys()
    asked = [recording.asking_touchpoints(store, missing)] if missing else []
    acted = borne.asking()
    found = execute_batch(store.connection, writes, [*acted, *asked])
    for rows in found[len(acted) :]:
        touchpoints |= {row[0]: row for row in rows}
    for rows in found[: len(acted)]:
        borne.tend(rows, now=now)
    names = {number: each.key for number, each in people.items()}
    strangers = {row[1] for row in touchpoints.values()} - set(names)
    names |= recording.keys(store, strangers)
    return Changes(tuple(changes), Names(store.organisation, names, touchpoints))


def _causes(change: Change) -> Iterator[int]:
    """The touchpoints that a change names: of what was before she went on, some are not read."""
    done = change.rewritten.movements
    for *_, first, others in (*done.new, *done.gone):
        if first is not None:
            yield first
            yield from json.loads(others or "[]")
