"""Definitions that speak one after the other, and the places of one ladder at several heights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select, update

from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.organisations import Organisation
from ladder.storage import definitions, models
from ladder.storage.definitions import Definition, Places
from ladder.storage.store import Store


def ladder(gifts: int = 1) -> Ladder:
    enter = count(kind("donation"), ever) >= gifts
    return Ladder(key="little", rungs=(Rung(key="giving", enter=enter),))


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    with engine.connect() as connection:
        yield Store.ensure(connection, Organisation(key="alder"))


def adopt(store: Store, gifts: int, since: int | None, now: int = 100) -> Definition:
    return definitions.adopt(store, ladder(gifts), str(gifts), now=now, effective_from=since)


def chain(store: Store, known_at: int | None = None) -> list[tuple[str, int | None]]:
    found = definitions.adopted(store, known_at=known_at)
    texts = definitions.documents(store, found)
    return [(text, each.effective_from) for text, each in zip(texts, found, strict=True)]


def test_version_is_in_force_until_the_next(store: Store) -> None:
    first, second = adopt(store, 1, None), adopt(store, 2, 10)
    assert (first.root, second.root) == (first.id, first.id)
    for at, speaks in ((-5, first), (9, first), (10, second), (99, second)):
        assert definitions.current(store, at=at) == speaks
    assert definitions.current(store) == second


def test_last_adoption_decides_all_later_time(store: Store) -> None:
    for gifts, since, now in ((1, None, 1), (2, 10, 2), (3, 20, 3)):
        adopt(store, gifts, since, now)
    adopt(store, 4, 15, 4)
    assert chain(store) == [("1", None), ("2", 10), ("4", 15)]
    assert chain(store, known_at=3) == [("1", None), ("2", 10), ("3", 20)]
    adopt(store, 5, None, 5)
    assert chain(store) == [("5", None)]
    assert definitions.current(store).root == definitions.current(store, known_at=1).id


def test_equivalent_adoption_continues_the_version_in_force(store: Store) -> None:
    first = adopt(store, 1, None)
    adopt(store, 2, 10)
    assert adopt(store, 1, 10).id == first.id
    assert chain(store) == [("1", None)]
    assert adopt(store, 1, 50).id == first.id
    assert chain(store) == [("1", None)]


def test_same_version_from_the_same_day_changes_nothing(store: Store) -> None:
    adopt(store, 1, None)
    second = adopt(store, 2, 10)
    assert adopt(store, 2, 10).id == second.id
    adopt(store, 2, 10, now=200)
    assert chain(store) == [("1", None), ("2", 10)]


def test_definition_is_known_while_in_force_or_planned(store: Store) -> None:
    assert definitions.known(store, ladder(1), 0) is None
    first, second = adopt(store, 1, None), adopt(store, 2, 10)
    assert definitions.known(store, ladder(1), 9) == first
    assert definitions.known(store, ladder(1), 10) is None
    assert definitions.known(store, ladder(2), 9) == second


def test_rung_at_another_height_changes_the_place_in_the_same_ladder(store: Store) -> None:
    root = adopt(store, 1, None).root
    adopt(store, 2, 10)
    low = Places(store, root).id_of("giving", 1)
    both = Places(store, root).ids([("giving", 1), ("giving", 2), ("", 0)])
    assert both["giving", 1] == low != both["giving", 2]
    again = Places(store, root)
    assert again.ids(()) == both
    held = select(func.count()).select_from(models.PlaceRung)
    assert store.connection.scalar(held.where(models.PlaceRung.rung == "giving")) == 2


def test_document_is_recognised_by_its_digest(store: Store) -> None:
    """By its digest; where an earlier version wrote it, by itself."""
    adopt(store, 1, None)
    (known,) = definitions.adopted(store)
    assert known.mark == definitions.digest_of("1")
    store.connection.execute(update(models.Definition).values(digest=None))
    (older,) = definitions.adopted(store)
    assert older.mark == "1"
    assert not definitions.rename(store, older, ladder(1), "1")
    assert definitions.rename(store, older, ladder(1), "# said otherwise")
    (renamed,) = definitions.adopted(store)
    assert renamed.mark == definitions.digest_of("# said otherwise")
