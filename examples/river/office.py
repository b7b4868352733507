# ruff: noqa: PLR2004 - the shares read best where they decide; a name for each would hide them
"""The charity's side for one supporter: thanks, receipts, answers. Mailings are in `mail`.

The charity improves: each pair of shares below is its rate in the first days and its rate now.
Where it fails, the patterns of the ladder find something; an office that never failed would show
nothing. The shares are guesses, chosen so that most relationships are fine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mail import Correspondence
from words import GIFTS

if TYPE_CHECKING:
    from random import Random

    from charity import Charity
    from lives import Contact, Supporter


class Office:
    """Answers one supporter after the other; draws everything from one `Random`."""

    def __init__(self, charity: Charity, rng: Random) -> None:
        self.charity = charity
        self.rng = rng
        self.mailings = charity.calendar()
        self.days = [mailing.day for mailing in self.mailings]

    def look_after(self, one: Supporter) -> None:
        """Add the charity's side of a history that holds the supporter's acts already."""
        self._welcome(one)
        for row in list(one.rows):
            self.react(one, row)
        one.rows.sort(key=_when)
        Correspondence(self, one).run()
        self._odds_and_ends(one)

    def chance(self, day: int, then: float, now: float) -> bool:
        """Draw whether the office acts that day, from its rates in the first days and now."""
        return self.rng.random() < self.charity.better(day, then, now)

    # -- answers to acts -------------------------------------------------------------------------

    def _welcome(self, one: Supporter) -> None:
        known = one.reads or one.route in {"event", "friend", "volunteer", "petition"}
        if known and self.chance(one.arrived, 0.75, 0.95):
            self._later(one, one.rows[0], "Welcome note", 1, 6).answers = None

    def react(self, one: Supporter, row: Contact) -> None:
        """Thank for a row, confirm it, reply to it, or forget to."""
        what = row.what
        if what in GIFTS or what == "Monthly gift set up":
            if what == "Online gift":
                one.log(row.day, row.minute + 1, "Receipt", row)
            if not row.undone:
                self._thank(one, row)
        elif row.hours:
            if self.chance(row.day, 0.45, 0.85):
                self._later(one, row, "Thank-you email", 1, 4)
        elif what in {"Question", "Complaint", "Comment", "Feedback", "Wrote back"}:
            self._answer(one, row)
        elif what in {"Calendar bought", "Signed up for a shift"}:
            one.log(row.day, row.minute + 1, "Booking confirmation", row)
        elif what == "Paddle pledge paid" and self.chance(row.day, 0.7, 0.95):
            self._later(one, row, "Thank-you email", 0, 5)

    def _thank(self, one: Supporter, gift: Contact) -> None:
        """Thank most within days, some late, some never; fewer of these in later years."""
        fate, better = self.rng.random(), self.charity.better
        never = better(gift.day, 0.12, 0.08)
        late = never + better(gift.day, 0.18, 0.1)
        what = "Thank-you letter" if gift.minute < 0 else "Thank-you email"
        if gift.cents >= 20000:
            what = "Thank-you call"
        elif self.rng.random() < 0.01:
            what = "Thank-you with appeal"
        if fate > late:
            self._later(one, gift, what, 0, 3)
        elif fate > never:
            self._later(one, gift, what, 6, 50)

    def _answer(self, one: Supporter, row: Contact) -> None:
        """Reply, mostly within three days; call or meet after some complaints."""
        if not self.chance(row.day, 0.75, 0.93):
            return
        what, fate = "Our reply", self.rng.random()
        if row.what in {"Complaint", "Feedback"} and fate < 0.5:
            what = "Phone call" if fate < 0.3 else "Walk along the river"
        self._later(one, row, what, 0, 3 if fate < 0.85 else 12)

    def _later(self, one: Supporter, row: Contact, what: str, low: int, high: int) -> Contact:
        """Answer a row between `low` and `high` days later, in office hours, never before it."""
        day = row.day + low + int(self.rng.random() * (high - low + 1))
        minute = 540 + int(self.rng.random() * 480)
        if day == row.day and minute <= row.minute:
            minute = row.minute + 20
        return one.log(day, minute, what, row)

    def _odds_and_ends(self, one: Supporter) -> None:
        """Add birthday cards for some volunteers, and yearly thanks for monthly gifts."""
        draw = self.rng.random
        if any(row.hours for row in one.rows) and draw() < 0.2:
            one.log(one.arrived + 100 + int(draw() * 265), 600, "Birthday card")
        for row in one.gifts:
            if row.what == "Monthly gift set up" and self.chance(row.day, 0.4, 0.9):
                one.log(row.day + 365, 660, "Thank-you letter", row)


def _when(row: Contact) -> tuple[int, int]:
    return row.day, row.minute
