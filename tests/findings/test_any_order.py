"""Recorded, replayed, adopted and done in whichever order: the states are the plain model's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ladder.crm import CRM, Finding
from ladder.errors import FindingError
from ladder.language.ladders import Ladder
from ladder.model.calendars import DAY, to_datetime, to_instant
from ladder.replay import Source, replay, verify
from ladder.storage import finding_states
from ladder.storage.finding_states import Stretch
from tests import histories
from tests.crm.recordings import cases, frame
from tests.crm.worlds import moment
from tests.findings.model import Act, Model
from tests.random_ladders import ladders
from tests.sizes import examples
from tests.strategies import selectors

SLOW = settings(max_examples=examples(30), suppress_health_check=list(HealthCheck))
PEOPLE = [f"p{person}" for person in histories.PEOPLE]
VERBS = ("acknowledged", "dismissed", "dismissed", "taken back")


@st.composite
def showing(draw: st.DrawFn) -> tuple[Any, ...]:
    """A world whose patterns may say what proves them."""
    organisation, ladder, coverage, told = draw(cases())
    return organisation, shown(draw, ladder), coverage, told


def shown(draw: st.DrawFn, ladder: Ladder) -> Ladder:
    patterns = tuple(
        each.model_copy(update={"evidence": draw(st.none() | selectors(1))})
        for each in ladder.patterns
    )
    return ladder.model_copy(update={"patterns": patterns})


class World:
    """A host that records, replays, adopts and acts, compared with the model."""

    def __init__(self, connection: Connection, case: tuple[Any, ...], data: st.DataObject) -> None:
        self.organisation, self.ladder, self.coverage, told = case
        self.connection, self.data, self.waiting = connection, data, list(told)
        self.n = 0
        self.acts: list[Act] = []
        self.believed: dict[int, dict[str, list[Stretch]]] = {}
        self.crm = CRM.create(
            connection, self.organisation, self.ladder, coverage=self.coverage, now=moment(0)
        )

    @property
    def now(self) -> datetime:
        return moment(self.n)

    def live(self) -> None:
        """Until everything is told, and a while longer."""
        steps = 2 * len(self.waiting)
        while self.n < steps:
            self.n += 1
            does = self.data.draw(st.sampled_from(("record", "act", "act", "replay", "adopt")))
            {"record": self.record, "act": self.act, "replay": self.replay, "adopt": self.adopt}[
                does
            ]()
            self.check()
        for n, then in self.believed.items():
            assert self.stored(to_instant(moment(n))) == then, n

    def record(self) -> None:
        some = self._some()
        if some:
            self.crm.record_many(some, now=self.now)

    def replay(self) -> None:
        source = (
            [Source.of_frames(frame(some, self.organisation, self.ladder.kinds))]
            if (some := self._some())
            else []
        )
        replay(self.connection, self.organisation, self.ladder, source, now=to_instant(self.now))

    def adopt(self) -> None:
        """Another ladder of that key, from a day within the histories on; once."""
        if self.data.draw(st.integers(0, 3)):
            return
        other = self.data.draw(ladders())
        since = self.data.draw(st.none() | st.sampled_from(histories.DAYS))
        self.ladder = shown(self.data.draw, other)  # type: ignore[arg-type]
        self.crm.adopt(self.ladder, effective_from=since, retroactive=since is None, now=self.now)

    def act(self) -> None:
        """Something is done about a finding of some instant."""
        model = Model(self.crm, PEOPLE, ())
        runs = [
            (person, run)
            for person in model.numbers
            for pattern in self.ladder.patterns
            for run in model.runs(person, pattern.key)
            if run[0] < to_instant(self.now)
        ]
        if not runs:
            return
        person, run = self.data.draw(st.sampled_from(runs))
        last = min(run[1] - 1, to_instant(self.now))
        at = min(last, run[0] + self.data.draw(st.sampled_from((0, 0, 1, 40, 400))) * DAY)
        found = self.crm.findings(person, to_datetime(at))
        if not found:
            event("hidden")
            return
        finding = self.data.draw(st.sampled_from(found))
        verb = self.data.draw(st.sampled_from(VERBS))
        try:
            self._do(verb, finding, to_datetime(at))
        except FindingError as refused:
            event("refused")
            note(f"{self.n} {verb} {finding.supporter} {finding.pattern}: {refused}")
            return
        event(verb if finding.evidence else f"{verb} on nothing")
        names = {
            each.id if each.external_id is None else (each.source, each.external_id)
            for each in finding.evidence
        }
        note(f"{self.n} {verb} {person} {finding.pattern} at {at} {names}")
        self.acts.append((person, finding.pattern, verb, at, names))

    def _do(self, verb: str, finding: Finding, at: datetime) -> None:
        if verb == "acknowledged":
            self.crm.acknowledge(finding, at=at, now=self.now)
        elif verb == "dismissed":
            self.crm.dismiss(finding, reason="so", at=at, now=self.now)
        else:
            self.crm.reopen(finding, at=at, now=self.now)

    def check(self) -> None:
        """Compare the stored states with the model at every instant where they could differ."""
        model = Model(self.crm, PEOPLE, self.acts)
        self.believed[self.n] = self.stored()
        for person in model.numbers:
            stored = self.believed[self.n].get(person, [])
            for pattern, at in model.instants(person, stored):
                here = [
                    each.state
                    for each in stored
                    if each.pattern == pattern
                    and each.at <= at
                    and (each.until is None or at < each.until)
                ]
                expected = model.state(person, pattern, at)
                assert here == ([expected] if expected not in (None, "open") else []), (
                    person, pattern, at,
                )  # fmt: skip
            assert self.crm.verify(person)
        assert verify(self.connection, self.organisation.key).fine

    def stored(self, known_at: int | None = None) -> dict[str, list[Stretch]]:
        """The stretches that are believed, or were."""
        model = Model(self.crm, PEOPLE, ())
        root, names = model.adopted.definition.root, {n: p for p, n in model.numbers.items()}
        store = model.situation.store
        found = finding_states.stretches(store, root, list(names), known_at=known_at)
        return {names[number]: stretches for number, stretches in found.items()}

    def _some(self) -> Sequence[Any]:
        number = self.data.draw(st.integers(1, 3))
        some, self.waiting = self.waiting[:number], self.waiting[number:]
        return some


@SLOW
@given(case=showing(), data=st.data())
def test_states_follow_from_the_actions_on_their_evidence(
    sqlite_engine: Engine, case: tuple[Any, ...], data: st.DataObject
) -> None:
    with sqlite_engine.connect() as connection:
        World(connection, case, data).live()
        connection.rollback()


@pytest.mark.postgres
@settings(SLOW, max_examples=examples(10))
@given(case=showing(), data=st.data())
def test_states_on_postgresql_follow_from_the_actions_on_their_evidence(
    pg_engine: Engine, case: tuple[Any, ...], data: st.DataObject
) -> None:
    with pg_engine.connect() as connection:
        World(connection, case, data).live()
        connection.rollback()
