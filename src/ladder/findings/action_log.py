"""The last word on each touchpoint as proof of a pattern.

A dismissal is about what proves the finding: these gifts, these requests. It holds however severe
the finding becomes by the clock, for as long as nothing else proves it, and again whenever the
same come back. What is dismissed stays so until that is taken back: to acknowledge a finding means
what is new in it.

Where nothing proves a finding but that something did not happen, the word is on that stretch alone:
the next silence is another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ladder.engines.reference.facts import Fact
from ladder.findings.lifecycles import FindingLifecycle
from ladder.storage.actions import Action, Name


def name_of(fact: Fact) -> Name:
    """Its source and external id, the same in every database; without one, its id in this one."""
    return fact.id if fact.key is None else fact.key


Mark = Literal["acknowledged", "dismissed"]


class Absence(NamedTuple):
    """What proves a finding that nothing proves: the stretch itself, by when it opened."""

    opened: int


@dataclass
class ActionLog:
    """What has been said about one pattern's findings of one supporter."""

    lifecycles: Sequence[FindingLifecycle]
    words: dict[Name | Absence, Mark] = field(default_factory=dict)

    def take(self, action: Action) -> None:
        """One more action, later than all before it."""
        for name in action.evidence or self.absences(action.at):
            if action.action == "taken back":
                self.words.pop(name, None)
            elif action.action == "dismissed" or self.words.get(name) != "dismissed":
                self.words[name] = action.action

    def absences(self, instant: int) -> list[Absence]:
        """What proves the finding of an instant, if nothing does."""
        here = (life for life in self.lifecycles if life.opened <= instant < life.closed)
        return [Absence(life.opened) for life in here]

    def on(self, proof: Name | Absence) -> Mark | None:
        """The word on it; None where nobody has said anything, or it was taken back."""
        return self.words.get(proof)
