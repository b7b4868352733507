"""The schema is the models': migrations build what the models say, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session, configure_mappers

from ladder.storage import models
from ladder.storage.engines import create_engine
from ladder.storage.migrations import VERSION_TABLE
from ladder.storage.models import Base
from tests.databases import Server, catalogue


@contextmanager
def empty_like(engine: Engine, server: Any, folder: Path) -> Iterator[Engine]:
    """A second database of the same sort, without tables."""
    if engine.dialect.name == "sqlite":
        other = create_engine(f"sqlite:///{folder / 'models.db'}")
        yield other
        other.dispose()
        return
    with server.database(migrated=False) as address:
        other = create_engine(address)
        yield other
        other.dispose()


def test_migrations_build_what_the_models_say(
    engine: Engine, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    postgres = engine.dialect.name == "postgresql"
    server: Server | None = request.getfixturevalue("pg_server") if postgres else None
    with empty_like(engine, server, tmp_path) as other:
        Base.metadata.create_all(other)
        built, said = catalogue(engine), catalogue(other)
    assert len(said) > 20
    assert built == said


def test_alembic_sees_no_drift(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_tables_and_constraints_carry_our_prefix() -> None:
    for table in Base.metadata.tables.values():
        assert table.name.startswith("ladder_")
        named = [*table.constraints, *table.indexes]
        assert all(table.name in str(thing.name) for thing in named), table.name


def test_names_fit_into_what_postgresql_keeps() -> None:
    for table in Base.metadata.tables.values():
        for thing in [*table.constraints, *table.indexes]:
            assert len(str(thing.name)) <= 63, thing.name


def test_foreign_keys_are_all_indexed(engine: Engine) -> None:
    """Erasing a supporter must not read a large table once for each of their rows."""
    large = {"ladder_touchpoint", "ladder_movement", "ladder_finding"}
    asked = {"supporter_id", "referrer_id", "cause_id", "definition_id"}
    found = inspect(engine)
    for table in sorted(large):
        first = {index["column_names"][0] for index in found.get_indexes(table)}
        first |= {unique["column_names"][0] for unique in found.get_unique_constraints(table)}
        keys = {key["constrained_columns"][0] for key in found.get_foreign_keys(table)}
        assert keys & asked <= first, table


def test_relationships_are_all_sound() -> None:
    configure_mappers()


def test_host_reads_a_history_through_the_relationships(engine: Engine) -> None:
    with Session(engine) as session:
        anna = history(session)
        session.commit()
    with Session(engine) as session:
        anna = session.scalars(select(models.Supporter).where(models.Supporter.key == "anna")).one()
        assert [touchpoint.kind for touchpoint in anna.touchpoints] == ["subscribed", "donation"]
        (movement,) = anna.movements
        assert (movement.before.rungs, movement.after.rungs) == ("", "donating+volunteering")
        assert [row.rung for row in movement.after.rung_rows] == ["donating", "volunteering"]
        assert movement.cause_touchpoint is anna.touchpoints[1]
        assert [finding.pattern for finding in anna.findings] == ["unthanked"]
        assert anna.brought == []
        assert [place.height for place in movement.definition.places] == [0, 3]


def test_supporter_with_a_history_is_not_deleted_by_the_way(engine: Engine) -> None:
    """Erasing is a decision of its own: no cascade takes a history along."""
    with Session(engine) as session:
        session.delete(history(session))
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            session.flush()


def test_instant_has_at_most_one_current_movement(engine: Engine) -> None:
    with Session(engine) as session:
        (first,) = history(session).movements
        first.retracted_at = 2
        session.flush()
        session.add(twin(first))
        session.flush()
        session.add(twin(first))
        with pytest.raises(Exception, match=r"(?i)unique"):
            session.flush()


def test_stretch_ends_after_it_begins(engine: Engine) -> None:
    with Session(engine) as session:
        (movement,) = history(session).movements
        movement.until = movement.at
        with pytest.raises(Exception, match="ck_ladder_movement_until"):
            session.flush()


def twin(movement: models.Movement) -> models.Movement:
    """Return a copy of a movement, recorded again."""
    names = [column.key for column in models.Movement.__table__.columns]
    values = {name: getattr(movement, name) for name in names}
    return models.Movement(**values | {"id": None, "recorded_at": 2, "retracted_at": None})


def history(session: Session) -> models.Supporter:
    """A supporter with two touchpoints, one movement and one finding."""
    river = models.Organisation(
        key="river", name="River", zone="UTC", currency="EUR", fiscal_month=1, fiscal_day=1
    )
    anna = models.Supporter(organisation=river, key="anna", first_at=0)
    common: dict[str, Any] = {"organisation": river, "supporter": anna, "recorded_at": 1}
    word, gift = (
        models.Touchpoint(kind=kind, at=at, date_only=False, purposes="", source="test", **common)
        for at, kind in enumerate(["subscribed", "donation"])
    )
    default = models.Definition(
        organisation=river, key="d", title="D", document="", fingerprint="f", adopted_at=1
    )
    ground = models.Place(definition=default, height=0, rungs="")
    giving = models.Place(definition=default, height=3, rungs="donating+volunteering")
    giving.rung_rows = [models.PlaceRung(rung=rung) for rung in ("donating", "volunteering")]
    common["definition"] = default
    movement = models.Movement(
        **common, at=1, kind="arrived", before=ground, after=giving, skipped="", new_peak=True,
        cause="touchpoint", cause_touchpoint=gift,
    )  # fmt: skip
    finding = models.Finding(**common, pattern="unthanked", severity="low", at=1)
    session.add_all([word, gift, movement, finding])
    session.flush()
    session.expire_all()
    return anna
