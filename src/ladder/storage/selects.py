"""SELECT statements about past, present and future, for hosts to run, join and filter further.

The statements read the tables in both times that movements and findings keep. `at` is the instant
of the query, past or to come. `known_at` queries what was known at an earlier instant, by default
what is known now. Instants are aware datetimes or integer microseconds. A ladder is identified by
the id of its first definition (`CRM.definition_id`, `Definition.root`), whichever definition
applies at the instant.

    standing = selects.standings(definition_id, at=now).subquery()
    select(Member).join(standing, Member.supporter_id == standing.c.supporter_id)
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    exists,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from ladder.storage.definitions import succession
from ladder.storage.indexes import indexed
from ladder.storage.models import (
    SEVERITIES,
    Finding,
    FindingState,
    Movement,
    Place,
    PlaceRung,
    Supporter,
    Touchpoint,
)
from ladder.storage.sql import Query

Moment = int | datetime | BindParameter[int]

FALLS = ("lapsed", "slipped")
"""The kinds of movement that lead down."""


def known(table: Any, known_at: Moment | None = None) -> ColumnElement[bool]:  # noqa: ANN401
    """Build the condition that a movement or finding is known now, or was at that instant."""
    if known_at is None:
        return and_(table.retracted_at.is_(None))
    still = or_(table.retracted_at.is_(None), table.retracted_at > known_at)
    return and_(table.recorded_at <= known_at, still)


def open_at(table: Any, at: Moment) -> ColumnElement[bool]:  # noqa: ANN401
    """Build the condition that a row's interval contains this instant."""
    return and_(table.at <= at, or_(table.until.is_(None), table.until > at))


def silent(definition_id: Any, supporter_id: Any, now: Moment) -> ColumnElement[bool]:  # noqa: ANN401
    """Build the test that a supporter is suppressed (objected, died, erased) at an instant.

    Suppressed supporters are left out of every answer, regardless of its date.
    """
    quiet = indexed(Movement.__table__, "quiet", SILENCE)
    return exists().where(silences(quiet, definition_id, now), quiet.c.supporter_id == supporter_id)


SILENCE = "ix_ladder_movement_silence"
"""The index that holds only suppressions."""


def silences(row: Any, definition_id: Any, now: Moment) -> ColumnElement[bool]:  # noqa: ANN401
    """Select the movements (of an alias of their table) that suppress a supporter at an instant.

    The kind is a literal, because a partial index does not match a parameter.
    """
    return and_(
        row.c.definition_id == definition_id,
        row.c.kind == literal_column("'silenced'"),
        row.c.retracted_at.is_(None),
        open_at(row.c, now),
    )


def standings(definition_id: int, *, at: Moment, known_at: Moment | None = None) -> Query:
    """Query the place at an instant of every supporter who ever moved, also back to the ground.

    Columns: supporter_id, movement_id, place_id, rungs, height, kind (of the movement that led
    there), since and until (NULL: for ever).
    """
    return (
        select(
            Movement.supporter_id,
            Movement.id.label("movement_id"),
            Place.id.label("place_id"),
            Place.rungs,
            Place.height,
            Movement.kind,
            Movement.at.label("since"),
            Movement.until,
        )
        .join(Place, Place.id == Movement.after_id)
        .where(Movement.definition_id == definition_id)
        .where(open_at(Movement, at), known(Movement, known_at))
    )


def on_rung(definition_id: int, rung: str, *, at: Moment, known_at: Moment | None = None) -> Query:
    """Query `standings` of supporters who hold that rung at their greatest height."""
    held = exists().where(PlaceRung.place_id == Place.id, PlaceRung.rung == rung)
    return standings(definition_id, at=at, known_at=known_at).where(held)


