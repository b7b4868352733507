"""Choose the instant of a snapshot, from which on a history is read.

Voids and refunds reach into the past, so all of them have to lie before that instant, with what
they refund; their effects are part of the snapshot then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ladder.coverage import BEGINNING
from ladder.engines.reference.facts import Fact, Linking, Row
from ladder.model.calendars import Calendar, to_instant
from ladder.model.kinds import Kinds

KEEP = 4
"""The number of latest touchpoints that are read again each time, in case one comes a bit late."""


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
