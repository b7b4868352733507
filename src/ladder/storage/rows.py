"""Results of queries: rows as plain frozen data, instants as integers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from ladder.storage.columns import Instant
from ladder.storage.sql import Query, as_integer


@dataclass(frozen=True)
class Standing:
    """The place of one supporter: the rungs at their greatest height, and the interval.

    On the ground `rungs` is "" and `height` 0; `since` is None for a supporter who never moved.
    `until` None: for ever.
    """

    supporter_id: int
    key: str
    rungs: str
    height: int
    since: int | None
    until: int | None


@dataclass(frozen=True)
class Count:
    """The number of supporters at one place."""

    rungs: str
    height: int
    supporters: int


@dataclass(frozen=True, order=True)
class Flow:
    """The number of movements of one sort in a period; `seam`: caused by another definition."""

    kind: str
    before: str
    after: str
    new_peak: bool
    seam: bool
    movements: int


@dataclass(frozen=True)
class Movement:
    """One movement as stored; instants are integers, `until` None is for ever."""

    id: int
    supporter_id: int
    key: str
    at: int
    until: int | None
    kind: str
    before: str
    height_before: int
    after: str
    height_after: int
    skipped: str
    new_peak: bool
    cause: str
    causes: tuple[int, ...]
    recorded_at: int


@dataclass(frozen=True)
class Finding:
    """One finding as stored, and its state at the instant of the query.

    The state is "open", "acknowledged" or "dismissed"; "resolved" where it is over by then.
    """

    id: int
    supporter_id: int
    key: str
    pattern: str
    severity: str
    at: int
    until: int | None
    recorded_at: int
    state: str = "open"


def integers(query: Query) -> Query:
    """Select the instants of this query as integers."""
    columns = [
        as_integer(column).label(column.name)
        if isinstance(column, ColumnElement) and isinstance(column.type, Instant)
        else column
        for column in query.inner_columns
    ]
    return query.with_only_columns(*columns, maintain_column_froms=True)


def movement(row: Any) -> Movement:  # noqa: ANN401  (a row of `selects.movements`)
    """Build a movement from its row, with all its causes in one tuple."""
    fields = dict(row._mapping)  # noqa: SLF001  (documented, in spite of its name)
    first, others = fields.pop("cause_id"), fields.pop("cause_others")
    causes = () if first is None else (first, *json.loads(others or "[]"))
    return Movement(id=fields.pop("movement_id"), causes=causes, **fields)


def finding(row: Any) -> Finding:  # noqa: ANN401  (a row of `selects.findings`)
    """Build a finding from its row."""
    fields = dict(row._mapping)  # noqa: SLF001
    return Finding(id=fields.pop("finding_id"), **fields)
