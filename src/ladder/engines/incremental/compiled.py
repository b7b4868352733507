"""A ladder's conditions ready to be asked at every recording: a function for each, made once.

A rule finds out anew what it is asked about: of which type it is, which parts it has, by which
number what it said is remembered. For some twenty touchpoints that takes longer than the answer.
Here all of it is found out once, for the conditions and measures that most ladders are made of; the
others go by their rules (`ladder.engines.reference.evaluator`), and are asked the same way.

Nothing of what is asked here can be an error (see `ladder.engines.incremental.snapshot_evaluator`),
so what cannot change the answer is not asked:
- `and` ends where nothing is left, and what ended it last is asked first the next time;
- `or` ends where nothing can be added;
- a count that has been reached for good is reached, whatever comes;
- where one is enough nothing is added up, and of what counts for ever only the first matters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ladder.engines.incremental.requirements import Memory, Parts, memory_of, parts_of
from ladder.engines.reference.ladder_index import Plan, plan_of
from ladder.engines.reference.measures import (
    STEPPING,
    Compares,
    Scaled,
    Steps,
    comparing,
    money_of,
    true_while,
)
from ladder.engines.reference.selectors import first_of
from ladder.language.conditions import And, Holds, Logged, Not, Or
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Count, Distinct, Exceeds, Measure, Total
from ladder.language.nodes import Condition, Node
from ladder.language.spans import Ever
from ladder.model.intervals import INF, Episodes, complement, intersection, union
from ladder.model.organisations import Organisation

if TYPE_CHECKING:
    from ladder.engines.incremental.snapshot_evaluator import Carried

Asked = Callable[["Carried"], Episodes]
"""When a condition is true, from the instant on from which is read, and what runs till then."""

Changing = Callable[["Carried"], dict[int, int]]
"""By how much the sum of a comparison's measures changes, what is carried included."""

_Adding = Callable[["Carried", dict[int, int]], None]
"""Adds to these changes by how much a measure changes."""


@dataclass(frozen=True)
class Program:
    """What a ladder asks, however deep, by the numbers in its plan."""

    conditions: dict[int, Asked] = field(default_factory=dict)
    changes: dict[int, Changing] = field(default_factory=dict)


_PROGRAMS: WeakKeyDictionary[Plan, dict[str, Program]] = WeakKeyDictionary()


def program_of(ladder: Ladder, organisation: Organisation) -> Program:
    """Made once for each ladder and currency."""
    plan, currency = plan_of(ladder), organisation.currency
    known = _PROGRAMS.setdefault(plan, {})
    found = known.get(currency)
    if found is None:
        making = _Making(plan, memory_of(ladder, organisation), currency)
        found = known[currency] = making.program
    return found


