"""Problems of rungs and conditions.

Rungs may be true of nothing, unreachable, shadowed, overlapping or likely to flap. Selectors and
bounds may exclude each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Final

from ladder.documents.absence_checks import true_of_nothing
from ladder.documents.loader import NOTHING
from ladder.language.ladders import Ladder, Rung
from ladder.language.measures import Compare, Measure
from ladder.language.nodes import And, Condition, Node, Selector, When
from ladder.language.selectors import IsReferred
from ladder.language.spans import Until
from ladder.lint.problem import Problem
from ladder.lint.sample_histories import Life, regular, too_many
from ladder.lint.sample_runs import MOST_LIVES, Trials
from ladder.lint.witnesses import impossible
from ladder.model.calendars import DAY
from ladder.model.intervals import Episodes, intersection
from ladder.model.kinds import Kinds

FLAP_DAYS: Final = 14
"""The longest absence, in days, that counts as a flap and not as a lapse. Our choice."""

FLAPS: Final = 3
"""The number of flaps in three years of regular acts that is reported. Our choice."""

RHYTHMS: Final = {"week": 7.0, "month": 30.4, "quarter": 91.3}
"""The rhythms at which regular supporters act, in days."""


def check_rungs(ladder: Ladder, trials: Trials) -> Iterator[Problem]:
    """Yield the problems of the rungs, in their order; then those between rungs."""
    reached: dict[str, Life] = {}
    for rung in ladder.rungs:
        reasons = list(_find_impossibilities(rung, ladder))
        yield from reasons
        if any(reason.severity == "error" for reason in reasons):
            continue
        life = trials.reach(rung.condition, rung.key)
        if life is None:
            if not too_many(rung.condition, ladder):
                yield _unreachable(rung)
            continue
        reached[rung.key] = life
        yield from _flapping(rung, life, trials)
    if ladder.kind == "states":
        yield from _overlapping(ladder, trials)
    for rung in ladder.rungs:
        if rung.key in reached:
            yield from _find_shadowed(rung, ladder, trials)


def _find_impossibilities(rung: Rung, ladder: Ladder) -> Iterator[Problem]:
    part = f"rung {rung.key}"
    if true_of_nothing(rung.condition, ladder):
        yield Problem(
            "error",
            "true-of-nothing",
            f"{part}, enter",
            f"{part} is true of somebody who never did anything",
            NOTHING[0].upper() + NOTHING[1:],
        )
    for key, condition in (("enter", rung.enter), ("stay", rung.stay)):
        if condition is not None:
            yield from impossibilities(condition, f"{part}, {key}", ladder)


def impossibilities(condition: Condition, part: str, ladder: Ladder) -> Iterator[Problem]:
    """Yield selectors that select nothing and bounds that exclude each other."""
    for selector, reason in empty_selectors(condition, ladder.kinds):
        yield Problem(
            "error",
            "selects-nothing",
            part,
            f"{selector} can never select anything: {reason}",
            "Say what you mean with or, or leave a part of it out",
        )
    for opposed in opposed_bounds(condition):
        yield Problem(
            "error",
            "contradiction",
            part,
            f"{opposed} can never be true together",
            "Change one of the bounds",
        )


def _unreachable(rung: Rung) -> Problem:
    return Problem(
        "warning",
        "unreachable",
        f"rung {rung.key}, enter",
        f"rung {rung.key} was never true in {MOST_LIVES} sample lives made to reach it",
        "Look for parts that exclude each other, and try it on a life that should hold it",
    )


def _find_shadowed(rung: Rung, ladder: Ladder, trials: Trials) -> Iterator[Problem]:
    higher = [above for above in ladder.rungs if ladder.height(above) > ladder.height(rung)]
    if not higher:
        return
    alone: Condition = rung.condition
    for above in higher:
        alone = alone & ~above.condition
    for _, (episodes,) in trials.episodes([alone]):
        if episodes:
            return
    if trials.reach(alone, f"{rung.key} alone", more=0) is not None:
        return
    keys = ", ".join(above.key for above in higher if _together(rung, above, trials))
    yield Problem(
        "warning",
        "shadowed",
        f"rung {rung.key}",
        f"rung {rung.key} is never anybody's standing: whenever it held in the sample lives, a "
        f"higher one did too ({keys})",
        "Order the rungs otherwise, or make the higher one ask for more",
    )


def _together(one: Rung, other: Rung, trials: Trials) -> bool:
    return any(
        intersection(*episodes) for _, episodes in trials.episodes([one.condition, other.condition])
    )


def _overlapping(ladder: Ladder, trials: Trials) -> Iterator[Problem]:
    """Yield pairs of states that hold at the same time, though at most one state may hold."""
    conditions = [rung.condition for rung in ladder.rungs]
    trials.read_more(conditions, "all states")
    pairs: set[tuple[str, str]] = set()
    for life, episodes in trials.episodes(conditions):
        held = zip(ladder.rungs, episodes, strict=True)
        for (one, left), (other, right) in combinations(held, 2):
            both = intersection(left, right)
            if both and (one.key, other.key) not in pairs:
                pairs.add((one.key, other.key))
                day = trials.organisation.calendar.text(both[0][0])[:10]
                yield Problem(
                    "error",
                    "overlapping",
                    f"rung {other.key}, enter",
                    f"states {one.key} and {other.key} both hold on {day} of somebody with "
                    f"{life.describe()}",
                    "States exclude each other: add 'and not …' to one of them",
                )


def _flapping(rung: Rung, life: Life, trials: Trials) -> Iterator[Problem]:
    """Yield a problem if a supporter who acts regularly would often leave the rung and return.

    The regular acts happen a little early or late.
    """
    if rung.stay is not None or not life.own:
        return
    for rhythm, days in RHYTHMS.items():
        steady = regular(life, days, f"{rung.key} {rhythm}")
        flaps = _flaps(trials.evaluation(steady).episodes(rung.condition))
        if flaps >= FLAPS:
            yield Problem(
                "warning",
                "flapping",
                f"rung {rung.key}, enter",
                f"rung {rung.key} is likely to flap: somebody who does this about once a {rhythm} "
                f"left it and came back within {FLAP_DAYS} days {flaps} times in three years",
                f"Give it a stay with a longer span: stay = '…, months({_months(days)})) >= 1'",
            )
            return


def _months(days: float) -> int:
    return max(1, round(2 * days / 30.4))


def _flaps(episodes: Episodes) -> int:
    return sum(0 < after[0] - before[1] <= FLAP_DAYS * DAY for before, after in pairwise(episodes))


def empty_selectors(condition: Condition, kinds: Kinds) -> Iterator[tuple[Selector, str]]:
    """Yield the selectors that can select nothing, with the reason; only the outermost ones."""
    checked: set[Node] = set()
    for node in condition.walk():
        for selector in _selectors_in(node):
            if selector not in checked:
                checked.add(selector)
                reason = impossible(selector, kinds)
                if reason:
                    yield selector, reason


def _selectors_in(node: Node) -> Iterator[Selector]:
    if isinstance(node, Measure | Until | When | IsReferred):
        yield node.selector


def opposed_bounds(condition: Condition) -> Iterator[str]:
    """Yield pairs of comparisons in an "and" whose bounds exclude each other."""
    for node in condition.walk():
        if isinstance(node, And):
            yield from _opposed_in(node)


def _opposed_in(conjunction: And) -> Iterator[str]:
    bounds: dict[Measure, list[Compare]] = {}
    for item in conjunction.items:
        if isinstance(item, Compare) and len(item.terms) == 1 and item.terms[0].times > 0:
            bounds.setdefault(item.terms[0].measure, []).append(item)
    for comparisons in bounds.values():
        for one in comparisons:
            for other in comparisons:
                if _excludes(one, other):
                    yield f"{one} and {other}"


def _excludes(low: Compare, high: Compare) -> bool:
    """Check whether no figure can meet the lower bound and the upper bound together."""
    if low.op not in (">=", ">", "==") or high.op not in ("<=", "<", "=="):
        return False
    least, most = _bound_of(low), _bound_of(high)
    strict = low.op == ">" or high.op == "<"
    if low.op == high.op == "==":
        return str(low) < str(high) and least != most
    return least > most or (strict and least == most)


def _bound_of(comparison: Compare) -> Fraction:
    return comparison.constant / comparison.terms[0].times
