"""By what findings are judged, now or as it was known at an earlier instant; and her history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from ladder.coverage import Coverage
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.engines.reference.versions import Lines
from ladder.language.ladders import Ladder
from ladder.language.versions import Succession
from ladder.storage import coverage
from ladder.storage.definitions import in_force
from ladder.storage.read import as_known
from ladder.storage.store import Store
from ladder.storage.write import recording
from ladder.storage.write.recording import Row


@dataclass(frozen=True)
class Judging:
    """One ladder of an organisation, by all its definitions, and what its log is declared to hold.

    `known_at` is until when one may have learned of things; None for the present.
    """

    store: Store
    key: str
    root: int
    versions: Succession
    coverage: tuple[Coverage, ...]
    known_at: int | None = None

    @classmethod
    def of(cls, store: Store, key: str, *, known_at: int | None = None) -> Self | None:
        """As it is in the database, or was at that instant; None where it was not adopted yet."""
        for each in in_force(store, known_at=known_at):
            if each.definition.key == key:
                declared = coverage.declared(store, each.ladder.kinds, known_at=known_at)
                root, versions = each.definition.root, each.versions
                return cls(store, key, root, versions, declared, known_at)
        return None

    def as_known(self, instant: int) -> Self | None:
        """As it was known then, if that is earlier; None where it was not adopted yet."""
        if self.known_at is not None and self.known_at <= instant:
            return self
        return self.of(self.store, self.key, known_at=instant)

    def hers(self, supporter_id: int) -> Hers:
        """A supporter's history, as far as it is known."""
        own, brought = recording.histories(self.store, supporter_id)
        hers = Hers(self, supporter_id, own, brought)
        if self.known_at is None:
            return hers
        return hers.without(as_known.recorded_after(self.store, hers.ids, self.known_at))


@dataclass(frozen=True)
class Hers:
    """One supporter's history, to be judged."""

    by: Judging
    supporter_id: int
    own: Sequence[Row]
    brought: Sequence[Row]

    @property
    def ids(self) -> list[int]:
        """Of all these touchpoints."""
        return [row[0] for row in (*self.own, *self.brought)]

    @cached_property
    def lines(self) -> Lines:
        """Her history as every definition reads it."""
        versions = self.by.versions
        return Lines(versions, [self._evaluation(each.ladder) for each in versions])

    def without(self, touchpoints: Collection[int]) -> Hers:
        """As if nobody had told of these."""
        gone = set(touchpoints)
        own, brought = (
            [row for row in rows if row[0] not in gone] for rows in (self.own, self.brought)
        )
        return replace(self, own=own, brought=brought)

    def _evaluation(self, ladder: Ladder) -> Evaluation:
        organisation = self.by.store.organisation
        history = History.from_rows(
            self.own, organisation, ladder.kinds, self.brought, ladder.rates, self.supporter_id
        )
        return Evaluation(history, organisation, ladder, self.by.coverage)
