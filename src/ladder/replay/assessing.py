"""For how many supporters a pattern can have no verdict, because its absence was not declared."""

from __future__ import annotations

from collections.abc import Iterator

from ladder.coverage import Coverage, declared_part, lacks
from ladder.ladders import Ladder
from ladder.live.beginnings import Declared
from ladder.replay.reports import Unassessable
from ladder.storage import beginnings
from ladder.storage.store import Store


def unassessable(
    store: Store, ladder: Ladder, coverage: tuple[Coverage, ...], root: int, now: int
) -> tuple[Unassessable, ...]:
    """The patterns whose `needs` are not met now, with for how many of those whose line has begun.

    Of the ladder of that root. Who is silent now is left out, and what lies ahead. So far as
    declarations are all it takes: what a pattern needs to know of her besides is no fault of the
    log.
    """
    earliest = beginnings.earliest(store)
    if earliest is None or earliest > now:
        return ()
    declared = Declared(ladder, store.organisation, coverage, now)
    return tuple(_judged(store, declared, root, earliest))


def _judged(store: Store, declared: Declared, root: int, earliest: int) -> Iterator[Unassessable]:
    ladder, now, calendar = declared.ladder, declared.at, store.organisation.calendar

    def heard(since: int, until: int) -> int:
        return beginnings.heard(store, root, since, until, at=now, now=now)

    lines = heard(earliest, now + 1)
    for pattern in ladder.patterns:
        needs = None if pattern.needs is None else declared_part(pattern.needs)
        if needs is None:
            continue
        met = sum(heard(*each) for each in declared.of_lines(needs, earliest))
        if met < lines:
            lacking = lacks(
                needs, declared.coverage, ladder.kinds, calendar, at=now, begun=earliest
            )
            yield Unassessable(pattern.key, lines - met, lines, pattern.wants, tuple(lacking))
