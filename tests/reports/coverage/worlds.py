"""Small logs, made of so many touchpoints a month, and what a survey says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import polars as pl

from ladder.catalogue import read
from ladder.coverage import Coverage
from ladder.documents import parse_selector
from ladder.language.ladders import Ladder
from ladder.model.calendars import Calendar
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from ladder.model.touchpoint_frame import SCHEMA
from ladder.reports.coverage import Survey, survey_of_frames
from ladder.reports.metrics.months import first_day

ALDER = Organisation(key="alder", zone="Europe/Berlin", currency="EUR")
CALENDAR = ALDER.calendar

THANKS = """
[ladder]
key = "thanks"
suppress_when = 'do_not_contact()'
[include]
patterns = ["O1"]
[[rung]]
key = "giving"
enter = 'count(donation, months(12)) >= 1'
"""


def ladder(text: str = THANKS) -> Ladder:
    return read(text).ladder


def number(month: str) -> int:
    """2024-03 as a number since January 1970."""
    year, of_year = map(int, month.split("-"))
    return (year - 1970) * 12 + of_year - 1


def rows(
    kind: str, source: str, since: str, numbers: Sequence[int], people: int = 20
) -> list[dict[str, Any]]:
    """So many in each month from `since` on, on its first days, by one person after the other."""
    made = []
    for place, many in enumerate(numbers):
        start = first_day(number(since) + place)
        made += [
            row(kind, start.replace(day=1 + n % 28), f"p{n % people:02}", source)
            for n in range(many)
        ]
    return made


def row(
    kind: str, day: date, supporter: str = "ada", source: str = "office", **more: Any
) -> dict[str, Any]:
    known = KINDS[kind]
    said = {
        "supporter": supporter,
        "kind": kind,
        "at": CALENDAR.instant(day),
        "date_only": True,
        "direction": known.direction,
        "purposes": ",".join(sorted(known.purposes)),
        "asks_for": known.asks_for,
        "automated": known.automated,
        "audience": known.audience,
        "source": source,
    }
    return said | more


def frame(made: Iterable[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(SCHEMA) | each for each in made], schema=SCHEMA)


def surveyed(
    made: Iterable[dict[str, Any]],
    *declared: Coverage,
    now: str = "2026-04-20",
    by: Ladder | None = None,
    batch: int = 1000,
) -> Survey:
    whole = frame(made)
    instant = CALENDAR.as_of(date.fromisoformat(now))
    frames = whole.iter_slices(batch)
    return survey_of_frames(frames, ALDER, by or ladder(), declared, now=instant)


def declaration(
    of: str, source: str | None = None, since: str | None = None, until: str | None = None
) -> Coverage:
    calendar: Calendar = CALENDAR
    edges = {}
    if since is not None:
        edges["since"] = calendar.instant(date.fromisoformat(since))
    if until is not None:
        edges["until"] = calendar.as_of(date.fromisoformat(until)) + 1
    return Coverage(selector=parse_selector(of), source=source, **edges)
