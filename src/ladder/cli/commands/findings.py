"""`ladder findings` and the actions on findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

import click

from ladder.cli import options
from ladder.cli.commands.finding_actions import acknowledge, dismiss, reopen
from ladder.cli.context import Asking, asking
from ladder.cli.dates import MOMENT
from ladder.cli.output import Lazily, print_json, tell
from ladder.cli.readings import Readings
from ladder.cli.render.console import Column, Paper, Table
from ladder.cli.render.finding import Telling
from ladder.cli.render.resolved_findings import Over
from ladder.cli.render.supporter_findings import Hers
from ladder.coverage import MissingCoverage, merge_missing
from ladder.errors import nearest
from ladder.findings import FindingContext, Findings, FindingView
from ladder.language.conditions import SEVERITIES
from ladder.language.ladders import Pattern
from ladder.reports.assessability import Assessing, Assessment
from ladder.storage.finding_states import OPEN, STATES
from ladder.storage.models import HANDLED
from ladder.storage.read.pages import page_after_page
from ladder.storage.read.queries import Finding

MOST = 5
"""Findings per pattern that are shown by default."""
RAISED = ("open", "acknowledged")
"""States of findings that are shown by default."""


class Listing(click.Group):
    """A group that lists findings if no subcommand is given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert `list` if the first argument is an option or absent."""
        return super().parse_args(ctx, args if args[:1] and args[0][:1] != "-" else ["list", *args])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; the error for an unknown name suggests the nearest one."""
        if args[0] not in self.commands:
            message = f"No such command {args[0]!r}{nearest(args[0], self.commands)}."
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)


@click.group(name="findings", cls=Listing)
def command() -> None:
    """Patterns of treating people as cash machines, and what is done about them."""


command.add_command(acknowledge)
command.add_command(dismiss)
command.add_command(reopen)


