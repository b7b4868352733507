"""Rows of a database as the first migration made it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, text

FIRST: Final[dict[str, list[dict[str, Any]]]] = {
    "organisation": [
        {"id": 1, "key": "alder", "name": "Alder", "zone": "UTC", "currency": "EUR",
         "fiscal_month": 7, "fiscal_day": 1},
    ],
    "definition": [
        {"id": 1, "organisation_id": 1, "key": "little", "title": "L", "document": "# a",
         "fingerprint": "a", "adopted_at": 1, "effective_from": None, "retired_at": 50},
        {"id": 2, "organisation_id": 1, "key": "little", "title": "Little", "document": "# b",
         "fingerprint": "b", "adopted_at": 50, "effective_from": None, "retired_at": None},
    ],
    "coverage": [
        {"id": 1, "organisation_id": 1, "selector": "inbound", "source": None, "since": None,
         "until": 90, "declared_at": 2},
    ],
    "import": [
        {"id": 1, "organisation_id": 1, "file": "gifts.csv", "digest": "d", "mapping": "m",
         "started_at": 3, "finished_at": 4, "rows": 2, "kept": 2, "known": 0, "refused": 0},
    ],
    "supporter": [
        {"id": 1, "organisation_id": 1, "key": "ada", "first_at": 10},
        {"id": 2, "organisation_id": 1, "key": "ben", "first_at": 20},
        {"id": 3, "organisation_id": 1, "key": "cleo", "first_at": None},
    ],
    "touchpoint": [
        {"id": n, "organisation_id": 1, "supporter_id": n, "kind": "donation", "at": 10 * n,
         "date_only": False, "direction": "inbound", "purposes": "", "amount": 2500,
         "currency": "EUR", "referrer_id": 3 if n == 1 else None, "source": "till",
         "external_id": f"n{n}", "details": '{"page":"river"}', "recorded_at": 5}
        for n in (1, 2)
    ],
    "place": [
        {"id": n, "definition_id": 1 + n // 4, "height": height, "rungs": rungs}
        for n, (height, rungs) in enumerate([(0, ""), (1, "giving")] * 2, 2)
    ],
    "place_rung": [{"place_id": n, "rung": "giving"} for n in (3, 5)],
    "movement": [
        {"id": n, "organisation_id": 1, "definition_id": definition, "supporter_id": whose,
         "at": at, "until": until, "kind": kind, "before_id": before, "after_id": after,
         "skipped": "", "new_peak": True, "cause": "touchpoint", "cause_id": 1,
         "cause_others": None, "recorded_at": recorded, "retracted_at": retracted}
        for n, (definition, whose, at, until, kind, before, after, recorded, retracted)
        in enumerate(
            [
                (1, 1, 10, None, "arrived", 2, 3, 5, 50),
                (2, 1, 10, 80, "arrived", 4, 5, 50, None),
                (2, 1, 80, None, "lapsed", 5, 4, 50, None),
                (2, 2, 20, None, "arrived", 4, 5, 50, None),
            ],
            1,
        )
    ],
    "finding": [
        {"id": 1, "organisation_id": 1, "definition_id": 2, "supporter_id": 1, "pattern": "O1",
         "severity": "high", "at": 12, "until": None, "recorded_at": 50, "retracted_at": None},
    ],
}  # fmt: skip
"""The columns of a database of ladder_0001."""


def fill(connection: Connection) -> None:
    """By plain SQL: no model of today knows the tables of yesterday."""
    for table, rows in FIRST.items():
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO ladder_{table} ({names}) VALUES ({values})"), row)
