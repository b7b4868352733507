"""Many days at once are led where one day is led."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ladder.calendars import LAST_DAY, Calendar
from ladder.columnar.clock import leads, unit_starts
from ladder.spans import Duration, days, end_of, months, years

CALENDARS = (
    Calendar("Europe/Berlin", 7, 15),
    Calendar("Pacific/Apia"),
    Calendar("America/Sao_Paulo", 2, 28),
    Calendar("UTC", 1, 31),
)
DURATIONS = (
    days(0), days(31), months(1), months(13), years(4), years(9000), end_of("day"), end_of("week"),
    end_of("month", 2), end_of("quarter", 1), end_of("year"), end_of("fiscal_year", 1),
    months(1) + days(10), years(1) + end_of("quarter"),
)  # fmt: skip


def sample() -> list[int]:
    """Days of a century around 1970 and the last ones there are."""
    chance = random.Random(1)
    far = [LAST_DAY - chance.randrange(800) for _ in range(40)]
    return [chance.randrange(-20_000, 30_000) for _ in range(400)] + far


@pytest.mark.parametrize("duration", DURATIONS, ids=str)
@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.zone)
def test_durations_lead_to_the_same_day(calendar: Calendar, duration: Duration) -> None:
    chosen = sample()
    together = leads(calendar, duration, np.array(chosen))
    ends = [calendar.day_end(int(day)) for day in together]
    assert ends == [calendar.day_end(duration.lead(calendar, day)) for day in chosen]


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year", "fiscal_year"])
def test_units_start_on_the_same_day(unit: str) -> None:
    for calendar in CALENDARS:
        chosen = sample()
        together = unit_starts(calendar, unit, np.array(chosen))  # type: ignore[arg-type]
        assert together.tolist() == [calendar.unit_start(unit, day) for day in chosen]  # type: ignore[arg-type]
