"""A ladder's conditions ready to be asked at every recording: a function for each, made once.

A rule finds out anew what it is asked about: of which type it is, which parts it has, by which
number what it said is remembered. For some twenty touchpoints that takes longer than the answer.
Here all of it is found out once, for the conditions and measures that most ladders are made of; the
others go by their rules (`ladder.live.evaluation`), and are asked the same way.

Nothing of what is asked here can be an error (see `ladder.live.carried`), so what cannot change the
answer is not asked:
- `and` ends where nothing is left, and what ended it last is asked first the next time;
- `or` ends where nothing can be added;
- a count that has been reached for good is reached, whatever comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ladder.conditions import And, Holds, Logged, Not, Or
from ladder.episodes import INF, Episodes, complement, intersection, union
from ladder.ladders import Ladder
from ladder.live.measures import COMPARE, STEPPING, Scaled, Steps, true_while
from ladder.live.memory import Memory, Parts, memory_of, parts_of
from ladder.live.plans import Plan, plan_of
from ladder.measures import Compare, Count, Exceeds, Measure, Op
from ladder.nodes import Condition
from ladder.organisations import Organisation

if TYPE_CHECKING:
    from ladder.live.carried import Carried

Asked = Callable[["Carried"], Episodes]
"""When a condition is true, from the instant on from which is read, and what runs till then."""

Changing = Callable[["Carried"], dict[int, int]]
"""By how much the sum of a comparison's measures changes, what is carried included."""

_Steps = Callable[["Carried"], Steps]


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
        nodes = (node for condition in plan.conditions() for node in condition.walk())
        for node in nodes:
            if isinstance(node, Condition):
                self.condition(node)
            elif isinstance(node, Exceeds):
                self.changing(node)

    def condition(self, condition: Condition) -> Asked:
        number = self.plan.numbers[condition]
        known = self.program.conditions
        if number not in known:
            known[number] = _remembered(number, self.made(condition))
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
        comparison = _comparison(compare.op, constant, self.changing(compare))
        parts = self.parts(compare)
        counts = [isinstance(measure, Count) for _, measure in parts.timed]
        if parts.number is None or parts.others or counts != [True] or parts.times < 0:
            return comparison
        return _reached(parts.number, parts.times, compare.op, constant, comparison)

    def changing(self, compare: Compare | Exceeds) -> Changing:
        number = self.plan.numbers[compare]
        known = self.program.changes
        if number not in known:
            parts = self.parts(compare)
            since = [(factor, self.steps(measure)) for factor, measure in parts.timed]
            whole = [(factor, _steps(measure)) for factor, measure in parts.others]
            known[number] = _changing(parts, [*since, *whole])
        return known[number]

    def steps(self, measure: Measure) -> _Steps:
        if isinstance(measure, Count):
            return _counted(measure, self.plan.numbers[measure.selector])
        return lambda carried: STEPPING[type(measure)](measure, carried)

    def parts(self, compare: Compare | Exceeds) -> Parts:
        return parts_of(compare, self.scaled(compare).factors, self.plan.numbers)

    def scaled(self, compare: Compare | Exceeds) -> Scaled:
        return self.plan.scaled[self.plan.numbers[compare], self.currency]


def _remembered(number: int, rule: Asked) -> Asked:
    def asked(carried: Carried) -> Episodes:
        found = carried.found.get(number)
        if found is None:
            found = carried.found[number] = carried.since_begun(rule(carried), number)
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


def _comparison(op: Op, constant: int, changing: Changing) -> Asked:
    at_nothing = COMPARE[op](constant, 0)

    def asked(carried: Carried) -> Episodes:
        changes = changing(carried)
        if not changes:
            return [carried.line] if at_nothing else []
        return true_while(changes, op, constant, carried.line)

    return asked


def _reached(number: int, times: int, op: Op, constant: int, comparison: Asked) -> Asked:
    """The same of a count; what is carried of it may tell, for whatever comes it never falls."""
    if op == "==":
        return comparison
    compares, rising = partial(COMPARE[op], constant), op in {">=", ">"}

    def asked(carried: Carried) -> Episodes:
        match carried.state.sums.get(number):
            case [since, figure] if since <= carried.first and compares(times * figure) == rising:
                return [(carried.first, INF)] if rising else []
            case _:
                return comparison(carried)

    return asked


def _changing(parts: Parts, terms: Sequence[tuple[int, _Steps]]) -> Changing:
    number, times = parts.number, parts.times

    def changing(carried: Carried) -> dict[int, int]:
        flat = () if number is None else carried.state.sums.get(number, ())
        changes = dict(zip(flat[::2], flat[1::2], strict=True))
        if times != 1:
            changes = {position: times * change for position, change in changes.items()}
        for factor, steps in terms:
            for position, change in steps(carried):
                changes[position] = changes.get(position, 0) + factor * change
        return changes

    return changing


def _steps(measure: Measure) -> _Steps:
    return lambda carried: carried.steps(measure)


def _counted(measure: Count, selector: int) -> _Steps:
    """What has come since."""

    def steps(carried: Carried) -> Steps:
        chosen = carried.selections.get(selector)
        if chosen is None:
            chosen = carried.selection(measure.selector)
        changes: Steps = []
        for start, end, _ in carried.lives_of(chosen & carried.counting, measure.span):
            changes += ((start, 1), (end, -1))
        return changes

    return steps
