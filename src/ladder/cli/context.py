"""The context of a query: the organisation's rows, its ladder and its clock."""

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
from ladder.errors import NotFoundError, nearest
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

    `seen` is the instant of the question, where it is not the present.
    """

    store: Store
    clock: Clock
    key: str | None
    seen: int | None = None

    def at(self, instant: int) -> Asking:
        """Return the context of a question about an instant, with the version of that time."""
        asking = replace(self, seen=instant)
        vars(asking)["versions"] = self.versions  # so that the documents are read only once
        return asking

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The ladder by all definitions that the organisation has in force."""
        root = Queries(self.store, self.clock.now, self.key).definition.root
        (found,) = (each for each in in_force(self.store) if each.definition.root == root)
        return found.versions

    @cached_property
    def ladder(self) -> Ladder:
        """The ladder version that is valid at the instant of the question."""
        return speaking(self.versions, self.clock.now if self.seen is None else self.seen)

    @cached_property
    def questions(self) -> Queries:
        """The answers, with the patterns that protect people who are silent."""
        patterns = (pattern for version in self.versions for pattern in version.ladder.patterns)
        duties = tuple(pattern.key for pattern in patterns if pattern.safeguard)
        return Queries(self.store, self.clock.now, self.key, duties)

    @property
    def name(self) -> str:
        """Name of the organisation in headings; "Your supporters" for the unnamed default one."""
        organisation = self.store.organisation
        unnamed = organisation.key == Organisation().key
        return organisation.name or ("Your supporters" if unnamed else organisation.key)

    def title(self, rungs: str) -> str:
        """Name a place by the latest definition that has all its rungs."""
        ladders = (self.ladder, *(version.ladder for version in reversed(self.versions)))
        for ladder in ladders:
            if set(rungs.split("+")) <= {"", *(rung.key for rung in ladder.rungs)}:
                return title_of(ladder, rungs)
        return title_of(self.ladder, rungs)

    def step(self, movement: Movement) -> str:
        """Format a movement as "from > to"."""
        return f"{self.title(movement.before)} > {self.title(movement.after)}"

    def rung(self, key: str) -> str:
        """Return the key of a rung; "" for the ground, which its own title names as well.

        Raises:
            NotFoundError: The rung is unknown; the message has the nearest names.
        """
        known = [rung.key for rung in self.ladder.rungs]
        if key in ("ground", self.ladder.ground):
            return ""
        if key not in known:
            near = nearest(key, known)
            message = f"unknown rung {key!r}{near}; known: {', '.join(known)}, ground"
            raise NotFoundError(message)
        return key

    def document(self, **more: object) -> dict[str, object]:
        """Return the head of a JSON answer, with more fields."""
        head = {"organisation": self.store.organisation.key, "ladder": self.ladder.key}
        return {**head, **more}


@contextmanager
def asking(
    db: str, organisation: str | None, ladder: str | None, now: date | None
) -> Iterator[Asking]:
    """Open a database for reading and yield the context of a question."""
    with reading(db, organisation) as store:
        yield Asking(store, Clock.of(store.organisation.calendar, now), ladder)


class Readings:
    """Evaluations of single supporters; the declarations they share are read once."""

    def __init__(self, ask: Asking) -> None:
        self.ask = ask

    @cached_property
    def declared(self) -> tuple[Coverage, ...]:
        """The organisation's declarations of coverage."""
        return coverage.declared(self.ask.store, self.ask.ladder.kinds)

    def of(self, supporter_id: int) -> Evaluation:
        """Evaluate a supporter by the ladder version at the instant of the question."""
        return self._by(self.ask.ladder, supporter_id)

    def lines(self, supporter_id: int) -> VersionedEvaluation:
        """The same, read by every definition of it."""
        versions = self.ask.versions
        return VersionedEvaluation(
            versions, [self._by(version.ladder, supporter_id) for version in versions]
        )

    def _by(self, ladder: Ladder, supporter_id: int) -> Evaluation:
        history = StoredHistory.read(self.ask.store, supporter_id)
        return history.evaluation(self.ask.store, ladder, self.declared)
