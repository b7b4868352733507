"""Estimates with intervals from counts, as far as possible by statsmodels and SciPy.

- The risk ratio is statsmodels' Mantel-Haenszel estimate over all cells. The two shares are its
  numerator and denominator, each divided by the weights. So their difference is the
  Mantel-Haenszel risk difference, and their ratio is the risk ratio.
- Neither library has intervals for these that count a supporter in cells of several dates as one.
  These intervals are those of the regression that the difference is (see `cells`), clustered by
  supporter. The levels of the cells count as estimated (Arellano 1987; Cameron and Miller 2015, the
  formula known as CR1). Student's t has the number of supporters of the smaller side, less one, as
  degrees of freedom. The tests compare them with statsmodels' own regression.
- The mean amount is skewed: its interval is SciPy's bootstrap (BCa), drawing supporters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests

from ladder.effects.arrays import Floats, sums
from ladder.effects.cells import Tally
from ladder.effects.results import LEVEL, Effect

DRAWS: Final = 1999
"""Bootstrap samples."""
HANDS: Final = 2000
"""Above this number, supporters are dealt at random into as many hands, and hands are drawn."""


class Shares(NamedTuple):
    """The shares that gave on both sides, their difference and ratio, and its p-value."""

    exposed: float
    compared: float
    difference: Effect
    ratio: Effect
    p: float


def shares(tally: Tally) -> Shares:
    """Estimate the Mantel-Haenszel risk difference and ratio; both sides must have givers."""
    n1, a1, n0, a0 = tally.cells
    weight = float(np.sum(n1 * n0 / (n1 + n0)))
    table = StratifiedTable(np.array([[a1, n1 - a1], [a0, n0 - a0]], np.float64))
    ratio = float(table.riskratio_pooled)
    exposed = float(np.sum(a1 * n0 / (n1 + n0))) / weight
    compared = exposed / ratio
    difference = exposed - compared
    inflated = inflation(tally)
    scores = tally.with_gave + tally.without_gave - difference * tally.spread
    error = float(np.sqrt(inflated * np.sum(scores**2))) / weight
    logs = tally.with_gave + ratio * tally.without_gave
    log_error = float(np.sqrt(inflated * np.sum(logs**2))) / (exposed * weight)
    student = stats.t(degrees(tally))
    reach = float(student.ppf((1 + LEVEL) / 2))
    return Shares(
        exposed,
        compared,
        Effect(difference, difference - reach * error, difference + reach * error),
        Effect(
            ratio,
            ratio * float(np.exp(-reach * log_error)),
            ratio * float(np.exp(reach * log_error)),
        ),
        float(2 * student.sf(abs(difference) / error)) if error else 1.0,
    )


def mean_amount(tally: Tally, seed: int) -> Effect | None:
    """Estimate the difference of mean amounts; None with fewer than three non-zero residuals."""
    parts, weights = _dealt(tally, seed)
    estimate = float(parts.sum() / weights.sum())
    residual = parts - estimate * weights
    if np.count_nonzero(residual) < 3:  # noqa: PLR2004  (nothing to draw from)
        return None
    drawn = stats.bootstrap(
        (parts, weights),
        _slope,
        paired=True,
        vectorized=True,
        n_resamples=DRAWS,
        batch=200,
        confidence_level=LEVEL,
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    wider = float(np.sqrt(inflation(tally)))
    low, high = (estimate + (float(bound) - estimate) * wider for bound in drawn)
    return Effect(estimate, low, high)


def _slope(parts: Floats, weights: Floats, axis: int) -> Floats:
    slope: Floats = parts.sum(axis) / weights.sum(axis)
    return slope


def _dealt(tally: Tally, seed: int) -> tuple[Floats, Floats]:
    """Return the numerator and denominator parts of all supporters, or of hands of them."""
    parts, weights = tally.amount[tally.inside], tally.spread[tally.inside]
    if len(parts) <= HANDS:
        return parts, weights
    hands = np.random.default_rng(seed).permutation(len(parts)) % HANDS
    return sums(hands, parts), sums(hands, weights)


def inflation(tally: Tally) -> float:
    """Return the factor for clustered variances with finitely many clusters and cells.

    It is G / (G - 1) for G supporters, times n / (n - K - 1) for n observations. K is the number of
    cells, whose levels are estimated together with one slope.
    """
    people = int(np.count_nonzero(tally.inside))
    n1, _, n0, _ = tally.cells
    observations, levels = int(n1.sum() + n0.sum()), len(n1)
    return people / (people - 1) * observations / max(1, observations - levels - 1)


def degrees(tally: Tally) -> int:
    """Return the degrees of freedom: the supporters of the smaller side, less one."""
    return max(1, int(tally.matched.sum(axis=1).min()) - 1)


def allowed_for(ps: Sequence[float]) -> list[float]:
    """Adjust the p-values for their number (Holm 1979)."""
    if not ps:
        return []
    return [float(adjusted) for adjusted in multipletests(ps, method="holm")[1]]
