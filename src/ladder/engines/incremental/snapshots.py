"""Take snapshots: choose the instant, decide when one is due, and write and read it as JSON.

Voids and refunds reach into the past, so all of them have to lie before a snapshot's instant, with
what they refund; their effects are part of the snapshot then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from ladder.coverage import BEGINNING, Coverage
from ladder.engines.incremental.indexed_evaluator import IndexedEvaluation
from ladder.engines.incremental.ladder_index import LadderIndex, index_of
from ladder.engines.incremental.requirements import requirements_of
from ladder.engines.incremental.snapshot_evaluator import (
    Snapshot,
    SnapshotEvaluator,
    findings_since,
    take_snapshot,
)
from ladder.engines.reference.facts import Fact, Linking, Row
from ladder.engines.reference.movements import Finding, places
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.language.ladders import Ladder
from ladder.model.calendars import Calendar, to_instant
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation

KEEP = 4
"""The number of latest touchpoints that are read again each time, in case one comes a bit late."""

LONG: Final = 20
"""As many touchpoints are read again before a later snapshot is taken."""

MOST_SETTLED: Final = 64
"""No snapshot is taken where more touchpoints are void, or awaited by voids and refunds."""

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


class Corrections(NamedTuple):
    """The effects of voids and refunds, all before `at`.

    `gone` are the ids of voided touchpoints. `waiting` has the keys of the supporter's touchpoints
    that are voided or refunded and have not come yet.
    """

    at: int = BEGINNING
    gone: tuple[int, ...] = ()
    waiting: tuple[Linking, ...] = ()


def resolve_corrections(
    rows: Iterable[Sequence[Any]], kinds: Kinds, supporter: object
) -> Corrections:
    """Find what the voids and refunds among these rows do, those of referred supporters too."""
    touchpoints = [Row._make(row) for row in rows]
    corrections = [row for row in touchpoints if kinds.find(row.kind).role]
    if not corrections:
        return Corrections()
    by_key = {
        (row.supporter, row.source, row.external_id): row
        for row in touchpoints
        if row.external_id is not None
    }
    at, gone, waiting = BEGINNING, [], []
    for row in corrections:
        at = max(at, _instant(row) + 1)
        if row.answers_id is None:
            continue
        source = row.answers_source or row.source
        target = by_key.get((row.supporter, source, row.answers_id))
        if target is not None:
            at = max(at, _instant(target) + 1)
            if kinds.find(row.kind).role == "void":
                gone.append(target.id)
        elif row.supporter == supporter:
            waiting.append((source, row.answers_id))
    return Corrections(at, tuple(gone), tuple(waiting))


def _instant(row: Row) -> int:
    return row.at if isinstance(row.at, int) else to_instant(row.at)


def choose_checkpoint(
    facts: Sequence[Fact], calendar: Calendar, since: int, now: int, keep: int = KEEP
) -> int | None:
    """Choose an instant after some of the touchpoints (in order) and before the latest ones.

    At the start of a day where that is near enough, because touchpoints of which only the day is
    known come at its start; never within such a touchpoint's day. No earlier than `since`, by which
    everything is resolved; else not later than `now`. None where there is nothing to remember.
    """
    if len(facts) <= keep:
        return None
    recent = min(facts[-keep].at if keep else facts[-1].at + 1, now)
    day = calendar.day_start(calendar.day_of(recent))
    is_near = sum(fact.at >= day for fact in facts) <= 2 * keep
    at = max(day if is_near else recent, since)
    while days := [fact for fact in facts if fact.at < at <= fact.reach]:
        earliest = min(fact.at for fact in days)
        at = earliest if earliest >= since else max(fact.reach for fact in days) + 1
    return at if facts[0].at < at else None


def first_snapshot(
    lines: VersionedEvaluation, rows: Sequence[Sequence[Any]], supporter: int, now: int
) -> StoredSnapshot | None:
    """Take a snapshot of a whole history; None where no evaluation can go on from one.

    `rows` are all its touchpoints. The last version of the ladder alone goes on from a snapshot.
    """
    evaluation, (since, ladder) = lines.evaluations[-1], lines.versions[-1]
    assert isinstance(evaluation, IndexedEvaluation)  # as a stored history makes it  # noqa: S101
    history = evaluation.history
    requires = requirements_of(ladder, evaluation.organisation)
    corrections = resolve_corrections(rows, ladder.kinds, supporter)
    at = choose_checkpoint(history.facts, evaluation.calendar, corrections.at, now)
    if at is None or history.t0 is None or history.t0 >= at or BEGINNING < since >= at:
        return None
    if requires.money and any(fact.foreign for fact in history.facts):
        return None
    if max(len(corrections.gone), len(corrections.waiting)) > MOST_SETTLED:
        return None
    snapshot = _snapshot_at(evaluation, at, lines.findings())
    return StoredSnapshot(snapshot, frozenset(corrections.gone), frozenset(corrections.waiting))


def later_snapshot(evaluation: SnapshotEvaluator, now: int) -> Snapshot | None:
    """Take a later snapshot when many touchpoints came since the present one, else None."""
    since = evaluation.since
    facts = [fact for fact in evaluation.history.facts if fact.at >= since]
    if len(facts) <= LONG:
        return None
    at = choose_checkpoint(facts, evaluation.calendar, since, now)
    if at is None or at <= since:
        return None
    findings = findings_since(evaluation, evaluation.definition, None, at)
    return _snapshot_at(evaluation, at, findings)


def _snapshot_at(evaluation: IndexedEvaluation, at: int, findings: Iterable[Finding]) -> Snapshot:
    places_before = places(evaluation, evaluation.definition)
    heights = [place.height for then, place in places_before if then < at]
    opened = {
        finding.pattern: finding.at for finding in findings if finding.at < at <= finding.until
    }
    return take_snapshot(evaluation, at, max([evaluation.peak, *heights]), opened)


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
