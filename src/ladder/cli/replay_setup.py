"""Setup of a replay: the organisation, the ladder, the mapping and the declarations."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from ladder import catalogue
from ladder.errors import NotFoundError, nearest
from ladder.importers import Mapping
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.storage import definitions
from ladder.storage.adopted_ladders import stored_ladder
from ladder.storage.databases import Database, Writing, organisations, reading
from ladder.storage.store import Store


class Said(NamedTuple):
    """Options that describe an organisation; None where an option is not given."""

    key: str | None = None
    name: str | None = None
    zone: str | None = None
    currency: str | None = None
    fiscal_year: str | None = None

    def fields(self) -> dict[str, Any]:
        """Return the given options as fields of the organisation."""
        named = {name: getattr(self, name) for name in ("key", "name", "zone", "currency")}
        fields: dict[str, Any] = {name: value for name, value in named.items() if value}
        if self.fiscal_year is not None:
            month, _, day = self.fiscal_year.partition("-")
            fields |= {"fiscal_month": int(month), "fiscal_day": int(day)}
        return fields


def stored(writing: Writing, options: Said) -> Store | None:
    """Open the organisation that the options mean; None if the database does not have it.

    Raises:
        NotFoundError: The database has several organisations and none is named.
    """
    known = organisations(writing.connection)
    if options.key is None and len(known) > 1:
        message = f"the database holds several organisations: say which, {' or '.join(known)}"
        raise NotFoundError(message)
    key = options.key or next(iter(known), None)
    return Store.open(writing.connection, key) if key in known and key is not None else None


def organisation(known: Organisation | None, given: Said, mapping: Mapping | None) -> Organisation:
    """Return a known organisation with the options applied, or a new one.

    A new organisation needs a zone and a currency, from the options or the mapping. They are not
    assumed: days and sums would be wrong without a notice, and everything would have to be
    replayed.
    """
    fields = given.fields()
    if known is not None:
        return Organisation(**(asdict(known) | fields))
    if mapping is not None:
        fields.setdefault("zone", mapping.dates.zone or "")
        fields.setdefault("currency", mapping.amounts.currency or "")
    missing = [name for name in ("zone", "currency") if not fields.get(name)]
    if missing:
        options = {"zone": "--zone Europe/Berlin", "currency": "--currency EUR"}
        missing_options = " and ".join(options[name] for name in missing)
        message = f"this organisation is new: say {missing_options} (for example)"
        raise click.UsageError(message)
    return Organisation(**fields)


def rename(store: Store | None, organisation: Organisation) -> None:
    """Store the new name of a known organisation, which no result depends on."""
    if store is not None and store.organisation.name != organisation.name:
        store.change(replace(store.organisation, name=organisation.name))


def draft(known: Organisation | None, options: Said) -> Organisation:
    """Return an organisation for trying a mapping; no stored result depends on it yet."""
    fields = {} if known is None else asdict(known)
    return Organisation(**(fields | options.fields()))


def peek(db: str, options: Said) -> Organisation | None:
    """Return the organisation of a database; None if the database does not exist."""
    if not Database.of(db).exists():
        return None
    with reading(db, options.key) as store:
        return store.organisation


def ladder(given: str | None, store: Store | None) -> Ladder:
    """Return a shipped ladder by name, or one from a file.

    Without a name: the adopted ladder, or `default` if none is adopted.

    Raises:
        NotFoundError: Several ladders are adopted and none is named, or the name is unknown.
    """
    if given is None:
        adopted = [] if store is None else definitions.adopted(store)
        keys = list(dict.fromkeys(definition.key for definition in adopted))
        if len(keys) > 1:
            message = f"several ladders: say which, {' or '.join(keys)}"
            raise NotFoundError(message)
        if store is None or not adopted:
            return catalogue.load("default")
        return stored_ladder(store, adopted[-1])
    return catalogue.read(ladder_source(given)).ladder


def ladder_source(given: str) -> Path | str:
    """Return the text of the shipped ladder of that name, or the path of a file.

    Raises:
        NotFoundError: The name is neither a shipped ladder nor a file.
    """
    if given in catalogue.names():
        return catalogue.text(given)
    if not given.endswith(".toml") and not Path(given).exists():
        near = nearest(given, catalogue.names())
        known = ", ".join(catalogue.names())
        message = f"no ladder called {given!r} ships{near}; known: {known}, or a .toml file"
        raise NotFoundError(message)
    return Path(given)
