"""Ladders, rungs and patterns: the definitions that an organisation writes."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any, Final, Literal, Self, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ladder.errors import DefinitionError, DefinitionErrors, nearest
from ladder.language.aggregates import count
from ladder.language.conditions import SEVERITIES, Found, Holds, Logged, Or, Severity, latch
from ladder.language.measures import Total
from ladder.language.nodes import Condition, Node, Selector
from ladder.language.pattern_references import asks_for_findings, read
from ladder.language.selectors import KindIs, kind, where
from ladder.language.spans import Until, until
from ladder.model.kinds import KINDS, Kind, Kinds
from ladder.model.money import Rates

Side = Literal["organisation", "supporter", "relationship"]
SIDES: Final[tuple[Side, ...]] = get_args(Side)
Attribution = Literal["organisation", "supporter", "mutual", "unclear"]
ATTRIBUTIONS: Final[tuple[Attribution, ...]] = get_args(Attribution)
Touch = Literal["thank", "report", "answer", "stop", "listen", "invite", "inform", "ask"]
TOUCHES: Final[tuple[Touch, ...]] = get_args(Touch)
"""What to do next, the most pressing first."""

PlacementRule = Literal["ignore", "lift", "hold", "cap"]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed, checked like a new one.

        Pydantic's own would check nothing, and would carry along what was worked out from the old
        fields: a changed ladder with the fingerprint of the unchanged one.
        """
        if not update:
            return super().model_copy(deep=deep)
        told = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**told, **update})


class Rung(_Definition):
    """One rung: held while `enter` is true, or, with `stay`, from `enter` until `stay` fails.

    `height` orders rungs; it defaults to the rung's place in the list, and rungs of one height
    stand side by side.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    enter: Condition
    stay: Condition | None = None
    height: int | None = Field(default=None, ge=1)

    @property
    def condition(self) -> Condition:
        """When she holds it, by rule."""
        return self.enter if self.stay is None else latch(self.enter, ~self.stay)


class Grade(_Definition):
    """How severe a finding is while its condition holds; the highest true grade speaks."""

    severity: Severity
    condition: Condition


class Pattern(_Definition):
    """A transactional ("ATM") pattern: a condition about a relationship, never about a person.

    `needs` says what must be declared logged before its absence may be held against anybody;
    while it is not true the verdict is "not assessable", and `needs_words` says why. `evidence` is
    A (research, official definition), B (practitioners agree) or C (plausible or contested).
    `duty` patterns protect her and are found even after an objection. `shows` selects the
    touchpoints that prove a finding.

    `rule` says in plain words when each grade is found. `side` says whose doings the condition is
    about (of both: "relationship"), `attribution` to whom it is put down: mostly the same, and
    "unclear" where the organisation may be the reason for what a supporter does. `next` is the
    touch that would mend it. `contested` patterns have sources that contradict each other,
    `optional` ones describe rather than find fault; both are left out of the group "default".
    """

    key: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    name: str = ""
    title: str = ""
    rule: str = ""
    side: Side
    attribution: Attribution | None = None
    next: Touch | None = None
    grades: tuple[Grade, ...] = Field(min_length=1)
    needs: Condition | None = None
    needs_words: str = ""
    remedy: str = ""
    caveat: str = ""
    evidence: Literal["A", "B", "C"] = "C"
    source: str = ""
    duty: bool = False
    contested: bool = False
    optional: bool = False
    shows: Selector | None = None

    @model_validator(mode="after")
    def _graded_upwards(self) -> Pattern:
        ranks = [SEVERITIES.index(grade.severity) for grade in self.grades]
        if ranks != sorted(set(ranks)):
            message = f"pattern {self.key}: give each severity once, mildest first"
            raise DefinitionError(message)
        return self

    @property
    def on(self) -> bool:
        """Whether it belongs to the group "default"."""
        return not (self.contested or self.optional)

    @property
    def put_down_to(self) -> Attribution:
        """To whom a finding is put down."""
        usual: Attribution = "mutual" if self.side == "relationship" else self.side
        return self.attribution or usual

    @property
    def wants(self) -> str:
        """In words, what has to be known before anything can be said of it."""
        if self.needs_words:
            return self.needs_words
        if self.asks_for_findings:
            return "what the patterns that it is made of need"
        return "" if self.needs is None else f"needs {self.needs}"

    @property
    def asks_for_findings(self) -> bool:
        """Whether it is made of other patterns' findings."""
        return any(asks_for_findings(grade.condition) for grade in self.grades)

    def at_least(self, severity: str | None) -> tuple[Grade, ...]:
        """The grades that are as severe as that, or all of them."""
        least = 0 if severity is None else SEVERITIES.index(cast("Severity", severity))
        return tuple(each for each in self.grades if SEVERITIES.index(each.severity) >= least)


