"""Queues of supporters to contact today: stop, answer, thank, report to, invite or ask.

A supporter is in one queue only: the queue of their most pressing reason that is not at rest. A
recent assignment, thank-you or contact can put a reason at rest (`next_action.rests`).
Reasons come from the tables of findings and movements, in one pass over their indexes. Histories
are read only for the supporters that a page considers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from ladder.contact_rules import Rules
from ladder.contact_rules.next_action import (
    FALLS,
    QUEUES,
    RESTS,
    Call,
    Queue,
    Times,
    before_a_fall,
    best,
    mending,
    money_rungs,
)
from ladder.coverage import Coverage
from ladder.engines.columnar.queries import ALIVE, Look
from ladder.language.conditions import SEVERITIES
from ladder.language.ladders import Ladder
from ladder.outreach.may_ask import may_ask
from ladder.storage import coverage
from ladder.storage.read import contact_queues, histories
from ladder.storage.read.finding_intervals import silent_at
from ladder.storage.read.history_batches import read_parts
from ladder.storage.store import Store

_LEAST: Final = 200
_CHUNK: Final = 20_000
"""Most supporters whose histories are read at once; the first few hundred are mostly enough."""

LOOKED_AT: Final = 5_000
"""Most supporters of a queue that one page considers, the most pressing ones first.

