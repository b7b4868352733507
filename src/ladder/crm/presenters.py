"""Present rows to a host: ids become keys, places become titles, instants become datetimes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ladder.crm.context import Adopted
from ladder.crm.results import Action, Cause, Finding, Movement, Resolution
from ladder.crm.time_conversion import ending, local, local_or_date
from ladder.findings import Findings, FindingView
from ladder.language.conditions import SEVERITIES
from ladder.language.versions import Succession
from ladder.model.calendars import FOREVER
from ladder.model.money import to_major
from ladder.model.organisations import Organisation
from ladder.storage import rows
from ladder.storage.actions import Action as StoredAction
from ladder.storage.actions import Name
from ladder.storage.read import histories
from ladder.storage.read.histories import COLUMNS, Row
from ladder.storage.read.queries import Queries


@dataclass(frozen=True)
class Names:
    """The keys of supporters by id, and the touchpoints that may be causes.

    `hidden` are supporters of whom nothing is shown; other supporters' results do not name them.
    """

    organisation: Organisation = field(default_factory=Organisation)
    supporters: Mapping[int, str] = field(default_factory=dict)
    touchpoints: Mapping[int, Row] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()

    def movement(
        self, adopted: Adopted, supporter_id: int, row: tuple[Any, ...], rungs: Mapping[int, str]
    ) -> Movement:
        """Present the content of a row of movements; `rungs` are those of places by id."""
        at, until, kind, before, after, skipped, new_peak, cause, first, others = row
        causes = () if first is None else (first, *json.loads(others or "[]"))
        supporter = supporter_id, self._key(supporter_id)
        return self._movement(
            adopted.versions, supporter, at, until, kind, rungs[before], rungs[after], skipped,
            new_peak=new_peak, cause=cause, causes=causes,
        )  # fmt: skip

    def stored(self, adopted: Adopted, row: rows.Movement) -> Movement:
        """Present a movement that a query returned."""
        return self._movement(
            adopted.versions, (row.supporter_id, row.key), row.at, row.until, row.kind, row.before,
            row.after, row.skipped, new_peak=row.new_peak, cause=row.cause, causes=row.causes,
        )  # fmt: skip

    def _movement(
        self, versions: Succession, key: tuple[int, str], at: int, until: int | None,
        kind: str, before: str, after: str, skipped: str, *, new_peak: bool, cause: str,
        causes: tuple[int, ...],
    ) -> Movement:  # fmt: skip
        calendar = self.organisation.calendar
        supporter_id, supporter = key
        return Movement(
            ladder=versions[-1].ladder.key,
            supporter=supporter,
            at=local(calendar, at),
            until=ending(calendar, until),
            kind=cast("Any", kind),
            before=keys_of(before),
            after=keys_of(after),
            before_title=" + ".join(titles(versions, before)),
            after_title=" + ".join(titles(versions, after)),
            skipped=titles(versions, skipped) if skipped else (),
            new_peak=bool(new_peak),
            cause=cast("Any", cause),
            causes=tuple(self.cause(number, supporter_id) for number in causes),
        )

    def finding(
        self, adopted: Adopted, supporter_id: int, pattern: str, severity: str, at: int,
        until: int | None,
    ) -> Finding:  # fmt: skip
        """Present the content of a row of findings."""
        key = self._key(supporter_id)
        return self.detailed_finding(adopted, key, pattern, severity, at, until)

    def detailed_finding(
        self, adopted: Adopted, supporter: str, pattern: str, severity: str, at: int,
        until: int | None, **more: Any,  # noqa: ANN401
    ) -> Finding:  # fmt: skip
        """Present a finding with the texts of its pattern; `more` are further fields."""
        calendar = self.organisation.calendar
        ladders = (version.ladder for version in adopted.versions)
        patterns = {known.key: known for ladder in ladders for known in ladder.patterns}
        known = patterns.get(pattern)
        return Finding(
            ladder=adopted.ladder.key,
            supporter=supporter,
            pattern=pattern,
            title=pattern if known is None else known.title or known.name or pattern,
            severity=severity,
            at=local(calendar, at),
            until=ending(calendar, until),
            remedy="" if known is None else known.remedy,
            caveat="" if known is None else known.caveat,
            **more,
        )

    def cause(self, number: int, supporter_id: int) -> Cause:
        """Present a touchpoint by its id, in a result about one supporter."""
        row = self.touchpoints[number]
        if row[1] in self.hidden and row[1] != supporter_id:
            nameless = cause(row, "", self.organisation)
            return replace(nameless, amount=None, currency=None, external_id=None)
        return cause(row, self._key(row[1]), self.organisation)

    def _key(self, number: int) -> str:
        return self.supporters.get(number, str(number))


def cause(row: Row, supporter: str, organisation: Organisation) -> Cause:
    """Present a stored touchpoint as a cause or as evidence."""
    fields = dict(zip(COLUMNS, row, strict=True))
    currency = fields["currency"] or organisation.currency
    amount = fields["amount"]
    return Cause(
        id=fields["id"],
        supporter=supporter,
        kind=fields["kind"],
        at=local_or_date(organisation.calendar, fields["at"], date_only=bool(fields["date_only"])),
        amount=None if amount is None else to_major(amount, currency),
        currency=None if amount is None else currency,
        source=fields["source"],
        external_id=fields["external_id"],
    )


def keys_of(rungs: str) -> tuple[str, ...]:
    """Return the rungs of a place; none on the ground."""
    return tuple(rungs.split("+")) if rungs else ()


def titles(versions: Succession, rungs: str) -> tuple[str, ...]:
    """Return the latest titles of rungs, or the ground's; a rung without one goes by its key."""
    if not rungs:
        return (versions[-1].ladder.ground,)
    every = (rung for version in versions for rung in version.ladder.rungs)
    known = {rung.key: rung.title or rung.key for rung in every}
    return tuple(known.get(key, key) for key in rungs.split("+"))


