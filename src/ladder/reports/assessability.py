"""Number of supporters that a pattern can be assessed for. The others are unknown, not clear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import and_
from typing import Final

import polars as pl

from ladder.coverage import (
    Coverage,
    MissingCoverage,
    declared_part,
    find_missing,
    is_about_coverage,
)
from ladder.engines.columnar.projection import Narrow, columns_of
from ladder.engines.columnar.queries import Standing
from ladder.language.aggregates import count
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.language.selectors import any_touchpoint
from ladder.language.spans import ever
from ladder.reports.line_coverage import DeclaredLines
from ladder.storage.models import HANDLED
from ladder.storage.read import line_starts
from ladder.storage.read.filtered_histories import read_narrowly
from ladder.storage.read.finding_intervals import findings_from
from ladder.storage.read.history_batches import Part, read_parts
from ladder.storage.store import Store

_ALIVE: Final = count(any_touchpoint & ~any_touchpoint, ever) < 1
"""True on a supporter's whole line. Reads no column."""


@dataclass(frozen=True)
class Assessment:
    """Verdicts on one pattern at an instant, as numbers of supporters.

    `by_severity` counts findings, the gravest first. It includes the `acknowledged` ones and
    excludes the `dismissed` ones, which are counted apart. `clear` and `not_assessable` count
    the supporters without a finding: those assessable, and those not. `reason` is the pattern's
    text on what would have to be logged. `missing` lists which part of that is not declared, for
    the supporters whose line began first.
    """

    pattern: Pattern
    by_severity: dict[str, int]
    clear: int
    not_assessable: int
    reason: str
    acknowledged: int = 0
    dismissed: int = 0
    missing: tuple[MissingCoverage, ...] = ()

    @property
    def assessable(self) -> int:
        """Number of supporters with a verdict: found, dismissed or clear."""
        return sum(self.by_severity.values()) + self.dismissed + self.clear


