"""Touchpoints at the door: checked, filled in, and compared with one that is known already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from ladder.crm.context import OrganisationContext
from ladder.crm.time_conversion import local_or_date
from ladder.engines.reference.facts import Row, row_of
from ladder.errors import CurrencyError, DuplicateTouchpointError, TouchpointError
from ladder.model.calendars import Calendar
from ladder.model.money import QUANTITY_SCALE, to_major
from ladder.model.touchpoints import Touchpoint
from ladder.storage.read.histories import COLUMNS
from ladder.storage.write.loading import Conflict

_NAMES: Final = {
    "supporter_id": "supporter",
    "referrer_id": "referrer",
    "answers_source": "answers",
    "answers_id": "answers",
    "date_only": "at",
    "currency": "currency",
}


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


def to_row(touchpoint: Touchpoint, organisation: OrganisationContext) -> Row:
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


def refuse_conflicts(conflicts: Iterable[Conflict], calendar: Calendar) -> None:
    """Raise `DuplicateTouchpointError` for a touchpoint that differs from the stored one."""
    for conflict in conflicts:
        given, stored = conflict.given, dict(zip(COLUMNS, conflict.stored, strict=True))
        name = next(name for name in COLUMNS[1:] if stored[name] != given[name])
        old, new = (_shown(name, row, calendar, conflict.keys) for row in (stored, given))
        message = (
            f"{given['source']} {given['external_id']} is known with another "
            f"{_NAMES.get(name, name)}: {old}, not {new}. Touchpoints are never changed: "
            "record a void that answers it, and the right one under an id of its own"
        )
        raise DuplicateTouchpointError(message)


def _shown(name: str, row: Mapping[str, Any], calendar: Calendar, keys: Mapping[int, str]) -> str:
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
