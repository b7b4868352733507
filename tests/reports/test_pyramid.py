"""The pyramid counts everybody once, and its drawings say what it says."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.language.ladders import Ladder, Rung
from ladder.reports.pyramid import Pyramid, pyramid, title_of
from ladder.reports.pyramid_charts import draw, svg
from ladder.storage.rows import Count
from tests.six_patterns import six

LADDER = six()
COUNTS = [
    Count("evangelising", 4, 2),
    Count("volunteering+donating", 3, 9),
    Count("volunteering", 3, 30),
    Count("donating", 3, 60),
    Count("engaging", 2, 97),
    Count("hearing", 1, 140),
    Count("", 0, 210),
]


def test_rungs_stand_by_height_and_the_ground_below() -> None:
    steps = pyramid(LADDER, COUNTS).steps
    assert [step.rungs for step in steps] == [count.rungs for count in COUNTS]
    assert [step.supporters for step in steps] == [count.supporters for count in COUNTS]
    assert steps[1].title == "Volunteering + Donating"


def test_empty_rung_is_listed() -> None:
    steps = pyramid(LADDER, []).steps
    assert [step.rungs for step in steps] == [
        "evangelising", "volunteering", "donating", "engaging", "hearing", "",
    ]  # fmt: skip
    assert all((step.supporters, step.share) == (0, None) for step in steps)


def test_shares_are_of_all_supporters() -> None:
    made = pyramid(LADDER, COUNTS)
    assert made.total == 548
    assert sum(step.share or 0 for step in made.steps) == pytest.approx(1)


def test_groups_below_ten_supporters_have_no_shares() -> None:
    nine = [Count("hearing", 1, 4), Count("donating", 3, 5)]
    made = pyramid(LADDER, nine)
    assert {step.share for step in made.steps} == {None}
    assert {line.share.strip() for line in draw(made)} == {""}
    assert "%" not in "".join(texts(made))
    ten = pyramid(LADDER, [*nine, Count("", 0, 1)])
    assert {line.share.strip() for line in draw(ten)} == {"0 %", "40 %", "50 %", "10 %"}


def test_removed_rung_is_named_by_its_key() -> None:
    assert title_of(LADDER, "donating+sponsoring") == "Donating + Sponsoring"


@given(
    st.lists(st.integers(0, 10**9), min_size=7, max_size=7),
    st.integers(40, 140),
    st.booleans(),
)
def test_drawing_fits_and_bars_grow_with_numbers(
    numbers: list[int], width: int, blocks: bool
) -> None:
    counts = [Count(each.rungs, each.height, n) for each, n in zip(COUNTS, numbers, strict=True)]
    drawn = draw(pyramid(LADDER, counts), width, blocks=blocks)
    rungs = [line for line in drawn if line.step.rungs]
    assert all(len(str(line)) <= max(width, 48) for line in drawn)
    by_number = sorted(rungs, key=lambda line: line.step.supporters)
    inked = [len(line.bar.replace(" ", "")) for line in by_number]
    assert inked == sorted(inked) or blocks, "half cells may look a cell wider"
    assert all(bool(line.bar.strip()) == (line.step.supporters > 0) for line in rungs)
    for line in rungs:
        if line.step.supporters:
            left = len(line.bar) - len(line.bar.lstrip())
            right = len(line.bar) - len(line.bar.rstrip())
            assert abs(left - right) <= 1, "bars are centred"


def test_bars_are_to_scale() -> None:
    rungs = (
        Rung(key="low", enter=LADDER.rungs[0].enter),
        Rung(key="high", enter=LADDER.rungs[1].enter),
    )
    small = Ladder(key="small", rungs=rungs)
    counts = [Count("low", 1, 100), Count("high", 2, 50), Count("", 0, 5000)]
    high, low, ground = draw(pyramid(small, counts), 60, blocks=False)
    assert low.bar.count("#") == pytest.approx(2 * high.bar.count("#"), abs=1)
    assert set(ground.bar) == {"="}, "the ground is the line that they stand on"


def test_small_numbers_have_a_visible_bar() -> None:
    counts = [Count("hearing", 1, 100_000), Count("donating", 3, 1)]
    drawn = {line.step.rungs: line for line in draw(pyramid(LADDER, counts))}
    assert drawn["donating"].bar.strip()
    assert drawn["donating"].share.strip() == "<1 %"
    assert drawn["volunteering"].share.strip() == "0 %"


def texts(made: Pyramid) -> list[str]:
    root = ET.fromstring(svg(made, "2026 & <all>"))  # noqa: S314 - our own drawing
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_svg_is_whole_and_loads_nothing() -> None:
    made = pyramid(LADDER, COUNTS)
    told = texts(made)
    assert "2026 & <all>" in told
    for step in made.steps:
        assert step.title in told
        assert f"{step.supporters:,}" in told
    drawing = svg(made)
    assert drawing.count("http") == 1, "the name of SVG itself"
    assert "href" not in drawing


def test_empty_pyramid_is_drawn_too() -> None:
    assert len(draw(pyramid(LADDER, []))) == 6
    assert "Hearing" in texts(pyramid(LADDER, []))
