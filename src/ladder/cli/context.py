"""What every question needs: the organisation's rows, its ladder, its clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ladder.cli.dates import Clock
from ladder.coverage import Coverage
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.errors import NotKnown, nearest
from ladder.language.ladders import Ladder
from ladder.language.versions import Version, speaking
from ladder.model.organisations import Organisation
from ladder.reports import title_of
from ladder.storage import coverage
from ladder.storage.databases import reading
from ladder.storage.definitions import in_force
from ladder.storage.read.histories import StoredHistory
from ladder.storage.read.queries import Queries
from ladder.storage.rows import Movement
from ladder.storage.store import Store


@dataclass(frozen=True)
class Asking:
    """An open database, one organisation in it, one of its ladders, and the present.

    `seen` is the instant asked about, where it is not the present.
    """

    store: Store
    clock: Clock
    key: str | None
    seen: int | None = None

    def at(self, instant: int) -> Asking:
        """The same for a question about an instant: another definition may have spoken then."""
        asking = replace(self, seen=instant)
        vars(asking)["versions"] = self.versions  # the documents are read once
        return asking

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The ladder by all definitions that the organisation has in force."""
        root = Queries(self.store, self.clock.now, self.key).definition.root
        (found,) = (each for each in in_force(self.store) if each.definition.root == root)
        return found.versions

    @cached_property
    def ladder(self) -> Ladder:
        """The ladder as it is at the instant asked about."""
        return speaking(self.versions, self.clock.now if self.seen is None else self.seen)

    @cached_property
    def questions(self) -> Queries:
        """The answers, with the patterns that protect people who are silent."""
        patterns = (pattern for each in self.versions for pattern in each.ladder.patterns)
        duties = tuple(pattern.key for pattern in patterns if pattern.duty)
        return Queries(self.store, self.clock.now, self.key, duties)

    @property
    def name(self) -> str:
        """What a heading calls the organisation; one that nobody named is nobody else's."""
        organisation = self.store.organisation
        unnamed = organisation.key == Organisation().key
        return organisation.name or ("Your supporters" if unnamed else organisation.key)

    def title(self, rungs: str) -> str:
        """A place in words, by the latest of the definitions that have it."""
        ladders = (self.ladder, *(each.ladder for each in reversed(self.versions)))
        for ladder in ladders:
            if set(rungs.split("+")) <= {"", *(rung.key for rung in ladder.rungs)}:
                return title_of(ladder, rungs)
        return title_of(self.ladder, rungs)

    def step(self, movement: Movement) -> str:
        """A movement in words."""
        return f"{self.title(movement.before)} > {self.title(movement.after)}"

    def rung(self, key: str) -> str:
        """The key of a rung, or "" for the ground, which goes by its own title too.

        Raises `NotKnown` with the nearest names.
        """
        known = [rung.key for rung in self.ladder.rungs]
        if key in ("ground", self.ladder.ground):
            return ""
        if key not in known:
            near = nearest(key, known)
            message = f"unknown rung {key!r}{near}; known: {', '.join(known)}, ground"
            raise NotKnown(message)
        return key

    def document(self, **more: object) -> dict[str, object]:
        """The head of a JSON answer."""
        head = {"organisation": self.store.organisation.key, "ladder": self.ladder.key}
        return {**head, **more}


@contextmanager
def asking(
    db: str, organisation: str | None, ladder: str | None, now: date | None
) -> Iterator[Asking]:
    """Open a database to ask it something."""
    with reading(db, organisation) as store:
        yield Asking(store, Clock.of(store.organisation.calendar, now), ladder)


class Readings:
    """Evaluations of single supporters; what they have in common is read once."""

    def __init__(self, ask: Asking) -> None:
        self.ask = ask

    @cached_property
    def declared(self) -> tuple[Coverage, ...]:
        """What the organisation declared its log to hold."""
        return coverage.declared(self.ask.store, self.ask.ladder.kinds)

    def of(self, supporter_id: int) -> Evaluation:
        """Everything that is known of her, read by the ladder as it is at the instant asked."""
        return self._by(self.ask.ladder, supporter_id)

    def lines(self, supporter_id: int) -> VersionedEvaluation:
        """The same, read by every definition of it."""
        versions = self.ask.versions
        return VersionedEvaluation(
            versions, [self._by(each.ladder, supporter_id) for each in versions]
        )

    def _by(self, ladder: Ladder, supporter_id: int) -> Evaluation:
        history = StoredHistory.read(self.ask.store, supporter_id)
        return history.evaluation(self.ask.store, ladder, self.declared)
