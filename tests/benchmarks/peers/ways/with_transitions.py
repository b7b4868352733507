"""With `transitions`: a machine of rungs, fed event by event."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from transitions import Machine

from tests.benchmarks.peers.ways.windows import Move, Window, followed

RUNGS = ("ground", "aware", "engaged", "donor", "major")


class Person:
    """The machine's model."""

    state: str

    def __init__(self, machine: Machine, number: int) -> None:
        self.number = number
        self.window = Window()
        self.moves: list[Move] = []
        self.before = "ground"
        for other in list(machine.models):
            machine.remove_model(other)
        machine.add_model(self)

    def fits_aware(self, _: int) -> bool:
        """Conditions, one for each rung."""
        return self.window.rung() == "aware"

    def fits_engaged(self, _: int) -> bool:
        """Another."""
        return self.window.rung() == "engaged"

    def fits_donor(self, _: int) -> bool:
        """Another."""
        return self.window.rung() == "donor"

    def fits_major(self, _: int) -> bool:
        """Another."""
        return self.window.rung() == "major"

    def act(self, kind: str, at: int, cents: int | None) -> None:
        """Process a touchpoint."""
        self.window.act(kind, at, cents)

    def moved(self, at: int) -> None:
        """After a transition."""
        self.moves.append((self.number, at, self.before, self.state))
        self.before = self.state


def movements(path: Path) -> Iterator[Move]:
    """Supporter, instant, rung before and after."""
    machine = Machine(
        model=None,
        states=RUNGS,
        initial="ground",
        auto_transitions=False,
        ignore_invalid_triggers=True,
        transitions=[
            {
                "trigger": "settle",
                "source": [other for other in RUNGS if other != rung],
                "dest": rung,
                "conditions": f"fits_{rung}",
                "after": "moved",
            }
            for rung in RUNGS[1:]
        ],
    )
    for person in followed(path, partial(Person, machine)):
        yield from person.moves
