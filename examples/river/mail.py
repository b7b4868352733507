# ruff: noqa: PLR2004 - the shares read best where they decide; a name for each would hide them
"""Mailings of the charity: their recipients and the responses."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from words import ACTS, GIFTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from charity import Mailing
    from lives import Contact, Supporter
    from office import Office

LONG_AGO = 10**7  # as a day: later than all; negative: earlier than all


class Correspondence:
    """The mailings to one supporter, in the order of time.

    The methods named ``gets_…`` decide by the history before that day whether a mailing is sent.
    """

    def __init__(self, office: Office, one: Supporter) -> None:
        self.office = office
        self.one = one
        self.draw = office.rng.random
        self.acts = [row for row in one.rows if row.what in ACTS]
        self.seen = 0
        self.gift = self.act = self.sign = self.petition = self.help = -LONG_AGO
        self.forgotten = -LONG_AGO  # the last gift without thanks
        self.thanked = {id(row.answers) for row in one.rows if row.what.startswith("Thank-you")}
        self.back = LONG_AGO  # the day on which the supporter subscribes again
        self.cold_letters = 3 if one.route == "cold letter" else 0

    def run(self) -> None:
        """Go through the calendar from the supporter's first day to the last."""
        one, office = self.one, self.office
        self.sign = one.arrived
        for mailing in office.mailings[bisect_left(office.days, one.arrived) :]:
            if mailing.day > one.end:
                return
            self._read_on(mailing.day)
            if _RULES[mailing.name](self, mailing):
                sent = one.log(mailing.day, 610, mailing.what, campaign=mailing.campaign)
                self._respond(mailing, sent)

    def _read_on(self, day: int) -> None:
        """Read the acts before this day."""
        if self.back < day:
            self.one.reads, self.back = True, LONG_AGO
        acts = self.acts
        while self.seen < len(acts) and acts[self.seen].day < day:
            row = acts[self.seen]
            self.seen += 1
            self.act, self.sign = max(self.act, row.day), max(self.sign, row.day)
            if row.what in GIFTS or row.what == "Monthly gift":
                self.gift = row.day
                if row.what in GIFTS and not row.undone and id(row) not in self.thanked:
                    self.forgotten = row.day
            elif row.what == "Petition signed":
                self.petition = row.day
            elif row.hours:
                self.help = row.day

    # -- recipients -----------------------------------------------------------------------------

    def gets_newsletter(self, m: Mailing) -> bool:
        """Select readers, until a year and a half without a sign of life."""
        return self.one.reads and m.day - self.sign < 540

    def gets_appeal(self, m: Mailing) -> bool:
        """Select donors of the last years and some others; seldom a donor of the last weeks."""
        if self.cold_letters and self.act < 0:
            self.cold_letters -= 1
            return True
        since = m.day - self.gift
        if since < 45 and self.office.chance(m.day, 0.3, 0.9):
            return False  # has just given
        if since < 800:
            return self.draw() < 0.8
        near = self.one.reads or m.day - self.act < 500
        return near and m.day - self.sign < 540 and self.draw() < 0.4

    def gets_reminder(self, m: Mailing) -> bool:
        """Select donors of last year who have not given this year."""
        return 330 < m.day - self.gift < 730 and self.office.chance(m.day, 0.6, 0.3)

    def gets_report(self, m: Mailing) -> bool:
        """Select donors of the last 400 days for the impact report."""
        return m.day - self.gift < 400 and self.office.chance(m.day, 0.6, 0.9)

    def gets_update(self, m: Mailing) -> bool:
        """Select signers of the last 400 days for the petition update."""
        return m.day - self.petition < 400 and self.office.chance(m.day, 0.7, 0.85)

    def gets_invitation(self, m: Mailing) -> bool:
        """Select readers, and supporters with an act in the last two years."""
        return (self.one.reads or m.day - self.act < 800) and self.draw() < 0.6

    def gets_helpers(self, m: Mailing) -> bool:
        """Select volunteers, and a few supporters with a recent act."""
        return m.day - self.help < 700 or (m.day - self.act < 200 and self.draw() < 0.2)

    def gets_action(self, m: Mailing) -> bool:
        """Select signers of the last two years."""
        return m.day - self.petition < 730 and self.draw() < 0.6

    def gets_survey(self, m: Mailing) -> bool:
        """Select a few supporters with a recent act."""
        return m.day - self.act < 400 and self.draw() < 0.2

    def gets_gratitude(self, m: Mailing) -> bool:
        """Select donors without thanks in the year before for a call, and a few others."""
        forgot = m.day - self.forgotten < 400 and self.office.chance(m.day, 0.0, 0.9)
        return forgot or (m.day - self.gift < 400 and self.draw() < 0.04)

    def gets_yearly_receipt(self, m: Mailing) -> bool:
        """Select donors by bank; donors online get a receipt at once."""
        return self.one.by_bank and m.day - self.gift < 400

    # -- responses -------------------------------------------------------------------------------

    def _respond(self, mailing: Mailing, sent: Contact) -> None:
        fate = self.draw()
        match mailing.name:
            case "newsletter":
                self._on_newsletter(sent, fate)
            case "spring" | "year-end" | "reminder":
                self._on_appeal(sent, fate)
            case "invitation" if fate < 0.1:
                rsvp = self._sign(sent, "Said yes to invitation", 5)
                if self.draw() < 0.8:
                    self._sign(rsvp, "Came to an event", 15, act=True)
            case "action" if fate < 0.35:
                word = "Shared our post" if fate < 0.04 else "Petition signed"
                word = "Letter to the council" if fate < 0.012 else word
                self._sign(sent, word, 8, act=True)
            case "survey" if fate < 0.3:
                survey = self._sign(sent, "Survey returned", 12, act=True)
                if self.office.chance(sent.day, 0.3, 0.9):
                    self.one.log(survey.day + 40, 600, "What you told us", survey)
            case _:
                return

    def _on_newsletter(self, sent: Contact, fate: float) -> None:
        if fate < self.one.curious:
            opened = self._sign(sent, "Newsletter opened", 4)
            if fate < 0.05:
                self._sign(opened, "Newsletter link clicked", 0)
            elif fate < 0.062:
                wrote = self._sign(opened, "Wrote back", 0, act=True)
                self.office.react(self.one, wrote)
        elif fate > 0.98:
            self._leave(sent, fate)

    def _on_appeal(self, sent: Contact, fate: float) -> None:
        """Link the gift that follows, if there is one; some supporters leave instead."""
        upcoming = self.acts[self.seen] if self.seen < len(self.acts) else None
        if upcoming and upcoming.what in GIFTS and sent.day < upcoming.day <= sent.day + 30:
            if fate < 0.7:
                upcoming.answers, upcoming.campaign = sent, sent.campaign
        elif fate > 0.99:
            self._leave(sent, fate)

    def _leave(self, sent: Contact, fate: float) -> None:
        """Unsubscribe the supporter, or (seldom) let them object to everything."""
        if fate > 0.999:
            stop = self._sign(sent, "Asked us to stop", 3)
            self.one.end = min(self.one.end, stop.day)
        elif fate > 0.996:
            self._sign(sent, "Mail returned", 0)
            self.one.reads = False
        elif self.one.reads:
            left = self._sign(sent, "Unsubscribed", 2)
            self.one.reads = False
            if self.draw() < 0.06:
                self.back = left.day + 150
                self.one.log(self.back, 1200, "Subscribed again")

    def _sign(self, to: Contact, what: str, within: int, *, act: bool = False) -> Contact:
        """Add the supporter's answer to a row, some days later."""
        day = to.day + int(self.draw() * (within + 1))
        minute = 600 + int(self.draw() * 700)
        if day == to.day and minute <= to.minute:
            minute = min(to.minute + 10, 1439)
        self.sign = max(self.sign, day)
        if act:
            self.act = max(self.act, day)
            if what == "Petition signed":
                self.petition = day
        return self.one.log(day, minute, what, to)


_RULES: dict[str, Callable[[Correspondence, Mailing], bool]] = {
    "newsletter": Correspondence.gets_newsletter,
    "spring": Correspondence.gets_appeal,
    "year-end": Correspondence.gets_appeal,
    "reminder": Correspondence.gets_reminder,
    "report": Correspondence.gets_report,
    "update": Correspondence.gets_update,
    "invitation": Correspondence.gets_invitation,
    "helpers": Correspondence.gets_helpers,
    "action": Correspondence.gets_action,
    "gratitude": Correspondence.gets_gratitude,
    "survey": Correspondence.gets_survey,
    "yearly receipt": Correspondence.gets_yearly_receipt,
}
