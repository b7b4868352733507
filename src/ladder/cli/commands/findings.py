"""`ladder findings`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import click

from ladder.cli import options, told
from ladder.cli.asking import Asking, asking
from ladder.cli.output import print_json, tell
from ladder.cli.paper import Column, Paper, Table
from ladder.cli.reading import Readings
from ladder.cli.shown import GRAVE, print_missing
from ladder.ladders import SEVERITIES, Pattern
from ladder.live.facts import Fact
from ladder.live.verdicts import verdicts
from ladder.reports.assessable import Judged, judged
from ladder.storage.queries import Finding
from ladder.storage.spells import silent_at

MOST = 5
"""Findings of one pattern that are shown where nobody said how many."""
EVIDENCE = 4
"""Touchpoints of one finding that are shown to people; JSON has them all."""


@click.command(name="findings")
@options.where
@options.at
@click.option("--severity", type=click.Choice(SEVERITIES), help="Only these and graver ones.")
@click.option("--pattern", metavar="KEY", help="Only this pattern, by key (O1) or name.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="At most so many of each pattern; 0: all (default: 5 for people, all in JSON).",
)
@options.now
@options.as_json
def command(
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    at: date | None,
    severity: str | None,
    pattern: str | None,
    limit: int | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Patterns of treating people like cash machines, each finding with its evidence.

    A finding is about a relationship during a time, never about a person. What the log was not
    declared to hold cannot be missed in it: then the verdict is "not assessable", and the reason
    says what would have to be logged. Nothing follows from it either way.
    """
    with asking(db, organisation, ladder, now) as ask:
        instant = ask.clock.as_of(at)
        found = Found(ask.at(instant), instant, severity, pattern)
        if as_json:
            print_json(found.document(limit))
        else:
            found.print(Paper(), MOST if limit is None else limit)


class Found:
    """The findings open at an instant, and how much could be judged."""

    def __init__(
        self, ask: Asking, at: int, severity: str | None = None, pattern: str | None = None
    ) -> None:
        self.ask = ask
        self.at = at
        self.readings = Readings(ask)
        only = None if pattern is None else ask.ladder.pattern(pattern)
        self.findings = ask.questions.findings(
            at, severity=severity, pattern=None if only is None else only.key
        )
        everything = self.findings
        if severity is not None:
            everything = ask.questions.findings(at, pattern=None if only is None else only.key)
        people = sum(count.supporters for count in ask.questions.counts(at))
        hidden = silent_at(ask.store, ask.questions.definition.root, ask.clock.now)
        every = judged(
            ask.store, ask.ladder, self.readings.declared, everything, at, people, hidden
        )
        self.judged = [each for each in every if only is None or each.pattern == only]

    def of(self, pattern: Pattern, limit: int) -> Sequence[Finding]:
        """The gravest of one pattern, with the longest standing first."""
        mine = [each for each in self.findings if each.pattern == pattern.key]
        return mine[: limit or None]

    def evidence(self, finding: Finding) -> tuple[Fact, ...]:
        """The touchpoints that prove it."""
        evaluation = self.readings.of(finding.supporter_id)
        said = verdicts(evaluation, self.ask.ladder, self.at)
        return next((each.evidence for each in said if each.pattern.key == finding.pattern), ())

    def document(self, limit: int | None) -> dict[str, object]:
        """For programs."""
        return self.ask.document(
            at=self.ask.clock.iso(self.at),
            patterns=[
                {
                    "pattern": each.pattern.key,
                    "name": each.pattern.name,
                    "title": each.pattern.title,
                    "side": each.pattern.side,
                    "found": each.found,
                    "assessable": each.assessable,
                    "clear": each.clear,
                    "not_assessable": each.not_assessable,
                    "reason": each.reason or None,
                    "missing": [lack.to_dict() for lack in each.missing],
                    "remedy": each.pattern.remedy,
                    "caveat": each.pattern.caveat,
                    "evidence": each.pattern.evidence,
                    "source": each.pattern.source,
                    "findings": list(map(self._finding, self.of(each.pattern, limit or 0))),
                }
                for each in self.judged
            ],
        )

    def _finding(self, finding: Finding) -> dict[str, Any]:
        clock = self.ask.clock
        return {
            "supporter": finding.key,
            "severity": finding.severity,
            "since": clock.iso(finding.at),
            "until": clock.iso(finding.until),
            "touchpoints": [told.fact_document(self.ask, one) for one in self.evidence(finding)],
        }

    def print(self, paper: Paper, limit: int) -> None:
        """For people: the table of patterns, then each pattern with its findings."""
        self.print_patterns(paper)
        shown = 0
        for each in self.judged:
            mine = self.of(each.pattern, limit)
            if mine:
                self.print_pattern(paper, each, mine)
            shown += len(mine)
        if len(self.findings) > shown:
            tell(f"{shown:,} of {len(self.findings):,} findings shown: --limit 0 shows all")

    def print_patterns(self, paper: Paper) -> None:
        """How many of each severity, how many clear, how many not assessable, and why."""
        used = [
            name
            for name in reversed(SEVERITIES)
            if any(each.found.get(name) for each in self.judged)
        ]
        numbers = [Column(name, right=True, fit="whole") for name in (*used, "clear", "not known")]
        table = Table((Column("", fit="whole"), Column("pattern", fit="fold"), *numbers))
        for each in self.judged:
            counts = [each.found.get(name, 0) for name in used]
            cells = [
                f"{count:,}" if count else "-"
                for count in (*counts, each.clear, each.not_assessable)
            ]
            table.add(each.pattern.key, each.pattern.title or each.pattern.name, *cells)
        paper.table(table)
        missing = [each for each in self.judged if each.reason]
        if missing:
            paper.line()
            words = "Not known, because the log is not declared to hold what is needed:"
            paper.prose(words, "bold")
        for each in missing:
            paper.prose(f"{each.pattern.key}  {each.reason}", indent=2)
        lacking = {each.pattern.key: each.missing for each in missing if each.missing}
        if lacking:
            paper.line()
            paper.prose("What nobody has declared of that (`ladder coverage` proposes):", "bold")
            print_missing(paper, lacking)

    def print_pattern(self, paper: Paper, each: Judged, found: Iterable[Finding]) -> None:
        """One pattern: the supporters by severity, then what to do and when not to believe it."""
        pattern = each.pattern
        paper.heading(f"{pattern.key}  {pattern.title or pattern.name}")
        for severity, group in groupby(found, key=lambda finding: finding.severity):
            for finding in group:
                since = self.ask.clock.day(finding.at)
                paper.line(
                    (finding.key, "bold"), "  ", (severity, GRAVE[severity]), f"  since {since}"
                )
                proof = self.evidence(finding)
                for fact in proof[-EVIDENCE:]:
                    paper.line("    " + told.line(self.ask, fact))
                if len(proof) > EVIDENCE:
                    paper.line(f"    and {len(proof) - EVIDENCE} earlier", "dim")
        if pattern.remedy:
            paper.prose(f"What to do: {pattern.remedy}", "green", 2)
        if pattern.caveat:
            paper.prose(f"But: {pattern.caveat}", "dim", 2)
