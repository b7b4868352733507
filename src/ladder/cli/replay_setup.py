"""What a replay works with: whose supporters, which ladder, which mapping, what is declared."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from ladder import catalogue
from ladder.errors import NotKnown, nearest
from ladder.importers import Mapping
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.storage import definitions
from ladder.storage.databases import Database, Writing, organisations, reading
from ladder.storage.definitions import stored_ladder
from ladder.storage.store import Store


class Said(NamedTuple):
    """What the options say of an organisation; None where they say nothing."""

    key: str | None = None
    name: str | None = None
    zone: str | None = None
    currency: str | None = None
    fiscal_year: str | None = None

    def fields(self) -> dict[str, str | int]:
        """As the organisation's own fields, without what was not said."""
        named = {name: getattr(self, name) for name in ("key", "name", "zone", "currency")}
        fields: dict[str, str | int] = {name: each for name, each in named.items() if each}
        if self.fiscal_year is not None:
            month, _, day = self.fiscal_year.partition("-")
            fields |= {"fiscal_month": int(month), "fiscal_day": int(day)}
        return fields


def stored(writing: Writing, said: Said) -> Store | None:
    """The organisation that is meant, where the database knows it."""
    known = organisations(writing.connection)
    if said.key is None and len(known) > 1:
        message = f"the database holds several organisations: say which, {' or '.join(known)}"
        raise NotKnown(message)
    key = said.key or next(iter(known), None)
    return Store.open(writing.connection, key) if key in known and key is not None else None


def organisation(known: Organisation | None, said: Said, mapping: Mapping | None) -> Organisation:
    """A known organisation with what the options say of it; a new one needs zone and currency.

    Both can come from the mapping. They are not assumed: days and sums would silently be wrong, and
    everything would have to be replayed.
    """
    fields = said.fields()
    if known is not None:
        return Organisation(**(known.model_dump() | fields))
    if mapping is not None:
        fields.setdefault("zone", mapping.dates.zone or "")
        fields.setdefault("currency", mapping.amounts.currency or "")
    missing = [name for name in ("zone", "currency") if not fields.get(name)]
    if missing:
        options = {"zone": "--zone Europe/Berlin", "currency": "--currency EUR"}
        asked = " and ".join(options[name] for name in missing)
        message = f"this organisation is new: say {asked} (for example)"
        raise click.UsageError(message)
    return Organisation.model_validate(fields)


def rename(store: Store | None, organisation: Organisation) -> None:
    """Give a known organisation its new name, which nothing is worked out from."""
    if store is not None and store.organisation.name != organisation.name:
        store.change(store.organisation.model_copy(update={"name": organisation.name}))


def draft(known: Organisation | None, said: Said) -> Organisation:
    """An organisation to try a mapping with, where nothing depends on it yet."""
    fields = {} if known is None else known.model_dump()
    return Organisation(**(fields | said.fields()))


def peek(db: str, said: Said) -> Organisation | None:
    """The organisation of a database that may not be there yet."""
    if not Database.of(db).exists():
        return None
    with reading(db, said.key) as store:
        return store.organisation


def ladder(asked: str | None, store: Store | None) -> Ladder:
    """A shipped ladder by name, or one from a file; unless asked, the adopted one, or `default`."""
    if asked is None:
        adopted = [] if store is None else definitions.adopted(store)
        keys = list(dict.fromkeys(each.key for each in adopted))
        if len(keys) > 1:
            message = f"several ladders: say which, {' or '.join(keys)}"
            raise NotKnown(message)
        if store is None or not adopted:
            return catalogue.load("default")
        return stored_ladder(store, adopted[-1])
    return catalogue.read(ladder_source(asked)).ladder


def ladder_source(asked: str) -> Path | str:
    """The file of that name, or the text of the shipped ladder of that name."""
    if asked in catalogue.names():
        return catalogue.text(asked)
    if not asked.endswith(".toml") and not Path(asked).exists():
        near = nearest(asked, catalogue.names())
        known = ", ".join(catalogue.names())
        message = f"no ladder called {asked!r} ships{near}; known: {known}, or a .toml file"
        raise NotKnown(message)
    return Path(asked)
