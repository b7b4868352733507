"""Differences: the reasons why two definitions place one supporter differently, with values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import held_rungs, standing
from ladder.explanations.condition_tree import parts, tree
from ladder.explanations.results import Tree
from ladder.language.conditions import OnRung
from ladder.language.ladders import Ladder, Rung
from ladder.language.measures import Compare
from ladder.language.nodes import And, Condition, Or


@dataclass(frozen=True)
class Side:
    """One definition's evaluation of the supporter's history at an instant."""

    ladder: Ladder
    evaluation: Evaluation
    at: int

    def rule(self, key: str) -> Condition:
        """Return a rung's condition."""
        return self.ladder.rung(key).condition

    def has(self, key: str) -> bool:
        """Check whether the ladder has this rung."""
        return any(rung.key == key for rung in self.ladder.rungs)

    def true(self, condition: Condition) -> bool:
        """Check whether the condition holds."""
        return self.evaluation.at(condition, self.at)


class Difference(NamedTuple):
    """A rung that counts by one definition only, with the parts of its condition that decide it.

    `rung` is None where the suppression differs instead of a rung. A pair holds corresponding parts
    of the old and the new definition; a side is None where that definition has no such part.
    """

    rung: Rung | None
    pairs: tuple[tuple[Tree | None, Tree | None], ...]
    by_hand: bool = False
    """Whether both conditions have the same truth, so that a placement makes the difference."""


def differences(old: Side, new: Side) -> list[Difference]:
    """Find what removes the old place from the supporter, or gives them the new one."""
    before = standing(old.evaluation, old.ladder, old.at)
    after = standing(new.evaluation, new.ladder, new.at)
    if before.silent != after.silent:
        pair = tuple(_tree(side, side.ladder.suppress_when) for side in (old, new))
        return [Difference(None, ((pair[0], pair[1]),))]
    had, has = ({rung.key for rung in held_rungs(s.evaluation, s.ladder, s.at)} for s in (old, new))
    lost = [key for key in before.rungs if key not in has]
    won = [key for key in after.rungs if key not in had]
    return [_of_rung(key, old, new) for key in (*lost, *won)]


def _of_rung(key: str, old: Side, new: Side) -> Difference:
    rung = (new if new.has(key) else old).ladder.rung(key)
    if not old.has(key) or not new.has(key):
        there, missing = (old, new) if old.has(key) else (new, old)
        trees = [_tree(there, part) for part in _deciding(there.rule(key), there)]
        return Difference(rung, tuple((t, None) if missing is new else (None, t) for t in trees))
    a, b = old.rule(key), new.rule(key)
    if old.true(a) == new.true(b):
        return Difference(rung, (), by_hand=True)
    pairs = [(_tree(old, x), _tree(new, y)) for x, y in _apart(a, b, old, new)]
    return Difference(rung, tuple(pairs))


def _tree(side: Side, condition: Condition | None) -> Tree | None:
    return None if condition is None else tree(condition, side.evaluation, side.at)


def _apart(
    a: Condition, b: Condition, old: Side, new: Side
) -> Iterator[tuple[Condition | None, Condition | None]]:
    """Yield the smallest pairs of parts that decide a difference in truth between two conditions.

    While both have the same structure, only parts with different truth are followed. Otherwise the
    deciding parts of both are listed separately, and None fills the shorter list.
    """
    if isinstance(a, OnRung) and isinstance(b, OnRung):
        a, b = old.rule(a.rung), new.rule(b.rung)
    alike = type(a) is type(b) and len(parts(a)) == len(parts(b)) > 0
    if alike:
        pairs = list(zip(parts(a), parts(b), strict=True))
        differ = [(x, y) for x, y in pairs if old.true(x) != new.true(y)]
        for x, y in differ:
            yield from _apart(x, y, old, new)
        if differ:
            return
    if isinstance(a, Compare) and isinstance(b, Compare):
        yield a, b
        return
    mine, theirs = list(_deciding(a, old)), list(_deciding(b, new))
    for n in range(max(len(mine), len(theirs))):
        yield (mine[n] if n < len(mine) else None), (theirs[n] if n < len(theirs) else None)


def _deciding(condition: Condition, side: Side) -> Iterator[Condition]:
    """Yield the comparisons that decide the truth of a condition."""
    truth = side.true(condition)
    if isinstance(condition, OnRung):
        yield from _deciding(side.rule(condition.rung), side)
        return
    if not isinstance(condition, And | Or):
        yield condition
        return
    same = [item for item in condition.items if side.true(item) == truth]
    one_is_enough = isinstance(condition, Or) == truth
    for item in same[:1] if one_is_enough else same:
        yield from _deciding(item, side)
