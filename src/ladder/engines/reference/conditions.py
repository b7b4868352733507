"""Find when conditions are true: one rule for each condition."""

from __future__ import annotations

from ladder.engines.reference.measures import compare_sums
from ladder.engines.reference.protocol import EvaluationProtocol
from ladder.engines.reference.windows import active_interval
from ladder.language.conditions import HeldFor, IsCovered, Latch, OnRung
from ladder.language.measures import Compare
from ladder.language.nodes import And, Condition, Not, Or
from ladder.model.calendars import FOREVER
from ladder.model.intervals import INF, Episode, Episodes, complement, intersection, union, visible


def positions_of(condition: Condition, evaluation: EvaluationProtocol) -> Episodes:
    """Find the positions at which a condition is true."""
    match condition:
        case Compare():
            return compare_sums(condition, evaluation)
        case And():
            episodes = evaluation.positions(condition.items[0])
            for item in condition.items[1:]:
                episodes = intersection(episodes, evaluation.positions(item))
            return episodes
        case Or():
            items = condition.items
            return union(episode for item in items for episode in evaluation.positions(item))
        case Not():
            return complement(evaluation.positions(condition.condition), evaluation.line)
        case HeldFor():
            return _held_positions(condition, evaluation)
        case Latch():
            enter = evaluation.positions(condition.enter)
            leave = [] if condition.leave is None else evaluation.positions(condition.leave)
            return latch_positions(enter, leave, evaluation.line)
        case OnRung():
            return evaluation.positions(evaluation.rule(condition.rung))
        case IsCovered():
            return _covered_positions(condition, evaluation)
        case _:
            raise TypeError(f"{type(condition).__name__} is no condition")


def _held_positions(condition: HeldFor, evaluation: EvaluationProtocol) -> Episodes:
    """Shorten each episode by the duration that it has to last first."""
    positions = evaluation.positions(condition.condition)
    lasted = [
        (evaluation.end_position(condition.duration, start // 2), end)
        for start, end in unbroken(positions)
    ]
    return intersection(union(lasted), positions)


def unbroken(positions: Episodes) -> Episodes:
    """Close the gaps between the two steps of one instant, because they are never visible."""
    filled: Episodes = []
    for start, end in positions:
        if filled and start - filled[-1][1] == 1 and start % 2 == 1:
            filled[-1] = (filled[-1][0], end)
        else:
            filled.append((start, end))
    return filled


def latch_positions(enter: Episodes, leave: Episodes, line: Episode) -> Episodes:
    """Find when `enter` holds, or did since `leave` last held without it."""
    stays = complement(leave, line)
    left_alone = intersection(leave, complement(enter, line))
    return union([*enter, *intersection(_held_since(enter, left_alone), stays)])


def _held_since(enter: Episodes, leave: Episodes) -> Episodes:
    """Find the positions after each instant of having entered, until the next of having left.

    The past is read by instants; only the present instant is read between its steps.
    """
    left = visible(leave)
    held = []
    for start, end in visible(enter):
        stops = [begin for begin, _ in left if begin >= end]
        held.append((2 * start + 1, 2 * stops[0] + 1 if stops else INF))
    return union(held)


def _covered_positions(condition: IsCovered, evaluation: EvaluationProtocol) -> Episodes:
    """Find when the span reaches into no gap of the log that lies on the supporter's line."""
    begins = evaluation.history.t0
    if begins is None:
        return []
    span, missing = condition.span, []
    for since, until in evaluation.gaps(condition.selector):
        first = max(since, begins)
        if first < until:
            start = active_interval(span, first, evaluation)[0]
            end = INF if until >= FOREVER else active_interval(span, until - 1, evaluation)[1]
            missing.append((max(start, evaluation.line[0]), end))
    return complement(union(missing), evaluation.line)