Without this bound a page of ten would read a million histories where most supporters are at rest.
"""

_CALL: Final = {
    "supporter": pl.Int64(), "queue": pl.Int64(), "since": pl.Int64(),
    "pattern": pl.String(), "severity": pl.String(), "grave": pl.Int64(), "fall": pl.Boolean(),
}  # fmt: skip


@dataclass(frozen=True)
class SupporterCall:
    """A supporter to contact: their key, their id and the reason."""

    supporter: str
    supporter_id: int
    call: Call


@dataclass(frozen=True)
class Calls:
    """All reasons to contact supporters of one organisation, by one of its ladders.

    `root` is the id under which the findings of the ladder are stored; `now` is in microseconds.
    """

    store: Store
    root: int
    ladder: Ladder
    rules: Rules
    now: int

    @cached_property
    def every(self) -> pl.DataFrame:
        """All reasons, one per row, in the order in which they are handed out.

        Columns: supporter, queue (its position in `QUEUES`), since, pattern, severity, grave
        (position of the severity) and fall. Rows are sorted by queue, gravest severity, age (oldest
        first; for `climbers` newest first) and supporter. Silent supporters have only reasons of
        the queue `stop`.
        """
        reasons = pl.concat([self._finding_reasons(), self._rise_reasons(), self._fall_reasons()])
        silent = silent_at(self.store, self.root, self.now)
        stop = reasons.filter(pl.col("queue") == QUEUES.index("stop"))
        rest = reasons.filter(pl.col("queue") != QUEUES.index("stop"))
        contactable = rest.join(silent, on="supporter", how="anti")
        newest = pl.col("queue") == QUEUES.index("climbers")
        age = pl.when(newest).then(-pl.col("since")).otherwise("since")
        return pl.concat([stop, contactable]).sort("queue", -pl.col("grave"), age, "supporter")

    def counts(self) -> dict[Queue, int]:
        """Count supporters by the queue of their most pressing reason, including those at rest."""
        first = self.every.group_by("supporter").agg(pl.col("queue").min())
        numbers = dict(first["queue"].value_counts().iter_rows())
        return {queue: numbers.get(place, 0) for place, queue in enumerate(QUEUES)}

    def people(self, queue: Queue, limit: int | None = None) -> list[SupporterCall]:
        """List the supporters of a queue, most pressing first; all of them without a limit.

        With a limit, only the most pressing supporters of the queue are considered: `LOOKED_AT`, or
        `limit` if that is more. A page may therefore be short.
        """
        calls: list[tuple[int, Call]] = []
        place, size, considered = QUEUES.index(queue), _LEAST, 0
        supporters = self.every.filter(pl.col("queue") == place)["supporter"].unique(
            maintain_order=True
        )
        if limit is not None:
            supporters = supporters.head(max(LOOKED_AT, limit))
        while considered < len(supporters) and (limit is None or len(calls) < limit):
            calls += self._first_of(queue, supporters[considered : considered + size])
            considered, size = considered + size, min(4 * size, _CHUNK)
        kept = calls if limit is None else calls[:limit]
        keys = histories.keys(self.store, [number for number, _ in kept])
        return [SupporterCall(keys[number], number, call) for number, call in kept]

    def _finding_reasons(self) -> pl.DataFrame:
        mends = mending(self.ladder)
        if not mends:
            return pl.DataFrame(schema=_CALL)
        rows = contact_queues.open_findings(self.store, self.root, list(mends), self.now)
        touch = {key: QUEUES.index(pattern.next) for key, pattern in mends.items() if pattern.next}
        grave = {str(severity): place for place, severity in enumerate(SEVERITIES)}
        return rows.select(
            "supporter",
            queue=pl.col("pattern").replace_strict(touch, return_dtype=pl.Int64),
            since="since",
            pattern="pattern",
            severity="severity",
            grave=pl.col("severity").replace_strict(grave, return_dtype=pl.Int64),
            fall=pl.lit(value=False),
        )

    def _rise_reasons(self) -> pl.DataFrame:
        times = self._times
        rows = contact_queues.standing_high(self.store, self.root, times.height, self.now)
        kinds = rows.select("kind").unique().to_series().to_list()
        frames = [pl.DataFrame(schema=_CALL)]
        for kind in kinds:
            mine = rows.filter(pl.col("kind") == kind)
            for since in (times.climbed_after, times.steady_before - 1):
                queue = times.of_rise(kind, since, times.height)
                bound = (
                    pl.col("since") < times.steady_before
                    if queue == "steadies"
                    else pl.col("since") >= max(times.climbed_after, times.steady_before)
                )
                if queue is not None:
                    frames.append(_calls(mine.filter(bound), queue))
        return pl.concat(frames).unique()

    def _fall_reasons(self) -> pl.DataFrame:
        until = self._times.falls_before
        rows = contact_queues.falls(self.store, self.root, FALLS, self.now, until)
        money = money_rungs(self.ladder)
        frames = [pl.DataFrame(schema=_CALL)]
        for (before, after), mine in rows.group_by("before", "after"):
            queue = before_a_fall(str(before), str(after), money)
            frames.append(_calls(mine, queue, fall=True))
        return pl.concat(frames)

    @cached_property
    def _times(self) -> Times:
        calendar = self.store.organisation.calendar
        return Times.of(self.rules.queues, self.ladder, calendar, self.now)

    def _first_of(self, queue: Queue, supporters: pl.Series) -> Iterator[tuple[int, Call]]:
        """Yield the supporters whose most pressing reason is this queue, in the given order."""
        mine = self.every.join(supporters.to_frame(), on="supporter", how="semi")
        calls: dict[int, list[Call]] = {}
        for number, place, since, pattern, severity, _, fall in mine.iter_rows():
            call = Call(QUEUES[place], since, pattern, severity, fall)
            calls.setdefault(number, []).append(call)
        self._read_known(supporters)
        may_be_asked = self._may_ask(supporters) if queue == "ask" else set[int]()
        for number in supporters.to_list():
            chosen = best(
                calls[number], self._rests_by_supporter[number], may_ask=number in may_be_asked
            )
            if chosen is not None and chosen.queue == queue:
                yield number, chosen

    @cached_property
    def _rests_by_supporter(self) -> dict[int, dict[str, bool]]:
        """The `RESTS` conditions of the supporters that were evaluated so far."""
        return {}

    def _read_known(self, supporters: pl.Series) -> None:
        """Evaluate for these supporters the `RESTS` conditions that put a reason at rest.

        The first pass evaluates the head of every queue, because a pass over 2,000 supporters costs
        hardly more than one over 200.
        """
        if not self._rests_by_supporter:
            heads = self.every.unique(["queue", "supporter"], maintain_order=True)
            heads = heads.group_by("queue", maintain_order=True).head(_LEAST)
            supporters = pl.concat([supporters, heads["supporter"]])
        missing = supporters.unique().filter(
            ~supporters.unique().is_in(list(self._rests_by_supporter))
        )
        self._rests_by_supporter.update((n, dict.fromkeys(RESTS, False)) for n in missing.to_list())
        for part in read_parts(
            self.store, self.ladder.kinds.values(), columns=self._look.columns, among=missing
        ):
            past = pl.col("at") <= self.now
            looked = self._look.at(
                part.frame.filter(past), self.store.organisation, self._coverage,
                part.brought.filter(past),
            )  # fmt: skip
            here = (pl.col("start") <= self.now) & (pl.col("end") > self.now)
            for name, number in (
                looked.episodes.filter(here).select("condition", "supporter").iter_rows()
            ):
                if name in RESTS:
                    self._rests_by_supporter[number][name] = True

    @cached_property
    def _look(self) -> Look:
        conditions = {name: self.rules.queues[name] for name in RESTS}
        return Look(self.ladder, {}, conditions={"alive": ALIVE, **conditions})

    @cached_property
    def _coverage(self) -> tuple[Coverage, ...]:
        return coverage.declared(self.store, self.ladder.kinds)

    def _may_ask(self, supporters: pl.Series) -> set[int]:
        keys = histories.keys(self.store, supporters.to_list())
        numbers: Sequence[int] = supporters.to_list()
        nothing = pl.lit(None)
        wishes = pl.DataFrame({"supporter": [keys[number] for number in numbers]}).with_columns(
            channel=nothing.cast(pl.String), amount=nothing.cast(pl.Int64)
        )
        answers = may_ask(
            self.store, self.root, self.ladder, self.rules, wishes, at=self.now, now=self.now
        )
        yes = (answers.frame["verdict"] == "yes").to_list()
        return {number for number, may in zip(numbers, yes, strict=True) if may}


def _calls(rows: pl.DataFrame, queue: Queue, *, fall: bool = False) -> pl.DataFrame:
    """Build the rows of reasons that come from no finding."""
    return rows.select(
        "supporter",
        queue=pl.lit(QUEUES.index(queue), pl.Int64),
        since="since",
        pattern=pl.lit(None, pl.String),
        severity=pl.lit(None, pl.String),
        grave=pl.lit(0, pl.Int64),
        fall=pl.lit(value=fall),
    )
