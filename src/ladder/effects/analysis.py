"""Weigh an organisation's patterns on its own history."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, reduce
from operator import or_

import numpy as np
import polars as pl

from ladder.coverage import Coverage, gaps
from ladder.effects import matching
from ladder.effects.arrays import Floats, Ints, Mask
from ladder.effects.cells import Group, Tally
from ladder.effects.disclosure import (
    BUILT_IN,
    CAVEATS,
    NO_DATES,
    Guard,
    if_enough,
    with_adjusted,
    with_numbers,
)
from ladder.effects.exposure import Intervals, assessable, finding_intervals_at, speaks_of_giving
from ladder.effects.gifts import Gifts, giving_kinds, read_gifts
from ladder.effects.index_dates import Every, HistoryExtent, Index, holes, index_dates
from ladder.effects.matching import After, Before
from ladder.effects.results import WeighedPattern, Weighing
from ladder.engines.columnar.calendar_arrays import days_of
from ladder.errors import NotFoundError
from ladder.language.ladders import Ladder, Pattern
from ladder.language.selectors import kind
from ladder.model.calendars import FOREVER, to_date, to_day
from ladder.model.disclosure import CELL, SIDE
from ladder.storage import coverage as coverages
from ladder.storage import definitions
from ladder.storage.adopted_ladders import stored_ladder
from ladder.storage.read.finding_intervals import begun, silences
from ladder.storage.store import Store


def weigh(
    store: Store,
    *,
    now: int,
    ladder: str | None = None,
    patterns: Collection[str] = (),
    months: int = 12,
    every: Every = "quarter",
    since: date | None = None,
    until: date | None = None,
    giving: Collection[str] = (),
    min_group: int = SIDE,
    cell: int = CELL,
    seed: int = 0,
) -> Weighing:
    """Compare the giving in the next `months` with and without each pattern.

    Index dates are the ends of months, quarters or years (`every`) between `since` and `until` with
    a year of history before and `months` of it after. At each date, supporters are divided into two
    sides. The first had an open finding of the pattern at some moment of that month, quarter or
    year. The second had none, although the log was declared to hold, for all that time, what the
    pattern needs. They are compared within cells of equal recency, frequency and amount of earlier
    giving.

    `patterns` are keys or names. Empty means all of the ladder's, except those of the supporter's
    side whose definition reads gifts. `giving` are the kinds that count (by default all money
    except purchases and membership). A pattern is silent with fewer than `min_group` matched
    supporters on a side, or with fewer than `cell` on it who gave or who did not. `now` ends the
    history. `seed` slightly moves the ends of intervals of amounts, and nothing else.

    Supporters who are suppressed now (objected, died, erased) are left out.

    Raises:
        NotFoundError: A ladder, pattern or kind is unknown, or a number is too small.
    """
    if months < 1 or min_group < 2 or cell < 1:  # noqa: PLR2004
        message = "weighing needs at least 1 month, 2 supporters on a side, and cells of 1"
        raise NotFoundError(message)
    definition = definitions.current(store, ladder, at=now)
    read = stored_ladder(store, definition)
    world = _World(store, read, definition.root, now, giving_kinds(read.kinds, giving))
    requested = _choose_patterns(read, patterns)
    dates = world.dates(months, every, since, until, definition.since)
    result = Weighing(
        (),
        tuple(to_date(index.day) for index in dates),
        months,
        every,
        min_group,
        cell,
        world.giving,
        if_enough(int(world.silent_now.sum()), cell),
        world.gifts.unpriced,
        CAVEATS,
    )
    guard = Guard(min_group, cell, seed)
    weighed = _weigh_patterns(world, dates, requested, guard, named=bool(patterns))
    return replace(result, patterns=with_adjusted(weighed))


def _choose_patterns(ladder: Ladder, patterns: Collection[str]) -> list[Pattern]:
    """Return the requested patterns in the ladder's order, without duplicates."""
    named = [ladder.pattern(name).key for name in patterns]
    return [pattern for pattern in ladder.patterns if not named or pattern.key in named]


def _weigh_patterns(
    world: _World,
    dates: Sequence[Index],
    requested: Sequence[Pattern],
    guard: Guard,
    *,
    named: bool,
) -> list[WeighedPattern]:
    """Return the result of each requested pattern, in that order."""
    known: dict[str, WeighedPattern] = {}
    for pattern in requested:
        built = pattern.side == "supporter" and speaks_of_giving(
            pattern, world.giving, world.ladder
        )
        known[pattern.key] = WeighedPattern(pattern, note=BUILT_IN if built else "")
        if pattern.safeguard:
            reason = "it protects people who wish to be left alone, and they are"
            known[pattern.key] = WeighedPattern(pattern, silent=reason)
        elif built and not named:
            reason = "its definition looks at giving, which would be weighed against itself"
            known[pattern.key] = WeighedPattern(
                pattern, silent=f"{reason}: name it to see the numbers"
            )
        elif not dates:
            known[pattern.key] = WeighedPattern(pattern, silent=NO_DATES)
    open_ = [known[pattern.key].pattern for pattern in requested if not known[pattern.key].silent]
    if open_:
        panel = _Panel.of(world, dates)
        parts = assessable(world.store, world.ladder, world.coverage, open_, world.lines)
        for group, spells in parts:
            for pattern, tally in panel.tallies(group, spells):
                known[pattern.key] = with_numbers(known[pattern.key], tally, panel.spread, guard)
    return [known[pattern.key] for pattern in requested]


