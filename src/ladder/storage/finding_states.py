"""Write and read the states that actions gave to findings.

Only supporters with an action on a finding have rows. A finding without a row at an instant is
open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, exists, literal_column, select

from ladder.storage import models
from ladder.storage.bitemporal_tables import STATE_TABLE, Content, Stamp, compare
from ladder.storage.indexes import indexed
from ladder.storage.models import HANDLED
from ladder.storage.selects import Moment, known, open_at
from ladder.storage.sql import Query, as_integer, members
from ladder.storage.statements import Write, execute_batch
from ladder.storage.store import Store

_STATE = models.FindingState.__table__
_HERS = indexed(_STATE, "hers", "ix_ladder_finding_state_supporter_id_at")

OPEN: Final = "open"
DISMISSED: Final = "dismissed"
STATES: Final = (OPEN, *HANDLED)
"""The states of a finding that is open at the instant of a question."""


class Stretch(NamedTuple):
    """A pattern's finding is in that state during [at, until); `until` None is for ever."""

    pattern: str
    state: str
    at: int
    until: int | None


def stretches(
    store: Store, root: int, people: Collection[int], *, known_at: int | None = None
) -> dict[int, list[Stretch]]:
    """Read the states of these supporters by time, as known now or at `known_at`."""
    if not people:
        return {}
    row = _HERS.c
    query = select(
        row.supporter_id, row.pattern, row.state, as_integer(row.at), as_integer(row.until)
    ).where(
        row.definition_id == root,
        row.supporter_id.in_(members(store.connection, list(people))),
        known(row, known_at),
    )
    found: dict[int, list[Stretch]] = defaultdict(list)
    for whose, *said in store.connection.execute(query.order_by(row.at, row.pattern)):
        found[whose].append(Stretch(*said))
    return dict(found)


def replace(store: Store, root: int, said: Mapping[int, Iterable[Stretch]], *, now: int) -> int:
    """Make these the states of each of these supporters, as known from `now` on; count the rows."""
    if not said:
        return 0
    row = _HERS.c
    query = select(
        row.supporter_id, row.pattern, row.state, as_integer(row.at), as_integer(row.until),
        row.id, as_integer(row.recorded_at),
    ).where(
        row.definition_id == root,
        row.supporter_id.in_(members(store.connection, list(said))),
        known(row),
    )  # fmt: skip
    stored: dict[int, dict[Content, Stamp]] = defaultdict(dict)
    for supporter_id, *content, number, recorded_at in store.connection.execute(query):
        stored[supporter_id][tuple(content)] = Stamp(number, recorded_at)
    writes, changed = list[Write](), 0
    for supporter_id, stretches_ in said.items():
        changes = compare(stored[supporter_id], sorted(set(stretches_)))
        owner = {"organisation_id": store.organisation_id, "definition_id": root}
        owner |= {"supporter_id": supporter_id}
        writes += STATE_TABLE.writes(changes, owner, now)
        changed += len(changes.added) + len(changes.retracted)
    execute_batch(store.connection, writes)
    return changed


def in_state(
    row: Any,  # noqa: ANN401  (the columns of findings, or of an alias)
    states: Iterable[str],
    *,
    at: Moment,
    known_at: Moment | None = None,
) -> ColumnElement[bool]:
    """Build the test that a finding is in one of these handled states at an instant.

    The states are literals, so that the statement is built only once.
    """
    state = indexed(_STATE, "state", "ix_ladder_finding_state_supporter_id_at")
    return exists().where(
        state.c.definition_id == row.definition_id,
        state.c.supporter_id == row.supporter_id,
        state.c.pattern == row.pattern,
        state.c.state.in_([literal_column(f"'{each}'") for each in states]),
        open_at(state.c, at),
        known(state.c, known_at),
    )


def at(
    store: Store,
    root: int,
    instant: int,
    *,
    known_at: int | None = None,
    people: Collection[int] | None = None,
) -> dict[tuple[int, str], str]:
    """Read the states that are not open, by (supporter, pattern), of these supporters or of all."""
    if people is not None and not people:
        return {}
    row = _STATE.c if people is None else _HERS.c
    query: Query = select(row.supporter_id, row.pattern, row.state).where(
        row.definition_id == root,
        row.state.in_(HANDLED),
        open_at(row, instant),
        known(row, known_at),
    )
    if people is not None:
        query = query.where(row.supporter_id.in_(members(store.connection, list(people))))
    found = store.connection.execute(query)
    return {(whose, pattern): state for whose, pattern, state in found}


def dismissed(
    store: Store, root: int, patterns: Collection[str]
) -> list[tuple[int, str, int, int | None]]:
    """Read when these patterns were dismissed: (supporter, pattern, at, until)."""
    row = _STATE.c
    query = select(row.supporter_id, row.pattern, as_integer(row.at), as_integer(row.until)).where(
        row.definition_id == root,
        row.state == DISMISSED,
        row.pattern.in_(list(patterns)),
        known(row),
    )
    found = store.connection.execute(query.order_by(row.supporter_id, row.pattern, row.at))
    return [(whose, pattern, at, until) for whose, pattern, at, until in found]
