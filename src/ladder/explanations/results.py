"""What an explanation is made of: frozen pieces, each of which turns into plain JSON."""

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
    """A measure, its value at the instant in words people use, and the touchpoints it counts."""

    measure: str
    value: str
    counted: tuple[Fact, ...]

    def to_dict(self) -> Json:
        """As plain JSON."""
        return {
            "measure": self.measure,
            "value": self.value,
            "touchpoints": [fact_dict(fact) for fact in self.counted],
        }


@dataclass(frozen=True, slots=True)
class Tree:
    """A condition at one instant: true or not, until when if nothing happens, and its parts.

    For a comparison: its figures, and what it needs ("needs >= 1").
    """

    text: str
    true: bool
    until: int
    needs: str = ""
    figures: tuple[FigureNow, ...] = ()
    parts: tuple[Tree, ...] = ()

    def to_dict(self) -> Json:
        """As plain JSON."""
        return {
            "text": self.text,
            "true": self.true,
            "until": moment(self.until),
            "needs": self.needs,
            "figures": [figure.to_dict() for figure in self.figures],
            "parts": [part.to_dict() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class RungNow:
    """A rung at one instant: whether it counts for her standing, and why by rule.

    `until` is when that changes if nothing happens. `by_hand` when a placement and not the rule
    gives or takes it.
    """

    key: str
    title: str
    height: int
    held: bool
    by_hand: bool
    until: int
    rule: Tree

    def to_dict(self) -> Json:
        """As plain JSON."""
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
    """Touchpoints of one kind that might come next: how many, and what they must be like."""

    kind: str
    times: int
    amount: str = ""
    quantity: str = ""
    traits: tuple[str, ...] = ()
    brought: bool = False

    def __str__(self) -> str:
        size = [f"of at least {each}" for each in (self.amount, self.quantity) if each]
        who = ["by somebody she brings"] if self.brought else []
        return " ".join([f"{self.times} x {self.kind}", *size, *self.traits, *who])

    def to_dict(self) -> Json:
        """As plain JSON."""
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
    """Acts that, done at the instant, would have her hold the rung: tried, not guessed."""

    rung: str
    acts: tuple[Act, ...]
    place: Place

    def to_dict(self) -> Json:
        """As plain JSON."""
        return {
            "rung": self.rung,
            "acts": [act.to_dict() for act in self.acts],
            "leads_to": place_dict(self.place),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why she stands where she stands at an instant, and what would change it.

    `movement` brought her there (None: she never moved), `coming` is the next change if nothing
    happens. While she is silent (objected, died, erased) there are neither rungs nor lifts.
    `states` are those of findings by pattern, where somebody said something about them; no history
    tells that, so whoever knows puts them in.
    """

    at: int
    place: Place
    title: str
    movement: Movement | None
    coming: Movement | None
    rungs: tuple[RungNow, ...]
    lifts: tuple[Lift, ...]
    findings: tuple[Verdict, ...]
    not_assessable: tuple[Verdict, ...]
    states: Mapping[str, str] = field(default_factory=dict)

    @property
    def since(self) -> int | None:
        """Since when she stands there; None when she never moved."""
        return None if self.movement is None else self.movement.at

    def state(self, verdict: Verdict) -> str:
        """Whether that finding is open, acknowledged or dismissed."""
        return self.states.get(verdict.pattern.key, "open")

    def to_dict(self) -> Json:
        """As plain JSON: instants as ISO 8601 in UTC, None for "for ever"."""
        return {
            "at": moment(self.at),
            "standing": place_dict(self.place) | {"title": self.title},
            "since": None if self.since is None else moment(self.since),
            "movement": None if self.movement is None else movement_dict(self.movement),
            "next": None if self.coming is None else movement_dict(self.coming),
            "rungs": [rung.to_dict() for rung in self.rungs],
            "lifts": [lift.to_dict() for lift in self.lifts],
            "findings": [
                {**verdict_dict(each), "state": self.state(each)} for each in self.findings
            ],
            "not_assessable": [verdict_dict(verdict) for verdict in self.not_assessable],
        }


def moment(instant: int) -> str | None:
    """ISO 8601 in UTC; None for instants that no calendar shows."""
    beyond = instant >= FOREVER or instant >= Calendar().day_start(LAST_DAY)
    return None if beyond else to_datetime(instant).isoformat()


def place_dict(place: Place) -> Json:
    """A standing as plain JSON."""
    return {"height": place.height, "rungs": list(place.rungs), "silent": place.silent}


def movement_dict(movement: Movement) -> Json:
    """A movement as plain JSON."""
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
    """A verdict as plain JSON."""
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
        "missing": [lack.to_dict() for lack in verdict.lacks],
        "unmet": [str(each) for each in verdict.unmet],
        "remedy": pattern.remedy,
        "caveat": pattern.caveat,
        "contested": pattern.contested,
        "touchpoints": [fact_dict(fact) for fact in verdict.evidence],
    }


def fact_dict(fact: Fact) -> Json:
    """A touchpoint as plain JSON."""
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
    """Its amount as it was given ("25 EUR"), or nothing."""
    if fact.original is None or fact.currency is None:
        return ""
    return money(fact.original, fact.currency)


def fact_quantity(fact: Fact) -> str:
    """Its quantity in whole units of its kind, or nothing."""
    return "" if fact.quantity is None else quantity(fact.quantity)


def money(minor: int, currency: str) -> str:
    """Minor units as people write them: "25 EUR"."""
    return str(Money(to_major(minor, currency), currency))


def quantity(millionths: int) -> str:
    """Millionths as a plain number of units."""
    return f"{(Decimal(millionths) / QUANTITY_SCALE).normalize():f}"


def pattern_title(pattern: Pattern) -> str:
    """What a pattern is called where people read it."""
    return pattern.title or pattern.name or pattern.key
