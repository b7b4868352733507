"""Whether a supporter may be asked, by the contact rules, in a host's terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ladder.contact_rules import Question, Reason, Rules
from ladder.contact_rules.evaluator import Findings, evaluate_rules
from ladder.crm.queries import SupporterQueries, When
from ladder.crm.time_conversion import ending, local_or_date, seen_at
from ladder.engines.reference.evaluator import Evaluation
from ladder.errors import CurrencyError, NotFoundError, nearest
from ladder.model.calendars import FOREVER
from ladder.model.money import Money, to_major, to_minor
from ladder.storage.read.queries import Queries

Amount = str | int | Decimal


@dataclass(frozen=True)
class MayAsk:
    """Whether a supporter may be asked: `verdict` is "yes", "not yet" or "no".

    In an `if` it is true for "yes" only. `until` is when a "not yet" ends if nothing happens, None
    where it does not end by itself; `until_what` is what would end it. `reasons` are those of the
    verdict. `unknown` are rules that need data that is not declared. `not_by` are refusals of
    channels that were not asked about, `channels` those that no rule refuses. `at_most` is the
    largest amount that the rules allow, in major units of the organisation's currency. `last` has
    the dates of the last gift, thanks, report and ask; it is empty for a silent supporter.
    """

    supporter: str
    verdict: Literal["yes", "not yet", "no"]
    until: datetime | None = None
    until_what: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    unknown: tuple[Reason, ...] = ()
    not_by: tuple[Reason, ...] = ()
    channels: tuple[str, ...] = ()
    at_most: Decimal | None = None
    last: Mapping[str, datetime | date | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.verdict == "yes"

    def __str__(self) -> str:
        why = f": {'; '.join(map(str, self.reasons))}" if self.reasons else ""
        until = "" if self.until is None else f"; until {self.until:%Y-%m-%d %H:%M} by itself"
        sooner = f"; what ends it: {', '.join(self.until_what)}" if self.until_what else ""
        known = f"; not known: {', '.join(map(str, self.unknown))}" if self.unknown else ""
        return f"{self.supporter}: {self.verdict}{why}{until}{sooner}{known}"


def may_ask(
    queries: SupporterQueries,
    supporter: str,
    rules: Rules,
    at: When | None,
    channel: str | None,
    amount: Amount | None,
) -> MayAsk:
    """As `CRM.may_ask`."""
    organisation = queries.organisation.store.organisation
    if channel is not None and channel not in rules.channels:
        message = f"unknown channel {channel!r}{nearest(channel, rules.channels)}"
        raise NotFoundError(f"{message}; known: {', '.join(rules.channels)}")
    instant = min(seen_at(organisation.calendar, at, queries.now), FOREVER - 1)
    question = Question(instant, channel, minor(amount, organisation.currency))
    evaluation = queries.evaluation(supporter, instant)
    silent = queries.questions.is_silent(supporter)
    judged_rules = evaluate_rules(
        evaluation, rules.of(queries.adopted.at(instant)), question, rules.channels,
        findings_of(queries.questions, supporter, instant), silent=silent,
    )  # fmt: skip
    decided, calendar = judged_rules.decided, organisation.calendar
    return MayAsk(
        supporter=supporter,
        verdict=decided.verdict,
        until=None if judged_rules.until >= FOREVER else ending(calendar, judged_rules.until),
        until_what=decided.until_what,
        reasons=decided.reasons,
        unknown=decided.unknown,
        not_by=decided.other_channels,
        channels=decided.free,
        at_most=None
        if judged_rules.most is None
        else to_major(judged_rules.most, organisation.currency),
        last=_last(evaluation, rules) if decided.free or not decided.reasons else {},
    )


def minor(amount: Amount | None, currency: str) -> int | None:
    """Convert an amount to minor units of the organisation's currency; else `CurrencyError`."""
    if amount is None:
        return None
    money = Money.parse(str(amount))
    if money.currency not in (None, currency):
        message = f"say the amount in {currency}, in which the organisation counts: not {money}"
        raise CurrencyError(message)
    return to_minor(money.amount, currency)


def findings_of(questions: Queries, supporter: str, at: int) -> Findings:
    """Return the stored findings by pattern, without those that are dismissed at the instant."""
    findings: dict[str, list[tuple[str, int, int]]] = {}
    states = questions.states_of(supporter, at)
    for finding in questions.findings(supporter=supporter):
        if states.get(finding.pattern) == "dismissed":
            continue
        until = FOREVER if finding.until is None else finding.until
        findings.setdefault(finding.pattern, []).append((finding.severity, finding.at, until))
    return findings


def _last(evaluation: Evaluation, rules: Rules) -> dict[str, datetime | date | None]:
    """Return the dates of the last touchpoints that the rules name."""
    calendar = evaluation.calendar
    latest: dict[str, datetime | date | None] = {}
    for name, selector in rules.pieces.items():
        facts = evaluation.select(selector)
        dates = [local_or_date(calendar, fact.at, date_only=fact.date_only) for fact in facts[-1:]]
        latest[name] = dates[0] if dates else None
    return latest
