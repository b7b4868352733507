"""One supporter's findings in a host's terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ladder.calendars import FOREVER
from ladder.conditions import SEVERITIES
from ladder.crm.answers import Action, Cause, Finding, Resolution
from ladder.crm.naming import Names
from ladder.crm.situations import Adopted
from ladder.crm.times import ending, local
from ladder.findings import Findings, Seen
from ladder.storage import recording
from ladder.storage.actions import Action as Done
from ladder.storage.actions import Name
from ladder.storage.queries import Questions


@dataclass(frozen=True)
class Found:
    """Findings put into words: whose they are, and the touchpoints that may be named."""

    adopted: Adopted
    supporter: str
    number: int
    names: Names
    by_name: dict[Name, int]

    @classmethod
    def of(cls, adopted: Adopted, supporter: str, findings: Findings, ask: Questions) -> Found:
        """Of these, with everything that is in her history; `ask` knows of whom nothing is told."""
        store, hers = findings.by.store, findings.hers
        rows = {row[0]: row for row in (*hers.own, *hers.brought)}
        source, external_id = map(recording.COLUMNS.index, ("source", "external_id"))
        by_name: dict[Name, int] = {number: number for number in rows}
        by_name |= {
            (row[source], row[external_id]): number
            for number, row in rows.items()
            if row[external_id] is not None
        }
        whose = recording.keys(store, {row[1] for row in rows.values()})
        names = Names(store.organisation, whose, rows, ask.silent_among(whose))
        return cls(adopted, supporter, findings.supporter_id, names, by_name)

    def finding(self, seen: Seen) -> Finding:
        """One of them."""
        calendar = self.names.organisation.calendar
        resolved = None
        if seen.cause is not None:
            resolved = Resolution(seen.cause, self._causes(seen.causes))
        return self.names.found(
            self.adopted, self.supporter, seen.pattern, seen.severity, seen.at, _end(seen.until),
            evidence=self._causes(fact.id for fact in seen.evidence),
            opened=local(calendar, seen.opened),
            closes=ending(calendar, _end(seen.closes)),
            state=seen.state,
            actions=tuple(map(self.action, seen.actions)),
            resolved_by=resolved,
        )  # fmt: skip

    def action(self, done: Done) -> Action:
        """What was done about one."""
        calendar = self.names.organisation.calendar
        numbers = (self.by_name.get(name) for name in done.evidence)
        proofs = self._causes(number for number in numbers if number is not None)
        return Action(
            done.action, local(calendar, done.at), done.by, done.reason, proofs,
            local(calendar, done.recorded_at),
        )  # fmt: skip

    def _causes(self, numbers: Iterable[int]) -> tuple[Cause, ...]:
        there = (number for number in numbers if number in self.names.touchpoints)
        return tuple(self.names.cause(number, self.number) for number in there)


def gravest_first(found: Iterable[Seen]) -> list[Seen]:
    """In the order of lists: by severity, then by which stretch ends first."""
    return sorted(
        found,
        key=lambda seen: (-SEVERITIES.index(seen.severity), seen.until, seen.at, seen.pattern),
    )


def _end(instant: int) -> int | None:
    return None if instant >= FOREVER else instant
