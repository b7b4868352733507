"""Donor states partition time: one holds at every instant after the first gift."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ladder import catalogue
from ladder.documents import parse_condition
from ladder.model.intervals import complement, intersection, union
from tests.engines.tables import Life

GAVE = 'total(donation or instalment or payment, ever) > "0"'


@st.composite
def givers(draw: st.DrawFn) -> Life:
    """Gifts around the turn of fiscal years, some given back in part or whole."""
    days = [date(2020 + year, 7, 14) for year in range(5)]
    rows: list[tuple[Any, ...]] = []
    for number in range(draw(st.integers(1, 7))):
        day = draw(st.sampled_from(days)) + timedelta(days=draw(st.sampled_from((0, 1, 2, -200))))
        kind = draw(st.sampled_from(("donation", "donation", "instalment", "payment", "reply")))
        amount = draw(st.sampled_from((0, 10, 10, 20)))
        rows.append((day.isoformat(), kind, {"external_id": str(number), "amount": amount}))
        if draw(st.integers(0, 3)) == 0:
            back = day + timedelta(days=draw(st.sampled_from((0, 1, 400))))
            less = draw(st.sampled_from((None, 5, 10)))
            rows.append((back.isoformat(), "refund", {"answers": str(number), "amount": less}))
    return Life(rows, fiscal=(7, 15))


@given(givers())
def test_donor_has_exactly_one_state_and_others_have_none(life: Life) -> None:
    ladder = catalogue.load("donor_states")
    reading = life.evaluation(ladder)
    states = [reading.episodes(rung.condition) for rung in ladder.rungs]
    for number, episodes in enumerate(states):
        for other in states[:number]:
            assert intersection(episodes, other) == []
    gave = reading.episodes(parse_condition(GAVE))
    assert union(episode for episodes in states for episode in episodes) == gave


def test_states_with_and_without_a_gift_this_year_are_disjoint_and_complete() -> None:
    life = Life([("2020-03-01", "donation", {"amount": 10}), ("2022-03-01", "reply")])
    reading = life.evaluation(catalogue.load("donor_states"))
    line = (life.instant("2020-03-01"), life.instant("2030-01-01"))
    new = reading.episodes(catalogue.load("donor_states").rung("new").condition)
    assert complement(new, line) == [(life.instant("2021-01-01"), life.instant("2030-01-01"))]
