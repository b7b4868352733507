"""The states of findings, worked out for one instant alone from their definition."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ladder.crm import CRM
from ladder.crm.context import OrganisationContext
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.model.calendars import FOREVER
from ladder.model.intervals import around, union
from ladder.storage.finding_states import Stretch
from ladder.storage.read.histories import StoredHistory
from ladder.storage.supporters import supporter_id
from tests.engines.plain_evidence import expected_evidence

Act = tuple[str, str, str, int, Collection[Any]]
"""(supporter, pattern, action, at, names of what proved it), in the order of their recording."""


class Model:
    """Return the states expected now."""

    def __init__(self, crm: CRM, people: Sequence[str], acts: Sequence[Act]) -> None:
        self.acts = sorted(acts, key=lambda act: act[3])  # stable: else as they were recorded
        self.situation: OrganisationContext = crm._context()
        self.adopted = self.situation.adopted[0]
        self.lines: dict[str, VersionedEvaluation] = {}
        self.numbers: dict[str, int] = {}
        for person in people:
            number = supporter_id(self.situation.store, person)
            if number is not None:
                self.numbers[person] = number
                store, coverage = self.situation.store, self.situation.coverage
                history = StoredHistory.read(store, number)
                versions = self.adopted.versions
                readings = [
                    history.evaluation(store, version.ladder, coverage) for version in versions
                ]
                self.lines[person] = VersionedEvaluation(versions, readings)

    def runs(self, person: str, pattern: str) -> list[tuple[int, int]]:
        """When it is found, at whichever severity."""
        found = self.lines[person].findings({pattern})
        return union((each.at, each.until) for each in found)

    def evidence(self, person: str, pattern: str, at: int) -> set[Fact]:
        """By the definition that speaks then."""
        lines = self.lines[person]
        speaks = [n for n, each in enumerate(lines.versions) if each.since <= at] or [0]
        reading, made = lines.evaluations[speaks[-1]], lines.versions[speaks[-1]].ladder
        return (
            expected_evidence(reading, made, pattern, at) if pattern in made.open_while else set()
        )

    def state(self, person: str, pattern: str, at: int) -> str | None:
        """None where it is not found."""
        run = around(self.runs(person, pattern), at)
        if run is None:
            return None
        names = {fact.key or fact.id for fact in self.evidence(person, pattern, at)}
        words = {self._word(person, pattern, name, run, at) for name in names or {None}}
        if words == {"dismissed"}:
            return "dismissed"
        return "open" if None in words else "acknowledged"

    def _word(
        self, person: str, pattern: str, name: object, run: tuple[int, int], at: int
    ) -> str | None:
        """The last word on a touchpoint; on the stretch itself, where nothing proves it."""
        word = None
        for supporter, what, action, when, names in self.acts:
            about = name in names if name is not None else not names and run[0] <= when < run[1]
            if (supporter, what) != (person, pattern) or when > at or not about:
                continue
            if action == "taken back":
                word = None
            elif word != "dismissed":
                word = action
        return word

    def instants(self, person: str, stored: Sequence[Stretch]) -> Iterator[tuple[str, int]]:
        """Return the instants at which a state can change, and their neighbours."""
        lines = self.lines[person]
        edges = {act[3] for act in self.acts}
        edges |= {each.since for each in lines.versions if each.since > 0}
        for reading in lines.evaluations:
            edges |= {fact.at for fact in reading.history.facts}
        for pattern in {p.key for each in lines.versions for p in each.ladder.patterns}:
            mine = edges | {edge for run in self.runs(person, pattern) for edge in run}
            mine |= {edge for each in stored for edge in (each.at, each.until or 0)}
            for edge in sorted(edge for edge in mine if 0 < edge < FOREVER):
                yield from ((pattern, at) for at in (edge - 1, edge))
