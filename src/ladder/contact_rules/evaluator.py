"""Evaluate the contact rules for one supporter with the reference evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ladder.contact_rules.decision import Decision, Question, decide, over
from ladder.contact_rules.rules import NO_SIGN, SILENT, STATUS_ONLY, STRANGER, Rule
from ladder.engines.reference.evaluator import Evaluation
from ladder.language.measures import Exceeds
from ladder.model.calendars import FOREVER

Stretch = tuple[int, int]
Findings = Mapping[str, Sequence[tuple[str, int, int]]]
"""Stored findings by pattern: severity, start, end."""


@dataclass(frozen=True)
class TimedDecision:
    """A decision with its times and amounts.

    `until` is the instant at which a "not yet" ends if nothing happens (FOREVER: never). `most` is
    the largest amount that no rule about amounts forbids, in minor units; None where no such rule
    holds.
    """

    decided: Decision
    until: int = FOREVER
    most: int | None = None


def evaluate_rules(
    evaluation: Evaluation,
    rules: Sequence[Rule],
    question: Question,
    channels: Sequence[str],
    findings: Findings,
    *,
    silent: bool = False,
) -> TimedDecision:
    """Decide whether the supporter may be asked.

    The evaluation must know nothing after the instant of the question. `silent` says that the
    ladder suppresses the supporter now, whatever held at that instant.
    """
    alone = _without_a_line(evaluation, silent=silent)
    if alone is not None:
        return TimedDecision(decide((alone,), (0,), (), channels))
    judging = _Judging(evaluation, rules, question, findings)
    holding = [place for place, rule in enumerate(rules) if judging.holds(rule)]
    unknown = [place for place, rule in enumerate(rules) if judging.unknown(rule)]
    decided = decide(rules, holding, unknown, channels, question.channel)
    if any(rules[place].alone for place in holding):
        return TimedDecision(decided)
    never = any(rules[place].above is not None for place in decided.waits)
    if decided.verdict != "not yet" or never:
        return TimedDecision(decided, most=judging.most())
    return TimedDecision(decided, over(question.at, judging.waits()), judging.most())


def _without_a_line(evaluation: Evaluation, *, silent: bool) -> Rule | None:
    if silent:
        return SILENT
    if evaluation.history.t0 is not None:
        return None
    status = any(
        fact.family == "status" and fact.kind not in NO_SIGN
        for fact in evaluation.history.facts
        if not fact.brought
    )
    return STATUS_ONLY if status else STRANGER


@dataclass(frozen=True)
class _Judging:
    evaluation: Evaluation
    rules: Sequence[Rule]
    question: Question
    findings: Findings

    def holds(self, rule: Rule) -> bool:
        if rule.pattern is not None:
            return any(
                start <= self.question.at < end for start, end in self.finding_intervals(rule)
            )
        true = rule.holds is not None and self.evaluation.at(rule.holds, self.question.at)
        return true and (rule.above is None or self.exceeds(rule.above))

    def unknown(self, rule: Rule) -> bool:
        true = rule.unknown is not None and self.evaluation.at(rule.unknown, self.question.at)
        return true and (rule.above is None or self.exceeds(rule.above))

    def exceeds(self, above: Exceeds) -> bool:
        amount = self.question.amount
        return amount is not None and amount > self.figure(above)

    def figure(self, above: Exceeds) -> int:
        """Return the figure at the instant, rounded down to whole minor units."""
        factors, constant, whole = self.evaluation.scale(above)
        terms = zip(factors, above.terms, strict=True)
        value = sum(f * self.evaluation.value(t.measure, self.question.at) for f, t in terms)
        return (value + constant) // whole

    def most(self) -> int | None:
        """Return the smallest limit of the amount rules that hold now; None when none holds."""
        figures = [
            self.figure(rule.above)
            for rule in self.rules
            if rule.above is not None
            and rule.holds is not None
            and self.evaluation.at(rule.holds, self.question.at)
        ]
        return min(figures, default=None)

    def finding_intervals(self, rule: Rule) -> Iterator[Stretch]:
        for severity, start, end in self.findings.get(rule.pattern or "", ()):
            if severity in rule.severities:
                yield start, end

    def waits(self) -> Iterator[Stretch]:
        """Yield the intervals, not yet over, in which a relevant rule says "not yet"."""
        for rule in self.rules:
            if waits(rule, self.question.channel):
                known = self.finding_intervals(rule) if rule.pattern else self._episodes(rule)
                yield from ((start, end) for start, end in known if end > self.question.at)

    def _episodes(self, rule: Rule) -> Sequence[Stretch]:
        return [] if rule.holds is None else self.evaluation.episodes(rule.holds)


def waits(rule: Rule, channel: str | None) -> bool:
    """Check whether this rule must end before the answer on that channel can become yes."""
    bears = rule.channel in (None, channel)
    return bears and rule.verdict == "not yet" and rule.above is None and not rule.alone
