"""The parts of an explanation: frozen data that converts to plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.movements import Movement
from ladder.engines.reference.verdicts import Verdict
from ladder.language.ladders import Pattern
from ladder.language.standings import Place
from ladder.model.calendars import FOREVER, LAST_DAY, Calendar, to_datetime
from ladder.model.money import QUANTITY_SCALE, Money, to_major

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FigureNow:
    """A measure, its value at the instant in user units, and the counted touchpoints."""

    measure: str
    value: str
    counted: tuple[Fact, ...]

    def to_dict(self) -> Json:
        """Return the figure as plain JSON."""
        return {
            "measure": self.measure,
            "value": self.value,
            "touchpoints": [fact_dict(fact) for fact in self.counted],
        }


@dataclass(frozen=True, slots=True)
class Tree:
    """A condition at one instant: its truth, its end if nothing happens, and its parts.

    A comparison also has its figures and its requirement ("needs >= 1").
    """

    text: str
    true: bool
    until: int
    requires: str = ""
    figures: tuple[FigureNow, ...] = ()
    parts: tuple[Tree, ...] = ()

    def to_dict(self) -> Json:
        """Return the tree as plain JSON."""
        return {
            "text": self.text,
            "true": self.true,
            "until": moment(self.until),
            "requires": self.requires,
            "figures": [figure.to_dict() for figure in self.figures],
            "parts": [part.to_dict() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class RungNow:
    """A rung at one instant: whether it counts for the standing, and its rule.

    `until` is the instant at which that changes if nothing happens. `by_hand` means that a
    placement gives or takes the rung, against the rule.
    """

    key: str
    title: str
    height: int
    held: bool
    by_hand: bool
    until: int
    rule: Tree

    def to_dict(self) -> Json:
        """Return the rung as plain JSON."""
        return {
            "key": self.key,
            "title": self.title,
            "height": self.height,
            "held": self.held,
            "by_hand": self.by_hand,
            "until": moment(self.until),
            "rule": self.rule.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Act:
    """A possible next act: touchpoints of one kind, their number and their properties."""

    kind: str
    times: int
    amount: str = ""
    quantity: str = ""
    traits: tuple[str, ...] = ()
    brought: bool = False

    def __str__(self) -> str:
        size = [f"of at least {bound}" for bound in (self.amount, self.quantity) if bound]
        supporter = ["by a person they refer"] if self.brought else []
        return " ".join([f"{self.times} x {self.kind}", *size, *self.traits, *supporter])

    def to_dict(self) -> Json:
        """Return the act as plain JSON."""
        return {
            "kind": self.kind,
            "times": self.times,
            "amount": self.amount or None,
            "quantity": self.quantity or None,
            "traits": list(self.traits),
            "brought": self.brought,
            "text": str(self),
        }


@dataclass(frozen=True, slots=True)
class Lift:
    """Acts at the instant with which the supporter would hold the rung; verified by evaluation."""

    rung: str
    acts: tuple[Act, ...]
    place: Place

    def to_dict(self) -> Json:
        """Return the acts and their result as plain JSON."""
        return {
            "rung": self.rung,
            "acts": [act.to_dict() for act in self.acts],
            "leads_to": place_dict(self.place),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A supporter's standing at an instant, its reasons, and what would change it.

    `movement` led to the standing (None: no movement yet); `coming` is the next movement if nothing
    happens. A suppressed supporter (objected, deceased, erased) has neither rungs nor lifts.
    `states` are the states of findings by pattern, where a user has set one. The history does not
    contain them, so the caller supplies them.
    """

    at: int
    place: Place
    title: str
    movement: Movement | None
    coming: Movement | None
    rungs: tuple[RungNow, ...]
    lifts: tuple[Lift, ...]
    findings: tuple[Verdict, ...]
    unassessed_patterns: tuple[Verdict, ...]
    states: Mapping[str, str] = field(default_factory=dict)

    @property
    def since(self) -> int | None:
        """The instant at which the standing began; None without a movement."""
        return None if self.movement is None else self.movement.at

    def state(self, verdict: Verdict) -> str:
        """Return the finding's state: open, acknowledged or dismissed."""
        return self.states.get(verdict.pattern.key, "open")

    def to_dict(self) -> Json:
        """Return the explanation as plain JSON; instants are ISO 8601 in UTC, None for ever."""
        return {
            "at": moment(self.at),
            "standing": place_dict(self.place) | {"title": self.title},
            "since": None if self.since is None else moment(self.since),
            "movement": None if self.movement is None else movement_dict(self.movement),
            "next": None if self.coming is None else movement_dict(self.coming),
            "rungs": [rung.to_dict() for rung in self.rungs],
            "lifts": [lift.to_dict() for lift in self.lifts],
            "findings": [
                {**verdict_dict(finding), "state": self.state(finding)} for finding in self.findings
            ],
            "not_assessable": [verdict_dict(verdict) for verdict in self.unassessed_patterns],
        }


