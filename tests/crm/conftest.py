"""An organisation with a little ladder, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ladder.crm import CRM
from ladder.language.aggregates import count
from ladder.language.conditions import is_covered
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.selectors import kind, referred
from ladder.language.spans import ever, months, until
from tests.crm.worlds import ALDER, clock

GIFT = kind("donation")
LITTLE = Ladder(
    key="little",
    title="A little ladder",
    ground="nowhere",
    rungs=(
        Rung(key="hearing", title="Hearing", enter=count(kind("subscribed"), ever) >= 1),
        Rung(key="giving", title="Giving", enter=count(GIFT, months(12)) >= 1),
        Rung(key="bringing", title="Bringing", enter=count(referred(GIFT), months(12)) >= 1),
    ),
    patterns=(
        Pattern(
            key="U1",
            title="Not thanked",
            side="organisation",
            requires=is_covered(kind("thank_you"), months(12)),
            requires_text="Declare that thanks are logged.",
            grades=(
                Grade(
                    severity="high",
                    condition=count(GIFT, months(12) & until(kind("thank_you"))) >= 1,
                ),
            ),
        ),
    ),
)
"""Hearing, giving within a year, bringing others; and a gift nobody thanked for."""


@pytest.fixture
def crm(session: Session) -> CRM:
    """The organisation, committed."""
    crm = CRM.create(session, ALDER, LITTLE, clock=clock)
    session.commit()
    return crm
