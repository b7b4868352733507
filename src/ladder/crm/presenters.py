"""From rows to what a host gets back: ids become keys, places titles, instants datetimes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ladder.crm.context import Adopted
from ladder.crm.results import Action, Cause, Finding, Movement, Resolution
from ladder.crm.time_conversion import ending, local, told
from ladder.findings import Findings, FindingView
from ladder.language.conditions import SEVERITIES
from ladder.language.versions import Succession
from ladder.model.calendars import FOREVER
from ladder.model.money import to_major
from ladder.model.organisations import Organisation
from ladder.storage import rows
from ladder.storage.actions import Action as Done
from ladder.storage.actions import Name
from ladder.storage.read import histories
from ladder.storage.read.histories import COLUMNS, Row
from ladder.storage.read.queries import Questions


@dataclass(frozen=True)
class Names:
    """What names there are: supporters' keys by id, and the touchpoints that may be causes.

    `hidden` are supporters of whom nothing is shown: they have no name in what is told of others.
    """

    organisation: Organisation = field(default_factory=Organisation)
    supporters: Mapping[int, str] = field(default_factory=dict)
    touchpoints: Mapping[int, Row] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()

    def movement(
        self, adopted: Adopted, whose: int, row: tuple[Any, ...], rungs: Mapping[int, str]
    ) -> Movement:
        """A row of `differences.MOVEMENT_COLUMNS`; `rungs` are the places' by id."""
        at, until, kind, before, after, skipped, new_peak, cause, first, others = row
        causes = () if first is None else (first, *json.loads(others or "[]"))
        return self._movement(
            adopted.versions, (whose, self._who(whose)), at, until, kind, rungs[before],
            rungs[after], skipped, new_peak=new_peak, cause=cause, causes=causes,
        )  # fmt: skip

    def stored(self, adopted: Adopted, row: rows.Movement) -> Movement:
        """A movement as a question is answered with it."""
        return self._movement(
            adopted.versions, (row.supporter_id, row.key), row.at, row.until, row.kind, row.before,
            row.after, row.skipped, new_peak=row.new_peak, cause=row.cause, causes=row.causes,
        )  # fmt: skip

    def _movement(
        self, versions: Succession, who: tuple[int, str], at: int, until: int | None,
        kind: str, before: str, after: str, skipped: str, *, new_peak: bool, cause: str,
        causes: tuple[int, ...],
    ) -> Movement:  # fmt: skip
        calendar = self.organisation.calendar
        whose, supporter = who
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
            causes=tuple(self.cause(each, whose) for each in causes),
        )

    def finding(
        self, adopted: Adopted, whose: int, pattern: str, severity: str, at: int, until: int | None
    ) -> Finding:
        """A row of `differences.FINDING_COLUMNS`."""
        return self.found(adopted, self._who(whose), pattern, severity, at, until)

    def found(
        self, adopted: Adopted, supporter: str, pattern: str, severity: str, at: int,
        until: int | None, **more: Any,  # noqa: ANN401
    ) -> Finding:  # fmt: skip
        """A finding with the words of its pattern, and perhaps more of its fields."""
        calendar = self.organisation.calendar
        ladders = (version.ladder for version in adopted.versions)
        known = {each.key: each for ladder in ladders for each in ladder.patterns}.get(pattern)
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

    def cause(self, number: int, whose: int) -> Cause:
        """A touchpoint by its id, in what is told of one supporter."""
        row = self.touchpoints[number]
        if row[1] in self.hidden and row[1] != whose:
            shown = cause(row, "", self.organisation)
            return replace(shown, amount=None, currency=None, external_id=None)
        return cause(row, self._who(row[1]), self.organisation)

    def _who(self, number: int) -> str:
        return self.supporters.get(number, str(number))


def cause(row: Row, supporter: str, organisation: Organisation) -> Cause:
    """A stored touchpoint as a cause or as evidence."""
    fields = dict(zip(COLUMNS, row, strict=True))
    currency = fields["currency"] or organisation.currency
    amount = fields["amount"]
    return Cause(
        id=fields["id"],
        supporter=supporter,
        kind=fields["kind"],
        at=told(organisation.calendar, fields["at"], date_only=bool(fields["date_only"])),
        amount=None if amount is None else to_major(amount, currency),
        currency=None if amount is None else currency,
        source=fields["source"],
        external_id=fields["external_id"],
    )


def keys_of(rungs: str) -> tuple[str, ...]:
    """The rungs of a place; none on the ground."""
    return tuple(rungs.split("+")) if rungs else ()


def titles(versions: Succession, rungs: str) -> tuple[str, ...]:
    """Their titles, or the ground's, as they are called last; else a rung goes by its key."""
    if not rungs:
        return (versions[-1].ladder.ground,)
    every = (rung for version in versions for rung in version.ladder.rungs)
    known = {rung.key: rung.title or rung.key for rung in every}
    return tuple(known.get(key, key) for key in rungs.split("+"))


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
        store, rows = findings.by.store, findings.history.stored.rows()
        source, external_id = map(histories.COLUMNS.index, ("source", "external_id"))
        by_name: dict[Name, int] = {number: number for number in rows}
        by_name |= {
            (row[source], row[external_id]): number
            for number, row in rows.items()
            if row[external_id] is not None
        }
        whose = histories.keys(store, {row[1] for row in rows.values()})
        names = Names(store.organisation, whose, rows, ask.silent_among(whose))
        return cls(adopted, supporter, findings.supporter_id, names, by_name)

    def finding(self, seen: FindingView) -> Finding:
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


def gravest_first(found: Iterable[FindingView]) -> list[FindingView]:
    """In the order of lists: by severity, then by which stretch ends first."""
    return sorted(
        found,
        key=lambda seen: (-SEVERITIES.index(seen.severity), seen.until, seen.at, seen.pattern),
    )


def _end(instant: int) -> int | None:
    return None if instant >= FOREVER else instant
