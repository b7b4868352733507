"""What is carried along of a supporter's past, as the text in which it is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from ladder.coverage import Coverage
from ladder.engines.incremental.requirements import memory_of
from ladder.engines.incremental.snapshot_evaluator import State
from ladder.engines.reference.facts import Linking
from ladder.engines.reference.ladder_index import Plan, plan_of
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation

FORMAT: Final = 3
"""Another number makes everything stored before unreadable: it is worked out again."""


@dataclass(frozen=True)
class Kept:
    """A state; the touchpoints that are void, by id; and what is void or refunded once it comes."""

    state: State
    gone: frozenset[int] = frozenset()
    waiting: frozenset[Linking] = frozenset()


_MARKS: WeakKeyDictionary[Plan, tuple[Any, Any, str]] = WeakKeyDictionary()


def judged_by(ladder: Ladder, organisation: Organisation, coverage: Sequence[Coverage]) -> str:
    """A hash of everything but touchpoints that a state depends on, the library included.

    Nodes go by their numbers, so these are part of it: a library that numbers them otherwise reads
    no state of another.
    """
    plan = plan_of(ladder)
    known = _MARKS.get(plan)
    if known is not None and known[0] is coverage and known[1] is organisation:
        return known[2]
    lines = [str(FORMAT), ladder.fingerprint, repr(organisation), *map(repr, coverage)]
    lines += (f"{kind.__name__} {text}" for kind, text in plan.numbers.texts)
    mark = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    _MARKS[plan] = coverage, organisation, mark
    return mark


def written(kept: Kept) -> str:
    """As JSON."""
    state = kept.state
    told = {
        "begun": state.begun,
        "peak": state.peak,
        "running": list(state.running.items()),
        "pieces": [[number, *map(_piece, pieces)] for number, pieces in state.pieces.items()],
        "nameless": sorted(state.nameless),
        "sums": [[number, *flat] for number, flat in state.sums.items()],
        "opened": state.opened,
        "gone": sorted(kept.gone),
        "waiting": sorted(kept.waiting),
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _piece(piece: Sequence[Any]) -> list[Any]:
    """A detail's value without its type, which JSON keeps."""
    start, end, worth, touchpoint = piece
    plain = worth[1] if isinstance(worth, tuple) else worth
    return [start, end, plain, touchpoint]


def read(text: str, at: int, ladder: Ladder, organisation: Organisation) -> Kept:
    """Back from it. `at` is the instant for whose past it speaks."""
    told = json.loads(text)
    pieces = {each[0]: each[1:] for each in told["pieces"]}
    for number in memory_of(ladder, organisation).detailed & pieces.keys():
        for each in pieces[number]:
            each[2] = (type(each[2]), each[2])
    state = State(
        at=at,
        begun=told["begun"],
        peak=told["peak"],
        running=dict(told["running"]),
        pieces=pieces,
        nameless=frozenset(told["nameless"]),
        sums={each[0]: each[1:] for each in told["sums"]},
        opened=told["opened"],
    )
    waiting = frozenset((source, external_id) for source, external_id in told["waiting"])
    return Kept(state, frozenset(told["gone"]), waiting)
