"""What is true of one supporter, and when: the meaning of every condition, one rule for each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import singledispatch
from itertools import accumulate
from operator import attrgetter
from typing import Final

from ladder.coverage import BEGINNING, Coverage, Gap, gaps
from ladder.engines.incremental.fact_classes import NO_SORTS, Heaps, selected_of
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.ladder_index import Plan, plan_of
from ladder.engines.reference.measures import (
    STEPPING,
    Bounds,
    Scaled,
    Steps,
    added,
    bounds_of,
    comparison,
    scaled,
    steps,
    value_at,
)
from ladder.engines.reference.node_ids import Numbers
from ladder.engines.reference.selectors import (
    SELECTING,
    Selecting,
    Selection,
    among,
    narrowed,
    selected,
)
from ladder.engines.reference.windows import (
    Closing,
    Limits,
    Live,
    Passing,
    end_at,
    limits,
    lives_of,
    passing,
)
from ladder.errors import DefinitionError
from ladder.language.conditions import And, Holds, Lasting, Latch, Logged, Not, Or
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Exceeds, Measure
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.spans import Elapsed
from ladder.model.calendars import FOREVER
from ladder.model.intervals import (
    INF,
    Episode,
    Episodes,
    complement,
    holds,
    intersection,
    shown,
    union,
)
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation


class Evaluation:
    """One history read by one definition. It reads no clock: what holds when is all there is.

    `coverage` is what the organisation declared its log to hold; only the `needs` of patterns read
    it. Results are remembered, so ask one evaluation many questions rather than making many.

    It speaks of her line from `since` on: of all of it, unless what was before is carried along
    (`ladder.engines.incremental.snapshot_evaluator`), and then `peak` is how high she stood before.

    Amounts in another currency without a rate raise CurrencyError where a definition compares or
    adds money; `holds` of a rung that the ladder does not have raises DefinitionError.
    """

    since: int = BEGINNING
    peak: int = 0
    selecting: Mapping[type, Selecting] = SELECTING

    def __init__(
        self,
        history: History,
        organisation: Organisation,
        ladder: Ladder | None = None,
        coverage: Sequence[Coverage] = (),
    ) -> None:
        self.history = history
        self.organisation = organisation
        self.ladder = ladder
        self.calendar = organisation.calendar
        self.coverage = coverage
        self.plan: Plan | None = None if ladder is None else plan_of(ladder)
        self.line = history.line
        every = (1 << len(history.facts)) - 1
        self.own: Selection = narrowed(history.facts, every, lambda fact: not fact.brought)
        self.brought: Selection = every ^ self.own
        self.counting: Selection = every
        """What happened and counts; the rest is there to be answered."""
        self._numbers = Numbers(None if self.plan is None else self.plan.numbers)
        # Asked thousands of times: a call less for each (and for number 0 one more, in vain).
        self._known = self._numbers.known.get
        self.found: dict[int, Episodes] = {}
        self.selections: dict[int, Selection] = {}
        self._rejections: dict[int, Selection] = {}
        self._ordered: dict[Selection, list[Fact]] = {}
        self._sorts = NO_SORTS if self.plan is None else self.plan.sorts
        self._heaps: Heaps | None = None
        self._limits: Mapping[int, Limits] = {} if self.plan is None else self.plan.limits
        self._passing: dict[int, Passing] = {}
        self._closings: dict[Selection, Closing] = {}
        self._lives: dict[tuple[Selection, int], list[Live]] = {}
        self._bounds: dict[tuple[int, int], Bounds] = {}
        self._steps: dict[int, Steps] = {}

    def on(self, history: History) -> Evaluation:
        """The same reading of another history of hers."""
        return Evaluation(history, self.organisation, self.ladder, self.coverage)

    def before(self, instant: int) -> Evaluation:
        """The same reading with nothing counted but what happened before an instant.

        It tells how long that counts, closed by nothing later. What was selected and true until
        then is known already, for no condition looks ahead and all voids and refunds lie before.
        """
        past = copy(self)
        past.counting &= self.earlier(instant)
        past._counts_anew()  # noqa: SLF001  (a copy of this)
        return past

    def _counts_anew(self) -> None:
        """Forget how long anything counts, and share nothing that is still found out."""
        self.found, self.selections = dict(self.found), dict(self.selections)
        self._rejections = dict(self._rejections)
        self._lives, self._bounds, self._steps = {}, {}, {}

    def earlier(self, instant: int) -> Selection:
        """All facts that happened before an instant."""
        return (1 << bisect_left(self.history.facts, instant, key=attrgetter("at"))) - 1

    @property
    def kinds(self) -> Kinds:
        """The kinds that are declared here."""
        return self.history.kinds if self.plan is None else self.plan.ladder.kinds

    def episodes(self, condition: Condition) -> Episodes:
        """The instants [start, end) during which the condition is true."""
        return shown(self.positions(condition))

    def positions(self, condition: Condition) -> Episodes:
        """The positions at which a condition is true: two for each instant (`model.intervals`)."""
        number = self._known(id(condition)) or self._numbers[condition]
        found = self.found.get(number)
        if found is None:
            found = self.found[number] = RULES.get(type(condition), true)(condition, self)
        return found

    def at(self, condition: Condition, instant: int) -> bool:
        """Whether it is true at an instant, all its touchpoints having acted."""
        return holds(self.positions(condition), 2 * instant + 1)

    def select(self, selector: Selector) -> list[Fact]:
        """The facts that a selector selects and that count, in order."""
        return self.among(self.selection(selector) & self.counting)

    def among(self, selection: Selection) -> list[Fact]:
        """The facts that are selected, in order."""
        found = self._ordered.get(selection)
        if found is None:
            found = self._ordered[selection] = among(self.history.facts, selection)
        return found

    def selection(self, selector: Selector, *, positive: bool = True) -> Selection:
        """All that it selects, by bits; or, not `positive`, all that its negation selects."""
        number = self._known(id(selector)) or self._numbers[selector]
        known = self.selections if positive else self._rejections
        found = known.get(number)
        if found is None:
            if number in self._sorts.plain:
                found = self._plain(number, positive=positive)
            else:
                found = self.selecting.get(type(selector), selected)(selector, self, positive)
            known[number] = found
        return found

    def _plain(self, number: int, *, positive: bool) -> Selection:
        """What the ladder's plain selector of that number selects of hers, or leaves."""
        if self._heaps is None:
            self._heaps = self._sorts.heaps(self.history.facts)
        found = selected_of(self._heaps, number)
        return found if positive else self.own ^ found

    def closing(self, selector: Selector) -> Closing:
        """When the facts of a selector close others."""
        selection = self.selection(selector) & self.counting
        found = self._closings.get(selection)
        if found is None:
            closers = frozenset(self.among(selection))
            found = self._closings[selection] = Closing(closers)
        return found

    def passing(self, elapsed: Elapsed) -> Passing:
        """What tells when so much time has passed since a fact."""
        number = self._known(id(elapsed)) or self._numbers[elapsed]
        found = self._passing.get(number)
        if found is None:
            found = self._passing[number] = passing(elapsed, self.calendar)
        return found

    def lives(self, measure: Measure) -> list[Live]:
        """The facts that a measure counts, each with the positions during which it does."""
        chosen = self.selection(measure.selector) & self.counting
        return self.lives_of(chosen, measure.span) if chosen else []

    def lives_of(self, selection: Selection, span: Span) -> list[Live]:
        """These facts, each with the positions during which a span counts it."""
        if not selection:
            return []
        key = (selection, self._known(id(span)) or self._numbers[span])
        found = self._lives.get(key)
        if found is None:
            says = self._limits.get(key[1]) or limits(span)
            found = self._lives[key] = lives_of(selection, says, self)
        return found

    def bounds(self, measure: Measure) -> Bounds:
        """Where what a measure counts starts and ends counting, in order."""
        key = (self.selection(measure.selector) & self.counting, self._numbers[measure.span])
        found = self._bounds.get(key)
        if found is None:
            found = self._bounds[key] = bounds_of(measure, self)
        return found

    def steps(self, measure: Measure) -> Steps:
        """Where the value of a measure changes, and by how much."""
        number = self._known(id(measure)) or self._numbers[measure]
        found = self._steps.get(number)
        if found is None:
            found = self._steps[number] = STEPPING.get(type(measure), steps)(measure, self)
        return found

    def value(self, measure: Measure, instant: int) -> int:
        """The measure at an instant: a number, minor units or millionths."""
        return value_at(self.steps(measure), 2 * instant + 1)

    def counted(self, measure: Measure, instant: int) -> list[Fact]:
        """The facts that the measure counts at an instant."""
        position = 2 * instant + 1
        return [fact for start, end, fact in self.lives(measure) if start <= position < end]

    def figure(self, exceeds: Exceeds) -> Callable[[Fact], int]:
        """What the figure was just before a fact's instant acted, in integers as `scaled`."""
        scaled_ = self.scaled(exceeds)
        changes = sorted(self.changes(exceeds).items())
        places = [place for place, _ in changes]
        values = [0, *accumulate(change for _, change in changes)]
        return lambda fact: values[bisect_right(places, 2 * fact.at)] + scaled_.constant

    def changes(self, compare: Compare | Exceeds) -> dict[int, int]:
        """By how much the sum of its measures changes at each position, in integers as `scaled`."""
        return added(compare, self.scaled(compare).factors, self)

    def scaled(self, compare: Compare | Exceeds) -> Scaled:
        """The comparison in integers; those of a ladder are worked out once."""
        number = self._known(id(compare)) or self._numbers[compare]
        if self.plan is None or number >= len(self.plan.numbers):
            return scaled(compare, self)
        key = (number, self.organisation.currency)
        found = self.plan.scaled.get(key)
        if found is None:
            found = self.plan.scaled[key] = scaled(compare, self)
        return found

    def gaps(self, selector: Selector) -> list[Gap]:
        """When the log does not hold all that a selector selects; for a ladder worked out once."""
        number = self._numbers[selector]
        if self.plan is None or number >= len(self.plan.numbers):
            return gaps(self.coverage, selector, self.kinds)
        known = self.plan.gaps_in(self.coverage)
        found = known.get(number)
        if found is None:
            found = known[number] = gaps(self.coverage, selector, self.kinds)
        return found

    def rule(self, rung: str) -> Condition:
        """When that rung is held, by rule."""
        rule = None if self.plan is None else self.plan.rules.get(rung)
        if rule is None:
            message = f"holds({rung!r}) names a rung that this ladder does not have"
            raise DefinitionError(message)
        return rule


