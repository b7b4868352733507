"""What a condition says of the empty history, where every measure is 0.

A rung that is true of nothing would hold everybody from her first instant on, so it is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from ladder.conditions import And, Holds, Latch, Not, Or
from ladder.ladders import Ladder
from ladder.measures import Compare
from ladder.nodes import Condition

_OPS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}


def true_of_nothing(condition: Condition, ladder: Ladder) -> bool:
    """Whether it holds of a supporter of whom nothing is known yet.

    Measures are 0, `lasting` is false, `latch` is its `enter`; nothing is logged.
    """
    if isinstance(condition, Compare):
        return _OPS[condition.op](Fraction(0), condition.constant)
    if isinstance(condition, And):
        return all(true_of_nothing(item, ladder) for item in condition.items)
    if isinstance(condition, Or):
        return any(true_of_nothing(item, ladder) for item in condition.items)
    if isinstance(condition, Not):
        return not true_of_nothing(condition.condition, ladder)
    if isinstance(condition, Latch):
        return true_of_nothing(condition.enter, ladder)
    if isinstance(condition, Holds):
        return true_of_nothing(ladder.rung(condition.rung).condition, ladder)
    return False
