"""What a rule is: when it holds, when nothing is known of it, and what it says."""

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
"""The ways of asking that the shipped rules know; a rule may name others."""

NO_SIGN: Final = ("placed", "handed_out")
"""Statuses that are the organisation's own doing and say nothing of her wishes."""


@dataclass(frozen=True)
class Rule:
    """One rule: `holds` says `verdict`, and where `unknown` is true instead nothing is known.

    `channel` is the only one that it is about, where it is about one. `above`: it speaks of amounts
    above this figure at the instant. `pattern`: it holds while a stored finding of that pattern is
    open, at one of the `severities`. `alone`: nothing else is told of whom it holds for.
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
    "she is left out of everything: she objected, died, was erased, or is on the staff",
    alone=True,
)
"""Whom the ladder keeps silent about. Which of these it is would be a profile already."""

STATUS_ONLY: Final = Rule(
    "status_only",
    "no",
    "nothing is known of her but a status, such as an unsubscription",
    "she gets in touch",
    alone=True,
)
STRANGER: Final = Rule(
    "stranger",
    "not yet",
    "nothing has gone to or fro yet",
    "introduce yourselves and give something first",
    alone=True,
)
"""Her line has not begun, so no condition can be true of her: silence is no consent."""

_MENDS: Final = {
    "thank": "thank her",
    "report": "report what her gift did",
    "answer": "answer her",
    "listen": "ask her how she is, and for nothing else",
    "invite": "invite her to something that costs no money",
    "inform": "send her something that asks for nothing",
    "stop": "stop writing to her, and find out how it came about",
}
"""A pattern's next touch as what ends a wait, in the words of the other rules."""


@dataclass(frozen=True)
class Rules:
    """Rules as they are written: those about findings are spelt out by a ladder's patterns.

    `pieces` are the selectors by which an answer dates the last gift, thanks, report and request;
    `queues` the conditions and numbers of days that queues go by.
    """

    written: tuple[Rule, ...]
    findings: Mapping[str, tuple[Severity, ...]]
    pieces: Mapping[str, Any] = field(default_factory=dict)
    queues: Mapping[str, Any] = field(default_factory=dict)

    def of(self, ladder: Ladder) -> tuple[Rule, ...]:
        """Every rule for the supporters of a ladder, the gravest first."""
        silent = replace(SILENT, holds=ladder.silent)
        spelt = (each for rule in self.written for each in self._spelt(rule, ladder))
        return (silent, STATUS_ONLY, STRANGER, *spelt)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that some rule is about, and those that are always known."""
        named = (rule.channel for rule in self.written if rule.channel)
        return tuple(dict.fromkeys((*CHANNELS, *named)))

    def _spelt(self, rule: Rule, ladder: Ladder) -> Iterator[Rule]:
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
    """That severity and all graver ones."""
    return SEVERITIES[[str(each) for each in SEVERITIES].index(severity) :]


def _bears(pattern: Pattern) -> bool:
    """What the organisation has to mend first; what the supporter does is no reason against her."""
    return pattern.put_down_to == "organisation" and pattern.next != "ask"


def _title(pattern: Pattern) -> str:
    title = pattern.title or pattern.name or pattern.key
    return title[:1].lower() + title[1:]
