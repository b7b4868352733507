"""Made-up lives: what happened to one supporter, written by somebody who knows what is in it.

A planter follows the prose of a pattern (docs/patterns, and the field's notes behind it) with
calendar arithmetic of its own. It never asks an evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from ladder.language.conditions import Severity
from ladder.model.touchpoints import Key, Touchpoint

BERLIN: Final = ZoneInfo("Europe/Berlin")
FIRST: Final = date(2012, 1, 1)

SIGNS: Final = ("email_opened", "email_clicked", "site_visited", "downloaded")
"""Signals that machines log; they are no acts."""
PAPERS: Final = ("receipt", "confirmation")
"""Messages that machines send."""


def a_year_later(day: date) -> date:
    """The first day on which it is more than twelve months ago."""
    return day + relativedelta(months=12) + timedelta(1)


def edge(draw: Random, first: int, beyond: int) -> int:
    """A number from the first on and below the other: one of the two ends as often as not."""
    return draw.choice(
        [first, beyond - 1, draw.randrange(first, beyond), draw.randrange(first, beyond)]
    )


@dataclass
class Life:
    """One supporter's touchpoints in the making, by days since the first one."""

    draw: Random
    told: list[dict[str, Any]] = field(default_factory=list)
    begin: date = FIRST

    def __post_init__(self) -> None:
        self.begin = FIRST + timedelta(self.draw.randrange(2_000))

    def day(self, number: int) -> date:
        """Return the day of that number."""
        return self.begin + timedelta(number)

    def tenth(self, year: int, month: int) -> int:
        """Return the tenth of a month, `years` after the first, as a day; month 13 is January."""
        whole = date(self.begin.year + year + (month - 1) // 12, (month - 1) % 12 + 1, 10)
        return (whole - self.begin).days

    def on(self, day: int, kind: str, answers: str | None = None, **more: Any) -> str:
        """Something happens; its name, by which others may answer it. `hour`: at a time of day."""
        hour = more.pop("hour", None)
        at: date = self.day(day)
        if hour is not None:
            at = datetime.combine(at, time(hour), BERLIN)
        name = f"t{len(self.told)}"
        self.told.append({"kind": kind, "at": at, "external_id": name, "answers": answers, **more})
        return name

    def noise(self, *kinds: str, until: int, most: int = 8) -> None:
        """Add some of these between the first day and that one."""
        for _ in range(self.draw.randrange(most) if kinds else 0):
            self.on(self.draw.randrange(1, max(until, 2)), self.draw.choice(kinds))

    def touchpoints(self, supporter: str) -> Iterator[Touchpoint]:
        """All of it, in the order in which it was written down."""
        for each in self.told:
            answers = None if each["answers"] is None else Key("made", each["answers"] + supporter)
            name = each["external_id"] + supporter
            given = {**each, "answers": answers, "external_id": name}
            yield Touchpoint(supporter=supporter, source="made", **given)


def sustainer(draw: Random) -> Life:
    """Return a monthly donor of a year and a half, whose commitment is `t0`."""
    life = Life(draw)
    promised = life.on(0, "commitment_started", amount=10)
    for month in range(1, 20):
        life.on(30 * month + draw.randrange(3), "instalment", answers=promised, amount=10)
    return life


@dataclass(frozen=True)
class Turn:
    """From when on a pattern is found there so severe; None: no longer."""

    at: datetime
    severity: Severity | None


@dataclass(frozen=True)
class Plant:
    """A life in which a pattern is found, by its `turns`; without any it is nowhere to be found.

    What comes after the last turn nobody wrote down. What begins from `watched` on is not looked
    at either: lives have an end, and silence after it.
    """

    what: str
    life: Life
    turns: tuple[Turn, ...] = ()
    watched: date | None = None


Told = tuple[date | int, Severity | None]


def found(life: Life, what: str, day: date | int, severity: Severity, *then: Told) -> Plant:
    """It is planted, and is found from the beginning of that day on; then, perhaps, otherwise."""
    turns = (
        Turn(datetime.combine(life.day(on) if isinstance(on, int) else on, time(), BERLIN), grade)
        for on, grade in ((day, severity), *then)
    )
    return Plant(what, life, tuple(turns))


def found_after(life: Life, what: str, hour: int, *turns: tuple[int, Severity | None]) -> Plant:
    """Return the instant `hours` elapsed hours after a time of the first day."""
    since = datetime.combine(life.begin, time(hour), BERLIN).astimezone(UTC)
    told = (Turn(since + timedelta(hours=hours), grade) for hours, grade in turns)
    return Plant(what, life, tuple(told))


def saved(life: Life, what: str, watched: date | None = None) -> Plant:
    """A near miss: one thing saves it."""
    return Plant(what, life, watched=watched)


Planter = Callable[[Random], Iterator[Plant]]
