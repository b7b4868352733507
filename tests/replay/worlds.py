"""A small ladder, a small log, and everything that a database holds."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Engine, select

from ladder.coverage import Coverage
from ladder.language.aggregates import count, total
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.selectors import inbound, kind, outbound, referred
from ladder.language.spans import days, ever, until
from ladder.model.calendars import DAY
from ladder.model.organisations import Organisation
from ladder.storage.models import Base
from tests.storage.rows import frame, touchpoint

ALDER = Organisation(key="alder", zone="Europe/Berlin")
NOW = 1000 * DAY
EVERYTHING = (Coverage(selector=inbound), Coverage(selector=outbound))

gift, thanks = kind("donation"), kind("thank_you")
LITTLE = Ladder(
    key="little",
    rungs=(
        Rung(key="caring", enter=count(inbound, days(90)) >= 1),
        Rung(key="giving", enter=total(gift, days(365)) >= "50 EUR"),
        Rung(key="bringing", enter=count(referred(gift), ever) >= 1),
    ),
    patterns=(
        Pattern(
            key="P1",
            name="unthanked",
            side="organisation",
            grades=(Grade(severity="low", condition=count(gift, days(30) & until(thanks)) >= 1),),
            requires_text="every thank-you",
        ),
    ),
)


def gift_of(supporter: str, day: float, euros: int = 60, **more: Any) -> dict[str, Any]:
    """A donation, in the middle of that day."""
    amount = {"amount": euros * 100, "currency": "EUR"}
    return touchpoint(supporter, at=int((day + 0.5) * DAY), **amount | more)


def thank_you(supporter: str, day: float, **more: Any) -> dict[str, Any]:
    """A letter of thanks."""
    return touchpoint(
        supporter,
        "thank_you",
        int((day + 0.5) * DAY),
        direction="outbound",
        purposes="thank",
        **more,
    )


def log(people: int = 12) -> pl.DataFrame:
    """A few years of a few people: gifts, thanks, refunds, voids, and some who brought others."""
    rows = []
    for n in range(people):
        supporter = f"p{n}"
        bringer = {"referrer": f"p{n - 1}"} if n % 3 == 2 else {}
        rows += [gift_of(supporter, 10 * n + 100 * k, 20 + n * k, external_id=f"g{n}.{k}",
                         **bringer)
                 for k in range(n % 5 + 1)]  # fmt: skip
        thanked = {"answers_source": "test", "answers_id": f"g{n}.0", "external_id": f"t{n}"}
        rows.append(thank_you(supporter, 10 * n + 3, **thanked))
        role = ("refund", "void")[n % 2]
        answer = {"answers_source": "test", "answers_id": f"g{n}.{n % 2}", "external_id": f"r{n}"}
        rows.append(
            touchpoint(supporter, role, (10 * n + 150) * DAY, **answer | {"direction": None})
        )
    return frame(*rows)


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def beliefs(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return the current rows, without ids and times of recording."""
    left_out = {"id", "recorded_at", "retracted_at"}
    found = {}
    with engine.connect() as connection:
        for name in ("ladder_movement", "ladder_finding", "ladder_supporter"):
            table = Base.metadata.tables[name]
            columns = [column for column in table.c if column.name not in left_out]
            query = select(*columns)
            if "retracted_at" in table.c:
                query = query.where(table.c.retracted_at.is_(None))
            found[name] = sorted(map(tuple, connection.execute(query)), key=repr)
    return found
