"""Conditions: they judge a supporter over time and are true during episodes.

The set of nodes is closed. A new node changes the language: it needs its meaning, its rule in both
evaluators, its spec cases and its place in the random generator. Counting and comparing are in
`ladder.language.measures`.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from pydantic import field_validator

from ladder.errors import DefinitionError, nearest
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.spans import Elapsed, Until

Severity = Literal["info", "low", "medium", "high", "critical"]

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""The severities of findings, lowest first."""


class HeldFor(Condition):
    """True while the condition has been true for the duration without a break.

    Episodes that touch form no break.
    """

    condition: Condition
    duration: Elapsed

    def text(self) -> str:
        return f"held_for({self.condition}, {self.duration})"


class Latch(Condition):
    """True from `enter` until `leave` is true while `enter` is not.

    Without `leave`: true for ever after `enter`.
    """

    enter: Condition
    leave: Condition | None = None

    def text(self) -> str:
        leave = "" if self.leave is None else f", {self.leave}"
        return f"latch({self.enter}{leave})"


class OnRung(Condition):
    """True while the supporter holds the rung by rule, whatever the placements."""

    rung: str

    def text(self) -> str:
        return f'on_rung("{self.rung}")'


class HasFinding(Condition):
    """True while a finding of the pattern is open with at least this severity; None: any severity.

    Only the grades of a pattern may use it. It takes the sure reading where it helps to find
    something and the possible one where it hinders (`ladder.language.pattern_references`).
    """

    pattern: str
    severity: str | None = None

    @field_validator("severity")
    @classmethod
    def _known_severity(cls, severity: str | None) -> str | None:
        if severity is not None and severity not in SEVERITIES:
            message = f"unknown severity {severity!r}{nearest(severity, SEVERITIES)}"
            raise DefinitionError(message)
        return severity

    def text(self) -> str:
        severity = "" if self.severity is None else f', "{self.severity}"'
        return f'has_finding("{self.pattern}"{severity})'


class IsCovered(Condition):
    """True where the organisation declared its log complete for the selector, over all of the span.

    The time before the supporter's first instant need not be declared. Only the `requires` of a
    pattern may use it.
    """

    selector: Selector
    span: Span

    @field_validator("span")
    @classmethod
    def _own_length(cls, span: Span) -> Span:
        if any(isinstance(node, Until) for node in span.walk()):
            message = "is_covered() takes a span of its own length, not one that ends by until()"
            raise DefinitionError(message)
        return span

    def text(self) -> str:
        return f"is_covered({self.selector}, {self.span})"


def held_for(condition: Condition, duration: Elapsed) -> HeldFor:
    """Make a condition that is true once the given one has been true for the duration.

    A break restarts the duration.
    """
    return HeldFor(condition=condition, duration=duration)


def latch(enter: Condition, leave: Condition | None = None) -> Latch:
    """Make a condition that is true from `enter` until `leave` is true without it.

    Without `leave`, it stays true for ever.
    """
    return Latch(enter=enter, leave=leave)


def on_rung(rung: str) -> OnRung:
    """Make a condition that is true while the supporter holds the rung, by rule alone."""
    return OnRung(rung=rung)


def has_finding(pattern: str, severity: str | None = None) -> HasFinding:
    """Make a condition that is true while a finding of the pattern is open.

    Only findings with at least this severity count; None: all.
    """
    return HasFinding(pattern=pattern, severity=severity)


def is_covered(selector: Selector, span: Span) -> IsCovered:
    """Make a condition that is true where the log is declared complete for them."""
    return IsCovered(selector=selector, span=span)
