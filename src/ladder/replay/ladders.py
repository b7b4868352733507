"""The ladders that an organisation has in force, each with the kinds of all of them."""

from __future__ import annotations

from dataclasses import dataclass

from ladder import library
from ladder.kinds import Kind
from ladder.ladders import Ladder
from ladder.storage import definitions
from ladder.storage.definitions import Definition
from ladder.storage.store import Store


@dataclass(frozen=True)
class InForce:
    """A ladder in force and its definition's row."""

    definition: Definition
    ladder: Ladder


def in_force(store: Store, *given: Ladder) -> list[InForce]:
    """Every ladder in force, read from its document unless it is among those given.

    A history holds kinds that only another of the organisation's ladders declares, so each gets the
    kinds of all.
    """
    handed = {ladder.key: ladder for ladder in given}
    found = definitions.adopted(store)
    ladders = [handed.get(each.key) or stored_ladder(each) for each in found]
    own: dict[str, Kind] = {}
    for ladder in ladders:
        own = {kind.name: kind for kind in ladder.own_kinds} | own
    return [
        InForce(each, _with_kinds(ladder, own)) for each, ladder in zip(found, ladders, strict=True)
    ]


def stored_ladder(definition: Definition) -> Ladder:
    """The ladder that an adopted definition's document defines."""
    return library.read(definition.document, trusted=True).ladder


def _with_kinds(ladder: Ladder, own: dict[str, Kind]) -> Ladder:
    more = tuple(kind for name, kind in own.items() if name not in ladder.kinds)
    if not more:
        return ladder
    fields = {name: getattr(ladder, name) for name in Ladder.model_fields}
    return Ladder(**fields | {"own_kinds": (*ladder.own_kinds, *more)})
