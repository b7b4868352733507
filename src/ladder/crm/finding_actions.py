"""Something done about a finding: checked, written down, and its state worked out anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ladder.crm.context import OrganisationContext
from ladder.crm.finding_states import finding_context
from ladder.crm.presenters import FindingPresenter
from ladder.crm.queries import SupporterQueries
from ladder.crm.results import Action, Finding
from ladder.errors import FindingError
from ladder.findings import FindingContext, Findings, latest_marks, name_of, refresh
from ladder.model.calendars import to_instant
from ladder.storage import actions
from ladder.storage.actions import Name, Word
from ladder.storage.read.queries import Questions
from ladder.storage.supporters import known_supporter
from ladder.storage.write import recording


@dataclass(frozen=True)
class ActionRequest:
    """What somebody does, and when they did it; None is now."""

    action: Word
    by: str
    reason: str
    at: datetime | date | None = None


def act(
    situation: OrganisationContext, finding: Finding, doing: ActionRequest, *, now: int
) -> Action:
    """Do it. Writes nothing where it raises `FindingError`, or `NotKnown`."""
    store, adopted = situation.store, situation.chosen(finding.ladder)
    number = known_supporter(store, finding.supporter)
    recording.lock_ids(store, [number])
    ask = SupporterQueries(situation, adopted, now).questions
    _refuse_silent(ask, finding)
    by, at = finding_context(situation, adopted), _when(situation, doing, now)
    if doing.action == "dismissed" and not doing.reason.strip():
        message = f"a dismissal needs a reason: {finding.supporter}, {finding.pattern}"
        raise FindingError(message)
    findings = Findings(by, number, at, [finding.pattern])
    proofs = _proofs(findings, finding, at)
    _refuse_vain(by, number, finding, doing, proofs, at)
    done = actions.add(
        store, number, by.key, finding.pattern, doing.action,
        at=at, by=doing.by, reason=doing.reason.strip(), evidence=proofs, now=now,
    )  # fmt: skip
    refresh(by, [number], now=now)
    return FindingPresenter.of(adopted, finding.supporter, findings, ask).action(done)


def _refuse_silent(ask: Questions, finding: Finding) -> None:
    """Of whoever objected, died or was erased nothing is written either."""
    if finding.pattern not in ask.duties and ask.is_silent(finding.supporter):
        message = f"nothing is said of {finding.supporter}, who is silent"
        raise FindingError(message)


def _when(situation: OrganisationContext, doing: ActionRequest, now: int) -> int:
    """A bare date is its end, and today is now."""
    if doing.at is None:
        return now
    calendar = situation.store.organisation.calendar
    if isinstance(doing.at, datetime):
        at = to_instant(doing.at)
    else:
        at = calendar.as_of(doing.at)
        at = min(at, now) if calendar.day_of(at) == calendar.day_of(now) else at
    if at > now:
        message = f"at={doing.at} lies ahead: say when it was done, or nothing for now"
        raise FindingError(message)
    return at


def _proofs(findings: Findings, finding: Finding, at: int) -> Sequence[Name]:
    """What whoever acts has seen of it; else what proves it at the instant."""
    if finding.evidence:
        return [
            each.id if each.external_id is None else (each.source, each.external_id)
            for each in finding.evidence
        ]
    found = list(findings.found())
    if not found:
        when = findings.by.store.organisation.calendar.text(at)
        message = (
            f"{finding.supporter} has no finding {finding.pattern} at {when}, and this one names "
            "no touchpoint by which it could be told again: take one from crm.findings()"
        )
        raise FindingError(message)
    return [name_of(fact) for fact in found[0].evidence]


def _refuse_vain(
    by: FindingContext,
    number: int,
    finding: Finding,
    doing: ActionRequest,
    proofs: Sequence[Name],
    at: int,
) -> None:
    """What would change nothing is a mistake of whoever asks for it."""
    if doing.action == "dismissed":
        return
    said = latest_marks(by, number, finding.pattern, proofs, at)
    if doing.action == "acknowledged" and said == {"dismissed"}:
        message = f"{finding.supporter}, {finding.pattern} is dismissed: take that back first"
        raise FindingError(message)
    if doing.action == "taken back" and said == {None}:
        message = f"{finding.supporter}, {finding.pattern}: there is nothing to take back"
        raise FindingError(message)
