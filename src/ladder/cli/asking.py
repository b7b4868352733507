"""What every question needs: the organisation's rows, its ladder, its clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ladder.cli.moments import Clock
from ladder.errors import NotKnown, nearest
from ladder.ladders import Ladder
from ladder.organisations import Organisation
from ladder.replay.ladders import stored_ladder
from ladder.reports import title_of
from ladder.storage.answers import Movement
from ladder.storage.opening import reading
from ladder.storage.queries import Questions
from ladder.storage.store import Store


@dataclass(frozen=True)
class Asking:
    """An open database, one organisation in it, one of its ladders, and the present."""

    store: Store
    clock: Clock
    key: str | None

    @cached_property
    def ladder(self) -> Ladder:
        """The ladder in force, as the organisation adopted it."""
        adopted = Questions(self.store, self.clock.now, self.key).definition
        return stored_ladder(adopted)

    @cached_property
    def questions(self) -> Questions:
        """The answers, with the patterns that protect people who are silent."""
        duties = tuple(pattern.key for pattern in self.ladder.patterns if pattern.duty)
        return Questions(self.store, self.clock.now, self.key, duties)

    @property
    def name(self) -> str:
        """What a heading calls the organisation; one that nobody named is nobody else's."""
        organisation = self.store.organisation
        unnamed = organisation.key == Organisation().key
        return organisation.name or ("Your supporters" if unnamed else organisation.key)

    def title(self, rungs: str) -> str:
        """A place in words."""
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
