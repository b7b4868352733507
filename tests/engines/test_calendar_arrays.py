"""Many days at once are led where one day is led."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ladder.engines.columnar.calendar_arrays import (
    Days,
    day_ends,
    day_starts,
    days_of,
    leads,
    unit_starts,
)
from ladder.language.spans import Duration, days, end_of, months, years
from ladder.model.calendars import DAY, FOREVER, HOUR, LAST_DAY, Calendar

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


CRUEL = ("Pacific/Apia", "America/Havana", "America/Sao_Paulo", "Pacific/Kwajalein", "Asia/Manila")
"""Zones that skip a day, begin days at one o'clock, or have an hour twice at midnight."""


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", *CRUEL])
def test_instants_fall_on_the_same_day(zone: str) -> None:
    calendar, chance = Calendar(zone), random.Random(2)
    edges = [calendar.day_start(day) for day in range(-10, 15_400, 5)]
    edges += [calendar.day_start(day) for day in range(8_600, 8_640)]  # Kwajalein skips a day
    edges += [calendar.day_start(day) for day in range(15_330, 15_345)]  # Apia skips a day
    chosen = [edge + more for edge in edges for more in (-1, 0, 1, chance.randrange(DAY))]
    expected = [calendar.day_of(instant) for instant in chosen]
    assert days_of(calendar, np.array(chosen)).tolist() == expected
    few = Days.between(calendar, chosen[0], chosen[0])
    assert few.of(np.array(chosen[:1])).tolist() == expected[:1]


def test_days_far_apart_and_without_end_are_counted() -> None:
    calendar = Calendar("Europe/Berlin")
    far = calendar.day_start(LAST_DAY) + 5 * HOUR
    instants = np.array([FOREVER, far, 0, FOREVER, -far])
    days = [LAST_DAY + 1, LAST_DAY, 0, LAST_DAY + 1, calendar.day_of(-far)]
    assert days_of(calendar, instants).tolist() == days
    assert days_of(calendar, instants[:2]).tolist() == days[:2]
    assert days_of(calendar, instants[:1]).tolist() == days[:1]
    assert days_of(calendar, instants[:0]).tolist() == []


def test_days_start_and_durations_end_at_the_same_instant() -> None:
    for calendar in CALENDARS:
        chosen = sample()
        starts = [calendar.day_start(day) for day in chosen]
        assert day_starts(calendar, np.array(chosen)).tolist() == starts
        ends = [calendar.day_end(months(13).lead(calendar, day)) for day in chosen]
        assert day_ends(calendar, months(13), np.array(chosen)).tolist() == ends
