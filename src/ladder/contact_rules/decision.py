"""What rules say together: a verdict, its reasons, what is not known, and until when.

Both evaluators only find out which rules hold and when; what follows is worked out here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ladder.contact_rules.rules import Rule, Verdict
from ladder.model.calendars import FOREVER

Answer = Literal["yes", "not yet", "no"]
ANSWERS: Final = ("yes", "not yet", "no")


@dataclass(frozen=True)
class Question:
    """May she be asked at this instant, on this channel (any), for this much (minor units; any)?"""

    at: int
    channel: str | None = None
    amount: int | None = None


@dataclass(frozen=True)
class Reason:
    """Why not, or what is not known: the rule that says so, and what would end it."""

    rule: str
    verdict: Verdict
    words: str
    until: str = ""
    channel: str | None = None

    def __str__(self) -> str:
        return self.words if self.channel is None else f"{self.words} ({self.channel})"


@dataclass(frozen=True)
class Decided:
    """The verdict and all that it was drawn from.

    `free` are channels of which nothing says no, nor may. `beside` are refusals of channels that
    were not asked about. `waits` are the places of the rules that say "not yet".
    """

    verdict: Answer
    reasons: tuple[Reason, ...] = ()
    unknown: tuple[Reason, ...] = ()
    beside: tuple[Reason, ...] = ()
    free: tuple[str, ...] = ()
    waits: tuple[int, ...] = ()

    @property
    def until_what(self) -> tuple[str, ...]:
        """What would end it, each thing once."""
        return tuple(dict.fromkeys(each.until for each in self.reasons if each.until))


def decide(
    rules: Sequence[Rule],
    holding: Iterable[int],
    unknown: Iterable[int],
    channels: Sequence[str],
    channel: str | None = None,
) -> Decided:
    """What the rules at these places (those that hold, those of which nothing is known) say.

    A rule about another channel than the one asked about counts for nothing. Where none was asked
    about, a channel's rule refuses that channel only; the answer is no when every one is refused.
    """
    holds = sorted(set(holding))
    for place in holds:
        if rules[place].alone:
            reason = _reason(rules[place])
            waits = (place,) if reason.verdict == "not yet" else ()
            return Decided(reason.verdict, (reason,), waits=waits)
    open_ = [n for n in sorted(set(unknown)) if n not in holds]
    refused = {rules[n].channel for n in holds if rules[n].verdict == "no"}
    doubtful = {rules[n].channel for n in open_ if rules[n].verdict == "no"}
    free = tuple(each for each in channels if each not in refused | doubtful)
    closed = channel is None and refused.issuperset(channels)
    mine = [n for n in holds if closed or rules[n].channel in (None, channel)]
    beside = [n for n in holds if n not in mine] if channel is None else []
    asked = [n for n in open_ if rules[n].channel in (None, channel)]
    verdicts = {rules[n].verdict for n in mine}
    return Decided(
        verdict="no" if "no" in verdicts else "not yet" if verdicts else "yes",
        reasons=tuple(_reason(rules[n]) for n in mine),
        unknown=_once(Reason(r.key, r.verdict, r.unknown_words, channel=r.channel)
                      for r in (rules[n] for n in asked) if r.unknown_words),
        beside=tuple(_reason(rules[n]) for n in beside),
        free=free,
        waits=tuple(n for n in mine if rules[n].verdict == "not yet"),
    )  # fmt: skip


def over(at: int, stretches: Iterable[tuple[int, int]]) -> int:
    """When the last of these stretches [start, end) is over that reach on from an instant.

    `FOREVER` where one never ends by itself.
    """
    until = at
    for start, end in sorted(stretches):
        if start > until:
            break
        until = max(until, end)
    return min(until, FOREVER)


def _reason(rule: Rule) -> Reason:
    return Reason(rule.key, rule.verdict, rule.words, rule.until, rule.channel)


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Two rules that want to know the same thing ask once."""
    found: dict[tuple[str, str | None], Reason] = {}
    for each in reasons:
        found.setdefault((each.words, each.channel), each)
    return tuple(found.values())
