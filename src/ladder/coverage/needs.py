"""What of a condition is a matter of declarations, and what of her history."""

from __future__ import annotations

from ladder.conditions import And, Logged, Not, Or
from ladder.nodes import Condition


def only_logged(condition: Condition) -> bool:
    """Whether it is a matter of declarations alone, and nothing that she did bears on it."""
    if isinstance(condition, And | Or):
        return all(map(only_logged, condition.items))
    if isinstance(condition, Not):
        return only_logged(condition.condition)
    return isinstance(condition, Logged)


def declared_part(needs: Condition) -> Condition | None:
    """What of a pattern's needs is a matter of coverage alone; None when nothing is.

    Needs may ask for more ("and she was asked at least once"): that is about her, and no
    declaration would mend it.
    """
    logged = [part for part in conjuncts(needs) if only_logged(part)]
    return And.of(*logged) if len(logged) > 1 else next(iter(logged), None)


def conjuncts(needs: Condition) -> tuple[Condition, ...]:
    """The conditions all of which it asks for."""
    return needs.items if isinstance(needs, And) else (needs,)
