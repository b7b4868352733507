"""Missing coverage: the declarations that a pattern needs and the organisation has not made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from ladder.coverage.descriptions import describe, plainest
from ladder.coverage.gaps import Coverage, Gap, gaps
from ladder.coverage.implication import may_select
from ladder.language.conditions import IsCovered
from ladder.language.nodes import And, Both, Condition, Not, Or, Selector, Span
from ladder.language.spans import Duration, Hours, OlderThan
from ladder.model.calendars import BEGINNING, FIRST_DAY, FOREVER, Calendar, to_date
from ladder.model.kinds import Kinds
from ladder.toml_writer import Expression, toml_block


def is_about_coverage(condition: Condition) -> bool:
    """Check whether the condition depends on declarations alone, not on touchpoints."""
    if isinstance(condition, And | Or):
        return all(map(is_about_coverage, condition.items))
    if isinstance(condition, Not):
        return is_about_coverage(condition.condition)
    return isinstance(condition, IsCovered)


def declared_part(requires: Condition) -> Condition | None:
    """Return the part of a pattern's needs that is about coverage alone; None when there is none.

    Needs may also contain conditions about the supporter ("asked at least once"). No declaration
    would meet those.
    """
    logged = [part for part in conjuncts(requires) if is_about_coverage(part)]
    return And.of(*logged) if len(logged) > 1 else next(iter(logged), None)


def conjuncts(requires: Condition) -> tuple[Condition, ...]:
    """Return the conditions that must all hold."""
    return requires.items if isinstance(requires, And) else (requires,)


@dataclass(frozen=True)
class MissingCoverage:
    """Missing coverage: touchpoints that must be declared as logged for an interval, and are not.

    `required` is the selector that the pattern needs, `declare` the plainest one that covers it,
    and `related` are the declarations about some of these touchpoints. The interval [since, until)
    spans every undeclared instant that the pattern looks back at; BEGINNING: all of the past.
    """

    required: Selector
    declare: Selector
    since: int
    until: int
    related: tuple[Coverage, ...]
    calendar: Calendar

    @property
    def what(self) -> str:
        """The missing touchpoints in words: "all thanks"."""
        return describe(self.declare)

    @property
    def first_day(self) -> date | None:
        """The first day of the missing coverage; None: from the beginning."""
        if self.since <= self.calendar.day_start(FIRST_DAY):
            return None
        return to_date(self.calendar.day_of(self.since))

    @property
    def declarations(self) -> tuple[str, ...]:
        """The existing declarations about these touchpoints, with their sources and times."""
        return tuple(_describe(coverage, self.calendar) for coverage in self.related)

    @property
    def toml(self) -> str:
        """A sufficient TOML declaration of the whole log, to be used only if it is true."""
        fields = {"source": "*", "selector": Expression(self.declare), "since": self.first_day}
        return toml_block("[[coverage]]", fields)

    def __str__(self) -> str:
        since = "" if self.first_day is None else f" from {self.first_day} on"
        related = f"declared are only {'; '.join(self.declarations)}" if self.related else ""
        return f"{self.what}{since}: {related or 'nothing of it is declared'}"

    def to_dict(self) -> dict[str, object]:
        """Return the missing coverage as plain JSON."""
        return {
            "what": self.what,
            "selector": str(self.declare),
            "since": None if self.first_day is None else self.first_day.isoformat(),
            "declared": list(self.declarations),
            "declare": self.toml,
            "words": str(self),
        }


def find_missing(
    requires: Condition,
    declared: Iterable[Coverage],
    kinds: Kinds,
    calendar: Calendar,
    *,
    at: int,
    begun: int = BEGINNING,
) -> list[MissingCoverage]:
    """Find the missing coverage of all that the needs look back at from an instant.

    Nothing before `begun`, the start of the supporter's activity, is required. The result is empty
    where the needs are met, and where they fail for another reason than coverage. Of an "or", only
    the alternative with the fewest entries is returned.
    """
    known = tuple(declared)
    if isinstance(requires, And | Or):
        inner = [
            find_missing(item, known, kinds, calendar, at=at, begun=begun)
            for item in requires.items
        ]
        if isinstance(requires, Or):
            return min(inner, key=len)
        return list(dict.fromkeys(lack for several in inner for lack in several))
    if not isinstance(requires, IsCovered):
        return []
    first, last = seen_from(requires.span, at, calendar)
    first = max(first, begun)
    missing = [
        Gap(max(gap.since, first), min(gap.until, last + 1))
        for gap in gaps(known, requires.selector, kinds)
        if max(gap.since, first) < min(gap.until, last + 1)
    ]
    if not missing:
        return []
    related = _find_related(known, requires.selector, kinds)
    declare = plainest(requires.selector, kinds)
    return [
        MissingCoverage(
            requires.selector, declare, missing[0].since, missing[-1].until, related, calendar
        )
    ]


def merge_missing(entries: Iterable[MissingCoverage]) -> list[MissingCoverage]:
    """Merge the entries to one per declared selector, over an interval that includes them all."""
    merged: dict[Selector, MissingCoverage] = {}
    for lack in entries:
        known = merged.get(lack.declare, lack)
        since, until = min(known.since, lack.since), max(known.until, lack.until)
        related = tuple(dict.fromkeys(known.related + lack.related))
        merged[lack.declare] = replace(known, since=since, until=until, related=related)
    return list(merged.values())


def seen_from(span: Span, at: int, calendar: Calendar) -> tuple[int, int]:
    """Return the first and the last instant that a span looks back at from an instant.

    A touchpoint at any instant between them, both included, would count at that instant.
    """
    if isinstance(span, Both):
        several = [seen_from(item, at, calendar) for item in span.items]
        return max(first for first, _ in several), min(last for _, last in several)
    if isinstance(span, OlderThan):
        last = _before(span.start, at, calendar) - 1
        return (BEGINNING if span.end is None else _before(span.end, at, calendar)), last
    if isinstance(span, Duration | Hours):
        return _before(span, at, calendar), at
    return BEGINNING, at


def _before(duration: Duration | Hours, at: int, calendar: Calendar) -> int:
    """Return the first instant from which the duration reaches beyond this one."""
    if isinstance(duration, Hours):
        return at - (duration.end(calendar, 0) - 1)
    today = calendar.day_of(at)
    low, high = FIRST_DAY, today
    while low < high:  # bisection: a later day never leads to an earlier one
        middle = (low + high) // 2
        if duration.lead(calendar, middle) >= today:
            high = middle
        else:
            low = middle + 1
    return BEGINNING if low == FIRST_DAY else calendar.day_start(low)


@lru_cache(maxsize=1024)
def _find_related(
    declared: tuple[Coverage, ...], required: Selector, kinds: Kinds
) -> tuple[Coverage, ...]:
    """Find the declarations about some of the required touchpoints, cached like the gaps."""
    return tuple(
        coverage for coverage in declared if may_select(coverage.selector, required, kinds)
    )


def _describe(coverage: Coverage, calendar: Calendar) -> str:
    since = "" if coverage.since <= BEGINNING else f" since {calendar.text(coverage.since)[:10]}"
    until = "" if coverage.until >= FOREVER else f" until {calendar.text(coverage.until - 1)[:10]}"
    source = "" if coverage.source is None else f" of {coverage.source}"
    return f"{coverage.selector}{source}{since}{until}"
