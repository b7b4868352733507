"""Where she stands and how she moved: the ladder read off one evaluation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ladder.engines.reference.causes import Causes, mask_at, place_at
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.ladder_index import Plan, plan_of
from ladder.language.conditions import Severity
from ladder.language.ladders import Ladder, Rung
from ladder.language.standings import GROUND, Cause, MovementKind, Place, name
from ladder.model.calendars import FOREVER
from ladder.model.intervals import holds


@dataclass(frozen=True, slots=True)
class Movement:
    """At one instant one place gives way to another, which lasts until the next movement.

    `causes` are the touchpoints without which she would not stand there now; none for the clock.
    """

    at: int
    until: int
    kind: MovementKind
    before: Place
    after: Place
    skipped: tuple[str, ...]
    new_peak: bool
    cause: Cause
    causes: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern is open at one severity during [at, until)."""

    pattern: str
    severity: Severity
    at: int
    until: int


def standing(evaluation: Evaluation, ladder: Ladder, at: int) -> Place:
    """Where she stands at an instant, all its touchpoints having acted."""
    return place_at(evaluation, plan_of(ladder), 2 * at + 1)


def held(evaluation: Evaluation, ladder: Ladder, at: int) -> tuple[Rung, ...]:
    """All rungs that count for her standing at an instant, whatever their height."""
    plan = plan_of(ladder)
    return plan.lanes.held(mask_at(evaluation, plan, 2 * at + 1))


def movements(evaluation: Evaluation, ladder: Ladder, since: int | None = None) -> list[Movement]:
    """Every change of her standing, past and to come if nothing happens, in order.

    From `since` on, where it is given, which is no earlier than the evaluation speaks.
    """
    plan = plan_of(ladder)
    found: list[Movement] = []
    changes = [each for each in _changes(evaluation, plan) if each[0] >= evaluation.since]
    ends = [*(at for at, *_ in changes[1:]), FOREVER][: len(changes)]
    causes, peak = Causes(evaluation, plan), evaluation.peak
    for (at, before, after, mask), until in zip(changes, ends, strict=True):
        if since is not None and at < since:
            peak = max(peak, after.height)
            continue
        cause, acting = causes.of(at, after)
        found.append(
            Movement(
                at=at,
                until=until,
                kind=name(before, after, been=peak > 0),
                before=before,
                after=after,
                skipped=plan.lanes.skipped(before, after, mask),
                new_peak=after.height > peak,
                cause=cause,
                causes=acting,
            )
        )
        peak = max(peak, after.height)
    return found


def places(evaluation: Evaluation, ladder: Ladder) -> list[tuple[int, Place]]:
    """Where she goes to and when, without the reasons."""
    changes = _changes(evaluation, plan_of(ladder))
    return [(at, after) for at, _, after, _ in changes if at >= evaluation.since]


def _changes(evaluation: Evaluation, plan: Plan) -> Iterator[tuple[int, Place, Place, int]]:
    """(at, before, after, mask) wherever the shown place changes."""
    flips: dict[int, int] = defaultdict(int)
    for bit, condition in enumerate(plan.lanes.conditions):
        for start, end in evaluation.episodes(condition):
            flips[start] ^= 1 << bit
            flips[end] ^= 1 << bit
    flips.pop(FOREVER, None)
    mask, place = 0, GROUND
    for at in sorted(flips):
        mask ^= flips[at]
        after = plan.lanes.place(mask)
        if after != place:
            yield at, place, after, mask
            place = after


def findings(
    evaluation: Evaluation, ladder: Ladder, among: Collection[str] | None = None
) -> list[Finding]:
    """Every open stretch of every pattern, one row for each stretch of one severity.

    Of the patterns with these keys alone, where they are given.
    """
    plan = plan_of(ladder)
    return [
        Finding(pattern.key, severity, at, until)
        for pattern in ladder.patterns
        if among is None or pattern.key in among
        for severity, at, until in _severest(evaluation, plan, pattern.key)
    ]


def _severest(
    evaluation: Evaluation, plan: Plan, pattern: str
) -> Iterator[tuple[Severity, int, int]]:
    """At each instant the severest grade that is true; stretches of one severity are one."""
    found = [
        (grade.severity, episodes)
        for grade, condition in reversed(plan.findings[pattern])
        if (episodes := evaluation.episodes(condition))
    ]
    if len(found) < 2:  # noqa: PLR2004
        yield from ((severity, at, until) for severity, on in found for at, until in on)
        return
    edges = sorted({edge for _, episodes in found for episode in episodes for edge in episode})
    since, now = 0, None
    for edge in edges:
        speaks = next((severity for severity, on in found if holds(on, edge)), None)
        if speaks == now:
            continue
        if now is not None:
            yield now, since, edge
        since, now = edge, speaks
