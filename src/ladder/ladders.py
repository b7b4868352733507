"""Ladders, rungs and patterns: the definitions that an organisation writes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ladder.conditions import Holds, Logged, count, latch
from ladder.errors import DefinitionError, DefinitionErrors, nearest
from ladder.kinds import KINDS, Kind, Kinds
from ladder.money import Rates
from ladder.nodes import Condition, Node, Selector
from ladder.selectors import KindIs, kind, where
from ladder.spans import until

Side = Literal["organisation", "supporter"]
Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
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
    """

    key: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    name: str = ""
    title: str = ""
    side: Side
    grades: tuple[Grade, ...] = Field(min_length=1)
    needs: Condition | None = None
    needs_words: str = ""
    remedy: str = ""
    caveat: str = ""
    evidence: Literal["A", "B", "C"] = "C"
    source: str = ""
    duty: bool = False
    contested: bool = False
    shows: Selector | None = None

    @model_validator(mode="after")
    def _graded_upwards(self) -> Pattern:
        ranks = [SEVERITIES.index(grade.severity) for grade in self.grades]
        if ranks != sorted(set(ranks)):
            message = f"pattern {self.key}: give each severity once, mildest first"
            raise DefinitionError(message)
        return self

    def sure(self, grade: Grade) -> Condition:
        """Found at this grade: what it needs is logged, and the condition holds."""
        return grade.condition if self.needs is None else self.needs & grade.condition


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
            pattern.key: tuple(self._open(pattern, grade) for grade in pattern.grades)
            for pattern in self.patterns
        }

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

    def _open(self, pattern: Pattern, grade: Grade) -> Condition:
        sure = pattern.sure(grade)
        return sure if pattern.duty else self._heard(sure)

    def _heard(self, condition: Condition) -> Condition:
        return condition if self.silent is None else condition & ~self.silent

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
            yield from _misused(part, grade.condition, lower, ladder.kinds)
        if pattern.needs is not None:
            part = f"{place}, needs"
            yield from _misused(part, pattern.needs, lower, ladder.kinds, logged=True)
        if pattern.shows is not None:
            yield from _misused(f"{place}, shows", pattern.shows, lower, ladder.kinds)


def _repeats(what: str, keys: list[str]) -> Iterator[DefinitionError]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield DefinitionError(f"{what} {key} is defined more than once", f"{what} {key}")


def _misused(
    place: str, definition: Node, rungs: list[str], kinds: Kinds, *, logged: bool = False
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
        if message:
            yield DefinitionError(message, place)
