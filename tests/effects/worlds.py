"""Made-up charities with a pattern whose effect is known, and counting by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from dateutil.relativedelta import relativedelta
from sqlalchemy import Engine

from ladder.coverage import Coverage
from ladder.effects.arrays import Floats, Ints, Mask
from ladder.effects.cells import Group, Tally
from ladder.effects.matching import After, Before
from ladder.language.aggregates import count
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.selectors import any_touchpoint, kind
from ladder.language.spans import days, ever
from ladder.model.calendars import to_instant
from ladder.model.organisations import Organisation
from ladder.replay import Source, replay
from ladder.storage.store import Store
from tests.databases import fresh_sqlite
from tests.storage.rows import frame, touchpoint

ALDER = Organisation(key="alder", zone="Europe/Berlin")
NOW = to_instant(datetime(2026, 1, 1, tzinfo=UTC))
INDEX = date(2022, 12, 31)
ALL = (Coverage(selector=any_touchpoint),)

appeal, gift = kind("appeal"), kind("donation")


def pattern(key: str, **more: Any) -> Pattern:
    """Found for thirty days after each appeal, unless told otherwise."""
    condition = more.pop("condition", count(appeal, days(30)) >= 1)
    fields = {"side": "organisation", "title": f"Pattern {key}"} | more
    return Pattern(key=key, grades=(Grade(severity="low", condition=condition),), **fields)


ASKED = pattern("P1", name="asked")
PLAIN = Ladder(
    key="plain",
    patterns=(ASKED,),
    suppress_when=count(kind("objected") | kind("deceased"), ever) >= 1,
)

Row = dict[str, Any]


def on(
    supporter: str, day: date, what: str = "donation", euros: float | None = None, **more: Any
) -> Row:
    """A touchpoint at noon (UTC) of that day."""
    at = to_instant(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    if euros is not None:
        more = {"amount": round(euros * 100), "currency": "EUR"} | more
    direction = "outbound" if what == "appeal" else "inbound"
    return touchpoint(supporter, what, at, **{"direction": direction} | more)


@contextmanager
def stored(
    folder: Path,
    rows: Iterable[Row],
    ladder: Ladder = PLAIN,
    coverage: Iterable[Coverage] = ALL,
    engine: Engine | None = None,
) -> Iterator[Store]:
    """These touchpoints, replayed into a database."""
    made = engine or fresh_sqlite(folder / "weighed.db")
    try:
        source = Source.of_frames(frame(*rows))
        replay(made, ALDER, ladder, [source], now=NOW, coverage=coverage)
        with made.connect() as connection:
            yield Store.open(connection, ALDER.key)
    finally:
        made.dispose()


@dataclass(frozen=True)
class Charity:
    """Supporters who last gave one, eight or twenty months before INDEX, some of them asked since.

    Those who gave lately give again more often, by `chances`, and are asked more often, by `asked`;
    having been asked adds `effect` to the chance. Everything is drawn by the seed.
    """

    people: int = 1200
    effect: float = 0.0
    chances: tuple[float, float, float] = (0.7, 0.4, 0.15)
    asked: tuple[float, float, float] = (0.6, 0.3, 0.1)
    seed: int = 0
    months: tuple[int, int, int] = field(default=(1, 8, 20))

    def rows(self) -> list[Row]:
        """Their touchpoints."""
        chance = random.Random(self.seed)
        rows = [on("founder", date(2019, 1, 5), euros=10), on("founder", date(2025, 6, 1), euros=1)]
        for number in range(self.people):
            rows += self._one(f"s{number:05}", chance)
        return rows

    def _one(self, supporter: str, chance: random.Random) -> Iterator[Row]:
        group = chance.randrange(3)
        last = INDEX - relativedelta(months=self.months[group]) - timedelta(chance.randrange(20))
        for back in range(chance.choice((1, 1, 2, 4))):
            yield on(supporter, last - timedelta(60 * back), euros=chance.choice((10, 25, 60, 200)))
        asked = chance.random() < self.asked[group]
        if asked:
            yield on(supporter, INDEX - timedelta(chance.randrange(40)), "appeal")
        if chance.random() < self.chances[group] + self.effect * asked:
            later = INDEX + timedelta(chance.randrange(1, 360))
            yield on(supporter, later, euros=round(chance.lognormvariate(3.2, 0.8), 2))


def tally_of(
    dates: Iterable[tuple[Ints, Mask, Mask, Floats]], size: int, record: Any = None
) -> Tally:
    """A tally of cells, pattern, giving and money given outright, a row for each date."""
    tally = Tally(size)
    for cell, exposed, gave, money in dates:
        supporter = np.flatnonzero(gave)
        given = np.zeros((3, size), np.float32) if record is None else record
        before = Before(cell.astype(np.int16), given)
        group = Group.of(before, np.ones(size, np.bool_))
        tally.add(group, exposed, After(supporter, money[supporter].astype(np.int64)))
    return tally


def people(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Everybody's touchpoints."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["supporter"], []).append(row)
    return found


def without(rows: Iterable[Row], which: Callable[[Row], bool]) -> list[Row]:
    """The touchpoints of which that is not so."""
    return [row for row in rows if not which(row)]