class Ladder(_Definition):
    """An ordered list of rungs and a list of patterns.

    `ground` is the title of holding no rung. `kind` "states" says that the rungs are states of one
    height of which at most one holds. `silent` cuts standings and findings while it is true.
    `placements` says what a person placed by hand means: ignored, lifts, holds or caps.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: str = ""
    ground: str = "ground"
    kind: Literal["rungs", "states"] = "rungs"
    rungs: tuple[Rung, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    silent: Condition | None = None
    placements: PlacementRule = "lift"
    own_kinds: tuple[Kind, ...] = ()
    rates: Rates | None = None
    sources: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Ladder:
        faults = list(_faults(self))
        if faults:
            raise DefinitionErrors(faults)
        return self

    @cached_property
    def kinds(self) -> Kinds:
        """The built-in kinds and this ladder's own."""
        return KINDS.plus(self.own_kinds)

    def height(self, rung: Rung) -> int:
        """The rung's height: its own, the common one of a state set, or its place from 1."""
        if rung.height is not None:
            return rung.height
        return 1 if self.kind == "states" else self.rungs.index(rung) + 1

    def rung(self, key: str) -> Rung:
        """The rung of that key."""
        for rung in self.rungs:
            if rung.key == key:
                return rung
        message = f"unknown rung {key!r}{nearest(key, [rung.key for rung in self.rungs])}"
        raise DefinitionError(message)

    def pattern(self, key: str) -> Pattern:
        """The pattern of that key or name."""
        for pattern in self.patterns:
            if key in (pattern.key, pattern.name):
                return pattern
        known = [pattern.key for pattern in self.patterns]
        message = f"unknown pattern {key!r}{nearest(key, known)}; known: {', '.join(known)}"
        raise DefinitionError(message)

    @cached_property
    def standing_while(self) -> Mapping[str, Condition]:
        """By rung, when it counts for her standing: by rule, by placement, and not while silent."""
        return {rung.key: self._heard(_placed(self, rung)) for rung in self.rungs}

    @cached_property
    def open_while(self) -> Mapping[str, tuple[Condition, ...]]:
        """By pattern, when a finding of each of its grades is open.

        That is while it is sure, and not while she is silent (unless the pattern is a duty). Each
        condition is made once: evaluators look up by it what they know of a part.
        """
        return {
            pattern.key: tuple(
                self._open(pattern, self.sure(pattern, grade)) for grade in pattern.grades
            )
            for pattern in self.patterns
        }

    def open_at(self, pattern: Pattern, severities: Container[str]) -> Condition:
        """When a finding of one of these severities is open."""
        conditions = zip(pattern.grades, self.open_while[pattern.key], strict=True)
        return _any(condition for grade, condition in conditions if grade.severity in severities)

    def sure(self, pattern: Pattern, grade: Grade) -> Condition:
        """Found at this grade: what it needs is logged, and the condition holds."""
        condition = self.written_out(grade.condition)
        return condition if pattern.needs is None else pattern.needs & condition

    def possible(self, pattern: Pattern, severity: str | None = None) -> Condition:
        """It may be found, for all that is known: what it needs is not logged, or it holds."""
        holds = _any(
            self.written_out(grade.condition, sure=False) for grade in pattern.at_least(severity)
        )
        return holds if pattern.needs is None else ~pattern.needs | holds

    def parts_of(self, pattern: Pattern) -> tuple[Pattern, ...]:
        """The patterns of whose findings it is made."""
        asked = (node for grade in pattern.grades for node in grade.condition.walk())
        keys = dict.fromkeys(node.pattern for node in asked if isinstance(node, Found))
        return tuple(map(self.pattern, keys))

    def needs_of(self, pattern: Pattern) -> tuple[Condition, ...]:
        """What it needs, and what the patterns need that it is made of."""
        theirs = (need for part in self.parts_of(pattern) for need in self.needs_of(part))
        own = () if pattern.needs is None else (pattern.needs,)
        return tuple(dict.fromkeys((*own, *theirs)))

    def assessable(self, pattern: Pattern) -> Condition | None:
        """When a verdict on it can be given at all; None: always.

        That what it needs is logged; and where it is made of other findings, that these are known
        as far as they matter.
        """
        if not pattern.asks_for_findings:
            return pattern.needs
        found = _any(self.sure(pattern, grade) for grade in pattern.grades)
        return found | ~self.possible(pattern)

    def written_out(self, condition: Condition, *, sure: bool = True) -> Condition:
        """The condition with what `found(…)` stands for, read surely or possibly."""
        known = self._written_out.get((condition, sure))
        if known is None:
            known = self._written_out[condition, sure] = read(condition, self._stands, sure=sure)
        return known

    @cached_property
    def _written_out(self) -> dict[tuple[Condition, bool], Condition]:
        """What was written out before: the same conditions are asked for all the time."""
        return {}

    def _stands(self, found: Found, sure: bool) -> Condition:
        pattern = self.pattern(found.pattern)
        if sure:
            grades = pattern.at_least(found.severity)
            return self._open(pattern, _any(self.sure(pattern, grade) for grade in grades))
        return self._open(pattern, self.possible(pattern, found.severity))

    def _open(self, pattern: Pattern, condition: Condition) -> Condition:
        return condition if pattern.duty else self._heard(condition)

    def _heard(self, condition: Condition) -> Condition:
        return condition if self.silent is None else condition & ~self.silent

    def held_in(self, conditions: Iterable[Condition]) -> dict[str, Condition]:
        """The rungs that `holds` names in these conditions, however deep, and when each is held."""
        found: dict[str, Condition] = {}
        left = list(conditions)
        while left:
            for node in left.pop().walk():
                if isinstance(node, Holds) and node.rung not in found:
                    found[node.rung] = self.rung(node.rung).condition
                    left.append(found[node.rung])
        return found

    def conditions(self) -> Iterator[Condition]:
        """Every condition that this definition evaluates."""
        for rung in self.rungs:
            yield self.standing_while[rung.key]
            yield rung.condition
        if self.silent is not None:
            yield self.silent
        for grades in self.open_while.values():
            yield from grades

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what the definition means: titles, remedies and caveats do not count."""
        lines = [self.kind, self.placements, str(self.silent), str(self.rates)]
        lines += sorted(_meaning(kind) for kind in self.own_kinds)
        lines += [f"{rung.key} {self.height(rung)} {rung.condition}" for rung in self.rungs]
        for pattern in self.patterns:
            grades = [f"{grade.severity} {grade.condition}" for grade in pattern.grades]
            lines += [f"{pattern.key} {pattern.side} {pattern.needs} {pattern.duty}", *grades]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _any(conditions: Iterable[Condition]) -> Condition:
    every = tuple(dict.fromkeys(conditions))
    return every[0] if len(every) == 1 else Or.of(*every)


def sharing_kinds(ladders: Sequence[Ladder]) -> list[Ladder]:
    """The same ladders, each with the kinds of all: they are about one log.

    Where two declare a kind otherwise, each keeps its own, and for the rest the first one has it.
    """
    own: dict[str, Kind] = {}
    for ladder in ladders:
        own = {kind.name: kind for kind in ladder.own_kinds} | own
    return [_with_kinds(ladder, own) for ladder in ladders]


def _with_kinds(ladder: Ladder, own: Mapping[str, Kind]) -> Ladder:
    more = tuple(kind for name, kind in own.items() if name not in ladder.kinds)
    return ladder.model_copy(update={"own_kinds": (*ladder.own_kinds, *more)}) if more else ladder


def _meaning(kind: Kind) -> str:
    """A kind in one line that is the same in every process: sets print in any order."""
    given = asdict(kind) | {"purposes": sorted(kind.purposes)}
    return str(given)


def _placed(ladder: Ladder, rung: Rung) -> Condition:
    """Placements are touchpoints, so what they do to a standing is said in the language."""
    rule, mode = rung.condition, ladder.placements
    if mode == "ignore":
        return rule
    hand = kind("placed")
    here = count(hand & where(rung=rung.key), until(hand)) >= 1
    if mode == "lift":
        return rule | here
    if mode == "hold":
        return here | (rule & ~(count(hand, until(hand)) >= 1))
    below = [other for other in ladder.rungs if ladder.height(other) < ladder.height(rung)]
    for other in below:
        rule = rule & ~(count(hand & where(rung=other.key), until(hand)) >= 1)
    return rule


def _faults(ladder: Ladder) -> Iterator[DefinitionError]:
    """What is wrong with the parts of a ladder together, each with the part as its place."""
    yield from _repeats("rung", [rung.key for rung in ladder.rungs])
    yield from _repeats("pattern", [pattern.key for pattern in ladder.patterns])
    lower: list[str] = []
    for rung in ladder.rungs:
        place = f"rung {rung.key}"
        yield from _misused(f"{place}, enter", rung.enter, lower, ladder.kinds)
        if rung.stay is not None:
            yield from _misused(f"{place}, stay", rung.stay, lower, ladder.kinds)
        lower.append(rung.key)
    if ladder.silent is not None:
        yield from _misused("silent", ladder.silent, [], ladder.kinds)
    for pattern in ladder.patterns:
        place = f"pattern {pattern.key}"
        for grade in pattern.grades:
            part = f"{place}, {grade.severity}"
            yield from _misused(part, grade.condition, lower, ladder.kinds, finds=True)
            yield from _unfindable(part, grade.condition, ladder)
        if pattern.needs is not None:
            part = f"{place}, needs"
            yield from _misused(part, pattern.needs, lower, ladder.kinds, logged=True)
        if pattern.shows is not None:
            yield from _misused(f"{place}, shows", pattern.shows, lower, ladder.kinds)


def _repeats(what: str, keys: list[str]) -> Iterator[DefinitionError]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield DefinitionError(f"{what} {key} is defined more than once", f"{what} {key}")


def _unfindable(place: str, condition: Condition, ladder: Ladder) -> Iterator[DefinitionError]:
    """What stands in the way of writing a `found` out."""
    asked = [node for node in condition.walk() if isinstance(node, Found)]
    patterns = {pattern.key: pattern for pattern in ladder.patterns}
    for node in asked:
        message = ""
        if node.pattern not in patterns:
            near = nearest(node.pattern, patterns)
            message = f"{node} asks for a pattern that this ladder lacks{near}: take it in as well"
        elif not patterns[node.pattern].at_least(node.severity):
            message = f"pattern {node.pattern} is never as severe as {node.severity}"
        elif circle := _circle(node.pattern, patterns):
            message = f"{node} goes round in a circle: {' > '.join(circle)}"
        if message:
            yield DefinitionError(message, place)
    for within in condition.walk() if asked else ():
        if isinstance(within, Until | Total) and asks_for_findings(within):
            # What an `until` closes and what a sum adds up may grow when more is selected, or
            # shrink: there would be no reading that is sure.
            message = f"found(…) cannot stand within {within}"
            yield DefinitionError(message, place)


def _circle(
    key: str, patterns: Mapping[str, Pattern], way: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """A way that leads from a pattern back to one on it; empty when there is none."""
    if key in way:
        return (*way, key)
    for grade in patterns[key].grades if key in patterns else ():
        for node in grade.condition.walk():
            if isinstance(node, Found) and (found := _circle(node.pattern, patterns, (*way, key))):
                return found
    return ()


def _misused(
    place: str,
    definition: Node,
    rungs: list[str],
    kinds: Kinds,
    *,
    logged: bool = False,
    finds: bool = False,
) -> Iterator[DefinitionError]:
    for node in definition.walk():
        message = ""
        if isinstance(node, KindIs) and node.name not in kinds:
            message = f"unknown kind {node.name!r}{nearest(node.name, kinds)}"
        elif isinstance(node, Holds) and node.rung not in rungs:
            near = nearest(node.rung, rungs)
            message = f"holds({node.rung!r}) must name a rung listed before{near}"
        elif isinstance(node, Logged) and not logged:
            message = "logged(…) belongs in a pattern's needs only"
        elif isinstance(node, Found) and not finds:
            message = "found(…) belongs in the grades of a pattern only"
        if message:
            yield DefinitionError(message, place)
