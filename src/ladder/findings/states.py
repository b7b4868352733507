"""In which state a supporter's findings are, and when: open, acknowledged or dismissed.

A finding is dismissed while all that proves it is; acknowledged while all of it is dismissed or
acknowledged; and open as soon as something proves it of which nobody has said anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from ladder.engines.reference.evidence import Proofs, proofs
from ladder.engines.reference.versions import Lines
from ladder.findings.action_log import Absence, ActionLog, Mark, name_of
from ladder.findings.lifecycles import lifecycles
from ladder.model.calendars import FOREVER
from ladder.model.intervals import Episode, Episodes, intersection, minus, union
from ladder.storage.actions import Action
from ladder.storage.finding_states import Stretch

SAYS: Final[tuple[Mark, Mark]] = ("acknowledged", "dismissed")


def states(lines: Lines, actions: Iterable[Action]) -> list[Stretch]:
    """When which of her findings is acknowledged or dismissed, by what was done about them.

    `actions` are in the order in which they count.
    """
    found: list[Stretch] = []
    by_pattern = sorted(actions, key=lambda each: each.pattern)
    for pattern, done in groupby(by_pattern, key=lambda each: each.pattern):
        found += _of_pattern(lines, pattern, list(done))
    return found


def _of_pattern(lines: Lines, pattern: str, actions: Sequence[Action]) -> Iterator[Stretch]:
    log = ActionLog(lifecycles(lines.findings({pattern})))
    found = [(life.opened, life.closed) for life in log.lifecycles]
    proved = list(windows(lines, pattern, actions[0].at, FOREVER))
    said: dict[Mark, list[Episode]] = {"acknowledged": [], "dismissed": []}
    moments = sorted({each.at for each in actions})
    for since, until in zip(moments, [*moments[1:], FOREVER], strict=True):
        for action in actions:
            if action.at == since:
                log.take(action)
        for window, proof in proved:
            domain = intersection(found, intersection([(since, until)], [window]))
            for state, when in zip(SAYS, _judged(domain, proof, log), strict=True):
                said[state] += when
    for state, stretches in said.items():
        for start, end in union(stretches):
            yield Stretch(pattern, state, start, None if end >= FOREVER else end)


def windows(lines: Lines, pattern: str, since: int, until: int) -> Iterator[tuple[Episode, Proofs]]:
    """What proves that pattern's findings during [since, until), by each definition in its time."""
    ends = [*(each.since for each in lines.versions[1:]), FOREVER]
    for version, evaluation, end in zip(lines.versions, lines.evaluations, ends, strict=True):
        begin = since if version is lines.versions[0] else max(version.since, since)
        stop = min(end, until)
        known = {each.key: each for each in version.ladder.patterns}
        if begin < stop and pattern in known:
            proof = proofs(evaluation, version.ladder, known[pattern], begin, stop)
            yield (begin, stop), proof


def _judged(domain: Episodes, proof: Proofs, log: ActionLog) -> tuple[Episodes, Episodes]:
    """When it is acknowledged and when dismissed, of the instants at which it is found."""
    unsaid: list[Episode] = []
    noted: list[Episode] = []
    rest = domain
    for sort in proof.sorts:
        here = intersection(rest, union(each for when in sort.values() for each in when))
        rest = minus(rest, here)
        for fact, when in sort.items():
            word = log.on(name_of(fact))
            if word is None:
                unsaid += intersection(here, when)
            elif word == "acknowledged":
                noted += intersection(here, when)
    for life in log.lifecycles:
        word = log.on(Absence(life.opened))
        if word != "dismissed":
            bare = intersection(rest, [(life.opened, life.closed)])
            (unsaid if word is None else noted).extend(bare)
    open_ = union(unsaid)
    acknowledged = minus(union(noted), open_)
    return acknowledged, minus(minus(domain, open_), acknowledged)
