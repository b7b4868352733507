"""Survey of a log: holdings, declarations, and the readiness of each pattern."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from ladder.coverage import (
    BEGINNING,
    Coverage,
    MissingCoverage,
    declared_part,
    describe,
    find_missing,
    gaps,
    plainest,
)
from ladder.engines.columnar import episodes_of_lines
from ladder.importers.placeholders import Crowd, crowds
from ladder.language.conditions import IsCovered
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Selector
from ladder.model.calendars import FOREVER, Calendar, to_date
from ladder.model.organisations import Organisation
from ladder.reports.coverage.anomalies import doubts
from ladder.reports.coverage.inventory import COLUMNS, Counting, Holding, Holdings
from ladder.reports.coverage.proposals import Doubt, Proposal, propose
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
    """A plainest selector that patterns need the log to cover, with the keys of these patterns.

    `holdings` has what each source holds of it. `covered` is the instant since which it is declared
    without a break until now (None: it is not declared now).
    """

    selector: Selector
    patterns: tuple[str, ...]
    holdings: tuple[Holding, ...]
    covered: int | None

    @property
    def what(self) -> str:
        """The selector in words."""
        return describe(self.selector)


@dataclass(frozen=True)
class Readiness:
    """Number of supporters that a pattern can be assessed for, as far as declarations decide.

    A pattern made of other findings is counted where all of these can be assessed: elsewhere it
    depends on the findings.

    `assessable` of `people` can be assessed now: those whose line began at `newer` or later (None:
    none of them, or all). From the instant `everybody` on, all of them can, if nothing else is
    declared (None: never). `missing` is what is not declared for the supporter whose line began
    first.
    """

    pattern: Pattern
    assessable: int
    people: int
    newer: int | None
    everybody: int | None
    missing: tuple[MissingCoverage, ...]


@dataclass(frozen=True)
class Survey:
    """The complete survey at the instant `now`.

    `then` is the readiness with all proposals declared.
    """

    organisation: Organisation
    ladder: Ladder
    now: int
    holdings: Holdings
    declared: tuple[Coverage, ...]
    requires: tuple[Need, ...]
    readiness: tuple[Readiness, ...]
    then: tuple[Readiness, ...]
    proposals: tuple[Proposal, ...]
    doubts: tuple[Doubt, ...]
    remarks: tuple[str, ...]
    crowds: tuple[Crowd, ...]

    @property
    def calendar(self) -> Calendar:
        """The organisation's calendar."""
        return self.organisation.calendar

    def covered_from(self, selector: Selector) -> int | None:
        """Return the instant since which a selector is declared without a break; None: not now."""
        return covered_since(self.declared, selector, self.ladder, self.now)


def survey(
    store: Store,
    ladder: Ladder,
    root: int,
    *,
    now: int,
    progress: OnProgress | None = None,
) -> Survey:
    """Survey a stored log by the ladder whose first definition has the id `root`.

    All touchpoints are read once, in parts. Supporters who are suppressed now are not counted.
    """
    counting = Counting(store.organisation, ladder.kinds)
    total, counted = supporters.count(store), 0
    for part in read_parts(store, ladder.kinds.values(), columns=COLUMNS):
        counting.add(part.frame)
        counted += len(part.supporters)
        if progress is not None:
            progress(counted, total)
    held = counting.whole()
    hidden = silent_at(store, root, now)["supporter"]
    lines = begun(store).filter(~pl.col("supporter").is_in(hidden.implode()))
    keys = _keys(store)
    named = held.busy.join(keys, on="supporter").drop("supporter").rename({"key": "supporter"})
    acts = held.lines.join(keys, on="supporter").filter(
        ~pl.col("supporter").is_in(held.nobody.implode())
    )
    whole = acts.select(pl.col("key").alias("supporter"), pl.col("acts").alias("touchpoints"))
    busy_keys = _crowds(named, whole)
    declared = coverages.declared(store, ladder.kinds)
    return _survey_of(held, lines, declared, ladder, now, busy_keys)


def survey_of_frames(
    frames: Iterable[pl.DataFrame],
    organisation: Organisation,
    ladder: Ladder,
    declared: Iterable[Coverage] = (),
    *,
    now: int,
) -> Survey:
    """Survey touchpoint frames that are not stored, with the declarations of their mapping."""
    counting = Counting(organisation, ladder.kinds)
    for frame in frames:
        counting.add(frame)
    held = counting.whole()
    people = held.lines.filter(~pl.col("supporter").is_in(held.nobody.implode()))
    whole = people.select("supporter", pl.col("acts").alias("touchpoints"))
    return _survey_of(held, people, tuple(declared), ladder, now, _crowds(held.busy, whole))


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


