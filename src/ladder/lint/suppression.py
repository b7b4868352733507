"""Whom a ladder leaves alone: tried on a life in which somebody objects, dies, is erased."""

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
"""Kinds after which nobody is to be profiled; a member of staff may be a supporter, too."""

_TODO: Final = "Say silent = 'left_alone()' under [ladder], or name these kinds in your own"


def problems_of_silence(ladder: Ladder, organisation: Organisation) -> Iterator[Problem]:
    """Patterns of a ladder that leaves nobody alone, and a `silent` that forgets some."""
    if ladder.silent is None:
        if ladder.patterns:
            what = f"nothing is silent here, so its patterns are held against {_list(TO_LEAVE)}"
            yield Problem("warning", "silent", "ladder", "", what, _TODO)
        return
    left_out = [
        kind for kind in TO_LEAVE if not _silenced(ladder.silent, kind, ladder, organisation)
    ]
    if left_out:
        what = f"silent is not true of {_list(left_out)} ({', '.join(left_out)})"
        yield Problem("warning", "silent", "silent", "", what, _TODO)


def _silenced(silent: Condition, kind: str, ladder: Ladder, organisation: Organisation) -> bool:
    """Whether it is true, at some time, of somebody of whom that is recorded a day after a gift."""
    evaluation = Evaluation(_life(kind, ladder.kinds, organisation), organisation, ladder)
    return bool(evaluation.episodes(silent))


def _life(kind: str, kinds: Kinds, organisation: Organisation) -> History:
    told = (("donation", date(2024, 3, 4)), (kind, date(2024, 3, 5)))
    rows = [Touchpoint(supporter="she", kind=name, at=day) for name, day in told]
    return History.of(rows, organisation, kinds)


def _list(kinds: Iterable[str]) -> str:
    *several, last = (TO_LEAVE[kind] for kind in kinds)
    return f"{', '.join(several)} and {last}" if several else last
