"""Collection of the rows that metrics count, in one pass over all histories.

Histories are read in parts of whole supporters. Memory holds one row per gift, question and first
ask of the period (about 60 bytes); contacts are added up by month and campaign at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ladder.coverage import Coverage, Gap, gaps
from ladder.engines.columnar.queries import ALIVE, Look, LookResult
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Condition, Selector
from ladder.language.spans import ever, until
from ladder.model.calendars import FOREVER
from ladder.model.organisations import Organisation
from ladder.reports.metrics.dismissals import Dismissals
from ladder.reports.metrics.response_times import overlap
from ladder.reports.metrics.selectors import Pieces
from ladder.storage.read.history_batches import Part

SERIOUS: Final = ("high", "critical")

Counts = NDArray[np.int64]

CAMPAIGN: Final = {"at": pl.Int64, "month": pl.Int32, "campaign": pl.String}
_WAIT: Final = {**CAMPAIGN, "day": pl.Int64, "date_only": pl.Boolean, "cut": pl.Int64}
GIFTS: Final = {
    **_WAIT,
    **dict.fromkeys(("thank_end", "report_end", "next_ask"), pl.Int64),
}
QUERIES: Final = {**_WAIT, "answer_end": pl.Int64}
FIRSTS: Final = {**CAMPAIGN, "gives": pl.Int64, "unknown": pl.Boolean}
TOUCHES: Final = {
    **CAMPAIGN,
    **dict.fromkeys(
        ("nonask", "money_ask", "unasked", "contact", "conversation", "unheard"), pl.Int64
    ),
}
"""`at` is the first of them. `unasked` and `unheard` count contacts at instants that the log is not
declared to cover."""


@dataclass(frozen=True)
class MetricsQuestion:
    """A question: the organisation, the period `[since, until)`, as known at `now`.

    `dismissed` has the times during which findings were dismissed; `with_dismissed` counts
    dismissed findings as well.
    """

    organisation: Organisation
    ladder: Ladder
    coverage: Sequence[Coverage]
    pieces: Pieces
    since: int
    until: int
    now: int
    dismissed: Dismissals = field(default_factory=Dismissals)
    with_dismissed: bool = False

    @cached_property
    def serious(self) -> tuple[Pattern, ...]:
        """Patterns of the organisation's side that can be found high or critical."""
        return tuple(
            pattern
            for pattern in self.ladder.patterns
            if pattern.side == "organisation"
            and any(grade.severity in SERIOUS for grade in pattern.grades)
        )

    @cached_property
    def gaps(self) -> dict[str, list[Gap]]:
        """Times that the log is not declared to cover, per piece or pair of pieces."""
        pieces, known = self.pieces, self.ladder.kinds
        selectors: dict[str, Selector] = {
            "occasion": pieces.occasion,
            "query": pieces.query,
            "thanked": pieces.thanked,
            "reported": pieces.reported,
            "reported_and_asked": pieces.reported | pieces.money_ask,
            "answered": pieces.answered,
            "touches": pieces.nonask | pieces.money_ask,
            "contact": pieces.contact,
        }
        return {name: gaps(self.coverage, selector, known) for name, selector in selectors.items()}

    @cached_property
    def look(self) -> Look:
        """The query that is run on every history."""
        pieces = self.pieces
        masks = ("occasion", "query", "money_ask", "nonask", "contact", "conversation")
        return Look(
            self.ladder,
            masks={name: getattr(pieces, name) for name in masks},
            ends={
                "cut": ("occasion", ever),
                "thank_end": ("occasion", until(pieces.thanked)),
                "report_end": ("occasion", until(pieces.reported)),
                "query_cut": ("query", ever),
                "answer_end": ("query", until(pieces.answered)),
            },
            conditions=self._conditions(),
        )

    @cached_property
    def columns(self) -> list[str]:
        """The columns of a touchpoint frame that the query needs."""
        return list(dict.fromkeys([*self.look.columns, "date_only", "campaign"]))

    def _conditions(self) -> dict[str, Condition]:
        """Name the conditions: lines, suppression, serious findings and their requirements."""
        ladder, serious = self.ladder, self.serious
        conditions: dict[str, Condition] = {"line": ALIVE}
        contactable: Condition = ALIVE
        if ladder.suppress_when is not None:
            conditions["silent"], contactable = ladder.suppress_when, ~ladder.suppress_when
        requires = {
            pattern.key: requirement
            for pattern in serious
            if (requirement := ladder.assessable(pattern)) is not None
        }
        for pattern in serious:
            needed = requires.get(pattern.key, ALIVE)
            conditions[f"needs {pattern.key}"] = needed & contactable
        if serious:
            # A pattern without requirements does not show whether the log is fit for an assessment.
            findings = {pattern.key: self._open_finding(pattern) for pattern in serious}
            any_of = [*(requires.values() or [ALIVE]), *findings.values()]
            conditions["assessable"] = reduce(or_, any_of) & contactable
            conditions |= self.dismissed.conditions(findings)
        return conditions

    def _open_finding(self, pattern: Pattern) -> Condition:
        """Return the condition: a serious finding of the pattern is open."""
        return self.ladder.open_at(pattern, SERIOUS)


