"""The instant before which a history is carried along, and from which on it is read.

Voids and refunds reach into the past, so all of them have to lie before that instant, with what
they refund; what they do is part of what is carried then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ladder.coverage import BEGINNING
from ladder.engines.reference.facts import Fact, Linking, Row
from ladder.model.calendars import Calendar, to_instant
from ladder.model.kinds import Kinds

KEEP = 4
"""So many of the latest touchpoints are read again each time, in case some come a little late."""


class Settled(NamedTuple):
    """What voids and refunds have done: all before `at`.

    `gone` are the voided touchpoints' ids. `waiting` has the keys of touchpoints of hers that are
    voided or refunded and have not come yet.
    """

    at: int = BEGINNING
    gone: tuple[int, ...] = ()
    waiting: tuple[Linking, ...] = ()

    def joined(self, other: Settled) -> Settled:
        """Both."""
        return Settled(max(self.at, other.at), self.gone + other.gone, self.waiting + other.waiting)


def settled(rows: Iterable[Sequence[Any]], kinds: Kinds, supporter: object) -> Settled:
    """What the voids and refunds among these rows have done, hers and those of whom she brought."""
    known = [Row._make(row) for row in rows]
    roles = [row for row in known if kinds.find(row.kind).role]
    if not roles:
        return Settled()
    by_key = {(r.supporter, r.source, r.external_id): r for r in known if r.external_id is not None}
    at, gone, waiting = BEGINNING, [], []
    for row in roles:
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
    return Settled(at, tuple(gone), tuple(waiting))


def _instant(row: Row) -> int:
    return row.at if isinstance(row.at, int) else to_instant(row.at)


def checkpoint(
    facts: Sequence[Fact], calendar: Calendar, since: int, now: int, keep: int = KEEP
) -> int | None:
    """An instant after some of her touchpoints (in order) and before the latest ones.

    At the start of a day where that is near enough, for touchpoints of which only the day is known
    come at its start; never within such a touchpoint's day. No earlier than `since`, by which
    everything is settled; else not later than `now`. None where there is nothing to carry.
    """
    if len(facts) <= keep:
        return None
    recent = min(facts[-keep].at if keep else facts[-1].at + 1, now)
    day = calendar.day_start(calendar.day_of(recent))
    near = sum(fact.at >= day for fact in facts) <= 2 * keep
    at = max(day if near else recent, since)
    while days := [fact for fact in facts if fact.at < at <= fact.reach]:
        earliest = min(fact.at for fact in days)
        at = earliest if earliest >= since else max(fact.reach for fact in days) + 1
    return at if facts[0].at < at else None
