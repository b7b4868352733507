"""Find why a standing changed: the clock, or touchpoints without which it would be another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.language.nodes import Selector
from ladder.language.standings import Cause, Place, RungOccupancy
from ladder.model.intervals import holds


def mask_at(evaluation: Evaluation, lanes: RungOccupancy, position: int) -> int:
    """Find which of the ladder's lanes are true at a position: bit n for lane n."""
    return sum(
        1 << bit
        for bit, condition in enumerate(lanes.conditions)
        if holds(evaluation.positions(condition), position)
    )


def place_at(evaluation: Evaluation, lanes: RungOccupancy, position: int) -> Place:
    """Find the standing at a position."""
    return lanes.place(mask_at(evaluation, lanes, position))


def cause_of(
    evaluation: Evaluation, lanes: RungOccupancy, at: int, after: Place
) -> tuple[Cause, tuple[Fact, ...]]:
    """Find the cause of the movement to a place at an instant, and the touchpoints to name.

    It is the clock if the supporter would stand there had nothing happened at that instant, or if
    nothing that happened then can change a standing.
    """
    if place_at(evaluation, lanes, 2 * at) == after:
        return "clock", ()
    acting = acting_facts(evaluation, lanes.watched_selectors, at)
    if not acting:
        return "clock", ()
    if len(acting) > 1:

        def stands_there(history: History) -> bool:
            return place_at(evaluation.on(history), lanes, 2 * at + 1) == after

        acting = responsible_facts(acting, evaluation.history.upto(at), stands_there)
    by_hand = all(fact.kind == "placed" for fact in acting)
    return ("placement" if by_hand else "touchpoint"), acting


def acting_facts(evaluation: Evaluation, watched: Iterable[Selector], at: int) -> tuple[Fact, ...]:
    """List the touchpoints of an instant that some selector selects, and refunds of such ones."""
    judgements = [evaluation.judge(selector) for selector in watched]

    def is_watched(fact: Fact | None) -> bool:
        return fact is not None and any(judgement.get(fact) for judgement in judgements)

    return tuple(
        fact
        for fact in evaluation.history.everything
        if fact.at == at and (is_watched(fact) or is_watched(fact.refunded))
    )


def responsible_facts(
    acting: tuple[Fact, ...], past: History, is_so: Callable[[History], bool]
) -> tuple[Fact, ...]:
    """Of touchpoints of one instant, list those without which something would not be so.

    Where it would be so without any single one, list those that would do alone; else all of them.
    `past` is the history up to that instant.
    """
    ids = {fact.id for fact in acting}

    def is_so_without(ids: Collection[int]) -> bool:
        return is_so(past.without([fact for fact in past.everything if fact.id in ids]))

    needed = tuple(fact for fact in acting if not is_so_without({fact.id}))
    if needed:
        return needed
    enough = tuple(fact for fact in acting if is_so_without(ids - {fact.id}))
    return enough or acting