def on_ground(
    organisation_id: int, definition_id: int, *, at: Moment, known_at: Moment | None = None
) -> Query:
    """Query supporters whose line has begun and who hold no rung: fallen, or never yet on one.

    Columns: supporter_id, key. The start of a line is stored as known now. With `known_at`, a
    supporter counts only if a touchpoint was known then.
    """
    stands = aliased(Movement)  # else it would join an outer query's movements
    above = (
        exists()
        .where(stands.supporter_id == Supporter.id, stands.definition_id == definition_id)
        .where(open_at(stands, at), known(stands, known_at))
        .where(or_(stands.kind == "silenced", stands.after_id.in_(_rungs(definition_id))))
    )
    query = select(Supporter.id.label("supporter_id"), Supporter.key).where(
        Supporter.organisation_id == organisation_id, Supporter.first_at <= at, ~above
    )
    if known_at is None:
        return query
    own, named = aliased(Touchpoint), aliased(Touchpoint)
    told = or_(
        exists().where(own.supporter_id == Supporter.id, own.at <= at, own.recorded_at <= known_at),
        exists().where(
            named.referrer_id == Supporter.id, named.at <= at, named.recorded_at <= known_at
        ),
    )
    return query.where(told)


def _rungs(definition_id: int) -> Query:
    """Query the places above the ground, of every definition that this ladder had."""
    its = Place.definition_id.in_(succession(definition_id))
    return select(Place.id).where(its, Place.height > 0)


def movements(
    definition_id: int,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    kinds: Collection[str] = (),
    known_at: Moment | None = None,
) -> Query:
    """Query movements within `[since, until)`, past or ahead, of these kinds (all when empty).

    Columns: movement_id, supporter_id, key, at, until, kind, before, height_before, after,
    height_after, skipped, new_peak, cause, cause_id, cause_others, recorded_at.
    """
    before, after = aliased(Place), aliased(Place)
    query = (
        select(
            Movement.id.label("movement_id"),
            Movement.supporter_id,
            Supporter.key,
            Movement.at,
            Movement.until,
            Movement.kind,
            before.rungs.label("before"),
            before.height.label("height_before"),
            after.rungs.label("after"),
            after.height.label("height_after"),
            Movement.skipped,
            Movement.new_peak,
            Movement.cause,
            Movement.cause_id,
            Movement.cause_others,
            Movement.recorded_at,
        )
        .join(before, before.id == Movement.before_id)
        .join(after, after.id == Movement.after_id)
        .join(Supporter, Supporter.id == Movement.supporter_id)
        .where(Movement.definition_id == definition_id, known(Movement, known_at))
    )
    if since is not None:
        query = query.where(Movement.at >= since)
    if until is not None:
        query = query.where(Movement.at < until)
    return query.where(Movement.kind.in_(kinds)) if kinds else query


def findings(
    definition_id: int,
    *,
    at: Moment | None = None,
    severity: str | None = None,
    pattern: str | None = None,
    known_at: Moment | None = None,
) -> Query:
    """Query findings that are open at an instant, or all of them, by pattern and mildest severity.

    Columns: finding_id, supporter_id, key, pattern, severity, at, until, recorded_at.
    """
    query = (
        select(
            Finding.id.label("finding_id"),
            Finding.supporter_id,
            Supporter.key,
            Finding.pattern,
            Finding.severity,
            Finding.at,
            Finding.until,
            Finding.recorded_at,
        )
        .join(Supporter, Supporter.id == Finding.supporter_id)
        .where(Finding.definition_id == definition_id, known(Finding, known_at))
    )
    if at is not None:
        query = query.where(open_at(Finding, at))
    if severity is not None:
        query = query.where(Finding.severity.in_(SEVERITIES[SEVERITIES.index(severity) :]))
    return query if pattern is None else query.where(Finding.pattern == pattern)


def finding_states(definition_id: int, *, at: Moment, known_at: Moment | None = None) -> Query:
    """Query findings that are acknowledged or dismissed at an instant; all others are open.

    Columns: supporter_id, pattern, state, since and until (NULL: for ever). Outer-join them with
    `findings` by supporter and pattern.
    """
    return select(
        FindingState.supporter_id,
        FindingState.pattern,
        FindingState.state,
        FindingState.at.label("since"),
        FindingState.until,
    ).where(
        FindingState.definition_id == definition_id,
        open_at(FindingState, at),
        known(FindingState, known_at),
    )
