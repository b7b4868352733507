"""Record touchpoints: validate, load, evaluate, write.

Every supporter is evaluated before anything that was evaluated is written, so that a refusal (a
currency without a rate) leaves nothing behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from ladder.crm.changes import Change, Changes
from ladder.crm.context import OrganisationContext
from ladder.crm.evaluation import EvaluationResult, evaluate
from ladder.crm.finding_states import AffectedPatterns
from ladder.crm.presenters import Names
from ladder.crm.validation import refuse_conflicts, to_row
from ladder.engines.incremental.snapshot_evaluator import FullReadRequired
from ladder.errors import LadderError
from ladder.model.touchpoints import Touchpoint
from ladder.storage import snapshots
from ladder.storage.read import histories
from ladder.storage.read.histories import COLUMNS
from ladder.storage.statements import Write, execute_batch
from ladder.storage.write import bitemporal
from ladder.storage.write.bitemporal import LadderRows
from ladder.storage.write.loading import (
    RecordingContext,
    SupporterContext,
    find_awaited,
    load,
    load_whole,
)
from ladder.storage.write.recording import Locked, forget


def record(
    organisation: OrganisationContext, touchpoints: Sequence[Touchpoint], *, now: int
) -> tuple[RecordingContext, Changes]:
    """Store what is new of these touchpoints and the difference that it makes.

    Raises:
        TouchpointError: A kind is unknown, or an amount too fine.
        DuplicateTouchpointError: A touchpoint says something else than the stored one of its
            key.
        CurrencyError: A ladder adds up amounts in a currency for which it has no rate.
    """
    store, ladders = organisation.store, organisation.ladders
    rows = [to_row(touchpoint, organisation) for touchpoint in touchpoints]
    context = load(store, rows, ladders, organisation.corrections, now=now)
    try:
        refuse_conflicts(context.conflicts, store.organisation.calendar)
        results = _evaluate_all(organisation, context, now)
    except LadderError:
        forget(store, context.new, context.locked.values())
        raise
    return context, write(organisation, results, context.locked, now=now)


def _evaluate_all(
    organisation: OrganisationContext, context: RecordingContext, now: int
) -> list[EvaluationResult]:
    """Evaluate every affected supporter.

    A new act that a void or refund awaited counts otherwise for its referrer too, whose snapshots
    do not tell. The history of the supporter who acted does, and an awaited act is read with it.
    """
    results = [_evaluate(organisation, supporter, now) for supporter in context.affected]
    referrers = {
        row[COLUMNS.index("referrer_id")]
        for result in results
        if not result.context.snapshots
        for row in find_awaited(result.context.history.own, context.new)
    }
    return [
        _evaluate_whole(organisation, result.context, now)
        if result.context.snapshots and result.context.supporter.id in referrers
        else result
        for result in results
    ]


def _evaluate(
    organisation: OrganisationContext, supporter: SupporterContext, now: int
) -> EvaluationResult:
    """Evaluate a supporter, from the whole history where the evaluation asks for it."""
    try:
        return evaluate(organisation, supporter, now=now)
    except FullReadRequired:
        return _evaluate_whole(organisation, supporter, now)


def _evaluate_whole(
    organisation: OrganisationContext, supporter: SupporterContext, now: int
) -> EvaluationResult:
    store, ladders = organisation.store, organisation.ladders
    whole = load_whole(store, supporter.supporter, ladders, supporter.new)
    return evaluate(organisation, whole, now=now)


def write(
    organisation: OrganisationContext,
    results: Sequence[EvaluationResult],
    locked: Mapping[int, Locked],
    *,
    now: int,
) -> Changes:
    """Write the difference between what is stored and the results."""
    store = organisation.store
    changes: list[Change] = []
    writes: list[Write] = []
    touchpoints: dict[int, histories.Row] = {}
    affected = AffectedPatterns(organisation, results)
    queries = affected.queries()
    for result in results:
        supporter = result.context.supporter
        if supporter.first_at != result.first_at:
            writes.append(bitemporal.first_at_write(store, supporter.id, result.first_at))
        for ladder in result.ladders:
            if ladder.is_unchanged:
                continue
            root, stored = ladder.adopted.root, result.context.stored[ladder.adopted.root]
            rows = LadderRows.from_results(
                ladder.movements, ladder.findings, ladder.patterns, ladder.since
            )
            changed, added = bitemporal.apply_changes(
                store, root, supporter.id, stored, rows, now=now
            )
            writes += added
            changes.append(Change(ladder.adopted, supporter.id, changed))
        touchpoints |= result.context.history.rows()
        if result.snapshots is not None and not result.snapshots:
            writes.append(snapshots.delete_write(store, supporter.id))
        writes += [snapshots.save_write(store, supporter.id, row) for row in result.snapshots or ()]
    missing = {number for change in changes for number in _causes(change)} - touchpoints.keys()
    if missing:
        queries.append(histories.touchpoints_query(store, missing))
    answers = execute_batch(store.connection, writes, queries)
    if missing:
        touchpoints |= {row[0]: row for row in answers.pop()}
    for acted in answers:
        affected.refresh_states(acted, now=now)
    names = {number: supporter.key for number, supporter in locked.items()}
    names |= histories.keys(store, {row[1] for row in touchpoints.values()} - names.keys())
    return Changes(tuple(changes), Names(store.organisation, names, touchpoints))


def _causes(change: Change) -> Iterator[int]:
    """Yield the touchpoints that a change names; some lie before what was loaded."""
    moved = change.rows.movements
    for *_, first, others in (*moved.added, *moved.retracted):
        if first is not None:
            yield first
            yield from json.loads(others or "[]")
