"""The ladders that an organisation has in force, read from the documents of their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ladder import library
from ladder.ladders import Ladder, sharing_kinds
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


def in_force(store: Store, *given: Ladder, known_at: int | None = None) -> list[InForce]:
    """Every ladder in force, read from its documents unless it is among those given.

    With `known_at`, as they were adopted at that instant.

    A history holds kinds that only another of the organisation's ladders declares, so each gets the
    kinds of all.
    """
    handed = {(ladder.key, ladder.fingerprint): ladder for ladder in given}
    found = definitions.adopted(store, known_at=known_at)
    ladders = [
        handed.get((each.key, each.fingerprint)) or stored_ladder(store, each) for each in found
    ]
    pairs = [
        (each, Version(each.since, ladder))
        for each, ladder in zip(found, sharing_kinds(ladders), strict=True)
    ]
    by_key = groupby(pairs, key=lambda pair: pair[0].key)
    return [_in_force(list(mine)) for _, mine in by_key]


def _in_force(pairs: Sequence[tuple[Definition, Version]]) -> InForce:
    return InForce(pairs[-1][0], tuple(version for _, version in pairs))


def stored_ladder(store: Store, definition: Definition) -> Ladder:
    """The ladder that an adopted definition's document defines."""
    (document,) = definitions.documents(store, [definition])
    return library.read(document, trusted=True).ladder
