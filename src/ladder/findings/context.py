"""What findings are evaluated by, now or as it was known at an earlier instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from ladder.coverage import Coverage
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.language.versions import Succession
from ladder.storage import coverage
from ladder.storage.adopted_ladders import in_force
from ladder.storage.read import as_known
from ladder.storage.read.histories import StoredHistory
from ladder.storage.store import Store


@dataclass(frozen=True)
class FindingContext:
    """One ladder of an organisation by all its definitions, and its declared coverage.

    `known_at` leaves out what was recorded later; None: the present.
    """

    store: Store
    key: str
    root: int
    versions: Succession
    coverage: tuple[Coverage, ...]
    known_at: int | None = None

    @classmethod
    def of(cls, store: Store, key: str, *, known_at: int | None = None) -> Self | None:
        """Read it from the database; None where the ladder was not adopted yet."""
        for adopted in in_force(store, known_at=known_at):
            if adopted.definition.key == key:
                declared = coverage.declared(store, adopted.ladder.kinds, known_at=known_at)
                root, versions = adopted.definition.root, adopted.versions
                return cls(store, key, root, versions, declared, known_at)
        return None

    def as_known(self, instant: int) -> Self | None:
        """Return it as known at an earlier instant; None where it was not adopted yet."""
        if self.known_at is not None and self.known_at <= instant:
            return self
        return self.of(self.store, self.key, known_at=instant)

    def history(self, supporter_id: int) -> SupporterHistory:
        """Read a supporter's history, as far as it is known."""
        stored = StoredHistory.read(self.store, supporter_id)
        if self.known_at is not None:
            later = as_known.recorded_after(self.store, list(stored.rows()), self.known_at)
            stored = stored.without(later)
        return SupporterHistory(self, stored)


@dataclass(frozen=True)
class SupporterHistory:
    """One supporter's history, and its evaluation by every version of a ladder."""

    context: FindingContext
    stored: StoredHistory

    @cached_property
    def lines(self) -> VersionedEvaluation:
        """The evaluation by every version."""
        store, versions, declared = (
            self.context.store,
            self.context.versions,
            self.context.coverage,
        )
        return VersionedEvaluation(
            versions,
            [self.stored.evaluation(store, version.ladder, declared) for version in versions],
        )

    def without(self, touchpoints: Collection[int]) -> SupporterHistory:
        """Leave these touchpoints out."""
        return SupporterHistory(self.context, self.stored.without(touchpoints))