@dataclass(frozen=True)
class _World:
    """One organisation's history, read on demand."""

    store: Store
    ladder: Ladder
    root: int
    now: int
    giving: tuple[str, ...]

    @cached_property
    def lines(self) -> pl.DataFrame:
        return begun(self.store)

    @cached_property
    def supporters(self) -> Ints:
        return self.lines["supporter"].to_numpy()

    @cached_property
    def begun(self) -> Ints:
        """The instant at which each line begins; FOREVER without a line."""
        return self.lines["at"].fill_null(FOREVER).to_numpy()

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        return coverages.declared(self.store, self.ladder.kinds)

    @cached_property
    def gifts(self) -> Gifts:
        return read_gifts(self.store, self.ladder, self.giving, self.supporters)

    @cached_property
    def silent(self) -> Intervals:
        return Intervals.of([silences(self.store, self.root)], self.supporters)

    @cached_property
    def silent_now(self) -> Mask:
        return self.silent.at_instant(self.now, len(self.supporters))

    @cached_property
    def first_days(self) -> Ints:
        """The local day on which each line begins; the day after the last one without a line."""
        return days_of(self.store.organisation.calendar, self.begun)

    def day(self, instant: int) -> int:
        return self.store.organisation.calendar.day_of(instant)

    def dates(
        self, months: int, every: Every, since: date | None, until: date | None, speaks: int
    ) -> list[Index]:
        """Return the index dates whose window begins at or after `speaks`.

        `speaks` is the instant from which the definition applies.
        """
        calendar = self.store.organisation.calendar
        given = self.gifts.day[self.gifts.day <= self.day(self.now + 1) - 1]
        if not len(given):
            return []
        selector = reduce(or_, map(kind, self.giving))
        known = HistoryExtent(
            int(given.min()),
            int(given.max()),
            holes(gaps(self.coverage, selector, self.ladder.kinds)),
        )
        between = (None if day is None else to_day(day) for day in (since, until))
        indexes = index_dates(calendar, known, months, every, *between)
        return [index for index in indexes if index.opens >= speaks]


@dataclass(frozen=True)
class _Panel:
    """All supporters at every index date: record and cell, and the gifts afterwards."""

    world: _World
    dates: Sequence[Index]
    before: Sequence[Before]
    after: Sequence[After]

    @classmethod
    def of(cls, world: _World, dates: Sequence[Index]) -> _Panel:
        size = len(world.supporters)
        before = []
        for index in dates:
            silent = world.silent_now | world.silent.at_instant(index.instant, size)
            before.append(matching.before(world.gifts, index, world.first_days, silent))
        after = [matching.after(world.gifts, index, size) for index in dates]
        return cls(world, dates, before, after)

    @cached_property
    def spread(self) -> Floats:
        """The standard deviations of the records of all who gave before."""
        gave = [before.record[:, before.record[1] > 0].astype(np.float64) for before in self.before]
        number = max(1, sum(records.shape[1] for records in gave))
        first = sum(records.sum(axis=1) for records in gave) / number
        second = sum((records**2).sum(axis=1) for records in gave) / number
        spread: Floats = np.sqrt(np.maximum(0.0, second - first**2))
        return spread

    def tallies(
        self, patterns: Sequence[Pattern], assessable: Intervals | None
    ) -> Iterator[tuple[Pattern, Tally]]:
        """Yield a tally per pattern over all dates.

        `assessable` is when the patterns' shared requirement is met (None: always). Patterns follow
        one after the other, because a tally needs several sums of every supporter.
        """
        world, size = self.world, len(self.world.supporters)
        for pattern in patterns:
            spells = finding_intervals_at(
                world.store, world.root, pattern.key, self.dates, world.supporters
            )
            tally = Tally(size)
            for index, before, after in zip(self.dates, self.before, self.after, strict=True):
                among = np.ones(size, np.bool_)
                if assessable is not None:
                    among = assessable.throughout(index.opens, index.instant, world.begun)
                exposed = spells.within(index.opens, index.instant, size)
                tally.add(Group.of(before, among), exposed, after)
            yield pattern, tally