@dataclass
class Exposure:
    """Supporters with a serious finding, out of those assessable, at given instants.

    `dismissed` counts the supporters among `exposed` whose serious findings are all dismissed.
    """

    instants: Sequence[int]
    patterns: Sequence[str]
    dismissals: Dismissals = field(default_factory=Dismissals)
    dismissed: Counts = field(init=False)
    exposed: Counts = field(init=False)
    assessable: Counts = field(init=False)
    people: Counts = field(init=False)
    judged: dict[str, Counts] = field(init=False)

    def __post_init__(self) -> None:
        self.exposed, self.assessable, self.people, self.dismissed = (
            self._zeros() for _ in range(4)
        )
        self.judged = {key: self._zeros() for key in self.patterns}

    def add(self, episodes: pl.DataFrame) -> None:
        """Add the episodes of some supporters."""
        self.people += self._open(episodes, "line")
        self.exposed += self._open(episodes, "found")
        self.assessable += self._open(episodes, "assessable")
        for key in self.patterns:
            self.judged[key] += self._open(episodes, f"needs {key}")
        if self.dismissals:
            self.dismissed += self._open(self.dismissals.hiding(episodes), "found")

    def _zeros(self) -> Counts:
        return np.zeros(len(self.instants), np.int64)

    def _open(self, episodes: pl.DataFrame, name: str) -> Counts:
        """Count the open episodes of one condition at each instant.

        Episodes of one condition never overlap for one supporter.
        """
        mine = episodes.filter(pl.col("condition") == name)
        begun, ended = (
            np.searchsorted(np.sort(mine[edge].to_numpy()), self.instants, side="right")
            for edge in ("start", "end")
        )
        return begun - ended


@dataclass(frozen=True)
class MetricRows:
    """The collected rows, as frames with the columns of the schemas above."""

    gifts: pl.DataFrame
    queries: pl.DataFrame
    firsts: pl.DataFrame
    touches: pl.DataFrame
    exposed: Exposure


def gather(question: MetricsQuestion, parts: Iterable[Part], instants: Sequence[int]) -> MetricRows:
    """Read all histories; exposure is counted at the `instants`."""
    exposed = Exposure(instants, [pattern.key for pattern in question.serious], question.dismissed)
    frames: list[list[pl.DataFrame]] = [[], [], [], []]
    for part in parts:
        looked = question.look.at(
            part.frame, question.organisation, question.coverage, part.brought
        )
        prepared = _prepare(question, part, looked)
        exposed.add(prepared.episodes)
        for kept, rows in zip(frames, _rows_of_part(question, prepared), strict=True):
            kept.append(rows)
    gifts, queries, firsts, touches = (
        _concat(kept, schema)
        for kept, schema in zip(frames, (GIFTS, QUERIES, FIRSTS, TOUCHES), strict=True)
    )
    return MetricRows(gifts, queries, firsts, _sum_touches(touches), exposed)