def _survey_of(
    held: Holdings,
    lines: pl.DataFrame,
    declared: tuple[Coverage, ...],
    ladder: Ladder,
    now: int,
    found_crowds: Sequence[Crowd],
) -> Survey:
    there = lines.filter(pl.col("at") <= now).select("supporter", "at")
    month = month_of(held.organisation.calendar, now)
    needed = needs_of(ladder)
    requires = tuple(
        Need(
            selector,
            keys,
            tuple(held.of(selector)),
            covered_since(declared, selector, ladder, now),
        )
        for selector, keys in needed.items()
    )
    answers = [one for requirement in requires for one in _news(requirement, held, month)]
    proposals = tuple(answer for answer in answers if isinstance(answer, Proposal))
    then = (
        *declared,
        *(_declaration(proposal, held.organisation.calendar) for proposal in proposals),
    )
    return Survey(
        organisation=held.organisation,
        ladder=ladder,
        now=now,
        holdings=held,
        declared=declared,
        requires=requires,
        readiness=tuple(_readiness(held.organisation, there, declared, ladder, now)),
        then=tuple(_readiness(held.organisation, there, then, ladder, now)) if proposals else (),
        proposals=proposals,
        doubts=tuple(answer for answer in answers if isinstance(answer, Doubt)),
        remarks=tuple(
            doubts(held, declared, [requirement.selector for requirement in requires], now)
        ),
        crowds=tuple(found_crowds),
    )


def _news(need: Need, held: Holdings, month: int) -> Iterator[Proposal | Doubt]:
    """Yield proposals beyond what is declared.

    Doubts are left out where anything is declared now.
    """
    calendar = held.organisation.calendar
    for answer in propose(held, need.selector, month):
        if need.covered is None or (
            isinstance(answer, Proposal) and need.covered > calendar.instant(answer.since)
        ):
            yield answer


def _declaration(proposal: Proposal, calendar: Calendar) -> Coverage:
    until = FOREVER if proposal.until is None else calendar.as_of(proposal.until) + 1
    return Coverage(
        selector=proposal.selector,
        since=calendar.instant(proposal.since),
        until=until,
        source=proposal.source,
    )


def needs_of(ladder: Ladder) -> dict[Selector, tuple[str, ...]]:
    """Return the plainest selectors that the patterns need declared, with the pattern keys."""
    keys_by_selector: dict[Selector, dict[str, None]] = {}
    for pattern in ladder.patterns:
        nodes = () if pattern.requires is None else pattern.requires.walk()
        for node in nodes:
            if isinstance(node, IsCovered):
                keys_by_selector.setdefault(plainest(node.selector, ladder.kinds), {})[
                    pattern.key
                ] = None
    return {selector: tuple(keys) for selector, keys in keys_by_selector.items()}


def covered_since(
    declared: Iterable[Coverage], selector: Selector, ladder: Ladder, now: int
) -> int | None:
    """Return the instant since which a selector is declared without a break; None: not now."""
    since = BEGINNING
    for gap in gaps(declared, selector, ladder.kinds):
        if gap.since <= now:
            since = gap.until
    return since if since <= now else None


def _readiness(
    organisation: Organisation,
    lines: pl.DataFrame,
    declared: tuple[Coverage, ...],
    ladder: Ladder,
    now: int,
) -> Iterator[Readiness]:
    first = lines["at"].min()
    for pattern in ladder.patterns:
        declared_parts = map(declared_part, ladder.needs_of(pattern))
        parts = [part for part in declared_parts if part is not None]
        if not parts or not isinstance(first, int):
            yield Readiness(pattern, len(lines), len(lines), None, now, ())
            continue
        requires = reduce(operator.and_, parts)
        met = episodes_of_lines(requires, lines, ladder, organisation, declared)
        ahead = met.filter(pl.col("end") > now)
        open_now = ahead.filter(pl.col("start") <= now)["supporter"].unique()
        these = lines.filter(pl.col("supporter").is_in(open_now.implode()))
        eldest = lines.filter(pl.col("at") == first).head(1)
        next_ = ahead.join(eldest, on="supporter").filter(pl.col("end") >= FOREVER)["start"].max()
        newer = these["at"].min() if 0 < len(these) < len(lines) else None
        calendar = organisation.calendar
        yield Readiness(
            pattern,
            len(these),
            len(lines),
            newer if isinstance(newer, int) else None,
            max(now, next_) if isinstance(next_, int) else None,
            tuple(find_missing(requires, declared, ladder.kinds, calendar, at=now, begun=first)),
        )


def day_of(calendar: Calendar, instant: int) -> str:
    """Return the day of an instant in ISO format."""
    return to_date(calendar.day_of(instant)).isoformat()
