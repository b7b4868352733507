"""What a pattern needs the log to hold and nobody has declared: what, since when, by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from ladder.coverage.declarations import BEGINNING, Coverage, Gap
from ladder.coverage.descriptions import plainest, said
from ladder.coverage.gaps import gaps
from ladder.coverage.implication import bears
from ladder.language.conditions import And, Logged, Not, Or
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.spans import Aged, Both, Duration, Hours
from ladder.model.calendars import FIRST_DAY, FOREVER, Calendar, to_date
from ladder.model.kinds import Kinds


def only_logged(condition: Condition) -> bool:
    """Whether it is a matter of declarations alone, and nothing that she did bears on it."""
    if isinstance(condition, And | Or):
        return all(map(only_logged, condition.items))
    if isinstance(condition, Not):
        return only_logged(condition.condition)
    return isinstance(condition, Logged)


def declared_part(needs: Condition) -> Condition | None:
    """What of a pattern's needs is a matter of coverage alone; None when nothing is.

    Needs may ask for more ("and she was asked at least once"): that is about her, and no
    declaration would mend it.
    """
    logged = [part for part in conjuncts(needs) if only_logged(part)]
    return And.of(*logged) if len(logged) > 1 else next(iter(logged), None)


def conjuncts(needs: Condition) -> tuple[Condition, ...]:
    """The conditions all of which it asks for."""
    return needs.items if isinstance(needs, And) else (needs,)


@dataclass(frozen=True)
class Lack:
    """Touchpoints that had to be declared as logged for the whole of a time, and are not.

    `asked` is what the pattern asks for and `declare` the plainest selector that would cover it.
    The time is [since, until) and holds every undeclared instant that is looked back at: BEGINNING
    where all of the past is. `heard` are the declarations that speak of some of them; without any
    nobody has said a word. `str()` tells it in a sentence.
    """

    asked: Selector
    declare: Selector
    since: int
    until: int
    heard: tuple[Coverage, ...]
    calendar: Calendar

    @property
    def what(self) -> str:
        """What is missing, in words: "all thanks"."""
        return said(self.declare)

    @property
    def first_day(self) -> date | None:
        """From which day on it is missing; None: from the beginning."""
        if self.since <= self.calendar.day_start(FIRST_DAY):
            return None
        return to_date(self.calendar.day_of(self.since))

    @property
    def declared(self) -> tuple[str, ...]:
        """What has been declared of it, each with its source and time."""
        return tuple(_told(each, self.calendar) for each in self.heard)

    @property
    def toml(self) -> str:
        """The declaration that would do, of the log as a whole: for a mapping, if it is true."""
        lines = ["[[coverage]]", 'source = "*"', f"selector = '{self.declare}'"]
        lines += [] if self.first_day is None else [f"since = {self.first_day}"]
        return "\n".join(lines)

    def __str__(self) -> str:
        since = "" if self.first_day is None else f" from {self.first_day} on"
        heard = f"declared are only {'; '.join(self.declared)}" if self.heard else ""
        return f"{self.what}{since}: {heard or 'nothing of it is declared'}"

    def to_dict(self) -> dict[str, object]:
        """As plain JSON."""
        return {
            "what": self.what,
            "selector": str(self.declare),
            "since": None if self.first_day is None else self.first_day.isoformat(),
            "declared": list(self.declared),
            "declare": self.toml,
            "words": str(self),
        }


def lacks(
    needs: Condition,
    declared: Iterable[Coverage],
    kinds: Kinds,
    calendar: Calendar,
    *,
    at: int,
    begun: int = BEGINNING,
) -> list[Lack]:
    """What is not declared of all that the needs look back at from an instant.

    Of a line that has `begun` then, before which nothing is asked. Empty where the needs are met,
    and where something else than declarations is wanting. Of an "or" the alternative that lacks
    the least is told.
    """
    known = tuple(declared)
    if isinstance(needs, And):
        inner = [lacks(each, known, kinds, calendar, at=at, begun=begun) for each in needs.items]
        return list(dict.fromkeys(lack for several in inner for lack in several))
    if isinstance(needs, Or):
        inner = [lacks(each, known, kinds, calendar, at=at, begun=begun) for each in needs.items]
        return min(inner, key=len)
    if not isinstance(needs, Logged):
        return []
    first, last = seen_from(needs.span, at, calendar)
    first = max(first, begun)
    missing = [
        Gap(max(gap.since, first), min(gap.until, last + 1))
        for gap in gaps(known, needs.selector, kinds)
        if max(gap.since, first) < min(gap.until, last + 1)
    ]
    if not missing:
        return []
    heard = _heard(known, needs.selector, kinds)
    declare = plainest(needs.selector, kinds)
    return [Lack(needs.selector, declare, missing[0].since, missing[-1].until, heard, calendar)]


def together(found: Iterable[Lack]) -> list[Lack]:
    """One for each sort of touchpoint, for the whole time for which any of them asks."""
    merged: dict[Selector, Lack] = {}
    for each in found:
        known = merged.get(each.declare, each)
        since, until = min(known.since, each.since), max(known.until, each.until)
        heard = tuple(dict.fromkeys(known.heard + each.heard))
        merged[each.declare] = replace(known, since=since, until=until, heard=heard)
    return list(merged.values())


def seen_from(span: Span, at: int, calendar: Calendar) -> tuple[int, int]:
    """The first and the last instant that a span looks back at from an instant.

    A touchpoint of any instant between them would count now.
    """
    if isinstance(span, Both):
        several = [seen_from(item, at, calendar) for item in span.items]
        return max(first for first, _ in several), min(last for _, last in several)
    if isinstance(span, Aged):
        last = _before(span.start, at, calendar) - 1
        return (BEGINNING if span.end is None else _before(span.end, at, calendar)), last
    if isinstance(span, Duration | Hours):
        return _before(span, at, calendar), at
    return BEGINNING, at


def _before(duration: Duration | Hours, at: int, calendar: Calendar) -> int:
    """The first instant from which the duration reaches beyond this one."""
    if isinstance(duration, Hours):
        return at - (duration.end(calendar, 0) - 1)
    today = calendar.day_of(at)
    low, high = FIRST_DAY, today
    while low < high:  # days lead to days in their order, so halving finds the first
        middle = (low + high) // 2
        if duration.lead(calendar, middle) >= today:
            high = middle
        else:
            low = middle + 1
    return BEGINNING if low == FIRST_DAY else calendar.day_start(low)


@lru_cache(maxsize=1024)
def _heard(declared: tuple[Coverage, ...], asked: Selector, kinds: Kinds) -> tuple[Coverage, ...]:
    """The declarations that speak of some of what is asked for; kept, as gaps are."""
    return tuple(each for each in declared if bears(each.selector, asked, kinds))


def _told(each: Coverage, calendar: Calendar) -> str:
    """A declaration as people read it."""
    since = "" if each.since <= BEGINNING else f" since {calendar.text(each.since)[:10]}"
    until = "" if each.until >= FOREVER else f" until {calendar.text(each.until - 1)[:10]}"
    source = "" if each.source is None else f" of {each.source}"
    return f"{each.selector}{source}{since}{until}"
