"""The ladders that an organisation adopted, read from their stored documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from ladder import catalogue
from ladder.language.ladders import Ladder, share_kinds
from ladder.language.versions import Version
from ladder.storage.definitions import Definition, adopted, documents
from ladder.storage.store import Store


@dataclass(frozen=True)
class InForce:
    """A ladder in force: the row of its last definition, and the versions of all of them."""

    definition: Definition
    versions: tuple[Version, ...]

    @property
    def ladder(self) -> Ladder:
        """The ladder of its last definition."""
        return self.versions[-1].ladder


def in_force(store: Store, *given: Ladder, known_at: int | None = None) -> list[InForce]:
    """Return every ladder in force, read from its documents unless it is among those given.

    With `known_at`, as they were adopted at that instant. A history may hold kinds that only
    another ladder of the organisation declares, so each ladder gets the kinds of all.
    """
    handed = {(ladder.key, ladder.fingerprint): ladder for ladder in given}
    found = adopted(store, known_at=known_at)
    ladders = [
        handed.get((each.key, each.fingerprint)) or stored_ladder(store, each) for each in found
    ]
    pairs = [
        (each, Version(each.since, ladder))
        for each, ladder in zip(found, share_kinds(ladders), strict=True)
    ]
    by_key = groupby(pairs, key=lambda pair: pair[0].key)
    return [_in_force(list(mine)) for _, mine in by_key]


def _in_force(pairs: Sequence[tuple[Definition, Version]]) -> InForce:
    return InForce(pairs[-1][0], tuple(version for _, version in pairs))


def stored_ladder(store: Store, definition: Definition) -> Ladder:
    """Return the ladder that an adopted definition's document defines."""
    (document,) = documents(store, [definition])
    return parse_adopted(document)


# Parsing the shipped ladder takes 0.2 s, and a host uses one ladder all day. A ladder is immutable,
# and its text defines it completely.
@lru_cache(maxsize=32)
def parse_adopted(document: str) -> Ladder:
    """Parse the document of an adopted ladder, once per process."""
    return catalogue.read(document, trusted=True).ladder