@command.command(
    name="list",
    epilog="The word list may be left out. What was done about a finding is told by `ladder "
    "findings acknowledge`, `dismiss` and `reopen`, each with --help.",
)
@options.where
@options.at
@click.option("--severity", type=click.Choice(SEVERITIES), help="Only these and graver ones.")
@click.option("--pattern", metavar="KEY", help="Only this pattern, by key (O1) or name.")
@click.option(
    "--state",
    type=click.Choice([*STATES, "resolved"]),
    help="Only findings in this state (default: open and acknowledged).",
)
@click.option("--supporter", metavar="KEY", help="All of one supporter's, whatever their state.")
@click.option(
    "--since",
    type=MOMENT,
    metavar="DATE",
    help="With --state resolved: over since that day (default: 30 days).",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="At most so many of each pattern; 0: all (default: 5 for people, all in JSON).",
)
@options.known_at
@options.now
@options.as_json
def listing(
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    at: date | None,
    severity: str | None,
    pattern: str | None,
    state: str | None,
    supporter: str | None,
    since: date | None,
    limit: int | None,
    known_at: date | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Patterns of treating people like cash machines, each finding with its evidence.

    A finding is about a relationship during a time, never about a person. What the log was not
    declared to hold cannot be missed in it: then the verdict is "not assessable", and the reason
    says what would have to be logged. Nothing follows from it either way. Dismissed findings are
    counted apart, and listed when they are asked for.
    """
    if since is not None and state != "resolved":
        message = "--since is for --state resolved; --at shows what was open on a date"
        raise click.UsageError(message)
    if known_at is not None and supporter is None:
        message = "--known-at asks what was believed of one supporter: say --supporter KEY too"
        raise click.UsageError(message)
    with asking(db, organisation, ladder, now) as ask:
        instant = ask.clock.as_of(at)
        here = ask.at(instant)
        if supporter is not None:
            known = None if known_at is None else ask.clock.as_of(known_at)
            answer: Found | Hers | Over = Hers(here, instant, supporter, pattern, state, known)
        elif state == "resolved":
            answer = Over(here, instant, severity, pattern, since)
        else:
            answer = Found(here, instant, severity, pattern, (state,) if state else RAISED)
        if as_json:
            print_json(answer.document(limit))
        else:
            answer.print(Paper(), MOST if limit is None else limit)


class Found:
    """Findings that are open at an instant, and how many supporters could be assessed."""

    def __init__(
        self,
        ask: Asking,
        at: int,
        severity: str | None = None,
        pattern: str | None = None,
        states: Sequence[str] = RAISED,
    ) -> None:
        self.ask = ask
        self.at = at
        self.severity = severity
        self.states = states
        self.readings = Readings(ask)
        only = None if pattern is None else ask.ladder.pattern(pattern)
        people = sum(count.supporters for count in ask.questions.counts(at))
        root, now = ask.questions.definition.root, ask.clock.now
        assessing = Assessing(ask.store, root, ask.ladder, self.readings.declared, at, now)
        self.counts = ask.finding_questions.finding_counts(at)
        self.handled = ask.finding_questions.state_counts(at)
        patterns = ask.ladder.patterns if only is None else (only,)
        self.judged = assessing.assess(patterns, self.counts, self.handled, people)

    def of(self, pattern: Pattern, limit: int | None) -> Iterator[Finding]:
        """Yield the findings of one pattern, the gravest first, then the soonest to end.

        Without a `limit`, all of them.
        """

        def page(after: Finding | None, most: int) -> Sequence[Finding]:
            return self.ask.finding_questions.findings(
                self.at, severity=self.severity, pattern=pattern.key, states=self.states,
                limit=most, after=after,
            )  # fmt: skip

        return chain.from_iterable(page_after_page(page, limit))

    def total(self) -> int:
        """Count the findings of the requested patterns, severities and states."""
        grave = SEVERITIES[SEVERITIES.index(self.severity or SEVERITIES[0]) :]
        wanted = {(judged.pattern.key, grade) for judged in self.judged for grade in grave}
        total = sum(n for which, n in self.counts.items() if which in wanted)
        handled = dict.fromkeys(HANDLED, 0)
        for (state, *which), n in self.handled.items():
            handled[state] += n if tuple(which) in wanted else 0
        numbers = handled | {OPEN: total - sum(handled.values())}
        return sum(numbers[state] for state in self.states)

    def told(self, finding: Finding) -> tuple[Telling, FindingView]:
        """Return a finding with its evidence and its actions."""
        ask = self.ask
        root, declared = ask.questions.definition.root, self.readings.declared
        by = FindingContext(ask.store, ask.ladder.key, root, ask.versions, declared)
        among = [finding.pattern]
        findings = Findings(by, finding.supporter_id, self.at, among)
        (view,) = findings.found()
        return Telling(ask, finding.key, findings), view

    def document(self, limit: int | None) -> dict[str, object]:
        """Return the findings as JSON."""
        return self.ask.document(
            at=self.ask.clock.iso(self.at),
            patterns=[
                {
                    "pattern": judged.pattern.key,
                    "name": judged.pattern.name,
                    "title": judged.pattern.title,
                    "side": judged.pattern.side,
                    "found": judged.by_severity,
                    "assessable": judged.assessable,
                    "acknowledged": judged.acknowledged,
                    "dismissed": judged.dismissed,
                    "clear": judged.clear,
                    "not_assessable": judged.not_assessable,
                    "reason": judged.reason or None,
                    "missing": [lack.to_dict() for lack in judged.missing],
                    "remedy": judged.pattern.remedy,
                    "caveat": judged.pattern.caveat,
                    "strength": judged.pattern.strength,
                    "source": judged.pattern.source,
                    "findings": Lazily(map(self._finding, self.of(judged.pattern, limit or None))),
                }
                for judged in self.judged
            ],
        )

    def _finding(self, finding: Finding) -> dict[str, Any]:
        telling, view = self.told(finding)
        return telling.document(view)

    def print(self, paper: Paper, limit: int) -> None:
        """Print the table of patterns, then the findings per pattern."""
        self.print_patterns(paper)
        count = sum(self.print_pattern(paper, judged, limit) for judged in self.judged)
        total = self.total()
        if total > count:
            tell(f"{count:,} of {total:,} findings shown: --limit 0 shows all")

    def print_patterns(self, paper: Paper) -> None:
        """Print the numbers by severity, clear and not assessable, with the reasons."""
        used = [
            name
            for name in reversed(SEVERITIES)
            if any(judged.by_severity.get(name) for judged in self.judged)
        ]
        dismissed = ["dismissed"] if any(judged.dismissed for judged in self.judged) else []
        heads = (*used, *dismissed, "clear", "not known")
        numbers = [Column(name, right=True, fit="whole") for name in heads]
        table = Table((Column("", fit="whole"), Column("pattern", fit="fold"), *numbers))
        for judged in self.judged:
            counts = [
                *(judged.by_severity.get(name, 0) for name in used),
                *([judged.dismissed] if dismissed else ()),
            ]
            cells = [
                f"{count:,}" if count else "-"
                for count in (*counts, judged.clear, judged.not_assessable)
            ]
            table.add(judged.pattern.key, judged.pattern.title or judged.pattern.name, *cells)
        paper.table(table)
        missing = [judged for judged in self.judged if judged.reason]
        if missing:
            paper.line()
            words = "Not known, because required data is missing:"
            paper.prose(words, "bold")
        for judged in missing:
            paper.prose(f"{judged.pattern.key}  {judged.reason}", indent=2)
        lacking = {judged.pattern.key: judged.missing for judged in missing if judged.missing}
        if lacking:
            paper.line()
            paper.prose("What nobody has declared of that (`ladder coverage` proposes):", "bold")
            print_missing(paper, lacking)

    def print_pattern(self, paper: Paper, judged: Assessment, limit: int) -> int:
        """Print one pattern: its findings by severity, its remedy and its caveat.

        Returns how many findings were shown; without any, nothing is printed.
        """
        pattern, count = judged.pattern, 0
        for finding in self.of(pattern, limit or None):
            if not count:
                paper.heading(f"{pattern.key}  {pattern.title or pattern.name}")
            count += 1
            telling, view = self.told(finding)
            telling.print(paper, view)
        if count and pattern.remedy:
            paper.prose(f"What to do: {pattern.remedy}", "green", 2)
        if count and pattern.caveat:
            paper.prose(f"But: {pattern.caveat}", "dim", 2)
        return count


def print_missing(paper: Paper, missing: Mapping[str, Sequence[MissingCoverage]]) -> None:
    """Print undeclared coverage, merged over all patterns (by key) that need it."""
    for lack in merge_missing(judged for several in missing.values() for judged in several):
        keys = [
            key
            for key, several in missing.items()
            if any(judged.declare == lack.declare for judged in several)
        ]
        paper.prose(f"{lack} ({', '.join(keys)})", indent=2)
