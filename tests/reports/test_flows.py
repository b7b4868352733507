"""Movements are counted once each, where they lead to; lapses where they come from."""

from __future__ import annotations

from ladder.reports.flows import flows
from ladder.storage.rows import Movement
from tests.six_patterns import six

LADDER = six()


def moved(
    kind: str, before: str, after: str, *, cause: str = "clock", peak: bool = False
) -> Movement:
    return Movement(
        id=1,
        supporter_id=1,
        key="anna",
        at=0,
        until=None,
        kind=kind,
        before=before,
        height_before=0,
        after=after,
        height_after=0,
        skipped="",
        new_peak=peak,
        cause=cause,
        causes=(),
        recorded_at=0,
    )


MOVES = [
    moved("arrived", "", "hearing", peak=True),
    moved("arrived", "", "donating", peak=True),
    moved("climbed", "hearing", "donating", peak=True),
    moved("crossed", "donating", "volunteering"),
    moved("slipped", "volunteering", "hearing"),
    moved("lapsed", "hearing", ""),
    moved("lapsed", "donating", ""),
    moved("returned", "", "donating"),
]


def test_movements_are_counted_once() -> None:
    counted = flows(LADDER, MOVES)
    assert sum(counted.totals.values()) == len(MOVES)
    assert sum(sum(place.counts.values()) for place in counted.places) == len(MOVES)
    assert sum(number for _, _, number in counted.paths) == len(MOVES)
    assert counted.peaks == 3


def test_lapses_are_counted_at_the_rung_they_left() -> None:
    places = {place.rungs: place.counts for place in flows(LADDER, MOVES).places}
    assert places["hearing"] == {
        "arrived": 1, "returned": 0, "climbed": 0, "crossed": 0, "slipped": 1, "lapsed": 1,
    }  # fmt: skip
    assert places["donating"]["lapsed"] == 1
    assert places["evangelising"] == dict.fromkeys(places["hearing"], 0)
    assert "" not in places


def test_paths_come_most_frequent_first() -> None:
    paths = flows(LADDER, [*MOVES, moved("arrived", "", "donating")]).paths
    assert paths[0] == ("Unreached", "Donating", 3)


def test_version_boundaries_and_suppressions_are_no_flow() -> None:
    seam = moved("climbed", "hearing", "donating", cause="definition")
    quiet = moved("silenced", "donating", "")
    assert sum(flows(LADDER, [seam, quiet]).totals.values()) == 0
