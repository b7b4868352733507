"""Of how many supporters a pattern can be judged at all: the rest is not known, and not clear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import and_
from typing import Final

import polars as pl

from ladder.coverage import Coverage, Lack, declared_part, lacks, only_logged
from ladder.engines.columnar.projection import Narrow, columns_of
from ladder.engines.columnar.snapshots import Standing
from ladder.language.aggregates import count
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.language.selectors import anything
from ladder.language.spans import ever
from ladder.reports.line_coverage import Declared
from ladder.storage.models import HANDLED
from ladder.storage.read import line_starts
from ladder.storage.read.filtered_histories import read_narrowly
from ladder.storage.read.finding_intervals import findings_from
from ladder.storage.read.history_batches import Part, read_parts
from ladder.storage.store import Store

_ALIVE: Final = count(anything & ~anything, ever) < 1
"""True on the whole of her line, and reads nothing."""


@dataclass(frozen=True)
class Judged:
    """What became of one pattern at an instant, in numbers of supporters.

    `found` by severity, the gravest first, `acknowledged` those of them that are; `dismissed` are
    found too, and apart. `clear` and `not_assessable` are the others. `reason` is the pattern's
    word on what would have to be logged, `missing` what nobody has declared of that, for those
    whose line began first.
    """

    pattern: Pattern
    found: dict[str, int]
    clear: int
    not_assessable: int
    reason: str
    acknowledged: int = 0
    dismissed: int = 0
    missing: tuple[Lack, ...] = ()

    @property
    def assessable(self) -> int:
        """Those of whom something can be said."""
        return sum(self.found.values()) + self.dismissed + self.clear


@dataclass(frozen=True)
class Assessing:
    """An instant, a ladder (by the id of its first definition, too) and the present.

    Who is silent now, or was at the instant, is counted nowhere.
    """

    store: Store
    root: int
    ladder: Ladder
    coverage: tuple[Coverage, ...]
    at: int
    now: int

    def judged(
        self,
        patterns: Sequence[Pattern],
        found: Mapping[tuple[str, str], int],
        handled: Mapping[tuple[str, str, str], int],
        people: int,
    ) -> list[Judged]:
        """One for each pattern, in that order.

        `found` says how many findings of each (pattern, severity) there are at the instant,
        `handled` how many of these of each (state, pattern, severity) are acknowledged or
        dismissed, `people` how many supporters there are then.
        """
        needs = {each.key: self.ladder.assessable(each) for each in patterns}
        known = self.assessable([each for each in needs.values() if each is not None], people)
        numbers = {key: people if each is None else known[each] for key, each in needs.items()}
        return [
            self._told(_judged(each, found, handled, numbers[each.key], people, self._hidden(each)))
            for each in patterns
        ]

    def _hidden(self, pattern: Pattern) -> int:
        """How many of its findings are of people who are silent: there are of duties alone."""
        if not pattern.duty:
            return 0
        severities = [grade.severity for grade in pattern.grades]
        there = findings_from(self.store, self.root, pattern.key, severities, self.at)
        began = there.filter(pl.col("at") <= self.at)
        return len(began.filter(self._silent))

    def _told(self, judged: Judged) -> Judged:
        """With what nobody has declared, of a line that began first of all."""
        if not judged.not_assessable or self._earliest is None:
            return judged
        kinds, calendar = self.ladder.kinds, self.store.organisation.calendar
        needs = reduce(and_, self.ladder.needs_of(judged.pattern))
        missing = lacks(needs, self.coverage, kinds, calendar, at=self.at, begun=self._earliest)
        return replace(judged, missing=tuple(missing))

    def assessable(self, needs: Iterable[Condition], people: int) -> dict[Condition, int]:
        """For each condition that a pattern needs: of how many people it is true at the instant.

        Declarations are counted by where lines begin. What else is asked for ("and she was invited
        once") is read out of histories, of which no more is read than that; not at all where the
        declarations rule everybody out.
        """
        different = list(dict.fromkeys(needs))
        found = {each: self._declared(declared_part(each), people) for each in different}
        about_her = [each for each in different if found[each] and not only_logged(each)]
        return found | self._counted(about_her)

    def _declared(self, condition: Condition | None, people: int) -> int:
        """Of how many it is true, so far as declarations are all it takes."""
        earliest = self._earliest
        if condition is None or earliest is None or earliest > self.at:
            return people
        declared = Declared(self.ladder, self.store.organisation, self.coverage, self.at)
        lines = declared.of_lines(condition, earliest)
        if [tuple(each) for each in lines] == [(earliest, self.at + 1)]:
            return people
        return sum(
            line_starts.heard(self.store, self.root, *each, at=self.at, now=self.now)
            for each in lines
        )

    def _counted(self, needs: Sequence[Condition]) -> dict[Condition, int]:
        """Of how many these are true: all of them in one pass over what they read."""
        if not needs:
            return {}
        question = Standing(_asking(self.ladder, needs), self.at, self.now, places=False)
        conditions = list(question.conditions())
        counted = dict.fromkeys(range(len(needs)), 0)
        for part in self._parts(conditions):
            organisation = self.store.organisation
            said = question.of(part.frame, organisation, self.coverage, part.brought)
            shown = said.found.filter(~self._silent)
            for name, number in shown["pattern"].value_counts().iter_rows():
                counted[int(name.removeprefix("N"))] += number
        return {each: counted[number] for number, each in enumerate(needs)}

    @cached_property
    def _silent(self) -> pl.Expr:
        """Whether a row is of somebody who is silent now, or was at the instant."""
        them = line_starts.silent(self.store, self.root, at=self.at, now=self.now)
        return pl.col("supporter").is_in(pl.Series(list(them), dtype=pl.Int64).implode())

    @cached_property
    def _earliest(self) -> int | None:
        """Where the first line of all begins."""
        return line_starts.earliest(self.store)

    def _parts(self, conditions: Sequence[Condition]) -> Iterator[Part]:
        kinds = self.ladder.kinds
        narrow = Narrow.of(kinds, conditions)
        if narrow is not None:
            return read_narrowly(self.store, narrow)
        return read_parts(self.store, kinds.values(), columns=columns_of(conditions))


def _judged(
    pattern: Pattern,
    found: Mapping[tuple[str, str], int],
    handled: Mapping[tuple[str, str, str], int],
    number: int,
    people: int,
    hidden: int,
) -> Judged:
    """That pattern, of which something can be said of that `number` of people.

    `hidden` findings are of others, whom nobody counts.
    """
    severities: list[str] = [grade.severity for grade in reversed(pattern.grades)]
    there = {each: found.get((pattern.key, each), 0) for each in severities}
    acknowledged, dismissed = (
        {each: handled.get((state, pattern.key, each), 0) for each in severities}
        for state in HANDLED
    )
    every = sum(there.values()) - hidden
    missing = max(0, people - max(number, every))
    return Judged(
        pattern,
        {each: there[each] - dismissed[each] for each in severities},
        clear=max(0, number - every),
        not_assessable=missing,
        reason=pattern.wants if missing else "",
        acknowledged=sum(acknowledged.values()),
        dismissed=sum(dismissed.values()),
    )


def _asking(ladder: Ladder, needs: Sequence[Condition]) -> Ladder:
    """A ladder of patterns that find where these conditions hold: all of them in one evaluation.

    One `columnar.episodes` for each would prepare the same histories again and again. A pattern
    needs a grade, and `logged` may stand in its `needs` alone: so the grade is always true, and
    reads nothing.
    """
    always = (Grade(severity="info", condition=_ALIVE),)
    patterns = tuple(
        Pattern(key=f"N{number}", side="organisation", grades=always, needs=each)
        for number, each in enumerate(needs)
    )
    return Ladder(
        key="needs",
        rungs=ladder.rungs,
        patterns=patterns,
        own_kinds=ladder.own_kinds,
        rates=ladder.rates,
    )