@singledispatch
def true(condition: Condition, evaluation: Evaluation) -> Episodes:
    """The positions at which the condition is true."""
    del evaluation
    message = f"{type(condition).__name__} is no condition"
    raise TypeError(message)


@true.register(Compare)
def _compare(condition: Compare, evaluation: Evaluation) -> Episodes:
    return comparison(condition, evaluation)


@true.register(And)
def _and(condition: And, evaluation: Evaluation) -> Episodes:
    both = evaluation.positions(condition.items[0])
    for item in condition.items[1:]:
        both = intersection(both, evaluation.positions(item))
    return both


@true.register(Or)
def _or(condition: Or, evaluation: Evaluation) -> Episodes:
    return union(episode for item in condition.items for episode in evaluation.positions(item))


@true.register(Not)
def _not(condition: Not, evaluation: Evaluation) -> Episodes:
    return complement(evaluation.positions(condition.condition), evaluation.line)


@true.register(Lasting)
def _lasting(condition: Lasting, evaluation: Evaluation) -> Episodes:
    now = evaluation.positions(condition.condition)
    lasted = [
        (end_at(condition.duration, start // 2, evaluation.calendar), end)
        for start, end in unbroken(now)
    ]
    return intersection(union(lasted), now)


def unbroken(positions: Episodes) -> Episodes:
    """Without the gaps that lie between the two steps of one instant: nobody sees those."""
    filled: Episodes = []
    for start, end in positions:
        if filled and start - filled[-1][1] == 1 and start % 2 == 1:
            filled[-1] = (filled[-1][0], end)
        else:
            filled.append((start, end))
    return filled


@true.register(Latch)
def _latch(condition: Latch, evaluation: Evaluation) -> Episodes:
    enter = evaluation.positions(condition.enter)
    leave = [] if condition.leave is None else evaluation.positions(condition.leave)
    return latched(enter, leave, evaluation.line)


def latched(enter: Episodes, leave: Episodes, line: Episode) -> Episodes:
    """While entered, and from then on until it is left without being entered."""
    if not leave:
        return union([*enter, *_since(shown(enter), [])])
    stays = complement(leave, line)
    alone = intersection(leave, complement(enter, line))
    return union([*enter, *intersection(_since(shown(enter), shown(alone)), stays)])


def _since(entered: Episodes, left: Episodes) -> Episodes:
    """Positions after each moment of having entered, until the next of having left.

    History is read as it was shown; only the present instant is read between its steps.
    """
    held = []
    for start, end in entered:
        stop = next((begin for begin, _ in left if begin >= end), FOREVER)
        held.append((2 * start + 1, INF if stop == FOREVER else 2 * stop + 1))
    return union(held)


@true.register(Holds)
def _holds(condition: Holds, evaluation: Evaluation) -> Episodes:
    return evaluation.positions(evaluation.rule(condition.rung))


@true.register(Logged)
def _logged(condition: Logged, evaluation: Evaluation) -> Episodes:
    begins = evaluation.history.t0
    if begins is None:
        return []
    missing = []
    for since, until in evaluation.gaps(condition.selector):
        first = max(since, begins)
        if first < until:
            start = _opened(condition.span, first, evaluation)[0]
            end = INF if until >= FOREVER else _opened(condition.span, until - 1, evaluation)[1]
            missing.append((max(start, evaluation.line[0]), end))
    return complement(union(missing), evaluation.line)


def _opened(span: Span, instant: int, evaluation: Evaluation) -> Episode:
    """The stretch opened at the clock step of an instant by something that is no touchpoint."""
    since, until, _ = limits(span)
    start = max([2 * instant, *(end_at(each, instant, evaluation.calendar) for each in since)])
    return start, min([INF, *(end_at(each, instant, evaluation.calendar) for each in until)])


RULES: Final = true.registry
"""The rule for each node, looked up here: `singledispatch` itself takes as long as a short rule."""