def moment(instant: int) -> str | None:
    """Format an instant as ISO 8601 in UTC; None if it lies beyond the calendar."""
    beyond = instant >= FOREVER or instant >= Calendar().day_start(LAST_DAY)
    return None if beyond else to_datetime(instant).isoformat()


def place_dict(place: Place) -> Json:
    """Return a standing as plain JSON."""
    return {"height": place.height, "rungs": list(place.rungs), "silent": place.silent}


def movement_dict(movement: Movement) -> Json:
    """Return a movement as plain JSON."""
    return {
        "at": moment(movement.at),
        "until": moment(movement.until),
        "kind": movement.kind,
        "before": place_dict(movement.before),
        "after": place_dict(movement.after),
        "skipped": list(movement.skipped),
        "new_peak": movement.new_peak,
        "cause": movement.cause,
        "touchpoints": [fact_dict(fact) for fact in movement.causes],
    }


def verdict_dict(verdict: Verdict) -> Json:
    """Return a verdict as plain JSON."""
    pattern = verdict.pattern
    return {
        "pattern": pattern.key,
        "name": pattern.name,
        "title": pattern.title,
        "verdict": verdict.word,
        "severity": verdict.severity,
        "since": None if verdict.since is None else moment(verdict.since),
        "until": None if verdict.until is None else moment(verdict.until),
        "reason": verdict.reason,
        "missing": [lack.to_dict() for lack in verdict.missing],
        "unmet": [str(condition) for condition in verdict.unmet],
        "remedy": pattern.remedy,
        "caveat": pattern.caveat,
        "contested": pattern.contested,
        "touchpoints": [fact_dict(fact) for fact in verdict.evidence],
    }


def fact_dict(fact: Fact) -> Json:
    """Return a touchpoint as plain JSON."""
    source, external_id = fact.key or (None, None)
    return {
        "id": fact.id,
        "source": source,
        "external_id": external_id,
        "kind": fact.kind,
        "at": moment(fact.at),
        "date_only": fact.date_only,
        "amount": fact_money(fact) or None,
        "quantity": fact_quantity(fact) or None,
        "brought": fact.brought,
    }


def fact_money(fact: Fact) -> str:
    """Format the touchpoint's original amount ("25 EUR"); empty without one."""
    if fact.original is None or fact.currency is None:
        return ""
    return money(fact.original, fact.currency)


def fact_quantity(fact: Fact) -> str:
    """Format the touchpoint's quantity in whole units of its kind; empty without one."""
    return "" if fact.quantity is None else quantity(fact.quantity)


def money(minor: int, currency: str) -> str:
    """Format minor units as people write them: "25 EUR"."""
    return str(Money(to_major(minor, currency), currency))


def quantity(millionths: int) -> str:
    """Format millionths as a plain number of units."""
    return f"{(Decimal(millionths) / QUANTITY_SCALE).normalize():f}"


def pattern_title(pattern: Pattern) -> str:
    """Return the pattern's title, or else its name, or else its key."""
    return pattern.title or pattern.name or pattern.key
