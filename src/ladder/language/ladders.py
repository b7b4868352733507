"""Ladders, rungs and patterns: the definitions that an organisation writes."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any, Final, Literal, Self, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ladder.errors import DefinitionError, DefinitionErrorGroup, nearest
from ladder.language.aggregates import count
from ladder.language.conditions import SEVERITIES, HasFinding, IsCovered, OnRung, Severity, latch
from ladder.language.measures import Total
from ladder.language.nodes import Condition, Node, Or, Selector
from ladder.language.pattern_references import read, refers_to_findings
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
"""Recommended kinds of contact, most pressing first."""

PlacementRule = Literal["ignore", "lift", "hold", "cap"]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy the definition with some fields changed, and validate it like a new one.

        Pydantic's own method would validate nothing, and would keep what was computed from the old
        fields: a changed ladder with the fingerprint of the unchanged one.
        """
        if not update:
            return super().model_copy(deep=deep)
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **update})


class Rung(_Definition):
    """A rung: held while `enter` is true, or, with `stay`, from `enter` until `stay` fails.

    `height` orders rungs. It defaults to the rung's position in the list; several rungs may share
    one height.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    enter: Condition
    stay: Condition | None = None
    height: int | None = Field(default=None, ge=1)

    @property
    def condition(self) -> Condition:
        """The condition that is true while the supporter holds the rung, by rule."""
        return self.enter if self.stay is None else latch(self.enter, ~self.stay)


class Grade(_Definition):
    """A severity and its condition; the highest grade that is true determines the finding."""

    severity: Severity
    condition: Condition


class Pattern(_Definition):
    """A transactional ("ATM") pattern: a condition about a relationship, never about a person.

    `requires` is the coverage that must be declared before absent touchpoints may prove anything.
    While it is not true the verdict is "not assessable", and `requires_text` says why. `strength`
    is A (research, official definition), B (practitioners agree) or C (plausible or contested).
    `safeguard` patterns protect the supporter and are found even after an objection. `evidence`
    selects the touchpoints that prove a finding.

    `rule` states in plain words when each grade is found. `side` says whose behaviour the condition
    is about (both sides: "relationship"). `attribution` says who is responsible: mostly the same
    side, and "unclear" where the organisation may be the reason for the supporter's behaviour.
    `next` is the contact that would mend it. `contested` patterns have sources that contradict each
    other; `optional` ones describe and find no fault. Both are left out of the group "default".
    """

    key: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    name: str = ""
    title: str = ""
    rule: str = ""
    side: Side
    attribution: Attribution | None = None
    next: Touch | None = None
    grades: tuple[Grade, ...] = Field(min_length=1)
    requires: Condition | None = None
    requires_text: str = ""
    remedy: str = ""
    caveat: str = ""
    strength: Literal["A", "B", "C"] = "C"
    source: str = ""
    safeguard: bool = False
    contested: bool = False
    optional: bool = False
    evidence: Selector | None = None

    @model_validator(mode="after")
    def _graded_upwards(self) -> Pattern:
        ranks = [SEVERITIES.index(grade.severity) for grade in self.grades]
        if ranks != sorted(set(ranks)):
            message = f"pattern {self.key}: give each severity once, mildest first"
            raise DefinitionError(message)
        return self

    @property
    def on(self) -> bool:
        """Whether the pattern belongs to the group "default"."""
        return not (self.contested or self.optional)

    @property
    def attributed_to(self) -> Attribution:
        """The party to which a finding is attributed."""
        usual: Attribution = "mutual" if self.side == "relationship" else self.side
        return self.attribution or usual

    @property
    def wants(self) -> str:
        """The requirements of the pattern in words; empty when it has none."""
        if self.requires_text:
            return self.requires_text
        if self.refers_to_findings:
            return "what the patterns that it is made of need"
        return "" if self.requires is None else f"needs {self.requires}"

    @property
    def refers_to_findings(self) -> bool:
        """Whether the pattern refers to findings of other patterns."""
        return any(refers_to_findings(grade.condition) for grade in self.grades)

    def at_least(self, severity: str | None) -> tuple[Grade, ...]:
        """Return the grades of at least this severity; None: all grades."""
        least = 0 if severity is None else SEVERITIES.index(cast("Severity", severity))
        return tuple(grade for grade in self.grades if SEVERITIES.index(grade.severity) >= least)


class Ladder(_Definition):
    """A ladder: an ordered list of rungs and a list of patterns.

    `ground` is the title of holding no rung. `kind` "states" says that the rungs are states of one
    height, of which at most one holds. `suppress_when` ends standings and findings while it is
    true. `placements` is the effect of placing a supporter by hand: ignore, lift, hold or cap.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: str = ""
    ground: str = "ground"
    kind: Literal["rungs", "states"] = "rungs"
    rungs: tuple[Rung, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    suppress_when: Condition | None = None
    placements: PlacementRule = "lift"
    own_kinds: tuple[Kind, ...] = ()
    rates: Rates | None = None
    sources: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Ladder:
        faults = list(_faults(self))
        if faults:
            raise DefinitionErrorGroup(faults)
        return self

    @cached_property
    def kinds(self) -> Kinds:
        """The built-in kinds and the ladder's own."""
        return KINDS.plus(self.own_kinds)

    def height(self, rung: Rung) -> int:
        """Return the rung's height: its own, the states' common one, or its position from 1."""
        if rung.height is not None:
            return rung.height
        return 1 if self.kind == "states" else self.rungs.index(rung) + 1

    def rung(self, key: str) -> Rung:
        """Return the rung with this key."""
        for rung in self.rungs:
            if rung.key == key:
                return rung
        message = f"unknown rung {key!r}{nearest(key, [rung.key for rung in self.rungs])}"
        raise DefinitionError(message)

    def pattern(self, key: str) -> Pattern:
        """Return the pattern with this key or name."""
        for pattern in self.patterns:
            if key in (pattern.key, pattern.name):
                return pattern
        known = [pattern.key for pattern in self.patterns]
        message = f"unknown pattern {key!r}{nearest(key, known)}; known: {', '.join(known)}"
        raise DefinitionError(message)

    @cached_property
    def standing_while(self) -> Mapping[str, Condition]:
        """By rung key, the condition of its standing: rule, placements and no suppression."""
        return {
            rung.key: self._unless_suppressed(_with_overrides(self, rung)) for rung in self.rungs
        }

    @cached_property
    def open_while(self) -> Mapping[str, tuple[Condition, ...]]:
        """By pattern key, the condition of an open finding for each grade.

        A finding is open while it is sure and the supporter is not suppressed (safeguards ignore
        the suppression). The conditions are made only once because evaluators cache by condition.
        """
        return {
            pattern.key: tuple(
                self._open(pattern, self.sure(pattern, grade)) for grade in pattern.grades
            )
            for pattern in self.patterns
        }

    def open_at(self, pattern: Pattern, severities: Container[str]) -> Condition:
        """Return the condition under which a finding with one of these severities is open."""
        conditions = zip(pattern.grades, self.open_while[pattern.key], strict=True)
        return _any(condition for grade, condition in conditions if grade.severity in severities)

    def sure(self, pattern: Pattern, grade: Grade) -> Condition:
        """Return the condition of a sure finding: requirements met and grade true."""
        condition = self.expand(grade.condition)
        return condition if pattern.requires is None else pattern.requires & condition

    def possible(self, pattern: Pattern, severity: str | None = None) -> Condition:
        """Return the condition of a possible finding: coverage is missing, or a grade may hold."""
        holds = _any(
            self.expand(grade.condition, sure=False) for grade in pattern.at_least(severity)
        )
        return holds if pattern.requires is None else ~pattern.requires | holds

    def parts_of(self, pattern: Pattern) -> tuple[Pattern, ...]:
        """Return the patterns whose findings the pattern refers to."""
        nodes = (node for grade in pattern.grades for node in grade.condition.walk())
        keys = dict.fromkeys(node.pattern for node in nodes if isinstance(node, HasFinding))
        return tuple(map(self.pattern, keys))

    def needs_of(self, pattern: Pattern) -> tuple[Condition, ...]:
        """Return the requirements of the pattern and of all patterns that it refers to."""
        theirs = (need for part in self.parts_of(pattern) for need in self.needs_of(part))
        own = () if pattern.requires is None else (pattern.requires,)
        return tuple(dict.fromkeys((*own, *theirs)))

    def assessable(self, pattern: Pattern) -> Condition | None:
        """Return the condition under which a verdict can be given; None: always.

        It is the pattern's own requirement. A pattern that refers to findings is assessable where
        it is surely sure or surely not, so that unknown findings make no difference.
        """
        if not pattern.refers_to_findings:
            return pattern.requires
        sure = _any(self.sure(pattern, grade) for grade in pattern.grades)
        return sure | ~self.possible(pattern)

    def expand(self, condition: Condition, *, sure: bool = True) -> Condition:
        """Expand each `has_finding(…)` of the condition, in its sure or its possible reading."""
        known = self._expansions.get((condition, sure))
        if known is None:
            known = self._expansions[condition, sure] = read(condition, self._stands, sure=sure)
        return known

    @cached_property
    def _expansions(self) -> dict[tuple[Condition, bool], Condition]:
        """A cache of expanded conditions, because the same ones are requested all the time."""
        return {}

    def _stands(self, reference: HasFinding, sure: bool) -> Condition:
        pattern = self.pattern(reference.pattern)
        if sure:
            grades = pattern.at_least(reference.severity)
            return self._open(pattern, _any(self.sure(pattern, grade) for grade in grades))
        return self._open(pattern, self.possible(pattern, reference.severity))

    def _open(self, pattern: Pattern, condition: Condition) -> Condition:
        return condition if pattern.safeguard else self._unless_suppressed(condition)

    def _unless_suppressed(self, condition: Condition) -> Condition:
        return condition if self.suppress_when is None else condition & ~self.suppress_when

    def rungs_named_in(self, conditions: Iterable[Condition]) -> dict[str, Condition]:
        """Return the conditions of the rungs that `on_rung` names in these, at any depth."""
        rungs: dict[str, Condition] = {}
        left = list(conditions)
        while left:
            for node in left.pop().walk():
                if isinstance(node, OnRung) and node.rung not in rungs:
                    rungs[node.rung] = self.rung(node.rung).condition
                    left.append(rungs[node.rung])
        return rungs

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition that the definition evaluates."""
        for rung in self.rungs:
            yield self.standing_while[rung.key]
            yield rung.condition
        if self.suppress_when is not None:
            yield self.suppress_when
        for grades in self.open_while.values():
            yield from grades

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the definition's meaning; titles, remedies and caveats do not count."""
        lines = [self.kind, self.placements, str(self.suppress_when), str(self.rates)]
        lines += sorted(_meaning(kind) for kind in self.own_kinds)
        lines += [f"{rung.key} {self.height(rung)} {rung.condition}" for rung in self.rungs]
        for pattern in self.patterns:
            grades = [f"{grade.severity} {grade.condition}" for grade in pattern.grades]
            lines += [
                f"{pattern.key} {pattern.side} {pattern.requires} {pattern.safeguard}",
                *grades,
            ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _any(conditions: Iterable[Condition]) -> Condition:
    every = tuple(dict.fromkeys(conditions))
    return every[0] if len(every) == 1 else Or.of(*every)


def share_kinds(ladders: Sequence[Ladder]) -> list[Ladder]:
    """Copy the ladders so that all know the kinds of all, because they share one log.

    Where two ladders declare a kind differently, both keep their own; a ladder that lacks the kind
    gets the declaration of the first.
    """
    own: dict[str, Kind] = {}
    for ladder in ladders:
        own = {kind.name: kind for kind in ladder.own_kinds} | own
    return [_with_kinds(ladder, own) for ladder in ladders]


def _with_kinds(ladder: Ladder, own: Mapping[str, Kind]) -> Ladder:
    more = tuple(kind for name, kind in own.items() if name not in ladder.kinds)
    return ladder.model_copy(update={"own_kinds": (*ladder.own_kinds, *more)}) if more else ladder


def _meaning(kind: Kind) -> str:
    """Return a text of the kind that is equal in every process; sets print in no fixed order."""
    given = asdict(kind) | {"purposes": sorted(kind.purposes)}
    return str(given)


def _with_overrides(ladder: Ladder, rung: Rung) -> Condition:
    """Add the effect of placements, which are touchpoints, to the rung's condition."""
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
    """Yield the faults between the parts of a ladder, with the part as the place."""
    yield from _repeats("rung", [rung.key for rung in ladder.rungs])
    yield from _repeats("pattern", [pattern.key for pattern in ladder.patterns])
    lower: list[str] = []
    for rung in ladder.rungs:
        place = f"rung {rung.key}"
        yield from _find_misuses(f"{place}, enter", rung.enter, lower, ladder.kinds)
        if rung.stay is not None:
            yield from _find_misuses(f"{place}, stay", rung.stay, lower, ladder.kinds)
        lower.append(rung.key)
    if ladder.suppress_when is not None:
        yield from _find_misuses("suppress_when", ladder.suppress_when, [], ladder.kinds)
    for pattern in ladder.patterns:
        place = f"pattern {pattern.key}"
        for grade in pattern.grades:
            part = f"{place}, {grade.severity}"
            yield from _find_misuses(part, grade.condition, lower, ladder.kinds, finds=True)
            yield from _unfindable(part, grade.condition, ladder)
        if pattern.requires is not None:
            part = f"{place}, requires"
            yield from _find_misuses(part, pattern.requires, lower, ladder.kinds, logged=True)
        if pattern.evidence is not None:
            yield from _find_misuses(f"{place}, evidence", pattern.evidence, lower, ladder.kinds)


def _repeats(what: str, keys: list[str]) -> Iterator[DefinitionError]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield DefinitionError(f"{what} {key} is defined more than once", f"{what} {key}")


def _unfindable(place: str, condition: Condition, ladder: Ladder) -> Iterator[DefinitionError]:
    """Yield the reasons that prevent the expansion of `has_finding(…)` in the condition."""
    references = [node for node in condition.walk() if isinstance(node, HasFinding)]
    patterns = {pattern.key: pattern for pattern in ladder.patterns}
    for node in references:
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
    for within in condition.walk() if references else ():
        if isinstance(within, Until | Total) and refers_to_findings(within):
            # A wider selector may lengthen or shorten an `until`, and raise or lower a sum, so
            # there is no sure reading.
            message = f"has_finding(…) cannot stand within {within}"
            yield DefinitionError(message, place)


def _circle(
    key: str, patterns: Mapping[str, Pattern], way: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return a path of references from a pattern back to one on the path; empty without a cycle."""
    if key in way:
        return (*way, key)
    for grade in patterns[key].grades if key in patterns else ():
        for node in grade.condition.walk():
            if isinstance(node, HasFinding) and (
                circle := _circle(node.pattern, patterns, (*way, key))
            ):
                return circle
    return ()


def _find_misuses(
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
        elif isinstance(node, OnRung) and node.rung not in rungs:
            near = nearest(node.rung, rungs)
            message = f"on_rung({node.rung!r}) must name a rung listed before{near}"
        elif isinstance(node, IsCovered) and not logged:
            message = "is_covered(…) belongs in a pattern's needs only"
        elif isinstance(node, HasFinding) and not finds:
            message = "has_finding(…) belongs in the grades of a pattern only"
        if message:
            yield DefinitionError(message, place)
