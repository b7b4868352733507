"""Whoever was acted upon is looked at again when what she is judged by changes.

A recording asks only whether anything was ever done about the patterns that it bears on, in the
same round trip as everything else; mostly nothing was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ladder.crm.context import Adopted, Situation
from ladder.crm.evaluation import Said
from ladder.findings import Judging, keep, keep_all
from ladder.storage import actions
from ladder.storage.statements import Query


def judging(situation: Situation, adopted: Adopted) -> Judging:
    """By what that ladder's findings are judged now."""
    root, versions = adopted.definition.root, adopted.versions
    return Judging(situation.store, adopted.definition.key, root, versions, situation.coverage)


def tend_all(situation: Situation, adopted: Adopted, *, now: int) -> None:
    """Work out the states of everybody's findings, where anything was done about them."""
    keep_all(judging(situation, adopted), now=now)


@dataclass
class Borne:
    """Which patterns of whom a recording bears on, by ladder."""

    situation: Situation
    patterns: dict[tuple[int, str], frozenset[str] | None] = field(default_factory=dict)

    def note(self, whose: int, said: Said) -> None:
        """What a ladder says of her anew."""
        if said.among is None or said.among:
            self.patterns[whose, said.adopted.definition.key] = said.among

    def asking(self) -> list[Query]:
        """What asks for all that was done about these supporters' findings; mostly nothing was."""
        people = {whose for whose, _ in self.patterns}
        return [actions.asking_acted(self.situation.store, people)] if people else []

    def tend(self, rows: Iterable[Sequence[Any]], *, now: int) -> None:
        """Work out the states of those patterns about which something was done."""
        acted: dict[str, set[int]] = defaultdict(set)
        for whose, ladder, pattern in rows:
            bears = self.patterns.get((whose, ladder), frozenset())
            if bears is None or pattern in bears:
                acted[ladder].add(whose)
        for adopted in self.situation.adopted:
            people = acted.get(adopted.definition.key)
            if people:
                keep(judging(self.situation, adopted), people, now=now)
