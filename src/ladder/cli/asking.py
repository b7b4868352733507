"""What every question needs: the organisation's rows, its ladder, its clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ladder.cli.moments import Clock
from ladder.errors import NotKnown, nearest
from ladder.ladders import Ladder
from ladder.organisations import Organisation
from ladder.reports import title_of
from ladder.seams import Version, speaking
from ladder.storage.answers import Movement
from ladder.storage.opening import reading
from ladder.storage.queries import Questions
from ladder.storage.store import Store
from ladder.storage.successions import in_force


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
        return replace(self, seen=instant)

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The ladder by all definitions that the organisation has in force."""
        root = Questions(self.store, self.clock.now, self.key).definition.root
        (found,) = (each for each in in_force(self.store) if each.definition.root == root)
        return found.versions

    @cached_property
    def ladder(self) -> Ladder:
        """The ladder as it is at the instant asked about."""
        return speaking(self.versions, self.clock.now if self.seen is None else self.seen)

    @cached_property
    def questions(self) -> Questions:
        """The answers, with the patterns that protect people who are silent."""
        patterns = (pattern for each in self.versions for pattern in each.ladder.patterns)
        duties = tuple(pattern.key for pattern in patterns if pattern.duty)
        return Questions(self.store, self.clock.now, self.key, duties)

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