class _Making:
    """Nothing that is made here holds on to the plan, by which it is remembered."""

    def __init__(self, plan: Plan, memory: Memory, currency: str) -> None:
        self.program = Program()
        self.plan, self.memory, self.currency = plan, memory, currency
        nodes = [node for condition in plan.conditions() for node in condition.walk()]
        self.askers = self.asked_by(nodes)
        for node in nodes:
            if isinstance(node, Condition):
                self.condition(node)
            elif isinstance(node, Exceeds):
                self.changing(node)

    def asked_by(self, nodes: Iterable[Node]) -> Counter[int]:
        """How many ask for each; what only one other condition asks for need not be remembered.

        The ladder's own conditions are asked for by standings and findings, whenever they like.
        """
        numbers = self.plan.numbers
        askers = Counter({numbers[condition]: 2 for condition in self.plan.conditions()})
        for node in {numbers[each]: each for each in nodes}.values():
            named = (self.plan.rules[node.rung],) if isinstance(node, Holds) else ()
            askers.update(numbers[part] for part in (*node.parts(), *named))
        return askers

    def condition(self, condition: Condition) -> Asked:
        number = self.plan.numbers[condition]
        known = self.program.conditions
        if number not in known:
            made = self.made(condition)
            if number in self.memory.conditions:
                made = _running(number, made)
            known[number] = _remembered(number, made) if self.askers[number] > 1 else made
        return known[number]

    def made(self, condition: Condition) -> Asked:
        match condition:
            case And():
                return _all([self.condition(item) for item in condition.items])
            case Or():
                return _any([self.condition(item) for item in condition.items])
            case Not():
                return _not(self.condition(condition.condition))
            case Holds():
                return self.condition(self.plan.rules[condition.rung])
            case Logged():
                return _logged(condition, self.plan.numbers[condition.selector])
            case Compare():
                return self.compared(condition)
            case _:
                return lambda carried: carried.by_rule(condition)

    def compared(self, compare: Compare) -> Asked:
        constant = self.scaled(compare).constant
        compares = comparing(compare.op, constant)
        comparison = _comparison(compares, self.changing(compare))
        parts = self.parts(compare)
        terms = (*parts.timed, *parts.others)
        (factor, measure), *more = terms
        if more or factor < 0 or not isinstance(measure, Count) or compare.op == "==":
            return comparison
        rising = compare.op in {">=", ">"}
        if compares(0) != rising == compares(factor):
            selector = self.plan.numbers[measure.selector]
            if isinstance(measure.span, Ever) and parts.number is not None:
                return _happened(parts.number, measure, selector, rising, comparison)
            return _some(parts.number, measure, selector, rising)
        if parts.number is None:
            return comparison
        return _reached(parts.number, factor, rising, compares, comparison)

    def changing(self, compare: Compare | Exceeds) -> Changing:
        number = self.plan.numbers[compare]
        known = self.program.changes
        if number not in known:
            parts = self.parts(compare)
            terms = [self.adding(measure, factor) for factor, measure in parts.timed]
            terms += [self.adding_all(measure, factor) for factor, measure in parts.others]
            known[number] = _changing(parts.number, parts.times, terms)
        return known[number]

    def adding(self, measure: Measure, factor: int) -> _Adding:
        """What has come since."""
        selector = self.plan.numbers[measure.selector]
        match measure:
            case Count():
                return _counting(measure, selector, factor)
            case Total(of="amount"):
                return _totalling(measure, selector, factor)
            case _:
                return _adding(lambda carried: STEPPING[type(measure)](measure, carried), factor)

    def adding_all(self, measure: Measure, factor: int) -> _Adding:
        """What is carried of the measure as well."""
        if isinstance(measure, Distinct):
            return _adding(lambda carried: carried.different(measure), factor)
        return _with_pieces(self.adding(measure, factor), measure, factor)

    def parts(self, compare: Compare | Exceeds) -> Parts:
        return parts_of(compare, self.scaled(compare).factors, self.plan.numbers)

    def scaled(self, compare: Compare | Exceeds) -> Scaled:
        return self.plan.scaled[self.plan.numbers[compare], self.currency]


def _running(number: int, rule: Asked) -> Asked:
    """With the episode that was running before the instant; of others that is never asked."""

    def asked(carried: Carried) -> Episodes:
        found = rule(carried)
        if found and found[0][0] < carried.first:
            found = carried.later(found)
        since = carried.state.running.get(number)
        if since is None:
            return found
        if found and found[0][0] == carried.first:
            return [(since, found[0][1]), *found[1:]]
        return [(since, carried.first), *found]

    return asked


def _remembered(number: int, rule: Asked) -> Asked:
    def asked(carried: Carried) -> Episodes:
        found = carried.found.get(number)
        if found is None:
            found = carried.found[number] = rule(carried)
        return found

    return asked


def _all(parts: Sequence[Asked]) -> Asked:
    order = tuple(parts)

    def asked(carried: Carried) -> Episodes:
        nonlocal order
        first, left = carried.first, None
        for n, part in enumerate(order):
            found = part(carried)
            if left is None:
                left = found
            elif not (len(found) == 1 and found[0][0] <= first and found[0][1] == INF):
                left = intersection(left, found)
            if not left or left[-1][1] <= first:
                if n:
                    order = (part, *order[:n], *order[n + 1 :])
                return []
        return left or []

    return asked


def _any(parts: Sequence[Asked]) -> Asked:
    def asked(carried: Carried) -> Episodes:
        found: Episodes = []
        for part in parts:
            more = part(carried)
            if more:
                found = union([*found, *more]) if found else more
                if found[0][0] <= carried.first and found[0][1] == INF:
                    break
        return found

    return asked


def _not(part: Asked) -> Asked:
    return lambda carried: complement(part(carried), carried.line)


