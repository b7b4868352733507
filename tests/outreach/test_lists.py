"""A list is answered as each supporter of it would be, whatever its parts."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ladder import contact_rules
from ladder.contact_rules import Rules
from ladder.crm import CRM, MayAsk
from ladder.model.calendars import FOREVER, to_instant
from ladder.model.money import to_minor
from ladder.outreach import UNKNOWN_SUPPORTER, may_ask
from ladder.storage.adopted_ladders import in_force
from ladder.storage.store import Store
from ladder.testing import memory_session
from tests.crm.worlds import ALDER, clock
from tests.outreach.worlds import CHANNELS, LADDER, LAST, exists, history
from tests.sizes import seeds

OWN_RULES = """
[settings]
rest_after_gift = 'days(45)'

[[rule]]
key = "quiet_by_phone"
verdict = "not yet"
channels = ["phone"]
when = 'count(call and this_channel, days(60)) >= 1'
words = "they were called lately"
"""


def answers(session: Session, wishes: pl.DataFrame, at: date, rules: Rules) -> Any:
    """The list's answers, in tiny parts."""
    store = Store.open(session.connection(), "alder")
    (held,) = in_force(store)
    return may_ask(
        store, held.definition.root, held.ladder, rules, wishes,
        at=ALDER.calendar.as_of(at), now=to_instant(clock()), part_rows=7,
    )  # fmt: skip


def as_the_list(one: MayAsk) -> tuple[Any, ...]:
    """One supporter's answer in the form of a list's."""
    return (
        one.verdict,
        FOREVER if one.until is None else to_instant(one.until),
        None if one.at_most is None else to_minor(one.at_most, "EUR"),
        one.reasons,
        one.unknown,
        one.not_by,
        one.channels,
    )


def dismiss_some(crm: CRM, people: list[str], random: Random) -> None:
    for supporter in people:
        for finding in crm.findings(supporter):
            if random.random() < 0.3:
                crm.dismiss(finding, reason="there was a talk")


# A seed decides on the declared coverage too: none by 0 and 3, all by 1, thanks alone by 2.
CASES = [
    *((0, OWN_RULES), (2, None), (1, None), (3, OWN_RULES)),
    *((0, None), (2, OWN_RULES), (1, OWN_RULES), (3, None)),
]


@pytest.mark.parametrize(("seed", "own"), [CASES[n] for n in seeds(len(CASES))])
def test_list_gives_the_answer_of_a_single_question(seed: int, own: str | None) -> None:
    with memory_session() as session:
        check(session, seed, own)


def test_list_on_postgresql_gives_the_answer_of_a_single_question(pg_engine: Engine) -> None:
    with Session(pg_engine) as session:
        check(session, 1, OWN_RULES)


def check(session: Session, seed: int, own: str | None) -> None:
    """Everybody on the list, at three instants."""
    random = Random(seed)
    people = [f"p{number:02}" for number in range(25)]
    crm = CRM.create(session, ALDER, LADDER, clock=clock)
    crm.rules = own
    crm.record_many([each for supporter in people for each in history(random, supporter)])
    if seed % 3:
        crm.declare_coverage("inbound or outbound" if seed % 2 else 'purpose("thank")')
    known = [supporter for supporter in people if exists(crm, supporter)]
    dismiss_some(crm, known, Random(f"{seed} dismissed"))
    wishes = pl.DataFrame(
        [
            (supporter, random.choice(CHANNELS), random.choice((None, 1000, 20_000)))
            for supporter in [*random.choices(known, k=30), "nobody"]
        ],
        schema={"supporter": pl.String, "channel": pl.String, "amount": pl.Int64},
        orient="row",
    )
    met = set[str]()
    for at in (LAST, LAST - timedelta(days=90), LAST + timedelta(days=200)):
        rules = contact_rules.load(own, kinds=LADDER.kinds)
        found = answers(session, wishes, at, rules)
        for (supporter, channel, amount), row in zip(
            wishes.iter_rows(), found.frame.iter_rows(named=True), strict=True
        ):
            if supporter == "nobody":
                assert (row["verdict"], row["said"]) == (UNKNOWN_SUPPORTER, None)
                continue
            more = None if amount is None else str(amount // 100)
            one = crm.may_ask(supporter, at, channel=channel, amount=more)
            said = found.decided[row["said"]]
            there = (
                row["verdict"], row["until"], row["most"],
                said.reasons, said.unknown, said.other_channels, said.free,
            )  # fmt: skip
            assert there == as_the_list(one), (supporter, channel, amount, at)
            met.add(one.verdict)
    assert {"yes", "not yet"} <= met
