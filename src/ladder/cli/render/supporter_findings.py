"""Output of one supporter's findings: those of the date and the resolved ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from ladder.cli.context import Asking
from ladder.cli.readings import Readings
from ladder.cli.render.console import Paper
from ladder.cli.render.finding import Telling
from ladder.errors import NotFoundError
from ladder.findings import FindingContext, Findings, FindingView
from ladder.language.conditions import SEVERITIES
from ladder.storage.supporters import known_supporter


class Hers:
    """Findings of one supporter at an instant, as known now or at `known_at`."""

    def __init__(
        self,
        ask: Asking,
        at: int,
        supporter: str,
        pattern: str | None = None,
        state: str | None = None,
        known_at: int | None = None,
    ) -> None:
        self.ask, self.at, self.supporter, self.state = ask, at, supporter, state
        self.number = known_supporter(ask.store, supporter)
        self.known_at = known_at
        self.only = None if pattern is None else ask.ladder.pattern(pattern).key

    @cached_property
    def findings(self) -> Findings:
        """The findings; for a suppressed supporter, only those of safeguard patterns."""
        ask = self.ask
        among = None if self.only is None else {self.only}
        if ask.questions.is_silent(self.supporter):
            duties = set(ask.finding_questions.duties)
            among = duties if among is None else among & duties
        return Findings(self._by, self.number, self.at, among)

    @cached_property
    def seen(self) -> list[FindingView]:
        """Findings in the wanted state: the gravest first, then the resolved ones."""
        open_ = sorted(self.findings.found(), key=lambda item: -SEVERITIES.index(item.severity))
        over = self.findings.resolved() if self.state in (None, "resolved") else ()
        return [finding for finding in (*open_, *over) if self.state in (None, finding.state)]

    @property
    def _by(self) -> FindingContext:
        ask = self.ask
        root, key = ask.questions.definition.root, ask.ladder.key
        by = FindingContext(ask.store, key, root, ask.versions, Readings(ask).declared)
        then = by if self.known_at is None else by.as_known(self.known_at)
        if then is None:
            message = f"no ladder was adopted by {ask.store.organisation.key} at that time"
            raise NotFoundError(message)
        return then

    def document(self, limit: int | None) -> dict[str, object]:
        """Return the findings as JSON."""
        telling = Telling(self.ask, self.supporter, self.findings)
        clock = self.ask.clock
        return self.ask.document(
            at=clock.iso(self.at),
            known_at=clock.iso(self.known_at),
            findings=[
                {
                    "pattern": finding.pattern,
                    "title": self._title(finding.pattern),
                    **telling.document(finding),
                }
                for finding in self._few(limit or 0)
            ],
        )

    def print(self, paper: Paper, limit: int) -> None:
        """Print the findings for people."""
        telling = Telling(self.ask, self.supporter, self.findings)
        for finding in self._few(limit):
            telling.print(paper, finding, f"{finding.pattern}  {self._title(finding.pattern)}")
        if not self.seen:
            words = "no finding" if self.state is None else f"no {self.state} finding"
            paper.line(f"{self.supporter}: {words} on {self.ask.clock.day(self.at)}")

    def _few(self, limit: int) -> Sequence[FindingView]:
        """Return at most `limit` findings per pattern; 0: all."""
        return list(self._first(limit)) if limit else self.seen

    def _first(self, limit: int) -> Iterator[FindingView]:
        numbers: dict[str, int] = {}
        for finding in self.seen:
            numbers[finding.pattern] = numbers.get(finding.pattern, 0) + 1
            if numbers[finding.pattern] <= limit:
                yield finding

    def _title(self, pattern: str) -> str:
        """Return the title of a pattern by the latest definition that has it."""
        for version in reversed(self.ask.versions):
            for each in version.ladder.patterns:
                if each.key == pattern:
                    return each.title or each.name or pattern
        return pattern
