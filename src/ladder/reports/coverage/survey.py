"""How fit a log is for judging: what it holds, what is declared, what each pattern would need."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from ladder.coverage import (
    BEGINNING,
    Coverage,
    Lack,
    declared_part,
    gaps,
    lacks,
    plainest,
    said,
)
from ladder.engines.columnar import episodes_of_lines
from ladder.importers.placeholders import Crowd, crowds
from ladder.language.conditions import Logged
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Condition, Selector
from ladder.model.calendars import FOREVER, Calendar, to_date
from ladder.model.organisations import Organisation
from ladder.reports.coverage.anomalies import doubts
from ladder.reports.coverage.inventory import COLUMNS, Counting, Holding, Holdings
from ladder.reports.coverage.proposals import Doubt, Proposal, proposed
from ladder.reports.metrics.months import month_of
from ladder.storage import coverage as coverages
from ladder.storage import supporters
from ladder.storage.frames import fetch
from ladder.storage.read.finding_intervals import begun, silent_at
from ladder.storage.read.history_batches import read_parts
from ladder.storage.store import Store

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Need:
    """Something that patterns need the log to hold: its plainest selector, and which patterns.

    `holdings` are what each source has of it; `covered` from which instant on it is declared
    without a break until now (None: it is not declared now).
    """

    selector: Selector
    patterns: tuple[str, ...]
    holdings: tuple[Holding, ...]
    covered: int | None

    @property
    def what(self) -> str:
        """What it is, in words."""
        return said(self.selector)


@dataclass(frozen=True)
class Readiness:
    """Of how many supporters a pattern can be judged, as far as declarations go.

    One that is made of others is counted where all of these can be judged: elsewhere it depends on
    what they find.

    `assessable` of `people` now, who are those whose line began at `newer` or later (None: nobody
    yet, or everybody); all of them from the instant `everybody` on, if nothing else is declared
    (None: never). `missing` is what is not declared for the eldest.
    """

    pattern: Pattern
    assessable: int
    people: int
    newer: int | None
    everybody: int | None
    missing: tuple[Lack, ...]


@dataclass(frozen=True)
class Survey:
    """All of it, at an instant; `then` is the readiness with all proposals declared."""

    organisation: Organisation
    ladder: Ladder
    now: int
    holdings: Holdings
    declared: tuple[Coverage, ...]
    needs: tuple[Need, ...]
    readiness: tuple[Readiness, ...]
    then: tuple[Readiness, ...]
    proposals: tuple[Proposal, ...]
    doubts: tuple[Doubt, ...]
    remarks: tuple[str, ...]
    crowds: tuple[Crowd, ...]

    @property
    def calendar(self) -> Calendar:
        """The organisation's."""
        return self.organisation.calendar

    def covered(self, selector: Selector) -> int | None:
        """From which instant on it is declared without a break until now; None: not now."""
        return covered_since(self.declared, selector, self.ladder, self.now)


def survey(
    store: Store,
    ladder: Ladder,
    root: int,
    *,
    now: int,
    progress: OnProgress | None = None,
) -> Survey:
    """Look at a stored log, by the ladder whose definitions have that root.

    Everybody's touchpoints are read once, in parts. Who is silent now is in no number of people.
    """
    counting = Counting(store.organisation, ladder.kinds)
    total, done = supporters.count(store), 0
    for part in read_parts(store, ladder.kinds.values(), columns=COLUMNS):
        counting.add(part.frame)
        done += len(part.supporters)
        if progress is not None:
            progress(done, total)
    held = counting.whole()
    hidden = silent_at(store, root, now)["supporter"]
    lines = begun(store).filter(~pl.col("supporter").is_in(hidden.implode()))
    keys = _keys(store)
    named = held.busy.join(keys, on="supporter").drop("supporter").rename({"key": "supporter"})
    acts = held.lines.join(keys, on="supporter").filter(
        ~pl.col("supporter").is_in(held.nobody.implode())
    )
    whole = acts.select(pl.col("key").alias("supporter"), pl.col("acts").alias("touchpoints"))
    found = _crowds(named, whole)
    declared = coverages.declared(store, ladder.kinds)
    return _surveyed(held, lines, declared, ladder, now, found)


def survey_of_frames(
    frames: Iterable[pl.DataFrame],
    organisation: Organisation,
    ladder: Ladder,
    declared: Iterable[Coverage] = (),
    *,
    now: int,
) -> Survey:
    """The same of touchpoint frames that are not stored, with what their mapping declares."""
    counting = Counting(organisation, ladder.kinds)
    for frame in frames:
        counting.add(frame)
    held = counting.whole()
    people = held.lines.filter(~pl.col("supporter").is_in(held.nobody.implode()))
    whole = people.select("supporter", pl.col("acts").alias("touchpoints"))
    return _surveyed(held, people, tuple(declared), ladder, now, _crowds(held.busy, whole))


def _keys(store: Store) -> pl.DataFrame:
    return fetch(
        store.connection,
        "SELECT id, key FROM {supporter} WHERE organisation_id = :organisation",
        {"supporter": pl.Int64(), "key": pl.String()},
        organisation=store.organisation_id,
    )


