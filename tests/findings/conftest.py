"""A charity that thanks late, at an hour that one can set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ladder.crm import CRM, Action, Finding
from ladder.documents.expression_parser import parse_condition, parse_selector
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from tests.crm.worlds import ALDER


def pattern(key: str, shows: str | None = None, **grades: str) -> Pattern:
    return Pattern(
        key=key,
        title=f"The pattern {key}",
        side="organisation",
        evidence=None if shows is None else parse_selector(shows),
        grades=tuple(
            Grade(severity=severity, condition=parse_condition(said))  # type: ignore[arg-type]
            for severity, said in grades.items()
        ),
    )


UNTHANKED = pattern(
    "U",
    shows="donation",
    low="count(donation, older_than(days(2), months(12)) and until(thank_you)) >= 1",
    high="count(donation, older_than(days(30), months(12)) and until(thank_you)) >= 1",
)
QUIET = pattern(
    "Q", low="count(appeal, months(2)) < 1 and count(donation, ever) >= 1", shows="appeal"
)
ABSENT = pattern("A", low="count(thank_you, months(2)) < 1")
DUTY = pattern("D", high="count(appeal.when(count(objected, ever) >= 1), months(12)) >= 1")
LATE = Ladder(
    key="late",
    rungs=(Rung(key="giving", enter=parse_condition("count(donation, months(12)) >= 1")),),
    patterns=(UNTHANKED, ABSENT, DUTY.model_copy(update={"safeguard": True})),
    suppress_when=parse_condition("count(objected or erased, ever) >= 1"),
)
"""A gift unthanked for two days or thirty; no thanks for two months; asked after an objection."""


@dataclass
class Host:
    """A host user who lists findings and acts on them, at a given time."""

    session: Session
    today: date = date(2024, 3, 1)

    def __post_init__(self) -> None:
        self.crm = CRM.create(self.session, ALDER, LATE, clock=self.clock)

    def clock(self) -> datetime:
        """Noon of today."""
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)

    def on(self, month: int, day: int, year: int = 2024) -> CRM:
        """The desk on another day."""
        self.today = date(year, month, day)
        return self.crm

    def record(
        self, kind: str, month: int, day: int, key: str, supporter: str = "ada", **more: Any
    ) -> None:
        """Record a touchpoint of a day, today (or on that day, if it is later)."""
        at = date(2024, month, day)
        self.today = max(self.today, at)
        self.crm.record(supporter=supporter, kind=kind, at=at, external_id=key, source="x", **more)

    def finding(self, key: str = "U", supporter: str = "ada", at: date | None = None) -> Finding:
        """The finding of that pattern today."""
        (found,) = (each for each in self.crm.findings(supporter, at) if each.pattern == key)
        return found

    def state(
        self, key: str = "U", supporter: str = "ada", at: date | None = None, **more: Any
    ) -> str:
        """Its state, or nothing."""
        found = [
            each.state for each in self.crm.findings(supporter, at, **more) if each.pattern == key
        ]
        return found[0] if found else "none"

    def dismiss(self, key: str = "U", reason: str = "thanked by phone", **more: Any) -> Action:
        return self.crm.dismiss(self.finding(key), reason=reason, **more)


@pytest.fixture
def host(engine: Engine) -> Iterator[Host]:
    """On 1 March 2024, nobody known yet."""
    with Session(engine) as session:
        yield Host(session)
