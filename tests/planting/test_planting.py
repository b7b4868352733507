"""Planted patterns are found, to the instant, and no others; a changed pattern shows."""

from __future__ import annotations

import pytest

from ladder import catalogue as catalogue_room
from tests.planting.measuring import PLANTERS, World, measured
from tests.planting.page import PAGE, page
from tests.shipped_patterns import catalogue


@pytest.fixture(scope="module")
def world() -> World:
    """A few lives of each sort."""
    return World(seed=11, times=3)


def test_catalogue_patterns_are_all_planted() -> None:
    assert list(PLANTERS) == [each.key for each in catalogue_room.patterns()]


@pytest.mark.parametrize("key", PLANTERS)
def test_planted_cases_come_with_near_misses(world: World, key: str) -> None:
    plants = [plant for planted, plant in world.plants if planted == key]
    assert {bool(plant.turns) for plant in plants} == {True, False}


def test_planted_patterns_are_found_and_no_others(world: World) -> None:
    counts = measured(world, world.columnar())
    assert [line for each in counts.values() for line in each.wrong] == []
    assert {each.recall for each in counts.values()} == {1.0}
    assert {each.precision for each in counts.values()} == {1.0}


def test_engines_find_the_same(world: World) -> None:
    everybody = range(0, len(world.rows), 2)
    found = [each for each in world.columnar() if each.supporter in everybody]
    assert world.live(everybody) == found


CHANGED = {
    "thanks_late = 'days(3)'": "O1",
    "thanks_overdue = 'days(13)'": "O1",
    "thanks_missing = 'days(31)'": "O1",
    "major_donor = 'total(donation, months(12)) >= \"10000.01\"'": "O1",
    "report_due = 'days(181)'": "O6",
    "kindnesses = '4'": "O8",
    "answer_late = 'hours(25)'": "O10",
    "most_asks = '3'": "O14",
    "loop_due = 'days(89)'": "O16",
    "dormant_after = 'months(13)'": "S1",
}


@pytest.mark.parametrize("setting", CHANGED)
def test_threshold_that_is_off_by_one_shows(setting: str) -> None:
    changed, key = catalogue(setting), CHANGED[setting]
    only = changed.model_copy(update={"patterns": (changed.pattern(key),)})
    world = World(seed=11, times=1, ladder=only)
    assert measured(world, world.columnar())[key].wrong != []


def test_page_of_hits_and_misses_is_the_one_that_they_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.planting --write"
