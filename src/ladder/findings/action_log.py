"""The latest mark on each touchpoint as evidence of a pattern.

A dismissal is about the evidence of a finding: these gifts, these requests. It holds when the
finding becomes more severe by the clock, as long as there is no other evidence, and again when the
same evidence returns. It holds until it is taken back: to acknowledge a finding is to acknowledge
what is new in it.

A finding whose only evidence is that something did not happen is marked by its own period; the next
such period is another finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ladder.engines.reference.facts import Fact
from ladder.findings.lifecycles import FindingLifecycle
from ladder.storage.actions import Action, Name


def name_of(fact: Fact) -> Name:
    """Return the source and external id, which every database shares; else the id in this one."""
    return fact.id if fact.key is None else fact.key


Mark = Literal["acknowledged", "dismissed"]


class Absence(NamedTuple):
    """The evidence of a finding without touchpoints: its period, by the instant it opened."""

    opened: int


@dataclass
class ActionLog:
    """The marks on the evidence of one pattern's findings of one supporter."""

    lifecycles: Sequence[FindingLifecycle]
    marks: dict[Name | Absence, Mark] = field(default_factory=dict)

    def add(self, action: Action) -> None:
        """Add an action that is later than all others."""
        for evidence in action.evidence or self.absences(action.at):
            if action.action == "taken back":
                self.marks.pop(evidence, None)
            elif action.action == "dismissed" or self.marks.get(evidence) != "dismissed":
                self.marks[evidence] = action.action

    def absences(self, instant: int) -> list[Absence]:
        """Return the evidence of a finding without touchpoints at an instant."""
        return [
            Absence(lifecycle.opened)
            for lifecycle in self.lifecycles
            if lifecycle.opened <= instant < lifecycle.closed
        ]

    def mark_on(self, evidence: Name | Absence) -> Mark | None:
        """Return the mark on this evidence; None where there is none or it was taken back."""
        return self.marks.get(evidence)
