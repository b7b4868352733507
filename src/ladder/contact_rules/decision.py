"""Decide a question from the rules: verdict, reasons, unknowns and what ends a wait.

Both evaluators only determine which rules hold and when; the conclusions are drawn here.
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
    """A question: may the supporter be asked at this instant?

    `channel` None means any channel. `amount` is in minor units; None means any amount.
    """

    at: int
    channel: str | None = None
    amount: int | None = None


@dataclass(frozen=True)
class Reason:
    """A reason against asking, or an unknown: its rule, and what would end it."""

    rule: str
    verdict: Verdict
    words: str
    until: str = ""
    channel: str | None = None

    def __str__(self) -> str:
        return self.words if self.channel is None else f"{self.words} ({self.channel})"


@dataclass(frozen=True)
class Decision:
    """The verdict and everything that led to it.

    `free` are the channels for which no rule says no or may say no. `other_channels` are refusals
    of single channels when the question named none. `waits` are the indexes of the rules that say
    "not yet".
    """

    verdict: Answer
    reasons: tuple[Reason, ...] = ()
    unknown: tuple[Reason, ...] = ()
    other_channels: tuple[Reason, ...] = ()
    free: tuple[str, ...] = ()
    waits: tuple[int, ...] = ()

    @property
    def until_what(self) -> tuple[str, ...]:
        """The distinct events that would end the refusal."""
        return tuple(dict.fromkeys(reason.until for reason in self.reasons if reason.until))


def decide(
    rules: Sequence[Rule],
    holding: Iterable[int],
    unknown: Iterable[int],
    channels: Sequence[str],
    channel: str | None = None,
) -> Decision:
    """Decide from the indexes of the rules that hold and of those whose truth is unknown.

    A rule about another channel than the one in the question is ignored. If the question names no
    channel, a channel's rule refuses that channel only, and the answer is no when every channel is
    refused.
    """
    holds = sorted(set(holding))
    for place in holds:
        if rules[place].alone:
            reason = _reason(rules[place])
            waits = (place,) if reason.verdict == "not yet" else ()
            return Decision(reason.verdict, (reason,), waits=waits)
    open_ = [n for n in sorted(set(unknown)) if n not in holds]
    refused = {rules[n].channel for n in holds if rules[n].verdict == "no"}
    doubtful = {rules[n].channel for n in open_ if rules[n].verdict == "no"}
    free = tuple(name for name in channels if name not in refused | doubtful)
    closed = channel is None and refused.issuperset(channels)
    mine = [n for n in holds if closed or rules[n].channel in (None, channel)]
    others = [n for n in holds if n not in mine] if channel is None else []
    uncertain = [n for n in open_ if rules[n].channel in (None, channel)]
    verdicts = {rules[n].verdict for n in mine}
    return Decision(
        verdict="no" if "no" in verdicts else "not yet" if verdicts else "yes",
        reasons=tuple(_reason(rules[n]) for n in mine),
        unknown=_once(Reason(r.key, r.verdict, r.unknown_words, channel=r.channel)
                      for r in (rules[n] for n in uncertain) if r.unknown_words),
        other_channels=tuple(_reason(rules[n]) for n in others),
        free=free,
        waits=tuple(n for n in mine if rules[n].verdict == "not yet"),
    )  # fmt: skip


def over(at: int, stretches: Iterable[tuple[int, int]]) -> int:
    """Return the end of the unbroken run of intervals [start, end) that covers an instant.

    The result is the instant itself if no interval covers it, and at most `FOREVER`, which means
    that the run never ends by itself.
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
    """Drop repeated reasons: those with the same words and the same channel."""
    by_words: dict[tuple[str, str | None], Reason] = {}
    for reason in reasons:
        by_words.setdefault((reason.words, reason.channel), reason)
    return tuple(by_words.values())
