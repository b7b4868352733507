"""With `python-statemachine`: the rungs as a class of states, fed event by event."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from statemachine import State, StateMachine

from tests.benchmarks.peers.ways.windows import Move, Window, followed


class Rungs(StateMachine):
    """One supporter's standing."""

    allow_event_without_transition = True

    ground = State(initial=True)
    aware = State()
    engaged = State()
    donor = State()
    major = State()

    settle = (
        major.from_(ground, aware, engaged, donor, cond="is_major")
        | donor.from_(ground, aware, engaged, major, cond="is_donor")
        | engaged.from_(ground, aware, donor, major, cond="is_engaged")
        | aware.from_(ground, engaged, donor, major, cond="is_aware")
    )

    def follow(self, number: int) -> Self:
        """Begin with another supporter: a machine for each would take longer than its events."""
        self.number = number
        self.window = Window()
        self.moves: list[Move] = []
        self.current_state_value = "ground"
        return self

    def act(self, kind: str, at: int, cents: int | None) -> None:
        """Process a touchpoint."""
        self.window.act(kind, at, cents)

    def is_major(self) -> bool:
        """Guards, one for each rung."""
        return self.window.rung() == "major"

    def is_donor(self) -> bool:
        """Another."""
        return self.window.rung() == "donor"

    def is_engaged(self) -> bool:
        """Another."""
        return self.window.rung() == "engaged"

    def is_aware(self) -> bool:
        """Another."""
        return self.window.rung() == "aware"

    def after_settle(self, at: int, source: State, target: State) -> None:
        """After a transition."""
        self.moves.append((self.number, at, source.id, target.id))


def movements(path: Path) -> Iterator[Move]:
    """Supporter, instant, rung before and after."""
    for person in followed(path, Rungs().follow):
        yield from person.moves
