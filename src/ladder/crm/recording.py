"""Record touchpoints: validate, load, evaluate, write.

Every supporter is evaluated before anything that was evaluated is written, so that a refusal (a
currency without a rate) leaves nothing behind.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from ladder.crm.changes import Change, Changes
from ladder.crm.context import OrganisationContext
from ladder.crm.evaluation import EvaluationResult, evaluate
from ladder.crm.finding_states import AffectedPatterns
from ladder.crm.presenters import Names
from ladder.crm.time_conversion import local_or_date
from ladder.engines.reference.facts import Row, row_of
from ladder.errors import (
    CurrencyError,
    DuplicateTouchpointError,
    LadderError,
    TouchpointError,
)
from ladder.model.calendars import Calendar
from ladder.model.money import QUANTITY_SCALE, to_major
from ladder.model.touchpoints import Touchpoint
from ladder.storage import snapshots
from ladder.storage.read import histories
from ladder.storage.read.histories import COLUMNS
from ladder.storage.statements import Write, execute_batch
from ladder.storage.write import bitemporal
from ladder.storage.write.bitemporal import LadderRows
from ladder.storage.write.loading import (
    Conflict,
    LockedSupporter,
    RecordingContext,
    SupporterContext,
    find_awaited,
    forget,
    load,
    load_whole,
)

_NAMES: Final = {
    "supporter_id": "supporter",
    "referrer_id": "referrer",
    "answers_source": "answers",
    "answers_id": "answers",
    "date_only": "at",
    "currency": "currency",
}


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
    rows = [_to_row(touchpoint, organisation) for touchpoint in touchpoints]
    context = load(store, rows, ladders, organisation.corrections, now=now)
    try:
        _refuse_conflicts(context.conflicts, store.organisation.calendar)
        results = _evaluate_all(organisation, context, now)
    except LadderError:
        forget(store, context.new, context.locked.values())
        raise
    return context, write(organisation, results, context.locked, now=now)


def touchpoint_of(touchpoint: Touchpoint | None, fields: Mapping[str, Any]) -> Touchpoint:
    """The touchpoint given, or the one that these fields make.

    Raises `TouchpointError` naming every field that cannot be taken.
    """
    if touchpoint is not None:
        if fields:
            message = f"give a touchpoint or its fields, not both: {', '.join(fields)}"
            raise TouchpointError(message)
        return touchpoint
    try:
        return Touchpoint(**fields)
    except ValidationError as error:
        raise TouchpointError("; ".join(_faults(error))) from None


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"][:1])
        words = fault["msg"].removeprefix("Value error, ")
        known = f" (known: {', '.join(Touchpoint.model_fields)})"
        hint = known if fault["type"] == "extra_forbidden" else ""
        yield f"{where}: {words}{hint}" if where else words


def _to_row(touchpoint: Touchpoint, organisation: OrganisationContext) -> Row:
    """Convert a touchpoint to its row: defaults of its kind, money in minor units.

    Supporters are named by their keys.

    Raises:
        TouchpointError: The kind is unknown, or an amount or quantity is too fine to be exact.
    """
    try:
        return row_of(touchpoint, 0, organisation.store.organisation, organisation.kinds)
    except CurrencyError as error:
        message = f"{touchpoint.kind} of {touchpoint.supporter}: {error}"
        raise TouchpointError(message) from error


def _refuse_conflicts(conflicts: Iterable[Conflict], calendar: Calendar) -> None:
    """Raise `DuplicateTouchpointError` for a touchpoint that differs from the stored one."""
    for conflict in conflicts:
        given, stored = conflict.given, dict(zip(COLUMNS, conflict.stored, strict=True))
        name = next(name for name in COLUMNS[1:] if stored[name] != given[name])
        old, new = (_format_field(name, row, calendar, conflict.keys) for row in (stored, given))
        message = (
            f"{given['source']} {given['external_id']} is known with another "
            f"{_NAMES.get(name, name)}: {old}, not {new}. Touchpoints are never changed: "
            "record a void that answers it, and the right one under an id of its own"
        )
        raise DuplicateTouchpointError(message)


def _format_field(
    name: str, row: Mapping[str, Any], calendar: Calendar, keys: Mapping[int, str]
) -> str:
    """Format a field of a row for a message."""
    value = row[name]
    if name in ("at", "date_only"):
        return str(local_or_date(calendar, row["at"], date_only=bool(row["date_only"])))
    if value is None or value == "":
        return "none"
    if name == "amount":
        return f"{to_major(value, row['currency'])} {row['currency']}"
    if name == "quantity":
        return f"{value / QUANTITY_SCALE:g}"
    if name in ("supporter_id", "referrer_id"):
        return keys.get(value, str(value))
    if name in ("answers_source", "answers_id"):
        return f"{row['answers_source']} {row['answers_id']}"
    return str(value)


def _evaluate_all(
    organisation: OrganisationContext, context: RecordingContext, now: int
) -> list[EvaluationResult]:
    """Evaluate every affected supporter, by the whole history where snapshots do not suffice."""
    results: dict[int, EvaluationResult | None] = {}
    supporters: Sequence[SupporterContext] = context.affected
    while supporters:
        for supporter in supporters:
            results[supporter.supporter.id] = evaluate(organisation, supporter, now=now)
        referrers = _referrers_of_awaited(results.values(), context.new)
        supporters = [
            load_whole(organisation.store, supporter.supporter, organisation.ladders, supporter.new)
            for supporter in context.affected
            if (result := results[supporter.supporter.id]) is None
            or (result.context.snapshots and supporter.supporter.id in referrers)
        ]
    return [result for result in results.values() if result is not None]


def _referrers_of_awaited(
    results: Iterable[EvaluationResult | None], new: Collection[int]
) -> set[int]:
    """Return the referrers of new acts that a void or refund awaited.

    These acts count otherwise for the referrers too, whose snapshots do not tell. The history of
    the supporter who acted does, and an awaited act is read with it.
    """
    return {
        row[COLUMNS.index("referrer_id")]
        for result in results
        if result is not None and not result.context.snapshots
        for row in find_awaited(result.context.history.own, new)
    }


def write(
    organisation: OrganisationContext,
    results: Sequence[EvaluationResult],
    locked: Mapping[int, LockedSupporter],
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
