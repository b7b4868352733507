"""With `eventsourcing`: an aggregate for each supporter, whose acts and moves are kept events."""

from collections.abc import Iterator
from pathlib import Path

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from tests.benchmarks.peers.ways.windows import Move, Window, followed


class Person(Aggregate):
    """One supporter."""

    @event("Known")
    def __init__(self, number: int) -> None:
        self.number = number
        self.rung = "ground"
        self.moves: list[Move] = []
        self.window = Window()

    @event("Acted")
    def act(self, kind: str, at: int, cents: int | None) -> None:
        """One touchpoint."""
        self.window.act(kind, at, cents)

    @event("Moved")
    def move(self, at: int, rung: str) -> None:
        """The supporter is on another rung from now on."""
        self.moves.append((self.number, at, self.rung, rung))
        self.rung = rung

    def settle(self, at: int) -> None:
        """Move the supporter to the rung of their acts."""
        rung = self.window.rung()
        if rung != self.rung:
            self.move(at, rung)


def movements(path: Path) -> Iterator[Move]:
    """Supporter, instant, rung before and after."""
    application = Application()
    for person in followed(path, Person):
        application.save(person)
        yield from person.moves
