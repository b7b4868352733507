"""Results of weighing: numbers about groups, never about individuals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ladder.language.ladders import Pattern

ASSOCIATED: Final = "Associated, not caused."
LEVEL: Final = 0.95
"""The confidence level of the intervals."""
STRIKING: Final = 1 - LEVEL
"""The p-value below which a difference is called striking; chance alone makes one as often."""

ALIKE: Final = 0.1
"""The largest difference, in standard deviations, at which the two sides count as alike."""


@dataclass(frozen=True)
class Effect:
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Arm:
    """One side of the comparison: supporters with the pattern, or without it.

    `matched` supporters had a like one on the other side at one date at least; `unmatched` were
    observed and never had one. `observations` counts a matched supporter once per index date. None:
    fewer than the smallest cell that is shown.

    `gave` is the share of the matched that gave within the months after. `amount` is their mean
    giving then, in minor units (0 for those who gave nothing). Both are weighted equally on both
    sides. `crude` is the share that gave among all observed supporters, unmatched and unweighted.
    """

    matched: int | None
    unmatched: int | None
    observations: int | None
    gave: float
    crude: float
    amount: float


@dataclass(frozen=True)
class Balance:
    """The similarity of the two sides before: a mean of each, and the distance between them.

    `what` is a row of `matching.RECORD` (amounts in minor units), over those who gave within the
    three years before. `apart` is the difference in standard deviations of all of those.
    """

    what: str
    exposed: float
    compared: float
    apart: float

    @property
    def alike(self) -> bool:
        """Whether the distance is at most a tenth of a standard deviation, a convention."""
        return abs(self.apart) <= ALIKE


@dataclass(frozen=True)
class WeighedPattern:
    """One pattern, weighed; or `silent`, the reason why no numbers are shown.

    `difference` is of the shares that gave (with minus without), `ratio` of them (with by without),
    `amount` the difference of mean giving in minor units. `p` is of the difference; `adjusted`
    allows for all patterns weighed at once (Holm). `balance` is the difference that remained
    between the two sides before, despite matching. `note` is the relation of its definition to
    giving.
    """

    pattern: Pattern
    exposed: Arm | None = None
    compared: Arm | None = None
    difference: Effect | None = None
    ratio: Effect | None = None
    amount: Effect | None = None
    balance: tuple[Balance, ...] = ()
    p: float | None = None
    adjusted: float | None = None
    note: str = ""
    silent: str = ""

    @property
    def stands_out(self) -> bool:
        """Whether the difference is striking even after adjusting for the number of patterns."""
        return self.adjusted is not None and self.adjusted < STRIKING


@dataclass(frozen=True)
class Weighing:
    """All requested patterns, and the parameters of the weighing.

    `dates` are the index dates, the ends of days. Exposure and matching use touchpoints before
    them; the outcome is giving in the `months` after. `left_out` counts supporters who are
    suppressed now (None: fewer than the smallest cell). `unpriced` gifts count as gifts without an
    amount, because there is no rate.
    """

    patterns: tuple[WeighedPattern, ...]
    dates: tuple[date, ...]
    months: int
    every: str
    min_group: int
    cell: int
    giving: tuple[str, ...]
    left_out: int | None = 0
    unpriced: int = 0
    caveats: tuple[str, ...] = field(default=())

    @property
    def spoken(self) -> tuple[WeighedPattern, ...]:
        """The patterns with numbers."""
        return tuple(pattern for pattern in self.patterns if not pattern.silent)
