"""Output of a finding with its evidence, actions and resolution: text and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final

from ladder.cli.context import Asking
from ladder.cli.render import touchpoints
from ladder.cli.render.common import GRAVE
from ladder.cli.render.console import Paper
from ladder.engines.reference.facts import Fact, fact_of
from ladder.findings import Findings, FindingView, name_of
from ladder.storage.actions import Action

EVIDENCE: Final = 4
"""Touchpoints of one finding that are shown to people; JSON has all of them."""

STATE: Final = {"acknowledged": "cyan", "dismissed": "dim", "resolved": "green"}
"""The style of a state; open findings have no state label."""


class Telling:
    """Output of one supporter's findings, for people and for programs."""

    def __init__(self, ask: Asking, supporter: str, findings: Findings) -> None:
        self.ask, self.supporter, self.findings = ask, supporter, findings

    def document(self, view: FindingView) -> dict[str, Any]:
        """Return a finding as JSON.

        A touchpoint has its id in the database, its source and its id in that source.
        """
        clock = self.ask.clock
        resolved = None
        if view.cause is not None:
            resolved = {
                "cause": view.cause,
                "touchpoints": self._documents(self._facts(view.causes)),
            }
        return {
            "supporter": self.supporter,
            "severity": view.severity,
            "since": clock.iso(view.at),
            "until": clock.iso(view.until),
            "opened": clock.iso(view.opened),
            "closes": clock.iso(view.closes),
            "state": view.state,
            "touchpoints": self._documents(view.evidence),
            "actions": [self._action(action) for action in view.actions],
            "resolved_by": resolved,
        }

    def print(self, paper: Paper, view: FindingView, title: str = "") -> None:
        """Print severity and dates, then the evidence and the actions.

        The first line has the supporter's key; with a `title`, the title stands on a line above
        instead.
        """
        if title:
            paper.line((title, "bold"))
        state = f"  {view.state}" if view.state in STATE else ""
        paper.line(
            ("" if title else self.supporter, "bold"),
            "  ",
            (view.severity, GRAVE[view.severity]),
            f"  {self._time(view)}",
            (state, STATE.get(view.state, "")),
        )
        for fact in view.evidence[-EVIDENCE:]:
            paper.line("    " + touchpoints.line(self.ask, fact))
        if len(view.evidence) > EVIDENCE:
            paper.line(f"    and {len(view.evidence) - EVIDENCE} earlier", "dim")
        for action in view.actions:
            paper.prose(self._done(action), "dim", 4)
        if view.cause is not None:
            paper.prose(self._ended(view), "green", 4)

    def _time(self, view: FindingView) -> str:
        day = self.ask.clock.day
        if view.state == "resolved":
            return f"{day(view.opened)} to {day(min(view.until, view.closes))}"
        if view.opened < view.at:
            return f"since {day(view.at)}, open since {day(view.opened)}"
        return f"since {day(view.opened)}"

    def _done(self, action: Action) -> str:
        by = f" by {action.by}" if action.by else ""
        reason = f": {action.reason}" if action.reason else ""
        return f"{action.action} {self.ask.clock.day(action.at)}{by}{reason}"

    def _ended(self, view: FindingView) -> str:
        """Describe what resolved the finding."""
        day = self.ask.clock.day(view.closes)
        facts = list(self._facts(view.causes))
        if view.cause == "correction":
            told_by = " and ".join(f"{_short(fact)} of {self._day(fact)}" for fact in facts)
            return f"withdrawn {day}: it never was" + (f", as told by {told_by}" if facts else "")
        if view.cause == "definition":
            return f"over {day}: another definition speaks"
        return f"over {day}: {' and '.join(map(_short, facts)) or 'time passed'}"

    def _day(self, fact: Fact) -> str:
        return self.ask.clock.day(fact.at)

    def _action(self, action: Action) -> dict[str, Any]:
        clock = self.ask.clock
        known = (self._named.get(name) for name in action.evidence)
        return {
            "action": action.action,
            "at": clock.iso(action.at),
            "by": action.by,
            "reason": action.reason,
            "touchpoints": self._documents(fact for fact in known if fact is not None),
            "recorded_at": clock.iso(action.recorded_at),
        }

    def _documents(self, facts: Iterable[Fact]) -> list[dict[str, Any]]:
        supporter = self.findings.supporter_id
        return [
            {"id": fact.id, **touchpoints.fact_document(self.ask, fact, supporter)}
            for fact in facts
        ]

    def _facts(self, numbers: Iterable[int]) -> Iterator[Fact]:
        return (self._rows[number] for number in numbers if number in self._rows)

    @cached_property
    def _rows(self) -> dict[int, Fact]:
        """All touchpoints of the supporter's history by id, void and voiding ones included."""
        organisation, kinds = self.ask.store.organisation, self.ask.ladder.kinds
        stored = self.findings.history.stored
        facts = [fact_of(row, organisation, kinds, brought=False) for row in stored.own]
        facts += [fact_of(row, organisation, kinds, brought=True) for row in stored.referred]
        return {fact.id: fact for fact in facts}

    @cached_property
    def _named(self) -> dict[Any, Fact]:
        return {name_of(fact): fact for fact in self._rows.values()}


def _short(fact: Fact) -> str:
    """Format a touchpoint without its date, with its id in the source."""
    return touchpoints.short(fact) + ("" if fact.key is None else f" ({fact.key[1]})")
