# ruff: noqa: PLR2004 - the shares read best where they decide; a name for each would hide them
"""Acts of supporters: come, give, help, speak up, refer others, leave.

One supporter at a time, so that a million rows need no more memory than one history. The charity's
side is in `office`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from charity import season_day
from words import BARE_DATES

if TYPE_CHECKING:
    from random import Random

    from charity import Charity

DATE_ONLY = -1  # sorts before every time of its day, as a bare date does on a ladder


@dataclass(slots=True)
class Contact:
    """One row of the export: a day (proleptic ordinal), a minute of that day, and a word."""

    day: int
    minute: int
    what: str
    campaign: str = ""
    cents: int = 0
    hours: str = ""
    answers: Contact | None = None
    brought_by: str = ""
    note: str = ""
    undone: bool = False  # fully refunded or void: no gift after all
    id: str = ""


@dataclass(slots=True)
class Supporter:
    """One supporter: how they came, their inclinations, and the rows of their history."""

    key: str
    arrived: int
    end: int  # last day on which anything can happen
    route: str
    brought_by: str = ""
    reads: bool = False  # is on the newsletter's list
    curious: float = 0.0  # probability of opening a newsletter
    spread: float = 0.0  # the rate in the gamma-gamma of amounts
    usual: int = 0  # the last amount given, in cents
    by_bank: bool = False
    rows: list[Contact] = field(default_factory=list)
    gifts: list[Contact] = field(default_factory=list)

    def log(
        self,
        day: int,
        minute: int,
        what: str,
        answers: Contact | None = None,
        campaign: str = "",
        cents: int = 0,
    ) -> Contact:
        """Add a row, without a time of day for the words in `BARE_DATES`."""
        if what in BARE_DATES:
            minute = DATE_ONLY
        row = Contact(day, minute, what, campaign, cents, "", answers)
        self.rows.append(row)
        return row


class Lives:
    """Makes supporters and lets them act; draws everything from one `Random`."""

    def __init__(self, charity: Charity, rng: Random) -> None:
        self.charity = charity
        self.rng = rng
        self.cold_days = [m.day for m in charity.calendar() if m.name in {"spring", "year-end"}]

    def live(self, supporter: Supporter, gives: float) -> None:
        """Add the supporter's acts; `gives` is the probability that they ever give."""
        draw = self.rng.random
        self._arrive(supporter)
        route = supporter.route
        if draw() < gives:
            self._give_over_years(supporter)
        if route == "cold letter":
            return
        if route == "volunteer" or draw() < 0.07:
            self._volunteer(supporter)
        self._speak(supporter)
        if draw() < 0.05:
            self._odd_money(supporter)

    # -- coming ----------------------------------------------------------------------------------

    def _arrive(self, one: Supporter) -> None:
        draw, day, minute = self.rng.random, one.arrived, self._minute()
        year = date.fromordinal(day).year
        first: Contact | None = None
        if one.route == "petition" or (one.route == "friend" and draw() < 0.5):
            first = one.log(day, minute, "Petition signed", campaign=f"let it meander {year}")
        elif one.route in {"event", "friend"}:
            minute = 11 * 60 + minute // 4
            first = one.log(day, minute, "Came to an event", campaign=f"river day {year}")
        elif one.route == "newsletter" and draw() < 0.3:
            what = "Field guide downloaded" if draw() < 0.4 else "Website visit"
            first = one.log(day, minute, what if draw() < 0.8 else "Follows us")
        if one.reads:
            signed = one.log(day, minute + 2, "Newsletter sign-up")
            first = first or signed
        if first:
            first.brought_by = one.brought_by

    def _minute(self) -> int:
        """Draw a minute of the day that no change of the clocks skips or repeats."""
        return 420 + int(self.rng.random() * 960)

    # -- giving ----------------------------------------------------------------------------------

    def _give_over_years(self, one: Supporter) -> None:
        charity, rng = self.charity, self.rng
        _, q, gamma = charity.amounts
        one.spread = rng.gammavariate(q, 1 / gamma)
        one.by_bank = rng.random() < 0.4
        day = one.arrived
        if one.route == "cold letter":
            day += 4 + int(rng.random() * 26)
        elif one.route != "gift":
            lag = day + 10 + int(rng.expovariate(1 / 260))
            day = season_day(rng, date.fromordinal(lag).year, lag)
        if day > one.end:
            return
        kind = rng.random()
        if kind < charity.monthly:
            self._give_monthly(one, day)
        elif kind < charity.monthly + charity.one_off:
            self._give_once(one, day)
        else:
            self._give_yearly(one, day)

    def _give_once(self, one: Supporter, day: int) -> None:
        what = ("Gift in memory", "Gift at the stall", "Online gift")[int(self.rng.random() * 3)]
        gift = self.give(one, day, what)
        if what == "Online gift" and one.brought_by:
            gift.brought_by, gift.campaign = one.brought_by, "fundraising page"

    def _give_yearly(self, one: Supporter, day: int) -> None:
        """Give by BG/BB: each year the supporter may stop for good, and otherwise may give."""
        charity, rng = self.charity, self.rng
        giving, dropping = rng.betavariate(*charity.giving), rng.betavariate(*charity.dropping)
        self.give(one, day)
        year = date.fromordinal(day).year
        if rng.random() < 0.1:
            self.give(one, season_day(rng, year, day))
        for later in range(year + 1, charity.until.year + 1):
            if rng.random() < dropping:
                break
            if rng.random() < giving:
                self.give(one, season_day(rng, later))
                if rng.random() < 0.15:
                    self.give(one, season_day(rng, later))

    def give(self, one: Supporter, day: int, what: str = "") -> Contact:
        """Add one gift, and sometimes a refund or void of it."""
        rng = self.rng
        if not what:
            what = "Bank gift" if one.by_bank else "Online gift"
        cents = one.usual
        if not cents or rng.random() < 0.45:
            shape = self.charity.amounts[0]
            cents = one.usual = friendly(rng.gammavariate(shape, 1 / one.spread))
        minute = self._minute()
        if what == "Gift at the stall":
            minute = 600 + minute // 4
        gift = one.log(day, minute, what, cents=cents)
        one.gifts.append(gift)
        if rng.random() < 0.012:
            self._undo(one, gift)
        return gift

    def _undo(self, one: Supporter, gift: Contact) -> None:
        how, later = self.rng.random(), gift.day + 1 + int(self.rng.random() * 20)
        if how < 0.3:
            one.log(gift.day + 1, 600, "Booked in error", gift)
        elif how < 0.4:
            one.log(later, 600, "Card chargeback", gift, cents=gift.cents)
        elif how < 0.8:
            one.log(later, 600, "Refund", gift, cents=gift.cents)
        else:
            one.log(later, 600, "Refund", gift, cents=gift.cents // 2).note = "half of it"
            return
        gift.undone = True

    def _give_monthly(self, one: Supporter, day: int) -> None:
        rng = self.rng
        cents = (500, 500, 1000, 1000, 1500, 2000, 3000)[int(rng.random() * 7)]
        started = one.log(day, self._minute(), "Monthly gift set up", cents=cents)
        one.gifts.append(started)
        month = date.fromordinal(day).replace(day=1)
        while True:
            month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            due = month.toordinal() + 14
            if due > one.end:
                return
            fate = rng.random()
            if fate < 0.013:
                one.log(due - 3, self._minute(), "Monthly gift ended", started)
                return
            if fate < 0.018:
                one.log(due - 3, self._minute(), "Monthly gift paused", started)
                month = date(month.year + (month.month > 9), (month.month + 2) % 12 + 1, 1)
                one.log(month.toordinal() + 5, self._minute(), "Monthly gift resumed", started)
                continue
            paid = one.log(due, DATE_ONLY, "Monthly gift", started, cents=cents)
            if fate > 0.992:
                one.log(due + 4, DATE_ONLY, "Direct debit returned", paid, cents=cents)

    def _odd_money(self, one: Supporter) -> None:
        """Add payments that are no gifts: a pledge and its payment, a calendar, a membership."""
        rng = self.rng
        day, which = one.arrived + 30 + int(rng.random() * 400), rng.random()
        if which < 0.4:
            promise = one.log(day, self._minute(), "Sponsored paddle pledge", cents=3000)
            if rng.random() < 0.85:
                one.log(day + 9, DATE_ONLY, "Paddle pledge paid", promise, cents=3000)
        elif which < 0.7:
            one.log(day, self._minute(), "Calendar bought", cents=1490)
        else:
            for _ in range(1 + int(rng.random() * 4)):
                one.log(day, DATE_ONLY, "Membership fee", cents=2400)
                day += 365

    # -- helping and speaking up -----------------------------------------------------------------

    def _volunteer(self, one: Supporter) -> None:
        rng = self.rng
        day = one.arrived
        if one.route != "volunteer":
            day += int(rng.expovariate(1 / 200))
        shifts = 0
        while day <= one.end:
            asked = None
            if rng.random() < 0.35:
                asked = one.log(day - 5, self._minute(), "Signed up for a shift")
                asked.day = max(asked.day, one.arrived)
            if asked is None or rng.random() > 0.12:  # else: no show
                self._shift(one, day, asked)
                shifts += 1
            if rng.random() < 0.22:
                break
            day += 14 + int(rng.expovariate(1 / 80))
        if shifts > 2:
            self._devoted(one, day)

    def _shift(self, one: Supporter, day: int, asked: Contact | None) -> None:
        draw = self.rng.random
        kinds = ("River clean-up shift", "Tree planting shift", "Water testing shift")
        what = kinds[int(draw() * 3)] if draw() > 0.05 else "Skilled help"
        answers = asked if asked and asked.day < day else None
        done = one.log(day, 540 + 15 * int(draw() * 24), what, answers, "clean-up")
        done.hours = ("2", "2.5", "3", "3", "4", "1.75")[int(draw() * 6)]

    def _devoted(self, one: Supporter, day: int) -> None:
        """Let few of the regular volunteers host a meeting, fundraise, or join the staff."""
        fate, day = self.rng.random(), max(one.arrived, min(day, one.end - 30))
        if fate < 0.15:
            one.log(day, 1080, "Hosted a garden meeting")
        elif fate < 0.25:
            one.log(day, 1080, "Fundraising page opened", campaign="fundraising page")
        elif fate < 0.31:
            one.log(day, 600, "Joined our staff")
            one.log(day + 400, 600, "Left our staff")

    def _speak(self, one: Supporter) -> None:
        """Add questions, comments and shares that no mailing asked for."""
        draw = self.rng.random
        while draw() < 0.16:
            day, fate = one.arrived + int(draw() * (one.end - one.arrived + 1)), draw()
            what = "Question" if fate < 0.4 else "Comment" if fate < 0.65 else "Shared our post"
            if fate > 0.93:
                what = "Complaint" if fate > 0.97 else "Feedback"
            one.log(day, self._minute(), what)


def friendly(money: float) -> int:
    """Round an amount to cents as people give it: 5, 10, 25, 100, and hardly ever 37.42."""
    step = 1 if money < 4 else 5 if money < 60 else 10 if money < 120 else 50
    return max(200, round(money / step) * step * 100)
