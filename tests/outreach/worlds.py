"""An organisation whose supporters are asked, thanked and left alone."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from ladder import catalogue
from ladder.crm import CRM
from ladder.model.touchpoints import Touchpoint
from ladder.storage.store import Store
from ladder.storage.supporters import supporter_id

LADDER = catalogue.load("default")
KINDS = (
    *("donation",) * 5, *("thank_you",) * 3, "impact_report", *("appeal",) * 4, "newsletter",
    "question", "complaint", "call", "meeting", "message", "subscribed", "unsubscribed",
    "resubscribed", "refund", "void", "petition_signed", "instalment", "commitment_started",
)  # fmt: skip
RARE = ("objected", "staff_joined", "staff_left", "deceased", "placed")
CHANNELS = (None, None, "email", "post", "phone", "sms")
FIRST = date(2022, 1, 1)
LAST = date(2024, 5, 31)


def history(random: Random, supporter: str) -> list[Touchpoint]:
    """Return random touchpoints, most of them in the weeks before the question."""
    made: list[Touchpoint] = []
    for number in range(random.choice((0, 1, 1, 2, 4, 7, 12))):
        kind = random.choice(RARE if random.random() < 0.06 else KINDS)
        days = (LAST - FIRST).days
        back = random.choice((random.randrange(40), random.randrange(200), random.randrange(days)))
        fields: dict[str, Any] = {"at": LAST - timedelta(days=back)}
        if kind in ("donation", "instalment", "refund"):
            fields["amount"] = random.choice(("5", "20", "250"))
        if kind == "placed":
            fields["details"] = {"rung": "donating"}
        if random.random() < 0.4:
            fields["channel"] = random.choice(CHANNELS[2:])
        if kind in ("refund", "void", "thank_you", "impact_report", "message") and made:
            answered = random.choice((*made, None))
            fields["answers"] = answered and answered.external_id
        made.append(
            Touchpoint(
                supporter=supporter,
                kind=kind,
                source="test",
                external_id=f"{supporter}-{number}",
                **fields,
            )
        )
    return made


def exists(crm: CRM, supporter: str) -> bool:
    """Whether the organisation knows the supporter."""
    return supporter_id(Store.open(crm.session.connection(), "alder"), supporter) is not None
