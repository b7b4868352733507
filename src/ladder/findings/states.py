"""Evaluate when a supporter's findings are open, acknowledged or dismissed.

A finding is dismissed while all of its evidence is; acknowledged while all of it is dismissed or
acknowledged; and open as soon as there is evidence without a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from ladder.engines.reference.evidence import Proofs, proofs
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.findings.action_log import Absence, ActionLog, Mark, name_of
from ladder.findings.lifecycles import lifecycles
from ladder.model.calendars import FOREVER
from ladder.model.intervals import Episode, Episodes, intersection, minus, union
from ladder.storage.actions import Action
from ladder.storage.finding_states import Stretch

MARKS: Final[tuple[Mark, Mark]] = ("acknowledged", "dismissed")


def states(lines: VersionedEvaluation, actions: Iterable[Action]) -> list[Stretch]:
    """Return when a supporter's findings are acknowledged or dismissed.

    `actions` are in the order in which they count.
    """
    stretches: list[Stretch] = []
    by_pattern = sorted(actions, key=attrgetter("pattern"))
    for pattern, acted in groupby(by_pattern, key=attrgetter("pattern")):
        stretches += _pattern_states(lines, pattern, list(acted))
    return stretches


def _pattern_states(
    lines: VersionedEvaluation, pattern: str, actions: Sequence[Action]
) -> Iterator[Stretch]:
    log = ActionLog(lifecycles(lines.findings({pattern})))
    periods = [(lifecycle.opened, lifecycle.closed) for lifecycle in log.lifecycles]
    evidence = list(evidence_windows(lines, pattern, actions[0].at, FOREVER))
    marked: dict[Mark, list[Episode]] = {"acknowledged": [], "dismissed": []}
    instants = sorted({action.at for action in actions})
    for since, until in zip(instants, [*instants[1:], FOREVER], strict=True):
        for action in actions:
            if action.at == since:
                log.add(action)
        for window, proof in evidence:
            domain = intersection(periods, intersection([(since, until)], [window]))
            for mark, episodes in zip(MARKS, _marked_episodes(domain, proof, log), strict=True):
                marked[mark] += episodes
    for mark, stretches in marked.items():
        for start, end in union(stretches):
            yield Stretch(pattern, mark, start, None if end >= FOREVER else end)


def evidence_windows(
    lines: VersionedEvaluation, pattern: str, since: int, until: int
) -> Iterator[tuple[Episode, Proofs]]:
    """Yield the evidence of a pattern's findings during [since, until), one window per version."""
    ends = [*(version.since for version in lines.versions[1:]), FOREVER]
    for version, evaluation, end in zip(lines.versions, lines.evaluations, ends, strict=True):
        begin = since if version is lines.versions[0] else max(version.since, since)
        stop = min(end, until)
        patterns = {pattern.key: pattern for pattern in version.ladder.patterns}
        if begin < stop and pattern in patterns:
            proof = proofs(evaluation, version.ladder, patterns[pattern], begin, stop)
            yield (begin, stop), proof


def _marked_episodes(domain: Episodes, proof: Proofs, log: ActionLog) -> tuple[Episodes, Episodes]:
    """Return when a finding is acknowledged and when dismissed, within the `domain` it is found."""
    unmarked: list[Episode] = []
    acknowledged: list[Episode] = []
    rest = domain
    for sort in proof.sorts:
        here = intersection(rest, union(span for spans in sort.values() for span in spans))
        rest = minus(rest, here)
        for fact, spans in sort.items():
            mark = log.mark_on(name_of(fact))
            if mark is None:
                unmarked += intersection(here, spans)
            elif mark == "acknowledged":
                acknowledged += intersection(here, spans)
    for lifecycle in log.lifecycles:
        mark = log.mark_on(Absence(lifecycle.opened))
        if mark != "dismissed":
            without_evidence = intersection(rest, [(lifecycle.opened, lifecycle.closed)])
            (unmarked if mark is None else acknowledged).extend(without_evidence)
    open_ = union(unmarked)
    noted = minus(union(acknowledged), open_)
    return noted, minus(minus(domain, open_), noted)
