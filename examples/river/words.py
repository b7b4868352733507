"""The words of the charity's contact list, each with its kind of touchpoint.

A mapping for ``contacts.csv`` needs only `WORDS`: every word of the column ``what``, its kind of
touchpoint, the channel in the list, and the purposes and audience that differ from the kind's
default.
"""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """One word of the column ``what``."""

    kind: str  # kind of touchpoint, as `ladder` names it
    channel: str
    purposes: str = ""  # comma-separated; "" where the kind's own default is meant
    audience: str = ""  # individual | broadcast; "" where the kind's own default is meant
    asks_for: str = ""  # money | time | voice; "" where the kind's own default is meant


WORDS: dict[str, Word] = {
    # money in
    "Online gift": Word("donation", "web"),
    "Bank gift": Word("donation", "bank"),  # a bare date
    "Gift at the stall": Word("donation", "in person"),
    "Gift in memory": Word("donation", "bank"),  # a bare date
    "Monthly gift set up": Word("commitment_started", "web"),
    "Monthly gift": Word("instalment", "bank"),  # answers the set-up; a bare date
    "Monthly gift paused": Word("commitment_paused", "email"),  # answers the set-up, as do
    "Monthly gift resumed": Word("commitment_resumed", "email"),  # these two
    "Monthly gift ended": Word("commitment_ended", "email"),
    "Sponsored paddle pledge": Word("pledge", "web"),
    "Paddle pledge paid": Word("payment", "bank"),  # answers the pledge; a bare date
    "Calendar bought": Word("purchase", "web"),
    "Membership fee": Word("membership", "bank"),  # a bare date
    # money back: each answers what it undoes, with a positive amount
    "Refund": Word("refund", "web"),
    "Card chargeback": Word("chargeback", "bank"),
    "Direct debit returned": Word("payment_failed", "bank"),  # answers an instalment; a bare date
    "Booked in error": Word("void", "office"),
    # time (hours in their column)
    "River clean-up shift": Word("volunteer_shift", "in person"),
    "Tree planting shift": Word("volunteer_shift", "in person"),
    "Water testing shift": Word("volunteer_shift", "in person"),
    "Came to an event": Word("event_attended", "in person"),
    "Hosted a garden meeting": Word("event_hosted", "in person"),
    "Skilled help": Word("in_kind_service", "in person"),
    # voice
    "Petition signed": Word("petition_signed", "web"),
    "Shared our post": Word("shared", "social"),
    "Letter to the council": Word("letter_sent", "email"),
    "Fundraising page opened": Word("fundraiser_started", "web"),
    # word
    "Wrote back": Word("reply", "email"),
    "Comment": Word("comment", "social"),
    "Question": Word("question", "email"),
    "Complaint": Word("complaint", "email"),
    "Feedback": Word("feedback", "in person"),
    "Survey returned": Word("survey_answered", "web"),
    # signal
    "Newsletter sign-up": Word("subscribed", "web"),
    "Follows us": Word("followed", "social"),
    "Newsletter opened": Word("email_opened", "email"),
    "Newsletter link clicked": Word("email_clicked", "email"),
    "Website visit": Word("site_visited", "web"),
    "Field guide downloaded": Word("downloaded", "web"),
    "Said yes to invitation": Word("rsvp", "email"),
    "Signed up for a shift": Word("volunteer_signup", "web"),
    # the charity's own side
    "Appeal letter": Word("appeal", "post", audience="broadcast"),
    "Appeal email": Word("appeal", "email", audience="broadcast"),
    "Thank-you with appeal": Word(
        "thank_you", "post", purposes="ask,thank", audience="individual", asks_for="money"
    ),
    "Invitation": Word("invitation", "email", audience="broadcast"),
    "Call for helpers": Word("volunteer_call", "email", audience="broadcast"),
    "Call to act": Word("action_call", "email", audience="broadcast"),
    "Thank-you letter": Word("thank_you", "post", audience="individual"),
    "Thank-you email": Word("thank_you", "email", audience="individual"),
    "Thank-you call": Word("thank_you", "phone", audience="individual"),
    "Impact report": Word("impact_report", "email", audience="broadcast"),
    "Petition update": Word("impact_report", "email", audience="broadcast"),
    "What you told us": Word("impact_report", "email", audience="individual"),
    "Newsletter": Word("newsletter", "email", audience="broadcast"),
    "Welcome note": Word("message", "email", purposes="inform", audience="individual"),
    "Our reply": Word("message", "email", purposes="help", audience="individual"),
    "Phone call": Word("call", "phone", purposes="listen", audience="individual"),
    "Walk along the river": Word("meeting", "in person", purposes="listen", audience="individual"),
    "Survey sent": Word("survey_sent", "email", audience="broadcast"),
    "Birthday card": Word("birthday_card", "post", audience="individual"),
    # service
    "Receipt": Word("receipt", "email"),
    "Yearly receipt": Word("receipt", "post"),
    "Booking confirmation": Word("confirmation", "email"),
    # status
    "Unsubscribed": Word("unsubscribed", "email"),
    "Subscribed again": Word("resubscribed", "web"),
    "Asked us to stop": Word("objected", "phone"),
    "Died": Word("deceased", "office"),  # a bare date
    "Mail returned": Word("bounced", "email"),
    "Joined our staff": Word("staff_joined", "office"),
    "Left our staff": Word("staff_left", "office"),
}

BARE_DATES = frozenset(
    {
        "Bank gift",
        "Gift in memory",
        "Monthly gift",
        "Paddle pledge paid",
        "Membership fee",
        "Direct debit returned",
        "Died",
    }
)
"""Words whose rows carry a date and no time of day."""

GIFTS = frozenset(word for word, it in WORDS.items() if it.kind == "donation")
"""The words for a gift that is an occasion of giving."""

_ACTS = {
    "donation",
    "instalment",
    "pledge",
    "payment",
    "purchase",
    "membership",
    "volunteer_shift",
    "event_attended",
    "event_hosted",
    "in_kind_service",
    "petition_signed",
    "shared",
    "letter_sent",
    "fundraiser_started",
    "reply",
    "comment",
    "question",
    "complaint",
    "feedback",
    "survey_answered",
}
ACTS = frozenset(word for word, it in WORDS.items() if it.kind in _ACTS)
"""The words for something that a supporter did: money, time, voice or word. Not mere signals."""