@dataclass(frozen=True)
class FindingPresenter:
    """Presents the findings of one supporter, with the touchpoints that these may name."""

    adopted: Adopted
    supporter: str
    number: int
    names: Names
    by_name: dict[Name, int]

    @classmethod
    def of(
        cls, adopted: Adopted, supporter: str, findings: Findings, ask: Queries
    ) -> FindingPresenter:
        """Build it from the supporter's history; `ask` knows the supporters to hide."""
        store, rows = findings.by.store, findings.history.stored.rows()
        source, external_id = map(histories.COLUMNS.index, ("source", "external_id"))
        by_name: dict[Name, int] = {number: number for number in rows}
        by_name |= {
            (row[source], row[external_id]): number
            for number, row in rows.items()
            if row[external_id] is not None
        }
        others = {row[1] for row in rows.values()} - {findings.supporter_id}
        keys = histories.keys(store, others) | {findings.supporter_id: supporter}
        names = Names(store.organisation, keys, rows, ask.silent_among(others))
        return cls(adopted, supporter, findings.supporter_id, names, by_name)

    def finding(self, view: FindingView) -> Finding:
        """Present a finding."""
        calendar = self.names.organisation.calendar
        resolved = None
        if view.cause is not None:
            resolved = Resolution(view.cause, self._causes(view.causes))
        return self.names.detailed_finding(
            self.adopted, self.supporter, view.pattern, view.severity, view.at, _end(view.until),
            evidence=self._causes(fact.id for fact in view.evidence),
            opened=local(calendar, view.opened),
            closes=ending(calendar, _end(view.closes)),
            state=view.state,
            actions=tuple(map(self.action, view.actions)),
            resolved_by=resolved,
        )  # fmt: skip

    def action(self, stored: StoredAction) -> Action:
        """Present an action on a finding."""
        calendar = self.names.organisation.calendar
        numbers = (self.by_name.get(name) for name in stored.evidence)
        evidence = self._causes(number for number in numbers if number is not None)
        return Action(
            stored.action, local(calendar, stored.at), stored.by, stored.reason, evidence,
            local(calendar, stored.recorded_at),
        )  # fmt: skip

    def _causes(self, numbers: Iterable[int]) -> tuple[Cause, ...]:
        known = (number for number in numbers if number in self.names.touchpoints)
        return tuple(self.names.cause(number, self.number) for number in known)


def most_severe_first(views: Iterable[FindingView]) -> list[FindingView]:
    """Sort findings for a list: by severity, then by which stage ends first."""
    return sorted(
        views,
        key=lambda view: (-SEVERITIES.index(view.severity), view.until, view.at, view.pattern),
    )


def _end(instant: int) -> int | None:
    return None if instant >= FOREVER else instant
