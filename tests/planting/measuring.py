"""Hits and misses: what the catalogue finds in lives in which it is known what there is to find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cached_property
from random import Random
from typing import Final, NamedTuple

import polars as pl

from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row, row_of
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import findings
from ladder.language.ladders import Ladder
from ladder.language.selectors import any_touchpoint
from ladder.model.calendars import to_instant
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from tests.histories import SCHEMA
from tests.planting import organisation, relationship, supporter
from tests.planting.lives import BERLIN, Life, Plant, Planter
from tests.shipped_patterns import catalogue

HERE: Final = Organisation(key="made", zone="Europe/Berlin", currency="EUR")
LOGGED: Final = (Coverage(selector=any_touchpoint),)
PLANTERS: Final[dict[str, Planter]] = {
    **organisation.PLANTERS, **supporter.PLANTERS, **relationship.PLANTERS,
}  # fmt: skip


class Found(NamedTuple):
    """A stretch of a finding."""

    supporter: int
    pattern: str
    severity: str
    at: int
    until: int


@dataclass
class Count:
    """Counts for one pattern: planted lives and hits, clean lives and false findings."""

    planted: int = 0
    hit: int = 0
    clean: int = 0
    accused: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Hits of what was planted: from the very instant on, at its severity."""
        return self.hit / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Share of the findings that was planted."""
        told = self.hit + self.accused
        return self.hit / told if told else 1.0


@dataclass(frozen=True)
class World:
    """Lives drawn from a seed: each planter so often, and as many that were treated well."""

    seed: int
    times: int
    ladder: Ladder = field(default_factory=catalogue)

    @cached_property
    def plants(self) -> list[tuple[str, Plant]]:
        """Which pattern is planted, or nearly, in which life."""
        return [
            (key, plant)
            for key, planter in PLANTERS.items()
            for turn in range(self.times)
            for plant in planter(Random(f"{key} {self.seed} {turn}"))
        ]

    @cached_property
    def well(self) -> list[Life]:
        """Lives in which nothing is to be found."""
        draws = (Random(f"well {self.seed} {turn}") for turn in range(3 * self.times))
        return [relationship.treated_well(draw) for draw in draws]

    @cached_property
    def rows(self) -> list[list[Row]]:
        """Everybody's touchpoints, numbered."""
        lives = [*(plant.life for _, plant in self.plants), *self.well]
        return list(_numbered(lives))

    def columnar(self) -> list[Found]:
        """Everybody at once."""
        rows = [row for mine in self.rows for row in mine]
        frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
        said = columnar.evaluate(frame, self.ladder, HERE, LOGGED).findings
        return sorted(Found(*row) for row in said.rows())

    def live(self, among: Iterable[int]) -> list[Found]:
        """One after the other, by the reference evaluator."""
        return sorted(found for number in among for found in self._of(number))

    def _of(self, number: int) -> Iterator[Found]:
        kinds = self.ladder.kinds
        history = History.from_rows(self.rows[number], HERE, kinds, supporter=number)
        reading = Evaluation(history, HERE, self.ladder, LOGGED)
        for each in findings(reading, self.ladder):
            yield Found(number, each.pattern, each.severity, each.at, each.until)


def _numbered(lives: Sequence[Life]) -> Iterator[list[Row]]:
    number = 0
    for index, life in enumerate(lives):
        mine = []
        for touchpoint in life.touchpoints(f" of {index}"):
            filled = touchpoint.with_defaults(KINDS.find(touchpoint.kind))
            mine.append(row_of(filled, number, HERE, KINDS)._replace(supporter=index))
            number += 1
        yield mine


def measured(world: World, found: Iterable[Found]) -> dict[str, Count]:
    """By pattern. Of what else is true in a planted life nobody knows, and nothing is counted."""
    counts = {key: Count() for key in PLANTERS}
    by: dict[tuple[int, str], list[Found]] = defaultdict(list)
    for each in found:
        by[each.supporter, each.pattern].append(each)
    for index, (key, plant) in enumerate(world.plants):
        _judge(counts[key], key, plant, by[index, key])
    for index in range(len(world.plants), len(world.plants) + len(world.well)):
        for key, count in counts.items():
            if not key.startswith("M"):  # every relationship is in some mode
                count.clean += 1
                _accused(count, f"{key}: treated well", by[index, key])
    return counts


def _judge(count: Count, key: str, plant: Plant, found: Sequence[Found]) -> None:
    what = f"{key}: {plant.what}"
    if not plant.turns:
        count.clean += 1
        end = None if plant.watched is None else _instant(datetime.combine(plant.watched, time()))
        _accused(count, what, [each for each in found if end is None or each.at < end])
        return
    count.planted += 1
    if _as_planted(plant, found):
        count.hit += 1
    else:
        count.wrong.append(f"{what}: planted {plant.turns}, found {found}")


def _as_planted(plant: Plant, found: Sequence[Found]) -> bool:
    """Whether it begins at the first turn, and is as severe before and after each as it says."""
    begins = min((each.at for each in found), default=None)
    if begins != _instant(plant.turns[0].at):
        return False
    before: str | None = None
    for turn in plant.turns:
        at = _instant(turn.at)
        if (_severity(found, at - 1), _severity(found, at)) != (before, turn.severity):
            return False
        before = turn.severity
    return True


def _severity(found: Sequence[Found], at: int) -> str | None:
    return next((each.severity for each in found if each.at <= at < each.until), None)


def _accused(count: Count, what: str, found: Sequence[Found]) -> None:
    if found:
        count.accused += 1
        count.wrong.append(f"{what}: found {found[0]}")


def _instant(at: datetime) -> int:
    aware = at if at.tzinfo is not None else at.replace(tzinfo=BERLIN)
    return to_instant(aware.astimezone(UTC))
