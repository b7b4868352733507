"""Write a snapshot as the JSON text in which it is stored, and read it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from ladder.coverage import Coverage
from ladder.engines.incremental.ladder_index import LadderIndex, index_of
from ladder.engines.incremental.requirements import requirements_of
from ladder.engines.incremental.snapshot_evaluator import Snapshot
from ladder.engines.reference.facts import Linking
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation

FORMAT: Final = 3
"""With another number, everything stored before is unreadable and is worked out again."""


@dataclass(frozen=True)
class StoredSnapshot:
    """A snapshot and the corrections that it includes.

    `gone` are the ids of void touchpoints, `waiting` the keys of touchpoints that are void or
    refunded once they come.
    """

    snapshot: Snapshot
    gone: frozenset[int] = frozenset()
    waiting: frozenset[Linking] = frozenset()


_HASHES: WeakKeyDictionary[LadderIndex, tuple[Any, Any, str]] = WeakKeyDictionary()


def hash_definition(
    ladder: Ladder, organisation: Organisation, coverage: Sequence[Coverage]
) -> str:
    """Hash everything except touchpoints that a snapshot depends on, the library included.

    Snapshots name nodes by number, so the numbers are part of it: a library that numbers nodes
    otherwise reads no snapshot of another.
    """
    index = index_of(ladder)
    known = _HASHES.get(index)
    if known is not None and known[0] is coverage and known[1] is organisation:
        return known[2]
    lines = [str(FORMAT), ladder.fingerprint, repr(organisation), *map(repr, coverage)]
    lines += (f"{kind.__name__} {text}" for kind, text in index.node_ids.texts)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    _HASHES[index] = coverage, organisation, digest
    return digest


def write_snapshot(stored: StoredSnapshot) -> str:
    """Write a snapshot as JSON."""
    snapshot = stored.snapshot
    residuals = snapshot.residuals.items()
    fields = {
        "begun": snapshot.begun,
        "peak": snapshot.peak,
        "running": list(snapshot.running.items()),
        "pieces": [[number, *map(_plain, intervals)] for number, intervals in residuals],
        "nameless": sorted(snapshot.nameless),
        "sums": [[number, *flat] for number, flat in snapshot.sums.items()],
        "opened": snapshot.opened,
        "gone": sorted(stored.gone),
        "waiting": sorted(stored.waiting),
    }
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)


def _plain(interval: Sequence[Any]) -> list[Any]:
    """Drop the type from a detail's value, because JSON keeps it."""
    start, end, value, touchpoint = interval
    return [start, end, value[1] if isinstance(value, tuple) else value, touchpoint]


def read_snapshot(text: str, at: int, ladder: Ladder, organisation: Organisation) -> StoredSnapshot:
    """Read a snapshot of everything before the instant `at`."""
    fields = json.loads(text)
    residuals = {number: intervals for number, *intervals in fields["pieces"]}
    for number in requirements_of(ladder, organisation).detailed & residuals.keys():
        for interval in residuals[number]:
            interval[2] = (type(interval[2]), interval[2])
    snapshot = Snapshot(
        at=at,
        begun=fields["begun"],
        peak=fields["peak"],
        running=dict(fields["running"]),
        residuals=residuals,
        nameless=frozenset(fields["nameless"]),
        sums={number: flat for number, *flat in fields["sums"]},
        opened=fields["opened"],
    )
    waiting = frozenset((source, external_id) for source, external_id in fields["waiting"])
    return StoredSnapshot(snapshot, frozenset(fields["gone"]), waiting)
