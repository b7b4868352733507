"""The Friends of the Alder: what the generator takes as given, and its calendar.

The charity, its river and its people are invented. The rates are not: `Charity` says where each
comes from; what has no source is a guess and says so.
"""

from __future__ import annotations

from bisect import bisect
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random

MONTHS = (0.6, 0.6, 0.7, 1.0, 1.1, 0.8, 0.6, 0.6, 0.8, 1.3, 1.9, 3.0)
"""How gifts spread over the year, January first: October to December bring almost half (guess)."""

_MONTHS = tuple(accumulate(MONTHS))


class Mailing(NamedTuple):
    """One thing that the office sends to many on one day."""

    day: int
    what: str
    campaign: str
    name: str  # which rule chooses its readers; see `office`


@dataclass(frozen=True)
class Charity:
    """Everything that shapes the history, all of it replaceable; days are proleptic ordinals."""

    supporters: int = 600
    years: int = 6
    seed: int = 7
    until: date = date(2026, 11, 15)
    clean: bool = False

    giving: tuple[float, float] = (1.204, 0.750)
    """A regular giver's yearly probability to give, Beta (Fader, Hardie & Shang 2010, BG/BB)."""
    dropping: tuple[float, float] = (0.657, 2.783)
    """A regular giver's yearly probability to stop for good, Beta (same source)."""
    amounts: tuple[float, float, float] = (6.25, 3.74, 15.44)
    """Gamma-gamma (p, q, gamma) of the amounts, in whole units of money (same source)."""
    one_off: float = 0.51
    """Share of new givers who only ever meant to give once: a collection, a funeral, a friend's
    page. The public-radio model knows none of them and keeps half of its first-year givers; the
    sector keeps 19-29 %. This share is what lies between the two."""
    monthly: float = 0.06
    """Share of new givers who give by the month (a guess)."""
    early: float = 0.44
    """Share of supporters who come within the first fifth of the time: the list that the
    charity had when it began to keep one (a guess; it brings overall retention to 41-45 %)."""

    curious: float = 0.4
    """Share of the newsletter's readers who open most of its issues (a guess)."""
    winning: float = 0.04
    """Share of those who never help and may yet bring others (a guess)."""
    deaths: float = 0.006
    """A supporter's yearly probability to die (a guess)."""

    routes: tuple[tuple[str, float, float, float], ...] = (
        # how people first come; share of them; share that reads the newsletter; that ever gives
        ("newsletter", 0.26, 1.00, 0.28),
        ("petition", 0.24, 0.40, 0.22),
        ("gift", 0.16, 0.40, 1.00),
        ("event", 0.12, 0.45, 0.35),
        ("friend", 0.10, 0.50, 0.40),
        ("volunteer", 0.07, 0.70, 0.45),
        ("cold letter", 0.05, 0.05, 0.22),
    )

    start: int = field(init=False)
    end: int = field(init=False)

    def __post_init__(self) -> None:
        """Refuse what makes no history; work out the first and the last day."""
        if self.supporters < 1 or self.years < 1:
            msg = "a charity needs at least one supporter and one year"
            raise ValueError(msg)
        object.__setattr__(self, "end", self.until.toordinal())
        object.__setattr__(self, "start", self.end - round(self.years * 365.25))

    def better(self, day: int, then: float, now: float) -> float:
        """A share that moves in a line from `then` on the first day to `now` on the last."""
        return then + (now - then) * (day - self.start) / (self.end - self.start)

    def calendar(self) -> list[Mailing]:
        """Everything that the office sends to many, by day."""
        first, last = date.fromordinal(self.start).year, self.until.year
        sent = [one for year in range(first, last + 1) for one in _mailings(year)]
        return sorted(one for one in sent if self.start <= one.day <= self.end)


def _mailings(year: int) -> list[Mailing]:
    def on(month: int, day: int, what: str, name: str, campaign: str) -> Mailing:
        return Mailing(date(year, month, day).toordinal(), what, f"{campaign} {year}", name)

    return [
        on(1, 12, "Thank-you call", "gratitude", "thank-you round"),
        on(1, 22, "Survey sent", "survey", "listening"),
        on(2, 3, "Yearly receipt", "yearly receipt", "receipts"),
        on(2, 17, "Impact report", "report", "impact"),
        on(3, 4, "Newsletter", "newsletter", "river letter spring"),
        on(3, 18, "Call for helpers", "helpers", "clean-up"),
        on(4, 24, "Appeal email", "spring", "spring appeal"),
        on(5, 20, "Invitation", "invitation", "summer fair"),
        on(6, 10, "Petition update", "update", "let it meander"),
        on(9, 9, "Newsletter", "newsletter", "river letter autumn"),
        on(9, 23, "Call to act", "action", "let it meander"),
        on(11, 5, "Appeal letter", "year-end", "year-end appeal"),
        on(12, 16, "Appeal email", "reminder", "year-end appeal"),
    ]


def season_day(rng: Random, year: int, earliest: int = 0) -> int:
    """A day of that year as people give, not before `earliest` (a day of the same year)."""
    for _ in range(4):
        month = bisect(_MONTHS, rng.random() * _MONTHS[-1]) + 1
        day = date(year, month, 1).toordinal() + int(rng.random() * monthrange(year, month)[1])
        if day >= earliest:
            return day
    return earliest + int(rng.random() * (date(year, 12, 31).toordinal() - earliest + 1))
