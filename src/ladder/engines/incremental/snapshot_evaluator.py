"""An evaluation that goes on from what is carried along, instead of from her first touchpoint.

It reads her touchpoints from one instant on by the rules of the reference evaluator (the commonest
are worded once more in `ladder.engines.incremental.compiled`, for speed), and adds what is
remembered of those before: what her measures still count (`Piece`), and which conditions were true
at the end, since when. It says what a reading of her whole history says, of that instant and all
that follow.

Why it is exact. Nothing before the instant can change, for what comes later acts later (see
`Carried` for the exceptions, which are refused). A measure is the sum of what each touchpoint adds
to it, so it may be summed in two parts. `and`, `or`, `not` and comparisons look at one position
only. What looks back is `lasting`, at where the running episode began; `latch`, at whether it held
just before, which is all that it passes on; and `.when`, whose touchpoints before the instant have
been judged for good. Tests hold it against the whole reading, for every sort of node.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ladder.coverage import Coverage
from ladder.engines.incremental.compaction import Piece, merged, sum_of, worth_of
from ladder.engines.incremental.compiled import program_of
from ladder.engines.incremental.requirements import Asked, Summed, memory_of
from ladder.engines.reference.evaluator import RULES, Evaluation, latched, true, unbroken
from ladder.engines.reference.history import History
from ladder.engines.reference.ladder_index import plan_of
from ladder.engines.reference.measures import Steps, different, dimension
from ladder.engines.reference.movements import Finding, findings
from ladder.engines.reference.selectors import NOTHING, SELECTING, Selecting, Selection
from ladder.language.conditions import Latch
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Distinct, Exceeds, Measure
from ladder.language.nodes import Condition, Selector
from ladder.language.selectors import AllOf, When
from ladder.model.intervals import INF, Episodes, around, union
from ladder.model.organisations import Organisation

MOST_NAMED = 64
"""Touchpoints that an answer may close one by one; older ones are counted without their names."""


class NotCarried(Exception):
    """It takes her whole history to tell: an answer to the caller, shown to nobody."""


Pieces = Sequence[Sequence[Any]]
"""What each `Piece` says: as they were read, for most are never looked at."""


@dataclass(frozen=True)
class State:
    """What is remembered of everything before the instant `at`.

    `begun` is where her line begins and `peak` how high she stood. `running` has the conditions
    that were true at the end, by number, with the position since which they were. `pieces` are what
    measures count still, by number, and `nameless` the measures some of whose pieces an answer
    could close without being told apart. `sums` (`remains.sum_of`) say as much of what nothing but
    time changes, added up. `opened` says since when the pattern's finding is open.
    """

    at: int
    begun: int
    peak: int
    running: Mapping[int, int]
    pieces: Mapping[int, Pieces]
    nameless: frozenset[int]
    sums: Mapping[int, Sequence[int]]
    opened: Mapping[str, int]


class Carried(Evaluation):
    """A reading of what happened from `state.at` on, and of what is carried along.

    The history may hold earlier touchpoints, as what later ones answer; they are not counted again.
    Raises `NotCarried` where a touchpoint bears on the past in a way that the state cannot tell:
    it is in a currency without a rate, or answers something of which more is asked than its own
    words, or something that is counted without its name.
    """

    def __init__(
        self,
        history: History,
        organisation: Organisation,
        ladder: Ladder,
        coverage: Sequence[Coverage],
        state: State,
    ) -> None:
        super().__init__(history, organisation, ladder, coverage)
        self.selecting = _SELECTING
        self.state, self.definition = state, ladder
        self.since, self.peak = state.at, state.peak
        self.counting &= ~self.earlier(state.at)
        self.first = 2 * state.at
        self._carried: dict[int, Pieces] = {}
        self.memory = memory_of(ladder, organisation)
        self._program = program_of(ladder, organisation)
        self._gaps = plan_of(ladder).gaps_in(coverage)
        self._closed_by: dict[Selection, tuple[int, Mapping[int, int]]] = {}
        for fact in history.facts:
            earlier = fact.target is not None and fact.target.at < state.at <= fact.at
            if (fact.foreign and self.memory.money) or (earlier and self.memory.looks_on):
                raise NotCarried

    def on(self, history: History) -> Carried:
        """The same reading of another history of hers."""
        return Carried(history, self.organisation, self.definition, self.coverage, self.state)

    def before(self, instant: int) -> Carried:
        """Likewise, with what is carried."""
        past = super().before(instant)
        assert isinstance(past, Carried)  # a copy of this  # noqa: S101
        return past

    def _counts_anew(self) -> None:
        """Likewise of what is carried."""
        super()._counts_anew()
        self._carried = {}

    def positions(self, condition: Condition) -> Episodes:
        """Likewise, by the function that was made for it: of the ladder's own conditions."""
        number = self._known(id(condition)) or self._numbers[condition]
        return self._program.conditions[number](self)

    def changes(self, compare: Compare | Exceeds) -> dict[int, int]:
        """Likewise."""
        return self._program.changes[self._numbers[compare]](self)

    def chosen(self, selector: int, measure: Measure) -> Selection:
        """What has come since of what a measure counts, its selector having that number."""
        found = self.selections.get(selector)
        if found is None:
            found = self.selection(measure.selector)
        return found & self.counting

    def by_rule(self, condition: Condition) -> Episodes:
        """By the rule, and not remembered."""
        return _RULES.get(type(condition), true)(condition, self)

    def held(self, condition: Condition) -> bool:
        """Whether it was true at the end of what is carried."""
        return self._numbers[condition] in self.state.running

    def later(self, positions: Episodes) -> Episodes:
        """What of these lies in what has come since."""
        first = self.first
        found = [episode for episode in positions if episode[1] > first]
        if found and found[0][0] < first:
            found[0] = (first, found[0][1])
        return found

    def without_gaps(self, selector: int) -> bool:
        """Whether it is known of the selector with that number that all of it is logged."""
        return self._gaps.get(selector) == []

    def steps(self, measure: Measure) -> Steps:
        """Nobody asks: of most measures only what they come to together is carried."""
        raise NotImplementedError(measure)

    def different(self, measure: Distinct) -> Steps:
        """Where the number of different values changes, those that are carried included."""
        value_of = dimension(measure.by, self.calendar)
        new = [(value_of(fact), start, end) for start, end, fact in self.lives(measure)]
        return different(
            [*new, *((worth, start, end) for start, end, worth, _ in self.carried(measure))]
        )

    def carried(self, measure: Measure) -> Pieces:
        """What a measure that something may close, or a `distinct`, counts still of the past."""
        number = self._numbers[measure]
        pieces = self._carried.get(number)
        if pieces is None:
            pieces = self.state.pieces.get(number, ())
            for closer in self.memory.measures[number].closers if pieces else ():
                pieces = self._closed(pieces, closer, number)
            self._carried[number] = pieces
        return pieces

    def _closed(self, pieces: Pieces, selector: Selector, number: int) -> Pieces:
        all_at, each_at = self._closers(selector)
        if each_at and number in self.state.nameless:
            named = {touchpoint for *_, touchpoint in pieces}
            if each_at.keys() - named:
                raise NotCarried
        if not each_at:
            return [
                (start, end if end < all_at else all_at, worth, name)  # noqa: FURB136
                for start, end, worth, name in pieces
                if start < all_at
            ]
        ends = (min(end, all_at, each_at.get(name, INF)) for _, end, _, name in pieces)
        return [
            (start, end, worth, name)
            for (start, _, worth, name), end in zip(pieces, ends, strict=True)
            if start < end
        ]

    def _closers(self, selector: Selector) -> tuple[int, Mapping[int, int]]:
        """Where all that is carried is closed, and where what is answered of it is.

        A closer that answers nothing known closes all; else exactly what it answers.
        """
        selection = self.selection(selector) & self.counting
        found = self._closed_by.get(selection)
        if found is None:
            all_at, each_at = INF, dict[int, int]()
            for fact in self.select(selector):
                position = 2 * fact.at + 1
                if fact.target is None:
                    all_at = min(all_at, position)
                elif fact.target.at < self.since:
                    earlier = each_at.get(fact.target.id, INF)
                    each_at[fact.target.id] = min(earlier, position)
            found = self._closed_by[selection] = all_at, each_at
        return found


