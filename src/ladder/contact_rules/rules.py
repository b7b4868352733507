"""Contact rules: when a rule holds, when its truth is unknown, and its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from ladder.language.conditions import SEVERITIES, Severity
from ladder.language.ladders import Ladder, Pattern
from ladder.language.measures import Exceeds
from ladder.language.nodes import Condition

Verdict = Literal["no", "not yet"]
VERDICTS: Final = ("no", "not yet")

CHANNELS: Final = ("email", "post", "phone", "sms", "social", "door", "in_person")
"""The channels that the shipped rules know; a rule may name others."""

NO_SIGN: Final = ("placed", "handed_out")
"""Statuses that the organisation sets itself, which reveal nothing of the supporter's wishes."""


@dataclass(frozen=True)
class Rule:
    """A contact rule: its verdict applies while `holds` is true.

    Where `unknown` is true instead, the rule's truth is unknown. `channel` is the only channel that
    the rule concerns; None means all. With `above`, the rule concerns amounts above this figure at
    the instant. With `pattern`, it holds while a stored finding of that pattern is open at one of
    the `severities`. `alone` rules hide all other reasons.
    """

    key: str
    verdict: Verdict
    words: str
    until: str = ""
    unknown_words: str = ""
    source: str = ""
    channel: str | None = None
    holds: Condition | None = None
    unknown: Condition | None = None
    above: Exceeds | None = None
    pattern: str | None = None
    severities: tuple[Severity, ...] = ()
    alone: bool = False


SILENT: Final = Rule(
    "silent",
    "no",
    "suppressed: the supporter objected, died, was erased, or is on the staff",
    alone=True,
)
"""The rule for suppressed supporters. It hides the status because naming it would be profiling."""

STATUS_ONLY: Final = Rule(
    "status_only",
    "no",
    "only a status is known, such as an unsubscription",
    "they get in touch",
    alone=True,
)
STRANGER: Final = Rule(
    "stranger",
    "not yet",
    "nothing has gone to or fro yet",
    "introduce yourselves and give something first",
    alone=True,
)
"""The rule for a supporter without activity: no condition holds, yet silence is no consent.
"""

_MENDS: Final = {
    "thank": "thank them",
    "report": "report what the gift did",
    "answer": "answer them",
    "listen": "ask how they are, and for nothing else",
    "invite": "invite them to something that costs no money",
    "inform": "send them something that asks for nothing",
    "stop": "stop writing to them, and find out how it came about",
}
"""The event that ends a wait for a pattern's next touch, in the words of the other rules."""


@dataclass(frozen=True)
class Rules:
    """The written rules; rules about findings are expanded by a ladder's patterns.

    `pieces` are the selectors that date the last gift, thanks, report and request in an answer.
    `queues` are the conditions and numbers of days of the call queues.
    """

    written: tuple[Rule, ...]
    findings: Mapping[str, tuple[Severity, ...]]
    pieces: Mapping[str, Any] = field(default_factory=dict)
    queues: Mapping[str, Any] = field(default_factory=dict)

    def of(self, ladder: Ladder) -> tuple[Rule, ...]:
        """Return every rule for the supporters of a ladder, the gravest first."""
        silent = replace(SILENT, holds=ladder.suppress_when)
        expanded = (
            expanded_rule for rule in self.written for expanded_rule in self._expand(rule, ladder)
        )
        return (silent, STATUS_ONLY, STRANGER, *expanded)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are always known, and those that some rule names."""
        named = (rule.channel for rule in self.written if rule.channel)
        return tuple(dict.fromkeys((*CHANNELS, *named)))

    def _expand(self, rule: Rule, ladder: Ladder) -> Iterator[Rule]:
        least = self.findings.get(rule.key)
        if least is None:
            yield rule
            return
        for pattern in ladder.patterns:
            graded = tuple(grade.severity for grade in pattern.grades if grade.severity in least)
            if graded and _bears(pattern):
                yield replace(
                    rule,
                    words=f"{rule.words}: {_title(pattern)} ({pattern.key})",
                    until=_MENDS.get(pattern.next or "", rule.until),
                    pattern=pattern.key,
                    severities=graded,
                )


def at_least(severity: str) -> tuple[Severity, ...]:
    """Return this severity and all higher ones."""
    return SEVERITIES[[str(known) for known in SEVERITIES].index(severity) :]


def _bears(pattern: Pattern) -> bool:
    """Check that the organisation must act first; what a supporter does forbids no request."""
    return pattern.attributed_to == "organisation" and pattern.next != "ask"


def _title(pattern: Pattern) -> str:
    title = pattern.title or pattern.name or pattern.key
    return title[:1].lower() + title[1:]
