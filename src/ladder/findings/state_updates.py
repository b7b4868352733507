"""Keep the stored states of findings up to date.

Code that writes findings calls `refresh` in the same transaction with the same `now`, so that
earlier beliefs about states can be asked for like those about findings.
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

BATCH: Final = 200
"""Supporters whose states are in memory at once."""


def refresh(context: FindingContext, supporters: Collection[int], *, now: int) -> int:
    """Evaluate the states of these supporters' findings, write the difference, and count its rows.

    Supporters about whose findings nothing was ever done have no states.
    """
    return sum(
        finding_states.replace(context.store, context.root, _states(context, batch), now=now)
        for batch in _batches(sorted(set(supporters)))
    )


def refresh_all(context: FindingContext, *, now: int, among: Iterable[int] | None = None) -> int:
    """Refresh the states of all supporters about whose findings anything was done.

    `among` limits them.
    """
    acted_on = actions.acted_on(context.store, context.key)
    if acted_on and among is not None:
        acted_on = sorted(set(acted_on).intersection(among))
    return refresh(context, acted_on, now=now)


class StateMismatch(NamedTuple):
    """A state that is stored and should not be, or the reverse if it `is_missing`."""

    supporter_id: int
    stretch: Stretch
    is_missing: bool


def state_mismatches(
    context: FindingContext, supporters: Collection[int] | None = None
) -> Iterator[StateMismatch]:
    """Compare stored states with those evaluated now; there should be no mismatch."""
    if supporters is None:
        supporters = actions.acted_on(context.store, context.key)
    for batch in _batches(sorted(supporters)):
        wanted_by_id = _states(context, batch)
        stored_by_id = finding_states.stretches(context.store, context.root, batch)
        for supporter_id in batch:
            wanted = set(wanted_by_id.get(supporter_id, ()))
            stored = set(stored_by_id.get(supporter_id, ()))
            for stretch in wanted ^ stored:
                yield StateMismatch(supporter_id, stretch, stretch in wanted)


def latest_marks(
    context: FindingContext, supporter_id: int, pattern: str, evidence: Collection[Name], at: int
) -> set[Mark | None]:
    """Return the marks on the evidence of a pattern at an instant.

    Without evidence, those on the finding that is open at that instant.
    """
    store, known_at = context.store, context.known_at
    rows = as_known.findings(store, context.root, supporter_id, known_at=known_at)
    log = ActionLog(lifecycles(row for row in rows if row.pattern == pattern))
    by_supporter = actions.of_people(store, [supporter_id], context.key, known_at=known_at)
    for action in by_supporter.get(supporter_id, ()):
        if action.pattern == pattern and action.at <= at:
            log.add(action)
    return {log.mark_on(name) for name in evidence or log.absences(at)}


def _states(context: FindingContext, supporters: Sequence[int]) -> dict[int, list[Stretch]]:
    by_supporter = actions.of_people(context.store, supporters, context.key)
    return {
        supporter_id: states(context.history(supporter_id).lines, acted)
        for supporter_id, acted in by_supporter.items()
    }


def _batches(supporters: Sequence[int]) -> Iterator[Sequence[int]]:
    return (supporters[n : n + BATCH] for n in range(0, len(supporters), BATCH))
