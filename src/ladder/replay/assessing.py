"""For how many supporters a pattern can have no verdict, because its absence was not declared."""

from __future__ import annotations

from collections.abc import Iterator

from ladder.coverage import Coverage, declared_part
from ladder.ladders import Ladder
from ladder.live.beginnings import Declared
from ladder.replay.reports import Unassessable
from ladder.storage import beginnings
from ladder.storage.store import Store


def unassessable(
    store: Store, ladder: Ladder, coverage: tuple[Coverage, ...], now: int
) -> tuple[Unassessable, ...]:
    """The patterns whose `needs` are not met now, with for how many of those whose line has begun.

    So far as declarations are all it takes: what a pattern needs to know of her besides is no fault
    of the log.
    """
    earliest = beginnings.earliest(store)
    if earliest is None or earliest > now:
        return ()
    declared = Declared(ladder, store.organisation, coverage, now)
    return tuple(_judged(store, declared, earliest))


def _judged(store: Store, declared: Declared, earliest: int) -> Iterator[Unassessable]:
    lines = beginnings.begun(store, earliest, declared.at + 1)
    for pattern in declared.ladder.patterns:
        needs = None if pattern.needs is None else declared_part(pattern.needs)
        if needs is None:
            continue
        met = sum(beginnings.begun(store, *each) for each in declared.of_lines(needs, earliest))
        if met < lines:
            yield Unassessable(pattern.key, lines - met, lines, pattern.wants)
