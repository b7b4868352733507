"""One handle, one organisation: its settings, coverage, definitions and places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from ladder.coverage import Coverage
from ladder.errors import NotFoundError, StorageError
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import family, kind
from ladder.language.spans import ever
from ladder.model.organisations import Organisation
from ladder.storage import coverage, definitions, models, supporters
from ladder.storage.store import Store

ALDER = Organisation(key="alder", name="Alder", zone="Europe/Berlin", fiscal_month=7)


def ladder(least: int = 1, title: str = "") -> Ladder:
    given = Rung(key="giving", enter=count(kind("donation"), ever) >= least)
    return Ladder(key="little", title=title, rungs=(given,))


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    with engine.connect() as connection:
        yield Store.ensure(connection, ALDER)


def test_ensuring_twice_makes_one_organisation(store: Store) -> None:
    again = Store.ensure(store.connection, ALDER)
    assert again.organisation_id == store.organisation_id
    assert again.organisation == ALDER


def test_store_commits_nothing(engine: Engine) -> None:
    with engine.connect() as connection:
        Store.ensure(connection, ALDER)
    with engine.connect() as connection, pytest.raises(NotFoundError, match="unknown organisation"):
        Store.open(connection, "alder")


def test_host_s_session_is_a_handle_too(engine: Engine) -> None:
    with Session(engine) as session:
        store = Store.ensure(session, ALDER)
        assert session.get_one(models.Organisation, store.organisation_id).zone == "Europe/Berlin"


def test_unknown_organisation_is_named_with_its_nearest(store: Store) -> None:
    with pytest.raises(NotFoundError, match="did you mean alder"):
        Store.open(store.connection, "aldr")


def test_changed_settings_are_rejected_without_change(store: Store) -> None:
    utc = replace(ALDER, zone="UTC")
    with pytest.raises(StorageError, match="known with zone Europe/Berlin, not UTC"):
        Store.ensure(store.connection, utc)
    store.change(utc)
    assert Store.ensure(store.connection, utc).organisation.zone == "UTC"


def test_coverage_reads_back_as_it_was_declared(store: Store) -> None:
    said = [
        Coverage(selector=family("money", "time"), since=5, until=9, source="crm"),
        Coverage(selector=kind("donation")),
    ]
    assert coverage.declare(store, said, now=1) == 2
    assert coverage.declare(store, said, now=2) == 0
    assert coverage.declared(store) == tuple(said)


def test_kinds_of_an_organisation_are_its_own(store: Store) -> None:
    other = Store.ensure(store.connection, Organisation(key="birch"))
    coverage.declare(store, [Coverage(selector=kind("donation"))], now=1)
    definitions.adopt(store, ladder(), "", now=1)
    supporters.intern(store, ["ada"])
    assert coverage.declared(other) == ()
    assert definitions.adopted(other) == []
    assert supporters.supporter_id(other, "ada") is None


def test_supporters_are_made_once(store: Store) -> None:
    first = supporters.intern(store, ["ada", "ben", "ada"])
    again = supporters.intern(store, ["ben", "cleo"])
    assert sorted(first) == ["ada", "ben"]
    assert again["ben"] == first["ben"]
    assert supporters.count(store) == 3
    with pytest.raises(NotFoundError, match="no supporter 'dora' in alder"):
        supporters.known_supporter(store, "dora")


def test_ladder_that_means_the_same_stays_the_same_definition(store: Store) -> None:
    one = definitions.adopt(store, ladder(), "first", now=1)
    same = definitions.adopt(store, ladder(title="Better said"), "second", now=2)
    assert (same.id, same.title) == (one.id, "Better said")
    assert definitions.documents(store, [same]) == ["second"]
    assert same.adopted_at == 1


def test_changed_meaning_retires_the_old_definition(store: Store) -> None:
    one = definitions.adopt(store, ladder(), "", now=10)
    two = definitions.adopt(store, ladder(2), "", now=20)
    assert definitions.current(store, "little") == two
    assert definitions.current(store, known_at=19).id == one.id
    assert definitions.current(store, known_at=20).id == two.id
    with pytest.raises(NotFoundError, match="no ladder was adopted"):
        definitions.current(store, known_at=9)


def test_unknown_ladder_is_named_with_its_nearest(store: Store) -> None:
    with pytest.raises(NotFoundError, match="adopted no ladder yet"):
        definitions.current(store)
    definitions.adopt(store, ladder(), "", now=1)
    with pytest.raises(NotFoundError, match="did you mean little"):
        definitions.current(store, "litle")


def test_place_has_one_row_and_its_rungs(store: Store) -> None:
    adopted = definitions.adopt(store, ladder(), "", now=1)
    places = definitions.Places(store, adopted.id)
    both = places.id_of("giving+helping", 2)
    assert places.ids([("giving+helping", 2), ("", 0)])["giving+helping", 2] == both
    assert definitions.Places(store, adopted.id).id_of("giving+helping", 2) == both
    rungs = select(models.PlaceRung.rung).where(models.PlaceRung.place_id == both)
    assert sorted(store.connection.scalars(rungs)) == ["giving", "helping"]
    assert store.connection.scalar(select(func.count()).select_from(models.Place)) == 2
