"""What a call is judged by: the organisation, its ladders and its coverage.

Read once for each transaction, since another process may adopt a ladder or declare coverage at any
time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from ladder import catalogue
from ladder.coverage import Coverage
from ladder.errors import NotKnown, nearest
from ladder.language.ladders import Ladder, sharing_kinds
from ladder.language.versions import Version, speaking
from ladder.model.kinds import KINDS, Kind, Kinds
from ladder.storage.coverage import parsed
from ladder.storage.definitions import Definition, documents
from ladder.storage.store import Store
from ladder.storage.write.recording import Situation as Stored


class Adopted(NamedTuple):
    """A ladder in force: the row of its last definition, and the ladder as that one has it.

    `versions` are those of all its definitions. Each has the kinds of all ladders.
    """

    definition: Definition
    ladder: Ladder
    versions: tuple[Version, ...]

    def at(self, instant: int) -> Ladder:
        """The ladder as it is at an instant."""
        return speaking(self.versions, instant)


@dataclass(frozen=True)
class Meaning:
    """The ladders and the coverage that rows of the database mean."""

    ladders: tuple[Ladder, ...]
    kinds: Kinds
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True)
class Situation:
    """One organisation within one transaction."""

    store: Store
    adopted: tuple[Adopted, ...]
    kinds: Kinds
    coverage: tuple[Coverage, ...]

    @classmethod
    def of(cls, store: Store, stored: Stored) -> Situation:
        """From the rows of the database."""
        meaning = _meaning(store, stored)
        pairs = zip(stored.definitions, meaning.ladders, strict=True)
        by_key = groupby(pairs, key=lambda pair: pair[0].key)
        adopted = tuple(_adopted(list(pairs)) for _, pairs in by_key)
        return cls(store, adopted, meaning.kinds, meaning.coverage)

    def chosen(self, key: str | None) -> Adopted:
        """The ladder of that key, or the only one; `NotKnown` otherwise."""
        known = [each.definition.key for each in self.adopted]
        if key is None and len(known) == 1:
            return self.adopted[0]
        for each in self.adopted:
            if each.definition.key == key:
                return each
        name = self.store.organisation.key
        if not known:
            message = f"{name} has adopted no ladder yet: call adopt(ladder) first"
        elif key is None:
            message = f"{name} has several ladders: say which, ladder={' or '.join(known)}"
        else:
            message = f"{name} has no ladder {key!r}{nearest(key, known)}"
        raise NotKnown(message)


def _adopted(pairs: Sequence[tuple[Definition, Ladder]]) -> Adopted:
    """One ladder by all its definitions, oldest first."""
    versions = tuple(Version(definition.since, ladder) for definition, ladder in pairs)
    return Adopted(*pairs[-1], versions)


_MEANINGS: OrderedDict[object, Meaning] = OrderedDict()
_MOST_MEANINGS = 64


def _meaning(store: Store, stored: Stored) -> Meaning:
    """Documents read and parsed, each once: that takes longer than everything else together.

    Known again by what tells the texts apart, so that nothing has to be told when they change.
    """
    key = (tuple(each.mark for each in stored.definitions), stored.coverage)
    found = _MEANINGS.get(key)
    if found is None:
        found = _parsed(documents(store, stored.definitions), stored)
        _MEANINGS[key] = found
        while len(_MEANINGS) > _MOST_MEANINGS:
            _MEANINGS.popitem(last=False)
    return found


def _parsed(texts: Sequence[str], stored: Stored) -> Meaning:
    read = [catalogue.read(text, trusted=True).ladder for text in texts]
    own: dict[str, Kind] = {}
    for ladder in read:
        own = {kind.name: kind for kind in ladder.own_kinds} | own
    kinds = KINDS.plus(own.values())
    ladders = tuple(sharing_kinds(read))
    return Meaning(ladders, kinds, parsed(stored.coverage, kinds))
