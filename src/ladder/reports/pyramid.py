"""Number of supporters per rung: the organisation's pyramid, not one supporter's ladder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from ladder.model.disclosure import SHARE
from ladder.storage.rows import Count


class TitledLadder(Protocol):
    """The part of a ladder that a pyramid needs: a `Ladder` has it, and so has its outline."""

    @property
    def key(self) -> str:
        """The key of the ladder."""

    @property
    def title(self) -> str:
        """The title of the ladder; may be empty."""

    @property
    def ground(self) -> str:
        """The title of holding no rung."""

    @property
    def rungs(self) -> Sequence[Any]:
        """The rungs in order, each with a key and a title."""

    def height(self, rung: Any) -> int:  # noqa: ANN401  (one of its own rungs)
        """Return the height of one of its rungs."""


@dataclass(frozen=True)
class Step:
    """One place: the keys of the rungs held there ("" for the ground) and its supporters.

    `share` is the share of all supporters, the ground included. It is None below the minimum number
    of supporters (`ladder.model.disclosure`).
    """

    rungs: str
    title: str
    height: int
    supporters: int
    share: float | None


@dataclass(frozen=True)
class Pyramid:
    """All places, the highest first and the ground last. A supporter is counted once."""

    title: str
    steps: tuple[Step, ...]

    @cached_property
    def total(self) -> int:
        """Number of supporters."""
        return sum(step.supporters for step in self.steps)

    @cached_property
    def above(self) -> tuple[Step, ...]:
        """The places without the ground."""
        return tuple(step for step in self.steps if step.rungs)


def pyramid(ladder: TitledLadder, counts: Iterable[Count]) -> Pyramid:
    """Return the ladder's places with their numbers of supporters, empty rungs included.

    Where several rungs have the same height, a supporter who holds more than one stands at a
    separate place ("Volunteering + Donating"), so that nobody is counted twice.
    """
    numbers = {count.rungs: count.supporters for count in counts}
    total = sum(numbers.values())
    places = {"": 0} | {rung.key: ladder.height(rung) for rung in ladder.rungs}
    places |= {rungs: _height(ladder, rungs) for rungs in numbers if rungs not in places}
    order = sorted(places, key=lambda rungs: (-places[rungs], _place(ladder, rungs)))
    steps = (
        Step(
            rungs=rungs,
            title=title_of(ladder, rungs),
            height=places[rungs],
            supporters=numbers.get(rungs, 0),
            share=numbers.get(rungs, 0) / total if total >= SHARE else None,
        )
        for rungs in order
    )
    return Pyramid(ladder.title or ladder.key, tuple(steps))


def title_of(ladder: TitledLadder, rungs: str) -> str:
    """Name a place by the titles of its rungs, or by the title of the ground.

    A rung that the ladder no longer has is named by its key.
    """
    if not rungs:
        return _capital(ladder.ground)
    titles = {rung.key: rung.title or rung.key for rung in ladder.rungs}
    return " + ".join(_capital(titles.get(key, key)) for key in rungs.split("+"))


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]


def _height(ladder: TitledLadder, rungs: str) -> int:
    return max((ladder.height(rung) for rung in _rungs(ladder, rungs)), default=0)


def _place(ladder: TitledLadder, rungs: str) -> tuple[int, list[int]]:
    """Sort key within one height: places of several rungs first, then the order of the ladder."""
    return -len(rungs.split("+")), [ladder.rungs.index(rung) for rung in _rungs(ladder, rungs)]


def _rungs(ladder: TitledLadder, rungs: str) -> list[Any]:
    keys = rungs.split("+")
    return [rung for rung in ladder.rungs if rung.key in keys]
