"""Problems of suppression: tried on a supporter who objects, dies or is erased."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition
from ladder.lint.problem import Problem
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint

TO_LEAVE: Final = {
    "objected": "people who objected",
    "deceased": "people who died",
    "erased": "people whose data were erased",
    "placeholder": "names that are no one person",
}
"""Kinds that forbid profiling. Staff are not listed because they may be supporters, too."""

_TODO: Final = (
    "Say suppress_when = 'do_not_contact()' under [ladder], or name these kinds in your own"
)


def problems_of_silence(ladder: Ladder, organisation: Organisation) -> Iterator[Problem]:
    """Yield a problem if the ladder suppresses nobody, or if `suppress_when` misses some kinds."""
    if ladder.suppress_when is None:
        if ladder.patterns:
            what = f"nothing is silent here, so its patterns are held against {_list(TO_LEAVE)}"
            yield Problem("warning", "silent", "ladder", "", what, _TODO)
        return
    left_out = [
        kind
        for kind in TO_LEAVE
        if not _suppresses(ladder.suppress_when, kind, ladder, organisation)
    ]
    if left_out:
        what = f"suppress_when is not true of {_list(left_out)} ({', '.join(left_out)})"
        yield Problem("warning", "silent", "suppress_when", "", what, _TODO)


def _suppresses(silent: Condition, kind: str, ladder: Ladder, organisation: Organisation) -> bool:
    """Check whether the condition is ever true of a supporter with this kind a day after a gift."""
    evaluation = Evaluation(_life(kind, ladder.kinds, organisation), organisation, ladder)
    return bool(evaluation.episodes(silent))


def _life(kind: str, kinds: Kinds, organisation: Organisation) -> History:
    kinds_and_days = (("donation", date(2024, 3, 4)), (kind, date(2024, 3, 5)))
    rows = [Touchpoint(supporter="ada", kind=name, at=day) for name, day in kinds_and_days]
    return History.of(rows, organisation, kinds)


def _list(kinds: Iterable[str]) -> str:
    *several, last = (TO_LEAVE[kind] for kind in kinds)
    return f"{', '.join(several)} and {last}" if several else last
