"""Random histories of giving, thanking, asking and answering, close enough to meet each other."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from ladder.calendars import DAY, HOUR, Calendar, to_day
from ladder.kinds import KINDS
from ladder.live.facts import Row
from ladder.organisations import Organisation

HERS = ("donation", "donation", "donation", "question", "complaint", "reply", "commitment_started",
        "instalment", "pledge", "payment", "volunteer_signup", "comment")  # fmt: skip
OURS = ("thank_you", "thank_you", "receipt", "appeal", "appeal", "impact_report", "message",
        "newsletter", "call", "volunteer_call", "confirmation")  # fmt: skip
RARE = ("refund", "refund", "chargeback", "void", "objected", "unsubscribed")

STARTS = (
    date(2012, 2, 27), date(2012, 3, 23), date(2012, 10, 19), date(2011, 12, 28), date(2012, 6, 30),
)  # fmt: skip
"""Before a leap day, the clocks going forward and back (in two hemispheres), a skipped day, a
month's end."""

LATER = (0, 0, 1, 1, 2, 2, 3, 3, 4, 13, 14, 15, 31, 180, 181)
HOURS = (0, 0, 10 * HOUR, 10 * HOUR, 10 * HOUR + 1, 14 * HOUR, 24 * HOUR - 1)


STEPS = (0, 0, 1, 24 * HOUR - 1, 24 * HOUR, 24 * HOUR + 1, 48 * HOUR, 48 * HOUR, 48 * HOUR + 1,
         72 * HOUR, 72 * HOUR + 1, HOUR)  # fmt: skip
"""From one touchpoint to the next: at the very ends of the times allowed, and just past them."""


@st.composite
def moments(draw: st.DrawFn, calendar: Calendar) -> tuple[int, bool]:
    """An instant and whether it is known only by date."""
    begin = draw(st.sampled_from((STARTS[1], STARTS[1], *STARTS)))
    start = calendar.day_start(to_day(begin) + draw(st.sampled_from(LATER)))
    hour = draw(st.sampled_from((None, *HOURS)))
    return (start, True) if hour is None else (start + hour, False)


@st.composite
def rows(draw: st.DrawFn, organisation: Organisation, most: int = 12) -> list[Row]:
    """Touchpoints of two people; half of what is said answers something of the same person."""
    made: list[Row] = []
    for n in range(draw(st.integers(1, most))):
        name = draw(st.sampled_from((*HERS, *HERS, *OURS, *OURS, *OURS, *RARE)))
        kind = KINDS[name]
        who = draw(st.sampled_from((1, 1, 1, 2)))
        hers = [row for row in made if row.supporter == who]
        gifts = [row for row in hers if row.kind == "donation"]
        at, date_only = draw(moments(organisation.calendar))
        if hers and draw(st.booleans()):
            before = draw(st.sampled_from(hers))
            assert isinstance(before.at, int)
            at, date_only = before.at + draw(st.sampled_from(STEPS)), False
        if kind.role == "refund" and gifts:
            hers = gifts
        answers = draw(st.sampled_from(hers)).external_id if hers and draw(st.booleans()) else None
        money = kind.family == "money" or kind.role == "refund"
        amount = draw(st.sampled_from((None, 1000, 2500))) if money else None
        purposes = draw(st.sampled_from((kind.purposes, kind.purposes, kind.purposes | {"ask"},
                                         kind.purposes | {"report"}, {"thank", "ask"})))  # fmt: skip
        outbound = kind.direction == "outbound"
        made.append(
            Row(
                id=n,
                supporter=who,
                kind=name,
                at=at,
                date_only=date_only,
                direction=kind.direction,
                purposes=",".join(sorted(purposes if outbound else kind.purposes)),
                asks_for=draw(st.sampled_from((kind.asks_for, kind.asks_for, "money", None))),
                audience=draw(st.sampled_from((kind.audience, "individual", "broadcast", None))),
                automated=draw(st.sampled_from((kind.automated, kind.automated, True))),
                campaign=draw(st.sampled_from((None, None, "spring", "winter"))),
                amount=amount,
                answers_id=answers or (str(draw(st.integers(0, n))) if kind.role else None),
                referrer=draw(st.sampled_from((None, None, None, 3 - who))),
                source="crm",
                external_id=str(n),
                details=draw(st.sampled_from((None, None, '{"expects_reply":true}',
                                              '{"expects_reply":false}'))),  # fmt: skip
            )
        )
    return made
