"""Random histories of giving, thanking, asking and answering, close enough to meet each other.

Drawn from a seeded `Random`: hypothesis likes few rows with the first of everything, and gifts and
their thanks hardly ever meet in those.
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from ladder.engines.reference.facts import Row
from ladder.model.calendars import DAY, HOUR, Calendar, to_day
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from tests.reports.metrics.plainly import NEVER

PEOPLE = (1, 2, 3, 4, 5)
HERS = (
    *("donation",) * 5, "question", "question", "complaint", "reply", "commitment_started",
    "instalment", "pledge", "payment", "volunteer_signup",
)  # fmt: skip
OURS = (
    *("thank_you",) * 4, "receipt", *("appeal",) * 3, "impact_report", "impact_report", "message",
    "message", "newsletter", "call", "volunteer_call", "confirmation",
)  # fmt: skip
RARE = ("refund", "refund", "chargeback", "void", "unsubscribed")

STARTS = (
    date(2012, 2, 27), date(2012, 3, 23), date(2012, 10, 19), date(2011, 12, 28), date(2012, 6, 30),
)  # fmt: skip
"""Before a leap day, the clocks going forward and back (in two hemispheres), a skipped day, a
month's end."""

LATER = (0, 0, 1, 1, 2, 2, 3, 3, 4, 13, 14, 15, 31, 180, 181)
HOURS = (None, None, 0, 10 * HOUR, 10 * HOUR, 10 * HOUR + 1, 14 * HOUR, 24 * HOUR - 1)
STEPS = (
    0, 0, 1, HOUR, 24 * HOUR - 1, 24 * HOUR, 24 * HOUR + 1, 48 * HOUR, 48 * HOUR, 48 * HOUR + 1,
    72 * HOUR, 72 * HOUR + 1, 5 * DAY, 20 * DAY,
)  # fmt: skip
"""From one touchpoint to the next: at the very ends of the times allowed, and just past them."""


def rows(rng: Random, organisation: Organisation, each: int = 12) -> list[Row]:
    """Touchpoints of five people; half of what is said answers something of the same person."""
    made: list[Row] = []
    for supporter in PEOPLE:
        start = rng.choice(STARTS)
        for _ in range(rng.randint(1, each)):
            made.append(_row(rng, organisation, supporter, start, made))
        if rng.random() < 0.15:
            made.append(_row(rng, organisation, supporter, start, made, "objected"))
    return made


def _row(
    rng: Random,
    organisation: Organisation,
    supporter: int,
    start: date,
    made: list[Row],
    name: str | None = None,
) -> Row:
    name = name or rng.choice((*HERS, *HERS, *OURS, *OURS, *RARE))
    kind, n = KINDS[name], len(made)
    hers = [row for row in made if row.supporter == supporter]
    gifts = [row for row in hers if row.kind in ("donation", "commitment_started")] or hers
    at, date_only = _moment(rng, organisation.calendar, start)
    before = rng.choice(hers) if hers else None
    if before is not None and rng.random() < 0.6:
        assert isinstance(before.at, int)
        at, date_only = before.at + rng.choice(STEPS), False
    answers = None
    if kind.role or (hers and rng.random() < 0.5):
        likely = gifts if kind.role == "refund" or rng.random() < 0.5 else hers
        answers = rng.choice(likely).external_id if likely else "nowhere"
    money = kind.family == "money" or kind.role == "refund"
    amount = rng.choice((None, 1000, 2500)) if money else None
    told = {"purposes": kind.purposes, "direction": kind.direction}
    if kind.direction == "outbound":
        told["purposes"] = rng.choice(
            (*(kind.purposes,) * 6, kind.purposes | {"ask"}, kind.purposes | {"report"})
        )
    return Row(
        id=n,
        supporter=supporter,
        kind=name,
        at=at,
        date_only=date_only,
        direction=kind.direction,
        purposes=",".join(sorted(told["purposes"] or ())),
        asks_for=rng.choice((kind.asks_for, kind.asks_for, kind.asks_for, "money", None)),
        audience=rng.choice((kind.audience, "individual", "broadcast", None)),
        automated=rng.choice((*(kind.automated,) * 6, True)),
        campaign=rng.choice((None, None, "spring", "winter")),
        amount=amount,
        currency=None if amount is None else "EUR",
        answers_id=answers,
        referrer=rng.choice((*(None,) * 8, *(other for other in PEOPLE if other != supporter))),
        source="crm",
        external_id=str(n),
        details=rng.choice((*(None,) * 8, '{"expects_reply":true}', '{"expects_reply":false}')),
    )


def _moment(rng: Random, calendar: Calendar, start: date) -> tuple[int, bool]:
    """An instant and whether it is known only by date."""
    day = calendar.day_start(to_day(start) + rng.choice(LATER))
    hour = rng.choice(HOURS)
    return (day, True) if hour is None else (day + hour, False)


def question(rng: Random, rows: list[Row]) -> dict[str, Any]:
    """A log that is complete during some stretches, a time, and a present, all near the rows."""
    instants = sorted({row.at for row in rows if isinstance(row.at, int)})
    edges = sorted(rng.choice(instants) + rng.choice((0, 0, 1, 40 * DAY)) for _ in range(2))
    stretches = rng.choice(
        (
            *([(-NEVER, NEVER)],) * 3,
            [(edges[0], NEVER)],
            [(-NEVER, edges[1])],
            [(-NEVER, edges[0]), (edges[1], NEVER)],
        )
    )
    later = rng.choice((0, 1, DAY, 10 * DAY))
    now = rng.choice((rng.choice(instants) + later, *(instants[-1] + 200 * DAY,) * 2))
    return {
        "complete": [(since, until) for since, until in stretches if since < until],
        "period": (rng.choice((instants[0], instants[0], edges[0])), now + 1),
        "now": now,
        "receipts": rng.random() < 0.3,
    }
