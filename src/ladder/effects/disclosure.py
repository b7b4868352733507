"""Decide what to disclose of a pattern: enough supporters per side, and no identifiable ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ladder.effects.arrays import Floats, Mask
from ladder.effects.cells import Tally
from ladder.effects.estimates import allowed_for, mean_amount, shares
from ladder.effects.matching import RECORD
from ladder.effects.results import ASSOCIATED, Arm, Balance, WeighedPattern
from ladder.language.ladders import Pattern

_DIFFERED: Final = (
    f"{ASSOCIATED} Those with a pattern may have differed from the others in ways that this log "
    "does not show, and that may be why they gave less, or more."
)
_CHANCE: Final = (
    "Of twenty patterns that mean nothing, chance makes one look striking; those said to stand out "
    "do so after allowing for all that were weighed here."
)
_SILENT: Final = (
    "People who have objected or died by now are left out: if a pattern drove people to object, it "
    "did more harm than these numbers show."
)
CAVEATS: Final = (_DIFFERED, _CHANCE, _SILENT)
NO_DATES: Final = (
    "the history is too short: an index date needs a year of gifts before it, and after it the "
    "months that are counted"
)


BUILT_IN: Final = (
    "Its definition looks at giving itself, so part of what follows is built in: matching on "
    "earlier giving takes most of that away, not all."
)
"""The note for patterns of the supporter's side: most describe their acts, and giving is one."""


@dataclass(frozen=True)
class Guard:
    """The least matched supporters per side, the smallest cell to show, and the bootstrap seed."""

    min_group: int
    cell: int
    seed: int


def if_enough(number: int, cell: int) -> int | None:
    """Return a number of supporters, or None where it could identify them."""
    return number if number == 0 or number >= cell else None


def with_numbers(
    weighed: WeighedPattern, tally: Tally, spread: Floats, guard: Guard
) -> WeighedPattern:
    """Return the pattern with its numbers, or with the reason for showing none.

    `spread` are the standard deviations of earlier giving, the unit of a balance.
    """
    reason = _silence(weighed.pattern, tally, guard)
    if reason:
        return replace(weighed, silent=reason)
    share = shares(tally)
    with_it, without = _arms(tally, guard.cell, share.exposed, share.compared)
    return replace(
        weighed,
        exposed=with_it,
        compared=without,
        difference=share.difference,
        ratio=share.ratio,
        amount=mean_amount(tally, guard.seed),
        balance=tuple(_balance(tally, spread)),
        p=share.p,
    )


def with_adjusted(patterns: Sequence[WeighedPattern]) -> tuple[WeighedPattern, ...]:
    """Adjust all p-values for the number of patterns weighed."""
    adjusted = iter(allowed_for([pattern.p for pattern in patterns if pattern.p is not None]))
    return tuple(
        pattern if pattern.p is None else replace(pattern, adjusted=next(adjusted))
        for pattern in patterns
    )


def _silence(pattern: Pattern, tally: Tally, guard: Guard) -> str:
    """Return the reason for showing no numbers, or ""."""
    if not tally.looked.any():
        return f"it could be judged of nobody at any of the dates. {pattern.wants}"
    for side, matched in zip(("with", "without"), tally.matched, strict=True):
        number = int(matched.sum())
        if number < guard.min_group:
            people = if_enough(number, guard.cell)
            few = f"fewer than {guard.cell}" if people is None else f"{people}"
            return (
                f"{few} supporters {side} it have their like on the other side, and "
                f"{guard.min_group} "
                "are needed"
            )
    n1, a1, n0, a0 = (int(row.sum()) for row in tally.cells)
    if min(a1, n1 - a1, a0, n0 - a0) < guard.cell:
        return (
            "on one side nearly all gave, or nearly none did: too few to compare, and to show "
            "without pointing at them"
        )
    return ""


def _arms(tally: Tally, cell: int, exposed: float, compared: float) -> tuple[Arm, Arm]:
    weight = float(tally.spread.sum())
    n1, _, n0, _ = tally.cells
    numbers = (int(n1.sum()), int(n0.sum()))
    gave = (exposed, compared)
    with_it, without = (
        Arm(
            matched=if_enough(_number(tally.matched[side]), cell),
            unmatched=if_enough(_number(tally.looked[side] & ~tally.matched[side]), cell),
            observations=if_enough(numbers[side], cell),
            gave=gave[side],
            crude=float(tally.observed[side, 1] / tally.observed[side, 0]),
            amount=float(tally.levels[side]) / weight,
        )
        for side in (0, 1)
    )
    return with_it, without


def _balance(tally: Tally, spread: Floats) -> Iterator[Balance]:
    rows = zip(RECORD, *tally.records.tolist(), spread.tolist(), strict=True)
    for what, with_it, without, one in rows:
        yield Balance(what, with_it, without, (with_it - without) / one if one else 0.0)


def _number(people: Mask) -> int:
    return int(np.count_nonzero(people))