def _concat(frames: Iterable[pl.DataFrame], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def _prepare(question: MetricsQuestion, part: Part, looked: LookResult) -> LookResult:
    """Add months and campaigns; drop suppressed supporters and touchpoints after now.

    A touchpoint without a campaign gets the campaign of the touchpoint that it answers.
    """
    now = question.now
    campaigns = part.frame.select("id", "date_only", "campaign")
    answered = campaigns.select(
        pl.col("id").alias("answers"), pl.col("campaign").alias("of_answered")
    )
    rows = (
        looked.rows.filter(pl.col("at") <= now)
        .join(campaigns, on="id", how="left", maintain_order="left")
        .join(answered, on="answers", how="left", maintain_order="left")
        .with_columns(pl.coalesce("campaign", "of_answered").alias("campaign"))
    )
    date = pl.col("day").cast(pl.Int32).cast(pl.Date)
    month = (date.dt.year() - 1970) * 12 + date.dt.month().cast(pl.Int32) - 1
    rows = rows.with_columns(month.alias("month"))
    open_ = (pl.col("start") <= now) & (pl.col("end") > now)
    silent = looked.episodes.filter(pl.col("condition") == "silent", open_)
    return LookResult(
        *(frame.join(silent, on="supporter", how="anti") for frame in (rows, looked.episodes))
    )


def _rows_of_part(question: MetricsQuestion, prepared: LookResult) -> tuple[pl.DataFrame, ...]:
    rows = prepared.rows.sort("at", "id")
    period = (pl.col("at") >= question.since) & (pl.col("at") < question.until)
    gifts = _with_next_ask(rows.filter("occasion", period), rows.filter("money_ask"))
    queries = rows.filter("query", period).with_columns(pl.col("query_cut").alias("cut"))
    firsts = _firsts(question, rows, prepared.episodes.filter(pl.col("condition") == "line"))
    return (
        # A refund can be dated before its gift: then the gift never counts.
        gifts.filter(pl.col("cut") > pl.col("at")).select(*GIFTS),
        queries.filter(pl.col("cut") > pl.col("at")).select(*QUERIES),
        firsts.filter(period).select(*FIRSTS),
        _touches(question, rows.filter(period)),
    )


def _with_next_ask(gifts: pl.DataFrame, asks: pl.DataFrame) -> pl.DataFrame:
    """Add the instant of the next ask after each gift.

    `until(money_ask)` does not fit, because an ask that answers something else would not end it;
    here any ask counts (docs/decisions/0012).
    """
    next_ = asks.select("supporter", "at", pl.col("at").alias("next_ask"))
    return gifts.join_asof(
        next_, on="at", by="supporter", strategy="forward", allow_exact_matches=False,
        check_sortedness=False,
    ).with_columns(pl.col("next_ask").fill_null(FOREVER))  # fmt: skip


def _firsts(question: MetricsQuestion, rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return each supporter's first request for money, with the number of contacts before it."""
    firsts = rows.filter("money_ask").unique("supporter", keep="first", maintain_order=True)
    nonasks = rows.filter("nonask").select("supporter", pl.col("at").alias("gave"))
    before = (
        firsts.select("supporter", "at")
        .join(nonasks, on="supporter")
        .filter(pl.col("gave") < pl.col("at"))
        .group_by("supporter")
        .agg(pl.len().cast(pl.Int64).alias("gives"))
    )
    known = firsts.join(before, on="supporter", how="left", maintain_order="left").join(
        lines.select("supporter", "start"), on="supporter", how="left", maintain_order="left"
    )
    begun = np.minimum(known["start"].to_numpy(), known["at"].to_numpy())
    unknown = overlap(question.gaps["touches"], begun, known["at"].to_numpy())
    return known.with_columns(
        pl.col("gives").fill_null(0), pl.Series("unknown", unknown, dtype=pl.Boolean)
    )


def _touches(question: MetricsQuestion, rows: pl.DataFrame) -> pl.DataFrame:
    """Count contacts by month and campaign."""
    at = rows["at"].to_numpy()
    missing = [
        pl.Series(name, overlap(question.gaps[piece], at, at), dtype=pl.Boolean)
        for name, piece in (("gap_asked", "touches"), ("gap_heard", "contact"))
    ]
    asked_of, known_contact = ~pl.col("gap_asked"), ~pl.col("gap_heard")
    counted = {
        "nonask": pl.col("nonask") & asked_of,
        "money_ask": pl.col("money_ask") & asked_of,
        "unasked": (pl.col("nonask") | pl.col("money_ask")) & ~asked_of,
        "contact": pl.col("contact") & known_contact,
        "conversation": pl.col("contact") & pl.col("conversation") & known_contact,
        "unheard": pl.col("contact") & ~known_contact,
    }
    return _sum_touches(
        rows.with_columns(missing)
        .select(
            *CAMPAIGN,
            *(condition.cast(pl.Int64).alias(name) for name, condition in counted.items()),
        )
        .filter(pl.any_horizontal(pl.col(name) > 0 for name in counted))
    )


def _sum_touches(touches: pl.DataFrame) -> pl.DataFrame:
    """Add up contacts to one row per month and campaign."""
    sums = [name for name in TOUCHES if name not in CAMPAIGN]
    return (
        touches.group_by("month", "campaign")
        .agg(pl.col("at").min(), pl.col(sums).sum())
        .select(*TOUCHES)
    )
