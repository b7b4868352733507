"""Store actions on findings, which never change, and read them back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from sqlalchemy import BigInteger, String, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY

from ladder.storage import models
from ladder.storage.indexes import indexed
from ladder.storage.sql import as_integer, members
from ladder.storage.statements import Query, Statement
from ladder.storage.store import Store

_ACTION = models.FindingAction.__table__
_HERS = indexed(_ACTION, "action", "ix_ladder_finding_action_supporter_id_ladder")

Name = tuple[str, str] | int
"""The identity of a touchpoint: its source and external id, or its id here without one."""

Word = Literal["acknowledged", "dismissed", "taken back"]


@dataclass(frozen=True)
class Action:
    """An action on a pattern found of a supporter, with the touchpoints that proved it."""

    id: int
    supporter_id: int
    ladder: str
    pattern: str
    action: Word
    at: int
    by: str
    reason: str
    evidence: tuple[Name, ...]
    recorded_at: int


_FIELDS: Final = (
    _HERS.c.id,
    _HERS.c.supporter_id,
    _HERS.c.ladder,
    _HERS.c.pattern,
    _HERS.c.action,
    as_integer(_HERS.c.at).label("at"),
    _HERS.c.by_whom,
    _HERS.c.reason,
    _HERS.c.evidence,
    as_integer(_HERS.c.recorded_at).label("recorded_at"),
)


def add(
    store: Store,
    supporter_id: int,
    ladder: str,
    pattern: str,
    action: Word,
    *,
    at: int,
    by: str,
    reason: str,
    evidence: Iterable[Name],
    now: int,
) -> Action:
    """Store one action. The caller holds the supporter's lock."""
    names = tuple(evidence)
    done = store.connection.execute(
        insert(_ACTION)
        .values(
            organisation_id=store.organisation_id,
            supporter_id=supporter_id,
            ladder=ladder,
            pattern=pattern,
            action=action,
            at=at,
            by_whom=by,
            reason=reason,
            evidence=json.dumps(names, separators=(",", ":"), ensure_ascii=False),
            recorded_at=now,
        )
        .returning(_ACTION.c.id)
    )
    number = cast("int", done.scalar_one())
    return Action(number, supporter_id, ladder, pattern, action, at, by, reason, names, now)


def of_people(
    store: Store, people: Collection[int], ladder: str, *, known_at: int | None = None
) -> dict[int, list[Action]]:
    """Return the actions on each of these supporters' findings, in the order in which they count.

    With `known_at`, as they were known at that instant.
    """
    if not people:
        return {}
    query = select(*_FIELDS).where(
        _HERS.c.organisation_id == store.organisation_id,
        _HERS.c.supporter_id.in_(members(store.connection, list(people))),
        _HERS.c.ladder == ladder,
    )
    if known_at is not None:
        query = query.where(_HERS.c.recorded_at <= known_at)
    found: dict[int, list[Action]] = defaultdict(list)
    for row in store.connection.execute(query.order_by(_HERS.c.at, _HERS.c.id)):
        found[row.supporter_id].append(_action(row))
    return dict(found)


def acted_on(store: Store, ladder: str) -> list[int]:
    """Return the ids of all supporters with an action on a finding, ascending."""
    mine = _ACTION.c.organisation_id == store.organisation_id
    whose = _ACTION.c.supporter_id
    query = select(whose).where(mine, _ACTION.c.ladder == ladder).distinct().order_by(whose)
    return list(store.connection.scalars(query))


def acted_query(store: Store, people: Collection[int]) -> Query:
    """Query (supporter, ladder, pattern) of all actions on these supporters' findings."""
    statement, wanted = _ACTED, cast("Any", sorted(people))
    if store.connection.dialect.name == "sqlite":
        statement, wanted = _ACTED_SQLITE, json.dumps(wanted)
    return statement, {"people": wanted}


def _action(row: Any) -> Action:  # noqa: ANN401  (a row of `_FIELDS`)
    number, whose, ladder, pattern, word, at, by, reason, evidence, recorded_at = row
    names = [tuple(name) if isinstance(name, list) else name for name in json.loads(evidence)]
    return Action(number, whose, ladder, pattern, word, at, by, reason, tuple(names), recorded_at)


def _acted(people: Any) -> Statement:  # noqa: ANN401
    query = select(_HERS.c.supporter_id, _HERS.c.ladder, _HERS.c.pattern)
    return Statement(query.where(_HERS.c.supporter_id.in_(people)).distinct())


_ACTED: Final = _acted(select(func.unnest(bindparam("people", type_=ARRAY(BigInteger)))))
_ACTED_SQLITE: Final = _acted(
    select(func.json_each(bindparam("people", type_=String)).table_valued("value").c.value)
)
