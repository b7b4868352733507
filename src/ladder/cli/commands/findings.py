"""`ladder findings`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

import click

from ladder.cli import options, told
from ladder.cli.asking import Asking, asking
from ladder.cli.output import Lazily, print_json, tell
from ladder.cli.paper import Column, Paper, Table
from ladder.cli.reading import Readings
from ladder.cli.shown import GRAVE
from ladder.ladders import SEVERITIES, Pattern
from ladder.live.facts import Fact
from ladder.live.verdicts import verdicts
from ladder.reports.assessable import Assessing, Judged
from ladder.storage.pages import page_after_page
from ladder.storage.queries import Finding

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
        self.severity = severity
        self.readings = Readings(ask)
        only = None if pattern is None else ask.ladder.pattern(pattern)
        people = sum(count.supporters for count in ask.questions.counts(at))
        root, now = ask.questions.definition.root, ask.clock.now
        assessing = Assessing(ask.store, root, ask.ladder, self.readings.declared, at, now)
        self.counts = ask.questions.finding_counts(at)
        patterns = ask.ladder.patterns if only is None else (only,)
        self.judged = assessing.judged(patterns, self.counts, people)

    def of(self, pattern: Pattern, limit: int | None) -> Iterator[Finding]:
        """The gravest of one pattern, with the longest standing first; None: all of them."""

        def page(after: Finding | None, most: int) -> Sequence[Finding]:
            return self.ask.questions.findings(
                self.at, severity=self.severity, pattern=pattern.key, limit=most, after=after
            )

        return chain.from_iterable(page_after_page(page, limit))

    def total(self) -> int:
        """How many there are of the patterns and the severity that were asked for."""
        grave = SEVERITIES[SEVERITIES.index(self.severity or SEVERITIES[0]) :]
        keys = {each.pattern.key for each in self.judged}
        return sum(n for (key, grade), n in self.counts.items() if key in keys and grade in grave)

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
                    "remedy": each.pattern.remedy,
                    "caveat": each.pattern.caveat,
                    "evidence": each.pattern.evidence,
                    "source": each.pattern.source,
                    "findings": Lazily(map(self._finding, self.of(each.pattern, limit or None))),
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
        shown = sum(self.print_pattern(paper, each, limit) for each in self.judged)
        total = self.total()
        if total > shown:
            tell(f"{shown:,} of {total:,} findings shown: --limit 0 shows all")

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

    def print_pattern(self, paper: Paper, each: Judged, limit: int) -> int:
        """One pattern: the supporters by severity, then what to do and when not to believe it.

        How many were shown; nothing at all is printed where there are none.
        """
        pattern, shown = each.pattern, 0
        for finding in self.of(pattern, limit or None):
            if not shown:
                paper.heading(f"{pattern.key}  {pattern.title or pattern.name}")
            shown += 1
            since, style = self.ask.clock.day(finding.at), GRAVE[finding.severity]
            paper.line((finding.key, "bold"), "  ", (finding.severity, style), f"  since {since}")
            proof = self.evidence(finding)
            for fact in proof[-EVIDENCE:]:
                paper.line("    " + told.line(self.ask, fact))
            if len(proof) > EVIDENCE:
                paper.line(f"    and {len(proof) - EVIDENCE} earlier", "dim")
        if shown and pattern.remedy:
            paper.prose(f"What to do: {pattern.remedy}", "green", 2)
        if shown and pattern.caveat:
            paper.prose(f"But: {pattern.caveat}", "dim", 2)
        return shown
