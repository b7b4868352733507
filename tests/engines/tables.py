"""Small tables: a life in a few rows, and what is true of it, in words a reader can check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ladder.coverage import Coverage
from ladder.documents.expression_parser import parse, parse_condition, parse_selector
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import Movement, movements
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.measures import Measure
from ladder.model.calendars import FOREVER
from ladder.model.kinds import KINDS, Kinds
from ladder.model.money import Rates
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint

Line = tuple[Any, ...]
"""("2024-03-05", "donation") or with local time and more: ("2024-03-05 10:00", "appeal", {...})."""


@dataclass
class Life:
    """One supporter's touchpoints at one organisation. Times are local ones of its zone."""

    rows: Sequence[Line]
    zone: str = "UTC"
    fiscal: tuple[int, int] = (1, 1)
    currency: str = "EUR"
    brought: Sequence[Line] = ()
    coverage: Sequence[Coverage] = ()
    rates: Rates | None = None
    kinds: Kinds = field(default_factory=lambda: KINDS)

    @property
    def organisation(self) -> Organisation:
        month, day = self.fiscal
        return Organisation(
            zone=self.zone, currency=self.currency, fiscal_month=month, fiscal_day=day
        )

    @property
    def history(self) -> History:
        own = [self.touchpoint("ada", row) for row in self.rows]
        others = [self.touchpoint("bea", row) for row in self.brought]
        return History.of(own, self.organisation, self.kinds, others, self.rates)

    def touchpoint(self, supporter: str, row: Line) -> Touchpoint:
        at, kind, *more = row
        said: Mapping[str, Any] = {"supporter": supporter, **(more[0] if more else {})}
        if supporter != "ada":
            said = {"referrer": "ada", **said}
        return Touchpoint(kind=kind, at=self.moment(at), **said)

    def moment(self, text: str) -> datetime | date:
        if len(text) <= 10:
            return date.fromisoformat(text)
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.zone))

    def instant(self, text: str) -> int:
        return self.organisation.calendar.instant(self.moment(text))

    def evaluation(self, ladder: Ladder | None = None) -> Evaluation:
        return Evaluation(self.history, self.organisation, ladder, self.coverage)

    def episodes(self, condition: str, ladder: Ladder | None = None) -> list[str]:
        """When it is true: "2024-03-05 .. 2025-03-06", or "2024-03-05 .." when for ever."""
        found = self.evaluation(ladder).episodes(parse_condition(condition, kinds=self.kinds))
        return [f"{self.text(start)} .. {self.text(end)}".strip() for start, end in found]

    def selected(self, selector: str) -> list[int]:
        """Return the indexes of the selected rows; those of other supporters come last."""
        found = self.evaluation().select(parse_selector(selector, kinds=self.kinds))
        return [fact.id for fact in found]

    def value(self, measure: str, at: str) -> int:
        figure = parse(measure, kinds=self.kinds)
        only: Measure = figure.terms[0].measure
        return self.evaluation().value(only, self.instant(at))

    def movements(self, ladder: Ladder) -> list[str]:
        """ "2024-03-05 arrived one (touchpoint 0)", with the rows that caused it."""
        moved = movements(self.evaluation(ladder), ladder)
        return [self.movement(each) for each in moved]

    def movement(self, moved: Movement) -> str:
        causes = " ".join([moved.cause, *names(moved.causes)])
        return f"{self.text(moved.at)} {moved.kind} {str(moved.after) or '-'} ({causes})"

    def text(self, instant: int) -> str:
        if instant == FOREVER:
            return ""
        return self.organisation.calendar.text(instant).removesuffix(" 00:00")


def names(facts: Sequence[Fact]) -> list[str]:
    """The places of their rows."""
    return [str(fact.id) for fact in facts]


def ladder(*rungs: str | tuple[str, ...], **more: Any) -> Ladder:
    """Rungs named one, two, three …: a condition, or (enter, stay)."""
    words = ("one", "two", "three", "four", "five")
    made = []
    for key, said in zip(words, rungs, strict=False):
        enter, *stay = [said] if isinstance(said, str) else said
        made.append(
            Rung(
                key=key,
                enter=parse_condition(enter),
                stay=parse_condition(stay[0]) if stay else None,
            )
        )
    if "suppress_when" in more:
        more["suppress_when"] = parse_condition(more["suppress_when"])
    return Ladder(key="test", rungs=tuple(made), **more)


def pattern(key: str, requires: str | None = None, **grades: str) -> Pattern:
    """A pattern with each severity's condition."""
    return Pattern(
        key=key,
        side="organisation",
        requires=None if requires is None else parse_condition(requires),
        requires_text="we do not know",
        grades=tuple(
            Grade(severity=severity, condition=parse_condition(said))  # type: ignore[arg-type]
            for severity, said in grades.items()
        ),
    )


def covered(selector: str, since: int | None = None, until: int = FOREVER) -> Coverage:
    """The log is declared to hold this."""
    said = {"selector": parse_selector(selector), "until": until}
    return Coverage(**said) if since is None else Coverage(since=since, **said)
