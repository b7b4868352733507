"""Check and record an action on a finding, and refresh the finding's state."""

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
from ladder.storage.read.queries import Queries
from ladder.storage.supporters import known_supporter
from ladder.storage.write.loading import lock_ids


@dataclass(frozen=True)
class ActionRequest:
    """What a user does about a finding, and when; None: now."""

    action: Word
    by: str
    reason: str
    at: datetime | date | None = None


def act(
    organisation: OrganisationContext, finding: Finding, request: ActionRequest, *, now: int
) -> Action:
    """Record an action; write nothing where it raises `FindingError` or `NotFoundError`."""
    store, adopted = organisation.store, organisation.chosen(finding.ladder)
    number = known_supporter(store, finding.supporter)
    lock_ids(store, [number])
    ask = SupporterQueries(organisation, adopted, now).questions
    _refuse_silent(ask, finding)
    context, at = finding_context(organisation, adopted), _when(organisation, request, now)
    if request.action == "dismissed" and not request.reason.strip():
        message = f"a dismissal needs a reason: {finding.supporter}, {finding.pattern}"
        raise FindingError(message)
    findings = Findings(context, number, at, [finding.pattern])
    evidence = _evidence(findings, finding, at)
    _refuse_without_effect(context, number, finding, request, evidence, at)
    stored = actions.add(
        store, number, context.key, finding.pattern, request.action,
        at=at, by=request.by, reason=request.reason.strip(), evidence=evidence, now=now,
    )  # fmt: skip
    refresh(context, [number], now=now)
    return FindingPresenter.of(adopted, finding.supporter, findings, ask).action(stored)


def _refuse_silent(ask: Queries, finding: Finding) -> None:
    """Refuse an action about a supporter who objected, died or was erased."""
    if finding.pattern not in ask.duties and ask.is_silent(finding.supporter):
        message = f"nothing is said of {finding.supporter}, who is silent"
        raise FindingError(message)


def _when(organisation: OrganisationContext, request: ActionRequest, now: int) -> int:
    """Return the instant of an action: of a bare date its end, and now for today."""
    if request.at is None:
        return now
    calendar = organisation.store.organisation.calendar
    if isinstance(request.at, datetime):
        at = to_instant(request.at)
    else:
        at = calendar.as_of(request.at)
        at = min(at, now) if calendar.day_of(at) == calendar.day_of(now) else at
    if at > now:
        message = f"at={request.at} lies ahead: say when it was done, or nothing for now"
        raise FindingError(message)
    return at


def _evidence(findings: Findings, finding: Finding, at: int) -> Sequence[Name]:
    """Return the evidence that the user saw; else the evidence at the instant."""
    if finding.evidence:
        return [
            cause.id if cause.external_id is None else (cause.source, cause.external_id)
            for cause in finding.evidence
        ]
    views = list(findings.found())
    if not views:
        when = findings.by.store.organisation.calendar.text(at)
        message = (
            f"{finding.supporter} has no finding {finding.pattern} at {when}, and this one names "
            "no touchpoint by which it could be told again: take one from crm.findings()"
        )
        raise FindingError(message)
    return [name_of(fact) for fact in views[0].evidence]


def _refuse_without_effect(
    context: FindingContext,
    number: int,
    finding: Finding,
    request: ActionRequest,
    evidence: Sequence[Name],
    at: int,
) -> None:
    """Refuse an action that would change nothing."""
    if request.action == "dismissed":
        return
    marks = latest_marks(context, number, finding.pattern, evidence, at)
    if request.action == "acknowledged" and marks == {"dismissed"}:
        message = f"{finding.supporter}, {finding.pattern} is dismissed: take that back first"
        raise FindingError(message)
    if request.action == "taken back" and marks == {None}:
        message = f"{finding.supporter}, {finding.pattern}: there is nothing to take back"
        raise FindingError(message)
