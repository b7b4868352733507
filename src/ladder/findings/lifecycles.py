"""A finding from the instant it opens until it closes, at one severity or several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ladder.model.calendars import FOREVER


class Stage(Protocol):
    """A period of one severity: a finding of an evaluator, or a stored one."""

    @property
    def pattern(self) -> str:
        """The key of the pattern."""

    @property
    def severity(self) -> str:
        """How severe it is."""

    @property
    def at(self) -> int:
        """Its first instant."""

    @property
    def until(self) -> int | None:
        """The first instant after it; None or FOREVER where it has no end."""


@dataclass(frozen=True)
class FindingLifecycle:
    """A finding of a pattern during [opened, closed), without a gap."""

    pattern: str
    stages: tuple[Stage, ...]

    @property
    def opened(self) -> int:
        """The instant at which it opens."""
        return self.stages[0].at

    @property
    def closed(self) -> int:
        """The first instant at which it is no longer open; FOREVER where there is none."""
        return end_of(self.stages[-1])

    def stage(self, instant: int) -> Stage | None:
        """Return the stage at an instant; None while the finding is not open."""
        return next((stage for stage in self.stages if stage.at <= instant < end_of(stage)), None)


def lifecycles(stages: Iterable[Stage]) -> list[FindingLifecycle]:
    """Join one supporter's stages to findings, by pattern and by when they open."""
    groups: list[list[Stage]] = []
    for stage in sorted(stages, key=lambda stage: (stage.pattern, stage.at)):
        last = groups[-1][-1] if groups else None
        if last is not None and last.pattern == stage.pattern and end_of(last) == stage.at:
            groups[-1].append(stage)
        else:
            groups.append([stage])
    return [FindingLifecycle(group[0].pattern, tuple(group)) for group in groups]


def end_of(stage: Stage) -> int:
    """Return where a stage ends; FOREVER where it has no end."""
    return FOREVER if stage.until is None else stage.until
