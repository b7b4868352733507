"""One supporter at a time, in any order: the reference evaluator ends where the replay ends."""

from __future__ import annotations

import random

import pytest

from tests.realdata.replays import Replay

pytestmark = pytest.mark.shared_data

DATASETS = {
    "leeds": 150, "npsp": 93, "cdnow": 150, "swiss": 100, "gdq": 150, "virtuous": 9,
    "currencies": 1,
}  # fmt: skip
"""How many supporters are drawn of each."""

GIVERS = ("npsp", "swiss", "gdq", "virtuous", "currencies")
"""The others hold no gifts: the patterns say nothing of them."""


@pytest.fixture(params=DATASETS)
def replay(request: pytest.FixtureRequest) -> tuple[Replay, list[str]]:
    """A dataset and some of its supporters, the busiest among them."""
    whole: Replay = request.getfixturevalue(request.param)
    return whole, whole.sample(DATASETS[request.param])


def test_reference_evaluator_tells_the_same_movements(
    replay: tuple[Replay, list[str]],
) -> None:
    whole, people = replay
    assert whole.told_live(people, random.Random(1)) == whole.told(people)


@pytest.mark.parametrize("name", GIVERS)
def test_engines_find_the_same_patterns_under_full_coverage(
    name: str, request: pytest.FixtureRequest
) -> None:
    """On the default ladder, whose patterns then judge every gift that nobody thanked for."""
    whole: Replay = request.getfixturevalue(name)
    people = whole.sample(DATASETS[name])
    default = whole.among(people).on_default(logged=True)
    assert default.result.findings.height > 0
    assert default.told_live(people, random.Random(2)) == default.told(people)
