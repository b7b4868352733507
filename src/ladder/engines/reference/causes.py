"""Why she moved: the clock, or the touchpoints without which she would not stand there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property, reduce
from operator import or_

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.ladder_index import Plan
from ladder.engines.reference.selectors import NOTHING, among
from ladder.language.standings import Cause, Place
from ladder.model.intervals import holds


def mask_at(evaluation: Evaluation, plan: Plan, position: int) -> int:
    """Which of the ladder's lanes are true at a position, as bits."""
    return sum(
        1 << bit
        for bit, condition in enumerate(plan.lanes.conditions)
        if holds(evaluation.positions(condition), position)
    )


def place_at(evaluation: Evaluation, plan: Plan, position: int) -> Place:
    """The standing read at a position."""
    return plan.lanes.place(mask_at(evaluation, plan, position))


class Causes:
    """The causes of the movements of one evaluation."""

    def __init__(self, evaluation: Evaluation, plan: Plan) -> None:
        self.evaluation = evaluation
        self.plan = plan

    def of(self, at: int, after: Place) -> tuple[Cause, tuple[Fact, ...]]:
        """The cause of the movement to that place, and the touchpoints to name.

        The clock, if she would stand there had nothing happened at that instant, or if nothing
        that happened then can bear on a standing.
        """
        if place_at(self.evaluation, self.plan, 2 * at) == after:
            return "clock", ()
        acting = self._acting(at)
        if not acting:
            return "clock", ()
        responsible = acting if len(acting) == 1 else self._responsible(acting, at, after)
        by_hand = bool(responsible) and all(fact.kind == "placed" for fact in responsible)
        return ("placement" if by_hand else "touchpoint"), responsible

    def _acting(self, at: int) -> tuple[Fact, ...]:
        """Those of the instant that can bear on a standing: watched, or refunding what is."""
        everything = self.evaluation.history.everything
        return tuple(
            fact
            for fact in everything
            if fact.at == at and (fact in self._watched or fact.refunded in self._watched)
        )

    @cached_property
    def _watched(self) -> frozenset[Fact]:
        watched = reduce(or_, map(self.evaluation.selection, self.plan.watched), NOTHING)
        return frozenset(among(self.evaluation.history.facts, watched))

    def _responsible(self, acting: tuple[Fact, ...], at: int, after: Place) -> tuple[Fact, ...]:
        """Those without which she would not stand there; else those that alone would do."""
        past = self.evaluation.history.upto(at)
        return responsible(acting, past, lambda history: self._place(history, at) == after)

    def _place(self, history: History, at: int) -> Place:
        return place_at(self.evaluation.on(history), self.plan, 2 * at + 1)


def responsible(
    acting: tuple[Fact, ...], past: History, so: Callable[[History], bool]
) -> tuple[Fact, ...]:
    """Of touchpoints of one instant, those without which it would not be so after it.

    Where it would be so without any single one, those that alone would do; else all of them. `past`
    is her history up to that instant.
    """
    ids = [fact.id for fact in acting]

    def holds_without(gone: Collection[int]) -> bool:
        return so(past.without([fact for fact in past.everything if fact.id in gone]))

    needed = tuple(fact for fact in acting if not holds_without({fact.id}))
    if needed:
        return needed
    enough = tuple(fact for fact in acting if holds_without({*ids} - {fact.id}))
    return enough or acting
