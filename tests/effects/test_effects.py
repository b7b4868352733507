"""The statistics, against a published table, the library's regression, and the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from ladder.effects import estimates
from ladder.effects.arrays import Floats, Ints, Mask
from ladder.effects.cells import Tally
from ladder.effects.estimates import degrees, inflation, mean_amount, shares
from tests.effects.worlds import tally_of

# Deaths under tolbutamide and placebo in the University Group Diabetes Program, by age (below 55,
# 55 and above), as in Rothman, Greenland and Lash, Modern Epidemiology (3rd ed. 2008), chapter 15:
# dead and surviving, treated and not.
TOLBUTAMIDE = ((8, 98, 5, 115), (22, 76, 16, 69))


def published() -> Tally:
    """That trial as supporters: a death is a gift."""
    rows = []
    for cell, (a1, b1, a0, b0) in enumerate(TOLBUTAMIDE):
        for number, x, y in ((a1, 1, 1), (b1, 1, 0), (a0, 0, 1), (b0, 0, 0)):
            rows += [(cell, x, y)] * number
    cell, x, y = np.array(rows).T
    date = (cell, x == 1, y == 1, y * 100.0)
    return tally_of([date], len(cell))


def test_mantel_haenszel_estimates_of_a_published_trial() -> None:
    said = shares(published())
    assert round(said.ratio.value, 2) == 1.33
    assert round(said.difference.value, 3) == 0.035
    # Both are ratios of the same weighted sums.
    assert said.exposed / said.compared == pytest.approx(said.ratio.value)
    assert said.exposed - said.compared == pytest.approx(said.difference.value)


def test_intervals_of_disjoint_cells_are_those_of_the_textbook() -> None:
    """Greenland and Robins (1985) for the ratio, Sato (1989) for the difference."""
    said = shares(published())
    a1, b1, a0, b0 = np.array(TOLBUTAMIDE, float).T
    n1, n0 = a1 + b1, a0 + b0
    n = n1 + n0
    top, bottom = np.sum(a1 * n0 / n), np.sum(a0 * n1 / n)
    spread = np.sum((n1 * n0 * (a1 + a0) - a1 * a0 * n) / n**2) / (top * bottom)
    reach = stats.t.ppf(0.975, 203)
    assert said.ratio.low == pytest.approx(top / bottom * math.exp(-reach * spread**0.5), rel=0.02)
    assert said.ratio.high == pytest.approx(top / bottom * math.exp(reach * spread**0.5), rel=0.02)
    weight = np.sum(n1 * n0 / n)
    p = np.sum((n1**2 * a0 - n0**2 * a1 + n1 * n0 * (n0 - n1) / 2) / n**2)
    q = np.sum((a1 * (n0 - a0) + a0 * (n1 - a1)) / (2 * n))
    error = (said.difference.value * p + q) ** 0.5 / weight
    assert said.difference.high - said.difference.value == pytest.approx(reach * error, rel=0.02)


def some(seed: int, size: int = 300, dates: int = 3) -> list[tuple[Ints, Mask, Mask, Floats]]:
    """Supporters in a few cells at several dates, alike from date to date."""
    draw = np.random.default_rng(seed)
    frailty = draw.normal(0, 0.12, size)
    habit = draw.random(size)
    found = []
    for _ in range(dates):
        cell = draw.integers(0, 12, size)
        x = habit + draw.normal(0, 0.3, size) < 0.15 + 0.03 * cell
        y = draw.random(size) < 0.2 + 0.03 * cell + frailty + 0.1 * x
        found.append((cell, x, y, np.round(y * draw.lognormal(8, 0.8, size))))
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("of", ["gave", "money"])
def test_difference_and_error_are_those_of_the_librarys_regression(seed: int, of: str) -> None:
    dates = some(seed)
    tally = tally_of(dates, 300)
    cells = np.concatenate([100 * date + cell for date, (cell, *_) in enumerate(dates)])
    x = np.concatenate([each[1] for each in dates]).astype(float)
    y = np.concatenate([each[2 if of == "gave" else 3] for each in dates]).astype(float)
    supporter = np.tile(np.arange(300), len(dates))
    levels = (cells[:, None] == np.unique(cells)[None, :]).astype(float)
    both = (levels.T @ x > 0) & (levels.T @ (1 - x) > 0)
    kept = levels[:, both].any(axis=1)
    fit = sm.OLS(y[kept], np.column_stack([x[kept], levels[kept][:, both]])).fit(
        cov_type="cluster", cov_kwds={"groups": supporter[kept], "use_correction": False}
    )
    parts = tally.with_gave + tally.without_gave if of == "gave" else tally.amount
    slope = parts.sum() / tally.spread.sum()
    assert slope == pytest.approx(fit.params[0])
    error = np.sqrt(np.sum((parts - slope * tally.spread) ** 2)) / tally.spread.sum()
    assert error == pytest.approx(fit.bse[0])
    people, observations = len(np.unique(supporter[kept])), int(kept.sum())
    wider = people / (people - 1) * observations / (observations - both.sum() - 1)
    assert inflation(tally) == pytest.approx(wider)
    if of == "gave":
        said = shares(tally)
        reach = stats.t.ppf(0.975, degrees(tally)) * error * wider**0.5
        assert said.difference.value == pytest.approx(slope)
        assert said.difference.high - said.difference.value == pytest.approx(reach)


@pytest.mark.parametrize("seed", range(3))
def test_error_of_the_ratio_is_the_jackknifes(seed: int) -> None:
    dates = some(seed)
    said = shares(tally_of(dates, 300))
    left = []
    for one in range(300):
        keep = np.arange(300) != one
        some_of_them = [tuple(column[keep] for column in date) for date in dates]
        left.append(math.log(shares(tally_of(some_of_them, 299)).ratio.value))  # type: ignore[arg-type]
    jackknife = math.sqrt(299 / 300 * sum((each - np.mean(left)) ** 2 for each in left))
    reach = stats.t.ppf(0.975, degrees(tally_of(dates, 300)))
    ours = math.log(said.ratio.high / said.ratio.value) / reach
    assert ours == pytest.approx(jackknife, rel=0.08)


def simulated(
    seed: int, *, gap: float = 0.0, times: float = 1.0, size: int = 300, own: float = 0.1
) -> Tally:
    """A charity where having the pattern adds `gap` to the chance of giving, or multiplies it.

    Three dates, cells of very different sizes, chances that differ between cells and go with having
    the pattern, supporters who are likely to have it again and likely to give again.
    """
    draw = np.random.default_rng(10_000 + seed)
    frailty = draw.uniform(-own, own, size)
    habit = draw.random(size)
    dates = []
    for _ in range(3):
        cell = np.minimum(draw.geometric(0.06, size), 40)
        level = 0.15 + 0.35 * (cell % 5) / 5
        x = 0.7 * habit + 0.3 * draw.random(size) < 0.15 + 0.06 * (cell % 5)
        chance = level * np.where(x, times, 1.0) + gap * x + frailty * (1 if times == 1 else 0)
        y = draw.random(size) < chance
        money = np.round(y * draw.lognormal(8, 0.9, size))
        dates.append((cell, x, y, money))
    return tally_of(dates, size)


RUNS = 200


def held(inside: list[bool]) -> None:
    """An interval of 95 % holds the truth in 90 to 99 of 100 runs."""
    assert 0.90 <= np.mean(inside) <= 0.99, np.mean(inside)


@pytest.mark.parametrize("gap", [0.0, -0.12, 0.1])
def test_interval_of_the_difference_holds_the_truth(gap: float) -> None:
    said = [shares(simulated(seed, gap=gap)).difference for seed in range(RUNS)]
    held([each.low <= gap <= each.high for each in said])
    assert np.mean([each.value for each in said]) == pytest.approx(gap, abs=0.012)


@pytest.mark.parametrize("times", [1.0, 1.6, 0.6])
def test_interval_of_the_ratio_holds_the_truth(times: float) -> None:
    said = [shares(simulated(seed, times=times, own=0.0)).ratio for seed in range(RUNS)]
    held([each.low <= times <= each.high for each in said])


def test_intervals_hold_their_level_with_few_cases_and_small_cells() -> None:
    inside = []
    for seed in range(RUNS):
        draw = np.random.default_rng(seed)
        cell = draw.integers(0, 60, 150)
        x = draw.random(150) < 0.3
        y = draw.random(150) < 0.2 + 0.005 * cell + 0.15 * x
        difference = shares(tally_of([(cell, x, y, y * 1.0)], 150)).difference
        inside.append(difference.low <= 0.15 <= difference.high)
    held(inside)


def test_null_effect_is_significant_in_one_of_twenty() -> None:
    striking = [shares(simulated(seed)).p < 0.05 for seed in range(RUNS)]
    assert 0.01 <= np.mean(striking) <= 0.10


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.0, -0.12])
def test_interval_of_the_amount_holds_the_truth(
    gap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "DRAWS", 499)
    truth = gap * math.exp(8 + 0.9**2 / 2)
    said = [mean_amount(simulated(seed, gap=gap), seed) for seed in range(RUNS)]
    held([each is not None and each.low <= truth <= each.high for each in said])


def test_amount_is_the_same_every_time_and_moves_little_with_the_seed() -> None:
    tally = simulated(1, size=3000)
    first, again, other = (mean_amount(tally, seed) for seed in (0, 0, 1))
    assert first is not None
    assert other is not None
    assert first == again
    assert first.value == pytest.approx(other.value)
    width = first.high - first.low
    assert abs(first.low - other.low) < 0.1 * width
    assert abs(first.high - other.high) < 0.1 * width


def test_effect_without_money_has_no_interval() -> None:
    cell, x, y, _ = some(0)[0]
    assert mean_amount(tally_of([(cell, x, y, np.zeros(300))], 300), 0) is None


def test_p_values_are_adjusted_for_their_number() -> None:
    assert estimates.allowed_for([]) == []
    assert estimates.allowed_for([0.01, 0.04, 0.5]) == pytest.approx([0.03, 0.08, 0.5])
