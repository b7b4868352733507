"""Output of resolved findings: period and resolution."""

from __future__ import annotations

from datetime import date
from typing import Final

from ladder.cli.context import Asking
from ladder.cli.output import tell
from ladder.cli.render.console import Paper
from ladder.cli.render.finding import Telling
from ladder.cli.render.supporter_findings import Hers
from ladder.findings import FindingView
from ladder.language.conditions import SEVERITIES
from ladder.storage.read.queries import Finding

DAYS: Final = 30
"""Days to look back by default."""


class Over:
    """Findings that ended within a period, as known now, the latest first."""

    def __init__(
        self,
        ask: Asking,
        at: int,
        severity: str | None = None,
        pattern: str | None = None,
        since: date | None = None,
    ) -> None:
        self.ask, self.at = ask, at
        calendar = ask.clock.calendar
        back = calendar.day_start(calendar.day_of(at) - DAYS)
        self.since = back if since is None else ask.clock.start(since)
        only = None if pattern is None else ask.ladder.pattern(pattern).key
        min_group = 0 if severity is None else SEVERITIES.index(severity)
        self.grades = [
            (finding, grade)
            for finding, grade in self._grades()
            if only in (None, finding) and SEVERITIES.index(grade) >= min_group
        ]

    def _grades(self) -> list[tuple[str, str]]:
        """Return every pattern at every severity, by all definitions of the ladder."""
        ladders = (version.ladder for version in self.ask.versions)
        patterns = (pattern for ladder in ladders for pattern in ladder.patterns)
        return list(dict.fromkeys((p.key, g.severity) for p in patterns for g in p.grades))

    def found(self, limit: int | None) -> list[Finding]:
        """Return the latest resolved findings; all if `limit` is None or 0."""
        return self.ask.finding_questions.resolved(
            self.grades, since=self.since - 1, until=self.at, limit=limit or None
        )

    def told(self, finding: Finding) -> tuple[Telling, FindingView]:
        """Return a finding with its last evidence, its actions and its resolution."""
        listing = Hers(self.ask, self.at, finding.key, finding.pattern)
        over = (each for each in listing.findings.resolved() if each.until == finding.until)
        return Telling(self.ask, finding.key, listing.findings), next(over)

    def document(self, limit: int | None) -> dict[str, object]:
        """Return the findings as JSON."""
        clock = self.ask.clock
        return self.ask.document(
            since=clock.iso(self.since),
            at=clock.iso(self.at),
            findings=[
                {"pattern": finding.pattern, **telling.document(view)}
                for finding in self.found(limit)
                for telling, view in [self.told(finding)]
            ],
        )

    def print(self, paper: Paper, limit: int) -> None:
        """Print the findings for people."""
        findings = self.found(limit + 1 if limit else None)
        day = self.ask.clock.day
        for finding in findings[: limit or None]:
            telling, view = self.told(finding)
            telling.print(paper, view, f"{finding.pattern}  {finding.key}")
        if not findings:
            paper.line(f"nothing was resolved from {day(self.since)} to {day(self.at)}")
        if limit and len(findings) > limit:
            tell(f"the latest {limit} shown: --limit 0 shows all")
