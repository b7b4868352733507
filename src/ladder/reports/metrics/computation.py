"""Computation of metric values per month or campaign from the collected rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from ladder.language.spans import Elapsed
from ladder.model.calendars import Calendar
from ladder.reports.metrics.collection import MetricRows, MetricsQuestion
from ladder.reports.metrics.definitions import Value, make_value
from ladder.reports.metrics.months import Month
from ladder.reports.metrics.response_times import (
    NO,
    UNKNOWN,
    YES,
    YOUNG,
    Codes,
    Waits,
    count_outcomes,
    half_served,
    is_covered_in,
)


@dataclass(frozen=True)
class Groups:
    """A grouping of rows: names and periods of the groups, and the group of a row.

    `exposed` is the index of each group's last instant among the instants at which exposure was
    counted; None for groups without such an instant.
    """

    names: Sequence[str | None]
    times: Sequence[tuple[int, int]]
    of: Callable[[pl.DataFrame], Codes]
    exposed: Sequence[int] | None = None

    @classmethod
    def whole(cls, rows: MetricRows, since: int, until: int) -> Groups:
        """Put all rows into one group."""
        last = len(rows.exposed.instants) - 1
        return cls([None], [(since, until)], lambda frame: np.zeros(frame.height, np.int64), [last])

    @classmethod
    def by_month(cls, months: Sequence[Month]) -> Groups:
        """Form one group per month, in order."""
        first = months[0].number if months else 0
        return cls(
            [month.name for month in months],
            [(month.since, month.until) for month in months],
            lambda frame: frame["month"].cast(pl.Int64).to_numpy() - first,
            range(len(months)),
        )

    @classmethod
    def by_campaign(cls, rows: MetricRows, since: int, until: int) -> Groups:
        """Form one group per campaign, the earliest first, and rows without a campaign last."""
        frames = (rows.gifts, rows.queries, rows.firsts, rows.touches)
        times = pl.concat([frame.select("campaign", "at") for frame in frames])
        order = times.group_by("campaign").agg(pl.col("at").min())
        names = order.sort(pl.col("campaign").is_null(), "at", "campaign")["campaign"]
        numbers = pl.DataFrame({"campaign": names, "n": np.arange(len(names), dtype=np.int64)})

        def of(frame: pl.DataFrame) -> Codes:
            numbered = frame.select("campaign").join(
                numbers, on="campaign", how="left", nulls_equal=True, maintain_order="left"
            )
            return numbered["n"].to_numpy()

        return cls(names.to_list(), [(since, until)] * len(names), of)


@dataclass(frozen=True)
class _Queue:
    """Rows that wait to be served, and the coverage gaps that hide them or their service.

    `ends` is the column of the serving instant. `opened` names the gaps that hide the rows
    themselves, `served` those that hide what serves them. `late` is the longest time allowed.
    """

    frame: pl.DataFrame
    ends: str
    opened: str
    served: str
    late: Elapsed


class Counting:
    """Computation of metric values by key."""

    def __init__(
        self, question: MetricsQuestion, rows: MetricRows, calendar: Calendar, minimum: int
    ) -> None:
        self.question = question
        self.rows = rows
        self.calendar = calendar
        self.minimum = minimum
        spans = question.pieces
        gifts, queries = rows.gifts, rows.queries
        thanks = _Queue(gifts, "thank_end", "occasion", "thanked", spans.thank_late)
        reports = _Queue(gifts, "report_end", "occasion", "reported", spans.report_late)
        answers = _Queue(queries, "answer_end", "query", "answered", spans.answer_missing)
        self._ways: Final[dict[str, Callable[[Groups], list[Value]]]] = {
            "atm_exposure": self._exposure,
            "thanked_soon": lambda groups: self._within(thanks, spans.thank_soon, groups),
            "thanked_late": lambda groups: self._within(thanks, spans.thank_late, groups),
            "thank_days": lambda groups: self._half(thanks, groups),
            "unthanked": lambda groups: self._ever(thanks, groups, NO),
            "reported_before_ask": self._before_ask,
            "reported_late": lambda groups: self._within(reports, spans.report_late, groups),
            "gives_before_ask": lambda groups: self._gives(groups, median=True),
            "asked_first": lambda groups: self._gives(groups, median=False),
            "nonask_per_ask": lambda groups: self._ratio(
                groups, "nonask", "money_ask", "unasked", "touches"
            ),
            "answered_soon": lambda groups: self._within(answers, spans.answer_soon, groups),
            "answered_late": lambda groups: self._within(answers, spans.answer_missing, groups),
            "answered": lambda groups: self._ever(answers, groups, YES),
            "answer_days": lambda groups: self._half(answers, groups),
            "conversation": lambda groups: self._ratio(
                groups, "conversation", "contact", "unheard", "contact"
            ),
        }

    def values(self, key: str, groups: Groups) -> list[Value]:
        """Return the value of a metric per group."""
        return self._ways[key](groups)

    def _within(self, queue: _Queue, span: Elapsed, groups: Groups) -> list[Value]:
        """Return the share that was served in time."""
        waits, served = Waits.of(queue.frame), queue.frame[queue.ends].to_numpy()
        gaps = self.question.gaps[queue.served]
        last = waits.last(span, self.calendar)
        outcomes = waits.within(served, last, gaps, self.question.now)
        return self._shares(outcomes, queue, groups, YES)

    def _ever(self, queue: _Queue, groups: Groups, wanted: int) -> list[Value]:
        """Return the share that was (`YES`) or was not (`NO`) served by now.

        Rows whose longest time allowed has not passed are young and not counted.
        """
        waits, served = Waits.of(queue.frame), queue.frame[queue.ends].to_numpy()
        gaps, now = self.question.gaps[queue.served], self.question.now
        outcomes = waits.within(served, np.full(len(waits.at), now), gaps, now)
        young = (waits.last(queue.late, self.calendar) > now) & (outcomes != UNKNOWN)
        return self._shares(np.where(young, YOUNG, outcomes), queue, groups, wanted)

    def _before_ask(self, groups: Groups) -> list[Value]:
        """Return the share of gifts that were reported on before the next ask."""
        frame = self.rows.gifts
        queue = _Queue(
            frame, "report_end", "occasion", "reported_and_asked", self.question.pieces.report_late
        )
        outcomes = Waits.of(frame).before(
            frame["report_end"].to_numpy(),
            frame["next_ask"].to_numpy(),
            self.question.gaps[queue.served],
            self.question.now,
        )
        return self._shares(outcomes, queue, groups, YES)

    def _shares(self, outcomes: Codes, queue: _Queue, groups: Groups, wanted: int) -> list[Value]:
        table = count_outcomes(outcomes, groups.of(queue.frame), len(groups.names))
        return [
            self._value(
                int(row[wanted]),
                int(row[YES] + row[NO]),
                young=int(row[YOUNG]),
                unknown=int(row[UNKNOWN]),
                covered=self._is_covered(groups.times[n], queue.opened, queue.served),
            )
            for n, row in enumerate(table)
        ]

    def _half(self, queue: _Queue, groups: Groups) -> list[Value]:
        """Return the days until half are served."""
        waits, served = Waits.of(queue.frame), queue.frame[queue.ends].to_numpy()
        watched, event, kept = waits.follow_up(
            served, self.question.gaps[queue.served], self.question.now
        )
        which, number = groups.of(queue.frame), len(groups.names)
        medians = half_served(watched[kept], event[kept], which[kept], number)
        unknown = np.bincount(which[~kept], minlength=number)
        return [
            make_value(
                days,
                None,
                size,
                unknown=int(unknown[n]),
                covered=self._is_covered(groups.times[n], queue.opened, queue.served),
                minimum=self.minimum,
            )
            for n, (days, size) in enumerate(medians)
        ]

    def _gives(self, groups: Groups, *, median: bool) -> list[Value]:
        """Return the median of contacts before the first ask, or the share without any.

        `median` selects which of the two.
        """
        frame = self.rows.firsts
        firsts = frame.with_columns(pl.Series("group", groups.of(frame), dtype=pl.Int64))
        known = firsts.filter(~pl.col("unknown")).group_by("group").agg(
            pl.col("gives").median().alias("median"),
            (pl.col("gives") == 0).sum().cast(pl.Int64).alias("none"),
            pl.len().alias("size"),
        )  # fmt: skip
        by_group = {row[0]: row[1:] for row in known.iter_rows()}
        unknown = dict(firsts.filter("unknown")["group"].value_counts().iter_rows())
        values = []
        for n, time in enumerate(groups.times):
            middle, none, size = by_group.get(n, (None, 0, 0))
            missing, is_covered = unknown.get(n, 0), self._is_covered(time, "touches", "touches")
            if median:
                values.append(
                    make_value(
                        middle, None, size, unknown=missing, covered=is_covered,
                        minimum=self.minimum,
                    )
                )  # fmt: skip
            else:
                values.append(self._value(none, size, unknown=missing, covered=is_covered))
        return values

    def _ratio(
        self, groups: Groups, part: str, whole: str, unknown: str, piece: str
    ) -> list[Value]:
        """Return the number of contacts of one sort per contact of another sort."""
        frame = self.rows.touches
        which, number = groups.of(frame), len(groups.names)

        def sum_of(name: str) -> list[int]:
            sums = np.zeros(number, np.int64)
            np.add.at(sums, which, frame[name].to_numpy())
            return sums.tolist()

        sums = zip(sum_of(part), sum_of(whole), sum_of(unknown), groups.times, strict=True)
        return [
            self._value(
                numerator,
                denominator,
                unknown=missing,
                covered=self._is_covered(time, piece, piece),
            )
            for numerator, denominator, missing, time in sums
        ]

    def _exposure(self, groups: Groups) -> list[Value]:
        """Return the share of assessable supporters with a serious finding.

        It is taken at the last instant of each group.
        """
        exposed, counted = self.rows.exposed, self.rows.exposed.exposed
        if not self.question.with_dismissed:
            counted = counted - exposed.dismissed
        return [
            replace(
                self._value(
                    int(counted[place]),
                    int(exposed.assessable[place]),
                    unknown=int(exposed.people[place] - exposed.assessable[place]),
                ),
                dismissed=int(exposed.dismissed[place]),
            )
            for place in groups.exposed or ()
        ]

    def _value(
        self,
        numerator: int,
        denominator: int,
        *,
        young: int = 0,
        unknown: int = 0,
        covered: bool = True,
    ) -> Value:
        number = numerator / denominator if denominator else None
        return make_value(
            number, numerator, denominator, young=young, unknown=unknown, covered=covered,
            minimum=self.minimum,
        )  # fmt: skip

    def _is_covered(self, time: tuple[int, int], *pieces: str) -> bool:
        """Return whether the log is declared to cover each piece at some instant of the period."""
        return all(is_covered_in(self.question.gaps[piece], *time) for piece in pieces)