def _latch(condition: Latch, carried: Carried) -> Episodes:
    """To have held just before is as good as having been entered then."""
    just_before = carried.first - 2
    enter = carried.later(carried.positions(condition.enter))
    leave = [] if condition.leave is None else carried.later(carried.positions(condition.leave))
    if carried.held(condition):
        enter = union([(just_before, carried.first), *enter])
    return latched(enter, leave, (just_before, INF))


def _all_of(selector: AllOf, carried: Carried, positive: bool) -> Selection:
    """Where nothing is left the rest need not be looked at, as long as none of it is an error."""
    if not positive:
        return SELECTING[AllOf](selector, carried, positive)
    found = carried.selection(selector.items[0])
    for item in selector.items[1:]:
        if not found:
            break
        found &= carried.selection(item)
    return found


def _when(selector: When, carried: Carried, positive: bool) -> Selection:
    """Where nothing is selected, or it is never so, no moment need be looked at."""
    if positive and not (
        carried.selection(selector.selector) and carried.positions(selector.condition)
    ):
        return NOTHING
    return SELECTING[When](selector, carried, positive)


_RULES: Final[Mapping[type, Callable[..., Episodes]]] = {
    **RULES, Latch: _latch,
}  # fmt: skip
_SELECTING: Final[Mapping[type, Selecting]] = {
    **SELECTING, AllOf: _all_of, When: _when,
}  # fmt: skip


