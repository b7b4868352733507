"""A finding from when it opens until it closes, however its severity changes meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ladder.model.calendars import FOREVER


class Stage(Protocol):
    """A stretch of one severity: what evaluators call a finding, and what is stored as one."""

    @property
    def pattern(self) -> str:
        """Its key."""

    @property
    def severity(self) -> str:
        """How grave."""

    @property
    def at(self) -> int:
        """Since when."""

    @property
    def until(self) -> int | None:
        """Until when."""


@dataclass(frozen=True)
class FindingLifecycle:
    """A pattern is found without a break during [opened, closed), at one severity or several."""

    pattern: str
    stages: tuple[Stage, ...]

    @property
    def opened(self) -> int:
        """The instant at which it opens."""
        return self.stages[0].at

    @property
    def closed(self) -> int:
        """The first instant at which it is open no more; FOREVER where none is known."""
        return ending(self.stages[-1])

    def stage(self, instant: int) -> Stage | None:
        """How it is at an instant; None while it is not open."""
        here = (each for each in self.stages if each.at <= instant < ending(each))
        return next(here, None)


def lifecycles(rows: Iterable[Stage]) -> list[FindingLifecycle]:
    """The findings that these stretches of one supporter make, by pattern and when they open."""
    found: list[list[Stage]] = []
    for row in sorted(rows, key=lambda each: (each.pattern, each.at)):
        last = found[-1][-1] if found else None
        if last is not None and last.pattern == row.pattern and ending(last) == row.at:
            found[-1].append(row)
        else:
            found.append([row])
    return [FindingLifecycle(stages[0].pattern, tuple(stages)) for stages in found]


def ending(stage: Stage) -> int:
    """Until when, as a number also where that is for ever."""
    return FOREVER if stage.until is None else stage.until
