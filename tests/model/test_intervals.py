"""Episodes against plain sets of points."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from ladder.model import intervals as e

LINE = (0, 30)
STRETCHES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)
EPISODES = STRETCHES.map(e.union)


def points(stretches: list[tuple[int, int]]) -> set[int]:
    return {point for start, end in stretches for point in range(start, end)}


def tidy(found: e.Episodes) -> bool:
    """Sorted, none empty, none touching the next."""
    edges = [edge for episode in found for edge in episode]
    return edges == sorted(set(edges))


@given(STRETCHES)
def test_union_holds_where_any_stretch_does(stretches: list[tuple[int, int]]) -> None:
    found = e.union(stretches)
    assert points(found) == points(stretches)
    assert tidy(found)


@given(EPISODES, EPISODES)
def test_intersection_holds_where_both_do(left: e.Episodes, right: e.Episodes) -> None:
    found = e.intersection(left, right)
    assert points(found) == points(left) & points(right)
    assert tidy(found)


@given(EPISODES)
def test_complement_holds_on_the_rest_of_the_line(episodes: e.Episodes) -> None:
    found = e.complement(episodes, LINE)
    assert points(found) == points([LINE]) - points(episodes)
    assert tidy(found)


@given(EPISODES)
def test_instant_is_shown_when_its_touchpoints_have_acted(episodes: e.Episodes) -> None:
    found = e.visible(episodes)
    assert points(found) == {place // 2 for place in points(episodes) if place % 2}
    assert tidy(found)


@given(EPISODES, st.integers(-1, 31))
def test_next_change_is_where_it_first_differs(episodes: e.Episodes, point: int) -> None:
    on = points(episodes)
    assert e.holds(episodes, point) == (point in on)
    later = (other for other in range(point + 1, 32) if (other in on) != (point in on))
    assert e.next_change(episodes, point) == next(later, None)


def test_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(e).failed == 0
