"""Random histories: several people at once, and the instants at which calendars are cruel.

Plain random dates miss month ends three times out of ten, so days are drawn around month ends, leap
days, clock changes and each other; many touchpoints share an instant.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ladder.engines.reference.facts import Row
from ladder.engines.reference.history import History
from ladder.model.calendars import DAY, HOUR, Calendar, to_day
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from tests.strategies import CAMPAIGNS, CHANNELS, KINDS_USED, TOPICS

PEOPLE = (1, 2, 3)
MORE_KINDS = ("refund", "chargeback", "void", "placed", "deceased", "receipt", "question")
RUNGS = ("one", "two", "three")

ORGANISATIONS = (
    Organisation(zone="UTC", currency="EUR"),
    Organisation(zone="Europe/Berlin", currency="EUR", fiscal_month=7, fiscal_day=15),
    Organisation(zone="America/Sao_Paulo", currency="EUR", fiscal_month=2, fiscal_day=28),
    Organisation(zone="Pacific/Apia", currency="EUR", fiscal_month=4),
    Organisation(zone="America/Havana", currency="EUR"),
)
DAYS = (
    date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31), date(2012, 1, 1), date(2012, 1, 31),
    date(2012, 2, 28), date(2012, 2, 29), date(2012, 3, 1), date(2012, 3, 25), date(2012, 3, 31),
    date(2012, 4, 30), date(2012, 10, 21), date(2012, 10, 28), date(2012, 11, 4),
    date(2012, 12, 31),
    date(2013, 1, 31), date(2013, 2, 28), date(2013, 3, 1), date(2013, 7, 14), date(2013, 7, 15),
)  # fmt: skip
ENDS = ("2012-01-01", "2012-02-29", "2012-12-31", "2013-06-30")


def organisations() -> SearchStrategy[Organisation]:
    """Zones that skip a day, begin days at one o'clock, repeat an hour at midnight."""
    return st.sampled_from(ORGANISATIONS)


@st.composite
def moments(draw: st.DrawFn, calendar: Calendar) -> tuple[int, bool]:
    """An instant and whether it is known only by date."""
    day = to_day(draw(st.sampled_from(DAYS))) + draw(st.sampled_from((0, 0, 0, 1, -1, 30)))
    start = calendar.day_start(day)
    if draw(st.booleans()):
        return start, True
    offsets = (0, 0, HOUR, 10 * HOUR, 10 * HOUR, 23 * HOUR, DAY - 1, HOUR + 1_500)
    return start + draw(st.sampled_from(offsets)), False


@st.composite
def rows(draw: st.DrawFn, organisation: Organisation, most: int = 9) -> list[Row]:
    """Touchpoints of a few people, with links, refunds, voids, placements and referrers."""
    number = draw(st.integers(1, most))
    keys = [str(n) for n in range(number)]
    made = []
    for n in range(number):
        name = draw(st.sampled_from((*KINDS_USED, *KINDS_USED, *MORE_KINDS)))
        kind = KINDS[name]
        person = draw(st.sampled_from((1, 1, 1, 2, 3)))
        at, date_only = draw(moments(organisation.calendar))
        answers = draw(st.none() | st.sampled_from(keys)) if number > 1 else None
        if kind.role and answers is None:
            answers = draw(st.sampled_from(keys))
        gifts = [row for row in made if KINDS[row.kind].family == "money" and row.external_id]
        if kind.role and gifts and draw(st.booleans()):
            gift = draw(st.sampled_from(gifts))
            person, answers = gift.supporter, gift.external_id
        given = kind.family == "money" or kind.role == "refund"
        amount = draw(st.sampled_from((None, 0, 1000, 2500, 4000))) if given else None
        made.append(
            Row(
                id=n,
                supporter=person,
                kind=name,
                at=at,
                date_only=date_only,
                direction=draw(st.sampled_from((kind.direction, kind.direction, "inbound", None))),
                purposes=",".join(sorted(draw(_purposes(kind.purposes)))),
                asks_for=draw(st.sampled_from((kind.asks_for, kind.asks_for, "money"))),
                channel=draw(st.none() | st.sampled_from(CHANNELS)),
                audience=draw(st.sampled_from((kind.audience, "individual", "broadcast"))),
                automated=draw(st.sampled_from((kind.automated, None, True))),
                campaign=draw(st.none() | st.sampled_from(CAMPAIGNS)),
                amount=amount,
                currency=None if amount is None else draw(st.sampled_from(("EUR", None))),
                quantity=draw(st.sampled_from((None, 1_000_000, 2_500_000))),
                answers_source=draw(st.sampled_from(("crm", None))) if answers else None,
                answers_id=answers,
                referrer=draw(st.sampled_from([None, None, *(p for p in PEOPLE if p != person)])),
                source="crm",
                external_id=keys[n] if draw(st.integers(0, 9)) else None,
                details=draw(_details(name)),
            )
        )
    return made


def _purposes(usual: frozenset[str]) -> SearchStrategy[frozenset[str]]:
    more = st.frozensets(st.sampled_from(("ask", "thank", "report")), max_size=2)
    return st.just(usual) | st.just(usual) | more


def _details(kind: str) -> SearchStrategy[str | None]:
    if kind == "placed":
        rung = st.sampled_from(RUNGS)
        until = st.none() | st.sampled_from(ENDS)
        return st.builds(
            lambda r, u: f'{{"rung":"{r}"}}' if u is None else f'{{"rung":"{r}","until":"{u}"}}',
            rung,
            until,
        )
    topics = st.sampled_from(TOPICS).map(lambda topic: f'{{"topic":"{topic}"}}')
    levels = st.sampled_from(('{"level":1}', '{"level":true}', '{"level":2,"vip":true}', "{}"))
    return st.none() | topics | levels


SCHEMA: dict[str, Any] = {
    "id": pl.Int64, "supporter": pl.Int64, "kind": pl.String, "at": pl.Int64,
    "date_only": pl.Boolean, "direction": pl.String, "purposes": pl.String, "asks_for": pl.String,
    "channel": pl.String, "audience": pl.String, "automated": pl.Boolean, "campaign": pl.String,
    "amount": pl.Int64, "currency": pl.String, "quantity": pl.Int64, "answers_source": pl.String,
    "answers_id": pl.String, "referrer": pl.Int64, "source": pl.String, "external_id": pl.String,
    "details": pl.String,
}  # fmt: skip


def frame(made: list[Row]) -> pl.DataFrame:
    """Return the rows as a touchpoint frame for the columnar evaluator."""
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


def of_person(made: list[Row], person: int) -> tuple[list[Row], list[Row]]:
    """Return a supporter's own rows, and the rows of others that refer to the supporter."""
    own = [row for row in made if row.supporter == person]
    others = [row for row in made if row.supporter != person]
    brought = [row for row in others if row.referrer == person or KINDS[row.kind].role]
    return own, brought


def history_of(made: list[Row], organisation: Organisation) -> History:
    own, others = of_person(made, 1)
    return History.from_rows(own, organisation, KINDS, others, supporter=1)
