"""Random lists in a database, and what both definitions say of everybody, person by person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import findings, movements
from ladder.language.ladders import Ladder
from ladder.model.calendars import FOREVER
from ladder.whatif.results import SILENT


class Word(NamedTuple):
    """The standing of one supporter by one definition at an instant."""

    place: str
    height: int
    since: int | None
    until: int
    found: dict[str, str]


def word(evaluation: Evaluation, ladder: Ladder, at: int, now: int) -> Word | None:
    """By the reference evaluator; None before the first touchpoint."""
    begun = evaluation.history.t0
    if begun is None or begun > at:
        return None
    moved = movements(evaluation, ladder)
    silent = any(m.kind == "silenced" and m.at <= now < m.until for m in moved)
    duties = {pattern.key for pattern in ladder.patterns if pattern.safeguard}
    found = {
        each.pattern: each.severity
        for each in findings(evaluation, ladder)
        if each.at <= at < each.until and (not silent or each.pattern in duties)
    }
    here = [m for m in moved if m.at <= at < m.until]
    since = here[0].at if here else None
    until = here[0].until if here else min((m.at for m in moved), default=FOREVER)
    if silent or (here and here[0].after.silent):
        return Word(SILENT, 0, since, until, found)
    place = str(here[0].after) if here else ""
    return Word(place, here[0].after.height if here else 0, since, until, found)


def steps(pairs: Sequence[tuple[Word | None, Word | None]]) -> Counter[tuple[str, str]]:
    """From where to where, as counted one by one."""
    told: Counter[tuple[str, str]] = Counter()
    for old, new in pairs:
        before, after = (each.place if each else "" for each in (old, new))
        if (old or new) and (before, after) != (SILENT, SILENT):
            told[before, after] += 1
    return told


def patterns(pairs: Sequence[tuple[Word | None, Word | None]]) -> Counter[tuple[str, str]]:
    """Findings gained, lost, regraded and kept, by pattern."""
    told: Counter[tuple[str, str]] = Counter()
    for old, new in pairs:
        was, now = (each.found if each else {} for each in (old, new))
        for pattern in was.keys() | now.keys():
            if pattern not in was:
                told[pattern, "gained"] += 1
            elif pattern not in now:
                told[pattern, "lost"] += 1
            elif was[pattern] != now[pattern]:
                told[pattern, "regraded"] += 1
    return told