@dataclass(frozen=True)
class Assessing:
    """Assessment of patterns at the instant `at`, for one ladder.

    `root` is the id of the ladder's first definition; `now` is the present. Supporters who are
    suppressed now, or were suppressed at the instant, are not counted.
    """

    store: Store
    root: int
    ladder: Ladder
    coverage: tuple[Coverage, ...]
    at: int
    now: int

    def assess(
        self,
        patterns: Sequence[Pattern],
        numbers_found: Mapping[tuple[str, str], int],
        handled: Mapping[tuple[str, str, str], int],
        people: int,
    ) -> list[Assessment]:
        """Return the verdicts per pattern, in the order of `patterns`.

        `numbers_found` has the number of findings per (pattern, severity) at the instant. `handled`
        has how many of these are acknowledged or dismissed, per (state, pattern, severity).
        `people` is the number of supporters at the instant.
        """
        requires = {pattern.key: self.ladder.assessable(pattern) for pattern in patterns}
        known = self.assessable(
            [condition for condition in requires.values() if condition is not None], people
        )
        numbers = {
            key: people if condition is None else known[condition]
            for key, condition in requires.items()
        }
        return [
            self._with_missing(
                _assess(
                    pattern,
                    numbers_found,
                    handled,
                    numbers[pattern.key],
                    people,
                    self._hidden(pattern),
                )
            )
            for pattern in patterns
        ]

    def _hidden(self, pattern: Pattern) -> int:
        """Count findings of suppressed supporters. Only safeguard patterns have any."""
        if not pattern.safeguard:
            return 0
        severities = [grade.severity for grade in pattern.grades]
        there = findings_from(self.store, self.root, pattern.key, severities, self.at)
        began = there.filter(pl.col("at") <= self.at)
        return len(began.filter(self._silent))

    def _with_missing(self, assessment: Assessment) -> Assessment:
        """Add which coverage is not declared for the line that began first."""
        if not assessment.not_assessable or self._earliest is None:
            return assessment
        kinds, calendar = self.ladder.kinds, self.store.organisation.calendar
        requires = reduce(and_, self.ladder.needs_of(assessment.pattern))
        missing = find_missing(
            requires, self.coverage, kinds, calendar, at=self.at, begun=self._earliest
        )
        return replace(assessment, missing=tuple(missing))

    def assessable(self, requires: Iterable[Condition], people: int) -> dict[Condition, int]:
        """Count, per required condition, the supporters who meet it at the instant.

        Declarations are counted by where lines begin. Other requirements ("and they were invited
        once") are read from histories, with only the columns needed, and not at all where the
        declarations already exclude everybody.
        """
        different = list(dict.fromkeys(requires))
        numbers = {
            condition: self._count_declared(declared_part(condition), people)
            for condition in different
        }
        read = [
            condition
            for condition in different
            if numbers[condition] and not is_about_coverage(condition)
        ]
        return numbers | self._count_in_histories(read)

    def _count_declared(self, condition: Condition | None, people: int) -> int:
        """Count supporters who meet the condition, as far as declarations decide it."""
        earliest = self._earliest
        if condition is None or earliest is None or earliest > self.at:
            return people
        declared = DeclaredLines(self.ladder, self.store.organisation, self.coverage, self.at)
        lines = declared.of_lines(condition, earliest)
        if [tuple(line) for line in lines] == [(earliest, self.at + 1)]:
            return people
        return sum(
            line_starts.heard(self.store, self.root, *line, at=self.at, now=self.now)
            for line in lines
        )

    def _count_in_histories(self, requires: Sequence[Condition]) -> dict[Condition, int]:
        """Count supporters per condition in one pass over the histories."""
        if not requires:
            return {}
        question = Standing(_asking(self.ladder, requires), self.at, self.now, places=False)
        conditions = list(question.conditions())
        counted = dict.fromkeys(range(len(requires)), 0)
        for part in self._parts(conditions):
            organisation = self.store.organisation
            standings = question.of(part.frame, organisation, self.coverage, part.brought)
            findings = standings.findings.filter(~self._silent)
            for name, number in findings["pattern"].value_counts().iter_rows():
                counted[int(name.removeprefix("N"))] += number
        return {condition: counted[number] for number, condition in enumerate(requires)}

    @cached_property
    def _silent(self) -> pl.Expr:
        """Expression: the supporter of a row is suppressed now, or was at the instant."""
        them = line_starts.silent(self.store, self.root, at=self.at, now=self.now)
        return pl.col("supporter").is_in(pl.Series(list(them), dtype=pl.Int64).implode())

    @cached_property
    def _earliest(self) -> int | None:
        """The instant at which the first line begins; None without any line."""
        return line_starts.earliest(self.store)

    def _parts(self, conditions: Sequence[Condition]) -> Iterator[Part]:
        kinds = self.ladder.kinds
        narrow = Narrow.of(kinds, conditions)
        if narrow is not None:
            return read_narrowly(self.store, narrow)
        return read_parts(self.store, kinds.values(), columns=columns_of(conditions))


def _assess(
    pattern: Pattern,
    numbers_found: Mapping[tuple[str, str], int],
    handled: Mapping[tuple[str, str, str], int],
    number: int,
    people: int,
    hidden: int,
) -> Assessment:
    """Combine the counts of one pattern, which is assessable for `number` of `people`.

    `hidden` findings belong to suppressed supporters and are not counted.
    """
    severities: list[str] = [grade.severity for grade in reversed(pattern.grades)]
    there = {severity: numbers_found.get((pattern.key, severity), 0) for severity in severities}
    acknowledged, dismissed = (
        {severity: handled.get((state, pattern.key, severity), 0) for severity in severities}
        for state in HANDLED
    )
    every = sum(there.values()) - hidden
    missing = max(0, people - max(number, every))
    return Assessment(
        pattern,
        {severity: there[severity] - dismissed[severity] for severity in severities},
        clear=max(0, number - every),
        not_assessable=missing,
        reason=pattern.wants if missing else "",
        acknowledged=sum(acknowledged.values()),
        dismissed=sum(dismissed.values()),
    )


def _asking(ladder: Ladder, requires: Sequence[Condition]) -> Ladder:
    """Build a ladder whose patterns are found where these conditions hold, for one evaluation.

    One `columnar.episodes` per condition would prepare the same histories again each time. A
    pattern needs a grade, and `is_covered` is allowed only in its `requires`; so the grade is
    always true and reads no column.
    """
    always = (Grade(severity="info", condition=_ALIVE),)
    patterns = tuple(
        Pattern(key=f"N{number}", side="organisation", grades=always, requires=condition)
        for number, condition in enumerate(requires)
    )
    return Ladder(
        key="requires",
        rungs=ladder.rungs,
        patterns=patterns,
        own_kinds=ladder.own_kinds,
        rates=ladder.rates,
    )