def _crowds(busy: pl.DataFrame, whole: pl.DataFrame) -> list[Crowd]:
    date = pl.col("day").cast(pl.Int32).cast(pl.Date).cast(pl.String)
    known = busy.filter(pl.col("supporter").is_in(whole["supporter"].implode()))
    return crowds(known.with_columns(date.alias("day")), whole)


def _surveyed(
    held: Holdings,
    lines: pl.DataFrame,
    declared: tuple[Coverage, ...],
    ladder: Ladder,
    now: int,
    found: Sequence[Crowd],
) -> Survey:
    there = lines.filter(pl.col("at") <= now).select("supporter", "at")
    month = month_of(held.organisation.calendar, now)
    needed = needs_of(ladder)
    needs = tuple(
        Need(
            selector,
            keys,
            tuple(held.of(selector)),
            covered_since(declared, selector, ladder, now),
        )
        for selector, keys in needed.items()
    )
    said_ = [one for each in needs for one in _news(each, held, month)]
    proposals = tuple(each for each in said_ if isinstance(each, Proposal))
    then = (*declared, *(_declaration(each, held.organisation.calendar) for each in proposals))
    return Survey(
        organisation=held.organisation,
        ladder=ladder,
        now=now,
        holdings=held,
        declared=declared,
        needs=needs,
        readiness=tuple(_readiness(held, there, declared, ladder, now)),
        then=tuple(_readiness(held, there, then, ladder, now)) if proposals else (),
        proposals=proposals,
        doubts=tuple(each for each in said_ if isinstance(each, Doubt)),
        remarks=tuple(doubts(held, declared, [each.selector for each in needs], now)),
        crowds=tuple(found),
    )


def _news(need: Need, held: Holdings, month: int) -> Iterator[Proposal | Doubt]:
    """What is proposed beyond what is declared; where anything is, nothing is doubted any more."""
    calendar = held.organisation.calendar
    for each in proposed(held, need.selector, month):
        earlier = isinstance(each, Proposal) and (need.covered or 0) > _first(each, calendar)
        if need.covered is None or earlier:
            yield each


def _first(proposal: Proposal, calendar: Calendar) -> int:
    return calendar.instant(proposal.since)


def _declaration(proposal: Proposal, calendar: Calendar) -> Coverage:
    until = FOREVER if proposal.until is None else calendar.as_of(proposal.until) + 1
    return Coverage(
        selector=proposal.selector,
        since=_first(proposal, calendar),
        until=until,
        source=proposal.source,
    )


def needs_of(ladder: Ladder) -> dict[Selector, tuple[str, ...]]:
    """What the ladder's patterns need declared, plainly, each with the keys of those patterns."""
    found: dict[Selector, dict[str, None]] = {}
    for pattern in ladder.patterns:
        nodes = () if pattern.needs is None else pattern.needs.walk()
        for node in nodes:
            if isinstance(node, Logged):
                found.setdefault(plainest(node.selector, ladder.kinds), {})[pattern.key] = None
    return {selector: tuple(keys) for selector, keys in found.items()}


def covered_since(
    declared: Iterable[Coverage], selector: Selector, ladder: Ladder, now: int
) -> int | None:
    """From which instant on it is declared without a break until now; None: not now."""
    since = BEGINNING
    for gap in gaps(declared, selector, ladder.kinds):
        if gap.since <= now:
            since = gap.until
    return since if since <= now else None


def _readiness(
    held: Holdings,
    lines: pl.DataFrame,
    declared: tuple[Coverage, ...],
    ladder: Ladder,
    now: int,
) -> Iterator[Readiness]:
    first = lines["at"].min()
    for pattern in ladder.patterns:
        said = map(declared_part, ladder.needs_of(pattern))
        parts = [each for each in said if each is not None]
        if not parts or not isinstance(first, int):
            yield Readiness(pattern, len(lines), len(lines), None, now, ())
            continue
        needs = reduce(operator.and_, parts)
        yield _of_pattern(pattern, needs, held, lines, declared, ladder, now, first)


def _of_pattern(
    pattern: Pattern,
    needs: Condition,
    held: Holdings,
    lines: pl.DataFrame,
    declared: tuple[Coverage, ...],
    ladder: Ladder,
    now: int,
    first: int,
) -> Readiness:
    organisation = held.organisation
    met = episodes_of_lines(needs, lines, ladder, organisation, declared)
    ahead = met.filter(pl.col("end") > now)
    open_now = ahead.filter(pl.col("start") <= now)["supporter"].unique()
    these = lines.filter(pl.col("supporter").is_in(open_now.implode()))
    eldest = lines.filter(pl.col("at") == first).head(1)
    next_ = ahead.join(eldest, on="supporter").filter(pl.col("end") >= FOREVER)["start"].max()
    newer = these["at"].min() if 0 < len(these) < len(lines) else None
    calendar = organisation.calendar
    return Readiness(
        pattern,
        len(these),
        len(lines),
        newer if isinstance(newer, int) else None,
        max(now, next_) if isinstance(next_, int) else None,
        tuple(lacks(needs, declared, ladder.kinds, calendar, at=now, begun=first)),
    )


def day_of(calendar: Calendar, instant: int) -> str:
    """An instant's day, as it is written."""
    return to_date(calendar.day_of(instant)).isoformat()
