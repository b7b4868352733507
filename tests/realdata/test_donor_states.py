"""The nine donor states of each calendar year, against counts made independently with pandas."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from tests.realdata.published import COUNTED, FILES, GIVING, reference
from tests.realdata.replays import Replay, shared

pytestmark = pytest.mark.shared_data

YEARS = [
    *(("swiss", year) for year in range(2018, 2026)),
    *(("gdq", year) for year in range(2012, 2018)),
]


def states(replay: Replay, year: int) -> dict[str, str]:
    """Everybody's state at the end of a year; who is no one person has none."""
    standing = replay.standing(replay.end_of(date(year, 12, 31)))
    return dict(standing.select("supporter", "after").iter_rows())


def given(replay: Replay, year: int) -> Counter[str]:
    """Each donor's gifts of a year in minor units, as a plain sum of what was read."""
    calendar = replay.organisation.calendar
    since, until = calendar.instant(date(year, 1, 1)), calendar.instant(date(year + 1, 1, 1))
    rows = replay.frame.filter((pl.col("at") >= since) & (pl.col("at") < until))
    return Counter(dict(rows.group_by("supporter").agg(pl.col("amount").sum()).iter_rows()))


@pytest.fixture(params=YEARS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def case(request: pytest.FixtureRequest) -> tuple[Replay, int, dict[str, str]]:
    name, year = request.param
    published = reference(shared(*FILES[name]), year)
    replay: Replay = request.getfixturevalue(name)
    return replay, year, published


def test_states_have_the_sizes_of_the_reference(
    case: tuple[Replay, int, dict[str, str]],
) -> None:
    replay, year, published = case
    found = Counter(states(replay, year).values())
    assert {state: found[state] for state in COUNTED} == {
        state: int(published[state]) for state in COUNTED
    }
    assert sum(found[state] for state in GIVING) == int(published["donors_cur"])


def test_gains_and_losses_of_states_match_the_reference_to_the_cent(
    case: tuple[Replay, int, dict[str, str]],
) -> None:
    replay, year, published = case
    now, last = given(replay, year), given(replay, year - 1)
    deltas: Counter[str] = Counter()
    for supporter, state in states(replay, year).items():
        deltas[state] += now[supporter] - last[supporter]
    for state in COUNTED:
        # The reference is written as floats: their last digit is noise, cents are not.
        expected = Decimal(published[f"{state}_delta_amount"]).quantize(Decimal("0.01"))
        assert Decimal(deltas[state]) / 100 == expected, state


def test_supporters_have_at_most_one_state(swiss: Replay) -> None:
    assert not swiss.result.movements["after"].str.contains("+", literal=True).any()
    assert swiss.result.movements["height_after"].max() == 1


def test_years_end_by_the_clock_and_not_by_a_gift(swiss: Replay) -> None:
    """Lapses happen at midnight in Zürich, without a touchpoint."""
    lapses = swiss.result.movements.filter(
        pl.col("after").str.starts_with("lapsed") & (pl.col("cause") == "clock")
    )
    calendar = swiss.organisation.calendar
    midnights = {calendar.instant(date(year, 1, 1)) for year in range(2017, 2040)}
    assert set(lapses["at"]) <= midnights
    assert (
        lapses.height
        == swiss.result.movements.filter(pl.col("after").str.starts_with("lapsed")).height
    )
