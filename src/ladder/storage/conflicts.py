"""Touchpoints that come again: the same as they are known, or with other content?"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
from sqlalchemy import select

from ladder.calendars import to_date
from ladder.frames import SCHEMA
from ladder.money import to_major
from ladder.storage.frames import fetch
from ladder.storage.models import Supporter
from ladder.storage.store import Store

KEY: Final = ("source", "external_id")
"""What a touchpoint is known by, within its organisation."""

CONTENT: Final = {
    **{n: kind for n, kind in SCHEMA.items() if n not in (*KEY, "supporter", "referrer")},
    "supporter_id": pl.Int64(),
    "referrer_id": pl.Int64(),
}
"""What must be equal for two rows to be the same touchpoint."""

_WORDS: Final = {
    "at": "time",
    "date_only": "time",
    "supporter_id": "supporter",
    "referrer_id": "referrer",
    "asks_for": "kind of ask",
    "answers_id": "answered touchpoint",
    "answers_source": "answered touchpoint",
}


def all_new(store: Store, rows: pl.DataFrame) -> bool:
    """Whether no key of these rows is stored, nor occurs twice among them."""
    keyed = rows.select(KEY).drop_nulls("external_id")
    if keyed.is_duplicated().any():
        return False
    return not any(
        fetch(
            store.connection,
            "SELECT 1 FROM {touchpoint} WHERE organisation_id = :organisation "
            "AND source = :source AND external_id IN :keys LIMIT 1",
            {"found": pl.Int64()},
            organisation=store.organisation_id,
            source=source,
            keys=of_source["external_id"].to_list(),
        ).height
        for (source,), of_source in keyed.group_by("source")
    )


def contradictions(store: Store, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (`row`, counted from 0, and `reason`) whose key is stored with other content.

    `rows` are a touchpoint frame's with `supporter_id` and `referrer_id`, all of them inserted or
    left out because their key was there, perhaps from an earlier row of the same frame.
    """
    keyed = rows.with_row_index("row").filter(pl.col("external_id").is_not_null())
    both = keyed.join(stored(store, keyed), on=KEY, how="inner", suffix="_known")
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_known")) for name in CONTENT]
    wrong = both.filter(pl.any_horizontal(differs)).sort("row")
    reasons = [_reason(store, each) for each in wrong.iter_rows(named=True)]
    return wrong.select("row", reason=pl.Series(reasons, dtype=pl.String))


def stored(store: Store, keyed: pl.DataFrame) -> pl.DataFrame:
    """What is stored under the keys of these rows."""
    names = [*KEY, *CONTENT]
    schema = {name: CONTENT.get(name, pl.String()) for name in names}
    found = [
        fetch(
            store.connection,
            f"SELECT {', '.join(names)} FROM {{touchpoint}} "  # noqa: S608  (own names)
            "WHERE organisation_id = :organisation AND source = :source AND external_id IN :keys",
            schema,
            organisation=store.organisation_id,
            source=source,
            keys=of_source["external_id"].unique().to_list(),
        )
        for (source,), of_source in keyed.group_by("source")
    ]
    return pl.concat(found) if found else pl.DataFrame(schema=schema)


def _reason(store: Store, row: dict[str, Any]) -> str:
    """What differs first, as people read it."""
    name = next(name for name in CONTENT if row[name] != row[f"{name}_known"])
    given, known = (_shown(store, name, row, end) for end in ("", "_known"))
    what = _WORDS.get(name, name)
    return f"id {row['external_id']} is known with another {what}: {known}, not {given}"


def _shown(store: Store, name: str, row: dict[str, Any], end: str) -> str:
    value = row[f"{name}{end}"]
    if name in ("at", "date_only"):
        calendar, at = store.organisation.calendar, row[f"at{end}"]
        day_only = row[f"date_only{end}"]
        return to_date(calendar.day_of(at)).isoformat() if day_only else calendar.text(at)
    if value is None:
        return "none"
    if name == "amount":
        return f"{to_major(value, row[f'currency{end}'])}"
    if name in ("supporter_id", "referrer_id"):
        key = select(Supporter.key).where(
            Supporter.organisation_id == store.organisation_id, Supporter.id == value
        )
        return str(store.connection.scalar(key))
    return str(value) or "none"
