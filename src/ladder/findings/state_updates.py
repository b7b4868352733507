"""States kept beside the findings: worked out again for whoever was acted upon and is judged anew.

Who writes findings calls this in the same transaction, with the same `now`: what was believed of a
state at an earlier instant can then be asked for like everything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ladder.findings.action_log import ActionLog, Mark
from ladder.findings.context import FindingContext
from ladder.findings.lifecycles import lifecycles
from ladder.findings.states import states
from ladder.storage import actions, finding_states
from ladder.storage.actions import Name
from ladder.storage.finding_states import Stretch
from ladder.storage.read import as_known

TOGETHER: Final = 200
"""Supporters whose states are in memory at once."""


def refresh(by: FindingContext, people: Collection[int], *, now: int) -> int:
    """Work out in which states the findings of these supporters are, and write the difference.

    How many rows that changed. Nothing where nothing was ever done about them.
    """
    changed = 0
    for some in _parts(sorted(set(people))):
        changed += finding_states.replace(by.store, by.root, _said(by, some), now=now)
    return changed


def refresh_all(by: FindingContext, *, now: int, among: Iterable[int] | None = None) -> int:
    """The same for everybody who was ever acted upon (of those, where some are given)."""
    acted = actions.acted_on(by.store, by.key)
    if acted and among is not None:
        acted = sorted(set(acted).intersection(among))
    return refresh(by, acted, now=now)


class StateMismatch(NamedTuple):
    """A stretch that is stored and should not be, or (`missing`) the other way round."""

    supporter_id: int
    stretch: Stretch
    missing: bool


def state_mismatches(
    by: FindingContext, people: Collection[int] | None = None
) -> Iterator[StateMismatch]:
    """Where stored states differ from those worked out anew; there should be none."""
    acted = actions.acted_on(by.store, by.key) if people is None else sorted(people)
    for some in _parts(acted):
        said = _said(by, some)
        stored = finding_states.stretches(by.store, by.root, some)
        for whose in some:
            wanted, kept = set(said.get(whose, ())), set(stored.get(whose, ()))
            for each in wanted ^ kept:
                yield StateMismatch(whose, each, each in wanted)


def latest_marks(
    by: FindingContext, supporter_id: int, pattern: str, proofs: Collection[Name], at: int
) -> set[Mark | None]:
    """What has been said, up to an instant, about each of these as proof of that pattern.

    Of a finding that nothing proves, about the stretch that the instant lies in.
    """
    rows = as_known.findings(by.store, by.root, supporter_id, known_at=by.known_at)
    log = ActionLog(lifecycles(row for row in rows if row.pattern == pattern))
    done = actions.of_people(by.store, [supporter_id], by.key, known_at=by.known_at)
    for action in done.get(supporter_id, ()):
        if action.pattern == pattern and action.at <= at:
            log.take(action)
    return {log.on(each) for each in proofs or log.absences(at)}


def _said(by: FindingContext, people: Sequence[int]) -> dict[int, list[Stretch]]:
    done = actions.of_people(by.store, people, by.key)
    return {whose: states(by.history(whose).lines, mine) for whose, mine in done.items()}


def _parts(people: Sequence[int]) -> Iterator[Sequence[int]]:
    return (people[n : n + TOGETHER] for n in range(0, len(people), TOGETHER))
