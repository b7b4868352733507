"""The ladders that an organisation has in force, each with the kinds of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ladder import library
from ladder.kinds import Kind
from ladder.ladders import Ladder
from ladder.seams import Version
from ladder.storage import definitions
from ladder.storage.definitions import Definition
from ladder.storage.store import Store


@dataclass(frozen=True)
class InForce:
    """A ladder in force: the row of its last definition, and the versions of all of them."""

    definition: Definition
    versions: tuple[Version, ...]

    @property
    def ladder(self) -> Ladder:
        """The ladder as its last definition has it."""
        return self.versions[-1].ladder


def in_force(store: Store, *given: Ladder) -> list[InForce]:
    """Every ladder in force, read from its documents unless it is among those given.

    A history holds kinds that only another of the organisation's ladders declares, so each gets the
    kinds of all.
    """
    handed = {(ladder.key, ladder.fingerprint): ladder for ladder in given}
    found = definitions.adopted(store)
    ladders = [handed.get((each.key, each.fingerprint)) or stored_ladder(each) for each in found]
    own: dict[str, Kind] = {}
    for ladder in ladders:
        own = {kind.name: kind for kind in ladder.own_kinds} | own
    versions = (Version(each.since, _with_kinds(ladder, own)) for each, ladder in
                zip(found, ladders, strict=True))  # fmt: skip
    by_key = groupby(zip(found, versions, strict=True), key=lambda pair: pair[0].key)
    return [_in_force(list(pairs)) for _, pairs in by_key]


def _in_force(pairs: Sequence[tuple[Definition, Version]]) -> InForce:
    return InForce(pairs[-1][0], tuple(version for _, version in pairs))


def stored_ladder(definition: Definition) -> Ladder:
    """The ladder that an adopted definition's document defines."""
    return library.read(definition.document, trusted=True).ladder


def _with_kinds(ladder: Ladder, own: dict[str, Kind]) -> Ladder:
    more = tuple(kind for name, kind in own.items() if name not in ladder.kinds)
    if not more:
        return ladder
    fields = {name: getattr(ladder, name) for name in Ladder.model_fields}
    return Ladder(**fields | {"own_kinds": (*ladder.own_kinds, *more)})