def _logged(condition: Logged, selector: int) -> Asked:
    """Where there is no gap nothing need be looked at."""

    def asked(carried: Carried) -> Episodes:
        if carried.without_gaps(selector):
            return [carried.line]
        return carried.by_rule(condition)

    return asked


def _comparison(compares: Compares, changing: Changing) -> Asked:
    at_nothing = compares(0)

    def asked(carried: Carried) -> Episodes:
        changes = changing(carried)
        if not changes:
            return [carried.line] if at_nothing else []
        return true_while(changes, compares, carried.line)

    return asked


def _reached(number: int, times: int, rising: bool, compares: Compares, comparison: Asked) -> Asked:
    """The same of a count; what is carried of it may tell, for whatever comes it never falls."""

    def asked(carried: Carried) -> Episodes:
        match carried.state.sums.get(number):
            case [since, figure] if since <= carried.first and compares(times * figure) == rising:
                return [(carried.first, INF)] if rising else []
            case _:
                return comparison(carried)

    return asked


def _some(number: int | None, measure: Count, selector: int, rising: bool) -> Asked:
    """Of a count of which one is enough: while any counts, so nothing need be added up."""

    def asked(carried: Carried) -> Episodes:
        lives = carried.lives_of(carried.chosen(selector, measure), measure.span)
        each = [(start, end) for start, end, _ in lives]
        if number is None:
            each += [(start, end) for start, end, _, _ in carried.carried(measure)]
        elif number in carried.state.sums:
            each += _while_any(carried.state.sums[number])
        found = union(each) if len(each) > 1 else each
        return found if rising else complement(found, carried.line)

    return asked


def _while_any(flat: Sequence[int]) -> Episodes:
    """While a sum that is carried is more than nothing."""
    found: Episodes = []
    figure = since = 0
    for position, change in zip(flat[::2], flat[1::2], strict=True):
        if figure == 0:
            since = position
        figure += change
        if figure == 0:
            found.append((since, position))
    return [*found, (since, INF)] if figure else found


def _happened(
    number: int, measure: Measure, selector: int, rising: bool, comparison: Asked
) -> Asked:
    """The same of what counts for ever, where one is enough."""

    def asked(carried: Carried) -> Episodes:
        match carried.state.sums.get(number):
            case None:
                since = INF
            case [since, _]:
                pass
            case _:
                return comparison(carried)  # some of it ends: a placement until some day
        if since > carried.first:
            first = first_of(carried.history.facts, carried.chosen(selector, measure))
            if first is not None and first.cut != INF:
                return comparison(carried)
            since = since if first is None else min(since, 2 * first.at + 1)
        if rising:
            return [(since, INF)] if since < INF else []
        return [(carried.line[0], since)]

    return asked


def _changing(number: int | None, times: int, terms: Sequence[_Adding]) -> Changing:
    def changing(carried: Carried) -> dict[int, int]:
        flat = None if number is None else carried.state.sums.get(number)
        changes: dict[int, int] = defaultdict(int)
        if flat and times == 1:
            changes.update(zip(flat[::2], flat[1::2], strict=True))
        elif flat:
            changes.update(zip(flat[::2], (times * change for change in flat[1::2]), strict=True))
        for add in terms:
            add(carried, changes)
        return changes

    return changing


def _counting(measure: Count, selector: int, factor: int) -> _Adding:
    def add(carried: Carried, changes: dict[int, int]) -> None:
        for start, end, _ in carried.lives_of(carried.chosen(selector, measure), measure.span):
            changes[start] += factor
            changes[end] -= factor

    return add


def _totalling(measure: Total, selector: int, factor: int) -> _Adding:
    def add(carried: Carried, changes: dict[int, int]) -> None:
        for live in carried.lives_of(carried.chosen(selector, measure), measure.span):
            for position, change in money_of(live):
                changes[position] += factor * change

    return add


def _adding(stepping: Callable[[Carried], Steps], factor: int) -> _Adding:
    def add(carried: Carried, changes: dict[int, int]) -> None:
        for position, change in stepping(carried):
            changes[position] += factor * change

    return add


def _with_pieces(adding: _Adding, measure: Measure, factor: int) -> _Adding:
    def add(carried: Carried, changes: dict[int, int]) -> None:
        adding(carried, changes)
        for start, end, worth, _ in carried.carried(measure):
            changes[start] += factor * worth
            changes[end] -= factor * worth

    return add
