"""The organisation, its ladders and its coverage within one transaction.

Read once per transaction, because another process may adopt a ladder or declare coverage at any
time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from ladder.coverage import Coverage
from ladder.errors import NotFoundError, nearest
from ladder.language.ladders import Ladder, share_kinds
from ladder.language.versions import Version, speaking
from ladder.model.kinds import KINDS, Kind, Kinds
from ladder.storage.adopted_ladders import parse_adopted
from ladder.storage.coverage import parsed
from ladder.storage.definitions import Definition, documents
from ladder.storage.store import Store
from ladder.storage.write.recording import StoredRules


class Adopted(NamedTuple):
    """A ladder in force: the row of its last definition, the ladder it defines, and all versions.

    Every version has the kinds of all ladders of the organisation.
    """

    definition: Definition
    ladder: Ladder
    versions: tuple[Version, ...]

    @property
    def root(self) -> int:
        """The id under which movements and findings of this ladder are stored."""
        return self.definition.root

    @property
    def patterns(self) -> frozenset[str]:
        """The keys of all patterns of any version."""
        ladders = (version.ladder for version in self.versions)
        return frozenset(pattern.key for ladder in ladders for pattern in ladder.patterns)

    def at(self, instant: int) -> Ladder:
        """Return the ladder as it is at an instant."""
        return speaking(self.versions, instant)


@dataclass(frozen=True)
class ParsedDefinitions:
    """The ladders and coverage of an organisation, parsed from its rows."""

    ladders: tuple[Ladder, ...]
    kinds: Kinds
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True)
class OrganisationContext:
    """One organisation within one transaction."""

    store: Store
    adopted: tuple[Adopted, ...]
    kinds: Kinds
    coverage: tuple[Coverage, ...]

    @classmethod
    def from_rules(cls, store: Store, stored: StoredRules) -> OrganisationContext:
        """Parse the rows of the database, unless they were parsed before."""
        parsed_rules = _parsed_definitions(store, stored)
        pairs = zip(stored.definitions, parsed_rules.ladders, strict=True)
        by_key = groupby(pairs, key=lambda pair: pair[0].key)
        adopted = tuple(_adopted(list(pairs)) for _, pairs in by_key)
        return cls(store, adopted, parsed_rules.kinds, parsed_rules.coverage)

    @property
    def ladders(self) -> Mapping[int, frozenset[str]]:
        """The patterns of all ladders, by the id under which their results are stored."""
        return {adopted.root: adopted.patterns for adopted in self.adopted}

    @property
    def corrections(self) -> frozenset[str]:
        """The kinds that correct other touchpoints for any of the ladders: voids and refunds."""
        declared = (self.kinds, *(adopted.ladder.kinds for adopted in self.adopted))
        return frozenset(kind.name for kinds in declared for kind in kinds.declared if kind.role)

    def chosen(self, key: str | None) -> Adopted:
        """Return the ladder of that key, or the only one; raise `NotFoundError` otherwise."""
        known = [adopted.definition.key for adopted in self.adopted]
        if key is None and len(known) == 1:
            return self.adopted[0]
        for adopted in self.adopted:
            if adopted.definition.key == key:
                return adopted
        name = self.store.organisation.key
        if not known:
            message = f"{name} has adopted no ladder yet: call adopt(ladder) first"
        elif key is None:
            message = f"{name} has several ladders: say which, ladder={' or '.join(known)}"
        else:
            message = f"{name} has no ladder {key!r}{nearest(key, known)}"
        raise NotFoundError(message)


def _adopted(pairs: Sequence[tuple[Definition, Ladder]]) -> Adopted:
    """Build one ladder from all its definitions, oldest first."""
    versions = tuple(Version(definition.since, ladder) for definition, ladder in pairs)
    return Adopted(*pairs[-1], versions)


_PARSED: OrderedDict[object, ParsedDefinitions] = OrderedDict()
_MOST_PARSED = 64


def _parsed_definitions(store: Store, stored: StoredRules) -> ParsedDefinitions:
    """Parse documents once per process, because that takes longer than a recording.

    The digests of the documents are the key, so a changed document is parsed again.
    """
    key = (tuple(definition.mark for definition in stored.definitions), stored.coverage)
    result = _PARSED.get(key)
    if result is None:
        result = _PARSED[key] = _parse(documents(store, stored.definitions), stored)
        while len(_PARSED) > _MOST_PARSED:
            _PARSED.popitem(last=False)
    return result


def _parse(texts: Sequence[str], stored: StoredRules) -> ParsedDefinitions:
    read = [parse_adopted(text) for text in texts]
    own: dict[str, Kind] = {}
    for ladder in read:
        own = {kind.name: kind for kind in ladder.own_kinds} | own
    kinds = KINDS.plus(own.values())
    ladders = tuple(share_kinds(read))
    return ParsedDefinitions(ladders, kinds, parsed(stored.coverage, kinds))