def carry(evaluation: Evaluation, at: int, peak: int, opened: Mapping[str, int]) -> State:
    """What to remember at an instant of a reading that may go further.

    Her line has begun. All voids and refunds lie before that instant.
    """
    plan, begun = evaluation.plan, evaluation.history.t0
    assert plan is not None and begun is not None  # the caller asks for nobody else  # noqa: S101,PT018
    memory = memory_of(plan.ladder, evaluation.organisation)
    running = {
        number: episode[0]
        for number, condition in memory.conditions.items()
        if (positions := evaluation.positions(condition))
        and (episode := around(unbroken(positions), 2 * at - 1)) is not None
    }
    pieces: dict[int, Pieces] = {}
    sums: dict[int, Sequence[int]] = {}
    nameless = set()
    past = evaluation.before(at)
    for number, summed in memory.sums.items():
        if total := _sum(past, summed, 2 * at, number):
            sums[number] = total
    for number, asked in memory.measures.items():
        found, all_named = _remains(past, asked, 2 * at, number)
        if found:
            pieces[number] = found
        if not all_named:
            nameless.add(number)
    return State(at, begun, peak, running, pieces, frozenset(nameless), sums, opened)


def _sum(evaluation: Evaluation, summed: Summed, now: int, number: int) -> list[int]:
    """What it comes to still."""
    steps: Steps = []
    for factor, measure in summed.terms:
        if lives := evaluation.lives(measure):
            worth = worth_of(measure, evaluation.calendar)
            for start, end, fact in lives:
                amount = factor * worth(fact)
                steps += ((start, amount), (end, -amount))
    flat = evaluation.state.sums.get(number, ()) if isinstance(evaluation, Carried) else ()
    if not steps and (len(flat) < 4 or flat[2] > now):  # noqa: PLR2004
        return [max(flat[0], now), *flat[1:]] if flat else []
    steps += zip(flat[::2], flat[1::2], strict=True)
    return sum_of(steps, now, summed.enough)


def _remains(
    evaluation: Evaluation, asked: Asked, now: int, number: int
) -> tuple[list[Piece], bool]:
    """What a measure counts still; and whether each that an answer may close has its name."""
    measure, enough, closing = asked
    found: list[Sequence[Any]] = []
    all_named = True
    if isinstance(evaluation, Carried):
        found += evaluation.carried(measure)
        all_named = number not in evaluation.state.nameless
    new = evaluation.lives(measure)
    if not found and not new:
        return [], all_named
    worth = worth_of(measure, evaluation.calendar)
    for start, end, fact in new:
        linkable = closing and fact.key is not None and not fact.brought
        found.append((start, end, worth(fact), fact.id if linkable else None))
    nothing = None if isinstance(measure, Distinct) else 0
    named: list[Piece] = []
    rest: list[Piece] = []
    for start, end, amount, touchpoint in found:
        if end > now and amount != nothing:
            piece = Piece(max(start, now), end, amount, touchpoint)
            (rest if touchpoint is None else named).append(piece)
    kept = named[-MOST_NAMED:]
    rest += [piece._replace(touchpoint=None) for piece in named[: -len(kept)]] if kept else []
    return [*kept, *merged(measure, rest, now, enough)], all_named and len(kept) == len(named)


def findings_since(
    carried: Carried, ladder: Ladder, among: Collection[str] | None, since: int
) -> list[Finding]:
    """The findings that are open at an instant or later, and those that end at that instant."""
    opened = carried.state.opened
    return [
        each if each.at >= carried.since else replace(each, at=opened[each.pattern])
        for each in findings(carried, ladder, among)
        if each.until >= since
    ]
