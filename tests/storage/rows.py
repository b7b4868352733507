"""Touchpoint frames for tests: say what matters, the rest is filled in."""

from __future__ import annotations

from itertools import count
from typing import Any

import polars as pl

from ladder.model.calendars import DAY
from ladder.model.touchpoint_frame import SCHEMA

_NUMBERS = count()


def day(number: float) -> int:
    """The instant at which that day since 1970 begins in UTC."""
    return int(number * DAY)


def touchpoint(supporter: str, kind: str = "donation", at: int = 0, **more: Any) -> dict[str, Any]:
    """One row of a touchpoint frame; without `external_id` it gets one of its own."""
    row: dict[str, Any] = dict.fromkeys(SCHEMA)
    row |= {"supporter": supporter, "kind": kind, "at": at, "date_only": False, "purposes": ""}
    row |= {"source": "test", "external_id": f"n{next(_NUMBERS)}", "direction": "inbound"}
    unknown = set(more) - set(row)
    assert not unknown, unknown
    return row | more


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """These rows as a touchpoint frame."""
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")
