"""Find where a supporter stands, how they moved and what was found: read off one evaluation."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ladder.engines.reference.causes import cause_of, mask_at, place_at
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.language.conditions import Severity
from ladder.language.ladders import Ladder, Pattern, Rung
from ladder.language.standings import GROUND, Cause, MovementKind, Place, RungOccupancy, name
from ladder.model.calendars import FOREVER
from ladder.model.intervals import holds


@dataclass(frozen=True, slots=True)
class Movement:
    """At one instant one place gives way to another, which lasts until the next movement.

    `causes` are the touchpoints without which the supporter would not stand there now; none where
    the clock or a definition is the cause.
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
    """Find where the supporter stands at an instant, all its touchpoints having acted."""
    return place_at(evaluation, evaluation.lanes(ladder), 2 * at + 1)


def held_rungs(evaluation: Evaluation, ladder: Ladder, at: int) -> tuple[Rung, ...]:
    """List all rungs that count for the standing at an instant, whatever their height."""
    lanes = evaluation.lanes(ladder)
    return lanes.rungs_of(mask_at(evaluation, lanes, 2 * at + 1))


def movements(evaluation: Evaluation, ladder: Ladder, since: int | None = None) -> list[Movement]:
    """List every change of the standing, past and to come if nothing happens, in order.

    Only from `since` on, where it is given; the evaluation must speak of that time.
    """
    lanes, peak = evaluation.lanes(ladder), evaluation.peak
    changes = [change for change in _changes(evaluation, lanes) if change[0] >= evaluation.since]
    ends = [*(at for at, *_ in changes[1:]), FOREVER][: len(changes)]
    moved: list[Movement] = []
    for (at, before, after, mask), until in zip(changes, ends, strict=True):
        if since is None or at >= since:
            cause, causes = cause_of(evaluation, lanes, at, after)
            moved.append(
                Movement(
                    at=at,
                    until=until,
                    kind=name(before, after, been=peak > 0),
                    before=before,
                    after=after,
                    skipped=lanes.skipped_rungs(before, after, mask),
                    new_peak=after.height > peak,
                    cause=cause,
                    causes=causes,
                )
            )
        peak = max(peak, after.height)
    return moved


def places(evaluation: Evaluation, ladder: Ladder) -> list[tuple[int, Place]]:
    """List when the supporter goes to which place, without the reasons."""
    changes = _changes(evaluation, evaluation.lanes(ladder))
    return [(at, after) for at, _, after, _ in changes if at >= evaluation.since]


def _changes(
    evaluation: Evaluation, lanes: RungOccupancy
) -> Iterator[tuple[int, Place, Place, int]]:
    """List (at, before, after, mask of lanes) wherever the standing changes."""
    episodes = [evaluation.episodes(condition) for condition in lanes.conditions]
    edges = {edge for lane in episodes for episode in lane for edge in episode}
    place = GROUND
    for at in sorted(edges - {FOREVER}):
        mask = sum(1 << bit for bit, lane in enumerate(episodes) if holds(lane, at))
        after = lanes.place(mask)
        if after != place:
            yield at, place, after, mask
            place = after


def findings(
    evaluation: Evaluation, ladder: Ladder, among: Collection[str] | None = None
) -> list[Finding]:
    """List every finding of every pattern: one for each interval of one severity.

    Only of the patterns with the keys `among`, where they are given.
    """
    return [
        finding
        for pattern in ladder.patterns
        if among is None or pattern.key in among
        for finding in _findings_of(evaluation, ladder, pattern)
    ]


def _findings_of(evaluation: Evaluation, ladder: Ladder, pattern: Pattern) -> Iterator[Finding]:
    """At every instant the severest grade that is true counts."""
    conditions = zip(pattern.grades, ladder.open_while[pattern.key], strict=True)
    grades = [(grade.severity, evaluation.episodes(condition)) for grade, condition in conditions]
    edges = sorted({edge for _, episodes in grades for episode in episodes for edge in episode})
    since: int = 0
    severity: Severity | None = None
    for edge in edges:
        true = [name for name, episodes in grades if holds(episodes, edge)]
        severest = true[-1] if true else None
        if severest != severity:
            if severity is not None:
                yield Finding(pattern.key, severity, since, edge)
            since, severity = edge, severest
