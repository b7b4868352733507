"""Next steps: the smallest acts that would raise a supporter, found by trial on their history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from math import ceil
from typing import NamedTuple

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import standing
from ladder.explanations.candidate_touchpoints import Draft, candidates
from ladder.explanations.results import Act, Lift
from ladder.language.conditions import Latch, OnRung
from ladder.language.ladders import Ladder, Rung
from ladder.language.measures import Compare, Term, Total
from ladder.language.nodes import And, Condition, Or

MOST_TIMES = 5
"""The most repetitions of one act that still count as a next step."""
MOST_DRAFTS = 12
MOST_LIFTS = 3


class Trial(NamedTuple):
    """Drafts, each with its number of repetitions, and the history with them added."""

    drafts: tuple[tuple[Draft, int], ...]
    after: Evaluation

    @property
    def times(self) -> int:
        """The repetitions of the first draft."""
        return self.drafts[0][1]


def lifts(evaluation: Evaluation, ladder: Ladder, at: int) -> Iterator[Lift]:
    """Yield, for every rung above the standing, the smallest acts at the instant that reach it.

    Every result was added to the history and evaluated, so none is wrong. Solutions that need time
    or acts on several days are not found. The fewest acts come first.
    """
    height = standing(evaluation, ladder, at).height
    search = Lifting(evaluation, ladder, at)
    for rung in ladder.rungs:
        if ladder.height(rung) > height:
            yield from search.to(rung)


class Lifting:
    """A search for acts at one instant."""

    def __init__(self, evaluation: Evaluation, ladder: Ladder, at: int) -> None:
        self.evaluation = evaluation
        self.ladder = ladder
        self.at = at

    def to(self, rung: Rung) -> Iterator[Lift]:
        """Find acts that reach the rung: of one kind, or one of every missing kind."""
        goal = self.ladder.standing_while[rung.key]
        ways = [self.ways(compare) for compare in self.failing(rung.condition)]
        solutions = [trial for way in ways for trial in way if trial.after.at(goal, self.at)]
        solutions.sort(key=lambda trial: trial.times)
        if not solutions and len(ways) > 1 and all(ways):
            together = self.trial([way[0].drafts[0] for way in ways])
            solutions = [together] if together.after.at(goal, self.at) else []
        by_acts = {self.acts(trial): trial for trial in solutions}
        for acts, trial in islice(by_acts.items(), MOST_LIFTS):
            yield Lift(rung.key, acts, standing(trial.after, self.ladder, self.at))

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

    def ways(self, compare: Compare) -> list[Trial]:
        """Find the touchpoints that make the comparison true, fewest repetitions first."""
        trials = [
            trial
            for term in compare.terms
            if term.times > 0
            for draft in candidates(term.measure.selector, self.evaluation, MOST_DRAFTS)
            for trial in self.fewest(self.with_size(draft, compare, term), compare)
        ]
        return sorted(trials, key=lambda trial: trial.times)

    def with_size(self, draft: Draft, compare: Compare, term: Term) -> Draft:
        """Set the draft's amount or quantity to what a total lacks; leave it for other measures."""
        if not isinstance(term.measure, Total):
            return draft
        factors, constant, _ = self.evaluation.scale(compare)
        pairs = zip(factors, compare.terms, strict=True)
        now = sum(factor * self.evaluation.value(part.measure, self.at) for factor, part in pairs)
        factor = factors[compare.terms.index(term)]
        missing = ceil(Fraction(constant - now + (compare.op == ">"), factor))
        if term.measure.of == "amount":
            return replace(draft, amount=max(missing, draft.amount or 0))
        return replace(draft, quantity=max(missing, draft.quantity or 0))

    def fewest(self, draft: Draft, compare: Compare) -> Iterator[Trial]:
        """Yield the fewest repetitions that make the comparison true, up to MOST_TIMES."""
        trials = (self.trial([(draft, times)]) for times in range(1, MOST_TIMES + 1))
        yield from islice((trial for trial in trials if trial.after.at(compare, self.at)), 1)

    def trial(self, drafts: Sequence[tuple[Draft, int]]) -> Trial:
        """Add these drafts to the history."""
        evaluation = self.evaluation
        facts = [
            fact for draft, times in drafts for fact in draft.facts(times, evaluation, self.at)
        ]
        return Trial(tuple(drafts), evaluation.on(evaluation.history.plus(facts)))

    def acts(self, trial: Trial) -> tuple[Act, ...]:
        """Describe the acts of a trial."""
        return tuple(draft.act(times, self.evaluation) for draft, times in trial.drafts)
