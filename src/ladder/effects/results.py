"""What weighing says: numbers about groups, and never about anybody in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ladder.language.ladders import Pattern

ASSOCIATED: Final = "Associated, not caused."
LEVEL: Final = 0.95
"""How often intervals made like these hold the truth."""
STRIKING: Final = 1 - LEVEL
"""Below this p-value a difference is called striking; as often chance alone makes one so."""

ALIKE: Final = 0.1
"""Standard deviations within which the two sides count as alike."""


@dataclass(frozen=True)
class Effect:
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Arm:
    """One side of the comparison: those with the pattern, or those without it.

    `matched` supporters had a like one on the other side at one date at least; `unmatched` were
    looked at and never had one. `observations` counts each matched one once for each index date.
    None: fewer than the smallest cell that is shown.

    `gave` is the share of the matched that gave within the months after, `amount` their mean giving
    then, in minor units (those who gave nothing count with 0), both weighted alike on both sides;
    `crude` is the share that gave among everybody looked at, unmatched and unweighted.
    """

    matched: int | None
    unmatched: int | None
    observations: int | None
    gave: float
    crude: float
    amount: float


@dataclass(frozen=True)
class Balance:
    """How alike the two sides were before: a mean of each, and how far apart they are.

    `what` is a row of `matching.RECORD` (amounts in minor units), over those who gave within the
    three years before; `apart` the difference in standard deviations of all of those.
    """

    what: str
    exposed: float
    compared: float
    apart: float

    @property
    def alike(self) -> bool:
        """Nearer than a tenth of a standard deviation: a custom of the field, and no law."""
        return abs(self.apart) <= ALIKE


@dataclass(frozen=True)
class Weighed:
    """One pattern, weighed; or `silent`, the reason why nothing is said of it.

    `difference` is of the shares that gave (with minus without), `ratio` of them (with by without),
    `amount` the difference of mean giving in minor units. `p` is of the difference, `adjusted`
    allows for all patterns weighed at once (Holm). `balance` is what the two sides differed in
    before, in spite of the matching. `note` is what its definition has to do with
    giving itself.
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
        """Whether the difference is striking even among so many that were looked at."""
        return self.adjusted is not None and self.adjusted < STRIKING


@dataclass(frozen=True)
class Weighing:
    """All patterns that were asked about, and what they were weighed by.

    `dates` are the index dates, the ends of days: whatever tells the two sides apart, and what they
    are matched on, lies before; the giving that is counted in the `months` after. `left_out` are
    supporters of whom nothing is shown now (None: fewer than the smallest cell). `unpriced` gifts
    are counted as gifts and without an amount, for lack of a rate.
    """

    patterns: tuple[Weighed, ...]
    dates: tuple[date, ...]
    months: int
    every: str
    least: int
    cell: int
    giving: tuple[str, ...]
    left_out: int | None = 0
    unpriced: int = 0
    caveats: tuple[str, ...] = field(default=())

    @property
    def spoken(self) -> tuple[Weighed, ...]:
        """The patterns of which something is said."""
        return tuple(each for each in self.patterns if not each.silent)
