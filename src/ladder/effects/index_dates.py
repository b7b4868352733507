"""Index dates: the days on whose end supporters are told apart, with enough history on both sides.

An index date is the end of a day. What is known of a supporter then lies at or before it; what is
counted afterwards, strictly after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ladder.coverage import BEGINNING, Gap
from ladder.model.calendars import FOREVER, Calendar, add_months

Every = Literal["month", "quarter", "year"]

HISTORY: Final = 12
"""Months of history before the first index date, so that a record has had time to form."""
MOST_YEARS: Final = 5
"""Index dates reach back so far unless told: what was five years ago is another charity."""


@dataclass(frozen=True)
class Index:
    """One index date, as days: the last known one, the window's first, the last counted one."""

    day: int
    window: int
    end: int
    instant: int
    """The last instant of `day`."""
    opens: int
    """The first instant of the window: a finding that is open later than this is within it."""


@dataclass(frozen=True)
class Known:
    """What the history holds: the days of the first gift and the last whole day; where it gapes."""

    first: int
    last: int
    holes: Sequence[Gap] = ()


def index_dates(
    calendar: Calendar,
    known: Known,
    months: int,
    every: Every,
    since: int | None = None,
    until: int | None = None,
) -> list[Index]:
    """The ends of months, quarters or years that have history enough, oldest first.

    `since` and `until` are days that bound them; without `since` the last five years count.
    """
    oldest = add_months(known.last, -12 * MOST_YEARS - months) if since is None else since
    day = calendar.unit_end(every, 0, max(known.first, oldest))
    found = []
    while add_months(day, months) <= known.last and (until is None or day <= until):
        index = _index(calendar, day, months, every)
        if (
            add_months(known.first, HISTORY) <= day
            and day >= oldest
            and _whole(index, calendar, known)
        ):
            found.append(index)
        day = calendar.unit_end(every, 1, day)
    return found


def _index(calendar: Calendar, day: int, months: int, every: Every) -> Index:
    window = calendar.unit_start(every, day)
    end = add_months(day, months)
    instant = calendar.day_end(day) - 1
    return Index(day, window, end, instant, calendar.day_start(window))


def _whole(index: Index, calendar: Calendar, known: Known) -> bool:
    """Whether the log is said to hold all gifts of the year before and the months after."""
    since = calendar.day_start(add_months(index.day, -HISTORY))
    until = calendar.day_end(index.end)
    return all(hole.until <= since or hole.since >= until for hole in known.holes)


def holes(gaps: Iterable[Gap]) -> Sequence[Gap]:
    """The gaps of a log of which anything was declared; of one never spoken of nothing is known."""
    found = list(gaps)
    everything = Gap(BEGINNING, FOREVER)
    return () if found == [everything] else found
