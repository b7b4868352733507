"""Stored results of some supporters, by their keys and without row ids."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, text

from ladder.model.calendars import FOREVER, to_date, to_datetime, to_instant
from ladder.model.money import QUANTITY_SCALE, to_major
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint, details_of
from ladder.replay import Report, Source, replay
from tests.databases import fresh_sqlite
from tests.realdata.replays import Replay, Told

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
"""When all this became known."""

_TOUCHPOINTS = "SELECT id, source, external_id FROM ladder_touchpoint"
_MOVEMENTS = """
    SELECT supporter.key, movement.at, movement.until, movement.kind, earlier.rungs, earlier.height,
        later.rungs, later.height, movement.skipped, movement.new_peak, movement.cause,
        movement.cause_id, movement.cause_others
    FROM ladder_movement AS movement
    JOIN ladder_supporter AS supporter ON supporter.id = movement.supporter_id
    JOIN ladder_place AS earlier ON earlier.id = movement.before_id
    JOIN ladder_place AS later ON later.id = movement.after_id
    WHERE movement.retracted_at IS NULL
"""
_FINDINGS = """
    SELECT supporter.key, finding.pattern, finding.severity, finding.at, finding.until
    FROM ladder_finding AS finding
    JOIN ladder_supporter AS supporter ON supporter.id = finding.supporter_id
    WHERE finding.retracted_at IS NULL
"""


def database(path: Path) -> Engine:
    """A fresh, migrated SQLite file."""
    return fresh_sqlite(path)


def write(engine: Engine, whole: Replay) -> Report:
    """Replay an export into a database."""
    return replay(
        engine,
        whole.organisation,
        whole.ladder,
        [Source(whole.batches)],
        now=to_instant(NOW),
        coverage=whole.coverage,
    )


def stored(engine: Engine, supporters: Iterable[str]) -> Told:
    """The movements and findings that stand, of these supporters; causes by their external ids."""
    mine = set(supporters)
    with engine.connect() as connection:
        keys = {row[0]: f"{row[1]} {row[2]}" for row in connection.execute(text(_TOUCHPOINTS))}
        moved = [row for row in connection.execute(text(_MOVEMENTS)) if row[0] in mine]
        found = [row for row in connection.execute(text(_FINDINGS)) if row[0] in mine]
    return Told(
        sorted((*_ended(row[:3]), *row[3:11], _causes(row[11], row[12], keys)) for row in moved),
        sorted((*row[:3], *_ended(row[3:])) for row in found),
    )


def _ended(row: Any) -> tuple[Any, ...]:
    """With an end, be it for ever."""
    return (*row[:-1], FOREVER if row[-1] is None else row[-1])


def _causes(first: int | None, others: str | None, keys: dict[int, str]) -> tuple[str, ...]:
    if first is None:
        return ()
    return tuple(sorted(keys[number] for number in (first, *json.loads(others or "[]"))))


def touchpoint(row: dict[str, Any], organisation: Organisation) -> Touchpoint:
    """The touchpoint that a host would record, from a row of the touchpoint frame."""
    same = (
        "supporter", "kind", "direction", "asks_for", "channel", "audience", "automated",
        "campaign", "referrer", "source", "external_id",
    )  # fmt: skip
    at, amount, quantity = row["at"], row["amount"], row["quantity"]
    day = to_date(organisation.calendar.day_of(at))
    answers = row["answers_id"]
    return Touchpoint(
        **{name: row[name] for name in same},
        at=day if row["date_only"] else to_datetime(0) + timedelta(microseconds=at),
        purposes=row["purposes"] or None,
        amount=None if amount is None else to_major(amount, row["currency"]),
        currency=row["currency"],
        quantity=None if quantity is None else _units(quantity),
        answers=None if answers is None else (row["answers_source"] or row["source"], answers),
        details=details_of(row["details"]) or None,
    )


def _units(millionths: int) -> str:
    whole, rest = divmod(millionths, QUANTITY_SCALE)
    return f"{whole}.{rest:06}"
