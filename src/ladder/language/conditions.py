"""Conditions: each judges a supporter over time and is true during certain episodes.

The set of nodes is closed. A new one is a change to the language: its meaning, its rule in both
evaluators, its spec cases and its place in the random generator. What is counted and compared is in
`ladder.language.measures`.
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from pydantic import field_validator

from ladder.errors import DefinitionError, nearest
from ladder.language.nodes import AND, NOT, OR, Condition, Joint, Selector, Span
from ladder.language.spans import Elapsed, Until

Severity = Literal["info", "low", "medium", "high", "critical"]

SEVERITIES: Final[tuple[Severity, ...]] = ("info", "low", "medium", "high", "critical")
"""How much a finding weighs, from the least."""


class And(Joint, Condition):
    """True while all of these are."""

    binds: ClassVar[int] = AND
    word: ClassVar[str] = "and"
    items: tuple[Condition, ...]


class Or(Joint, Condition):
    """True while at least one of these is."""

    binds: ClassVar[int] = OR
    word: ClassVar[str] = "or"
    items: tuple[Condition, ...]


class Not(Condition):
    """True on her line while this is not."""

    binds: ClassVar[int] = NOT
    condition: Condition

    def text(self) -> str:
        return f"not {self.condition.within(NOT)}"


class Lasting(Condition):
    """This has been true that long without a break (touching episodes are no break)."""

    condition: Condition
    duration: Elapsed

    def text(self) -> str:
        return f"lasting({self.condition}, {self.duration})"


class Latch(Condition):
    """`enter` was true at some moment since which `leave` was never true without it.

    Without `leave`: ever since.
    """

    enter: Condition
    leave: Condition | None = None

    def text(self) -> str:
        leave = "" if self.leave is None else f", {self.leave}"
        return f"latch({self.enter}{leave})"


class Holds(Condition):
    """She holds that rung, by rule."""

    rung: str

    def text(self) -> str:
        return f'holds("{self.rung}")'


class Found(Condition):
    """A finding of that pattern is open, at least as severe as said (any, where nothing is said).

    Only the grades of a pattern may say this. It takes the sure reading where it helps to find
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
        return f'found("{self.pattern}"{severity})'


class Logged(Condition):
    """The organisation declared that its log holds these, over all of that span.

    From her first instant on, if that is later. Only the `needs` of a pattern may say this.
    """

    selector: Selector
    span: Span

    @field_validator("span")
    @classmethod
    def _own_length(cls, span: Span) -> Span:
        if any(isinstance(node, Until) for node in span.walk()):
            message = "logged() takes a span of its own length, not one that ends by until()"
            raise DefinitionError(message)
        return span

    def text(self) -> str:
        return f"logged({self.selector}, {self.span})"


def lasting(condition: Condition, duration: Elapsed) -> Lasting:
    """The condition has been true that long without a break."""
    return Lasting(condition=condition, duration=duration)


def latch(enter: Condition, leave: Condition | None = None) -> Latch:
    """True from `enter` until `leave` is true without it; without `leave`, ever since."""
    return Latch(enter=enter, leave=leave)


def holds(rung: str) -> Holds:
    """She holds that rung, by rule alone."""
    return Holds(rung=rung)


def found(pattern: str, severity: str | None = None) -> Found:
    """A finding of that pattern is open, at least as severe as said."""
    return Found(pattern=pattern, severity=severity)


def logged(selector: Selector, span: Span) -> Logged:
    """The organisation declared its log complete for these over the span."""
    return Logged(selector=selector, span=span)
