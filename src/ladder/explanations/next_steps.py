"""Next steps: the smallest acts that would raise a supporter, found by trial on their history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from math import ceil
from typing import NamedTuple

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import standing
from ladder.explanations.candidate_touchpoints import Draft, candidates
from ladder.explanations.results import Lift
from ladder.language.conditions import Latch, OnRung
from ladder.language.ladders import Ladder, Rung
from ladder.language.measures import Compare, Term, Total
from ladder.language.nodes import And, Condition, Or

MOST_TIMES = 5
"""The most repetitions of one act that still count as a next step."""
MOST_DRAFTS = 12
MOST_LIFTS = 3


class Try(NamedTuple):
    """A draft and its number of repetitions."""

    draft: Draft
    times: int


def lifts(evaluation: Evaluation, ladder: Ladder, at: int) -> Iterator[Lift]:
    """Yield, for every rung above the standing, the smallest acts at the instant that reach it.

    Every result was added to the history and evaluated, so none is wrong. Solutions that need time
    or acts on several days are not found. The fewest acts come first.
    """
    height = standing(evaluation, ladder, at).height
    for rung in ladder.rungs:
        if ladder.height(rung) > height:
            yield from Lifting(evaluation, ladder, at).to(rung)


class Lifting:
    """A search for acts at one instant."""

    def __init__(self, evaluation: Evaluation, ladder: Ladder, at: int) -> None:
        self.evaluation = evaluation
        self.ladder = ladder
        self.at = at

    def to(self, rung: Rung) -> Iterator[Lift]:
        """Find acts that reach the rung: of one kind, or one of every missing kind."""
        goal = self.ladder.standing_while[rung.key]
        failing = list(self.failing(rung.condition))
        ways = [self.ways(compare) for compare in failing]
        single = [[one] for way in ways for one in way if self.reaches([one], goal)]
        single.sort(key=lambda tried: tried[0].times)
        if not single and len(ways) > 1 and all(ways):
            together = [way[0] for way in ways]
            single = [together] if self.reaches(together, goal) else []
        found = {lift.acts: lift for lift in (self.lift(rung, tried) for tried in single)}
        yield from islice(found.values(), MOST_LIFTS)

    def failing(self, condition: Condition) -> Iterator[Compare]:
        """Yield the false comparisons in a condition that more touchpoints could make true."""
        if isinstance(condition, Compare):
            if not self.evaluation.at(condition, self.at) and condition.op in (">=", ">", "=="):
                yield condition
        elif isinstance(condition, And | Or):
            for item in condition.items:
                yield from self.failing(item)
        elif isinstance(condition, Latch):
            yield from self.failing(condition.enter)
        elif isinstance(condition, OnRung):
            yield from self.failing(self.evaluation.rule(condition.rung))

    def ways(self, compare: Compare) -> list[Try]:
        """Find the touchpoints that make the comparison true, fewest repetitions first."""
        found: list[Try] = []
        for term in compare.terms:
            if term.times > 0:
                for draft in candidates(term.measure.selector, self.evaluation, MOST_DRAFTS):
                    found += self.enough(self.sized(draft, compare, term), compare)
        return sorted(found, key=lambda tried: tried.times)

    def sized(self, draft: Draft, compare: Compare, term: Term) -> Draft:
        """Set the draft's amount or quantity to what a total lacks; leave it for other measures."""
        if not isinstance(term.measure, Total):
            return draft
        factors, constant, _ = self.evaluation.scale(compare)
        pairs = zip(factors, compare.terms, strict=True)
        now = sum(factor * self.evaluation.value(each.measure, self.at) for factor, each in pairs)
        factor = factors[compare.terms.index(term)]
        missing = ceil(Fraction(constant - now + (compare.op == ">"), factor))
        if term.measure.of == "amount":
            return replace(draft, amount=max(missing, draft.amount or 0))
        return replace(draft, quantity=max(missing, draft.quantity or 0))

    def enough(self, draft: Draft, compare: Compare) -> Iterator[Try]:
        """Yield the fewest repetitions that make the comparison true, up to MOST_TIMES."""
        for times in range(1, MOST_TIMES + 1):
            tried = Try(draft, times)
            if self.reaches([tried], compare):
                yield tried
                return

    def reaches(self, tries: list[Try], goal: Condition) -> bool:
        """Check whether the goal is true after these acts."""
        return self.after(tries).at(goal, self.at)

    def after(self, tries: list[Try]) -> Evaluation:
        """Evaluate the history with these acts added."""
        evaluation = self.evaluation
        facts = [fact for draft, times in tries for fact in draft.facts(times, evaluation, self.at)]
        history = evaluation.history.plus(facts)
        return evaluation.on(history)

    def lift(self, rung: Rung, tries: list[Try]) -> Lift:
        """Describe the acts and the standing to which they lead."""
        acts = tuple(draft.act(times, self.evaluation) for draft, times in tries)
        return Lift(rung.key, acts, standing(self.after(tries), self.ladder, self.at))
