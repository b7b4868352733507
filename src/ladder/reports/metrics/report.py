"""The metrics of an organisation over a period, by month or by campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from ladder.language.ladders import Ladder
from ladder.model.disclosure import SHARE
from ladder.reports.metrics.collection import MetricsQuestion, gather
from ladder.reports.metrics.computation import Counting, Groups
from ladder.reports.metrics.definitions import BY_KEY, METRICS, Metric, Value
from ladder.reports.metrics.dismissals import Dismissals
from ladder.reports.metrics.months import months_before, months_within
from ladder.reports.metrics.selectors import Pieces
from ladder.storage import coverage, definitions, finding_states
from ladder.storage.read.history_batches import Part, read_parts
from ladder.storage.store import Store

By = Literal["month", "campaign"]
YEAR: Final = 12
"""Number of months in the default period, the present month included."""


@dataclass(frozen=True)
class Row:
    """Metric values of one month or campaign.

    `name` is "2026-03", the name of a campaign, or None for rows without a campaign. A campaign has
    the whole period that was asked for.
    """

    name: str | None
    since: int
    until: int
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Metrics:
    """Metric values of the whole period, and of its months or campaigns.

    `judged` has, for each serious pattern of the organisation's side, the number of supporters that
    it can be assessed for at the end.
    """

    question: MetricsQuestion
    minimum: int
    by: By | None
    total: Row
    rows: tuple[Row, ...]
    judged: Mapping[str, int]

    def title(self, metric: Metric | str) -> str:
        """Return the title of a metric with its time limits: "Thanked within 48 hours"."""
        return self._text_of(metric, "title")

    def short(self, metric: Metric | str) -> str:
        """Return the title of a metric next to others of its theme: "48 hours"."""
        return self._text_of(metric, "short")

    def _text_of(self, metric: Metric | str, field: str) -> str:
        metric_of_key = BY_KEY[metric] if isinstance(metric, str) else metric
        text: str = getattr(metric_of_key, field)
        return text.format(
            **{name: _words(piece) for name, piece in vars(self.question.pieces).items()}
        )

    def frame(self) -> pl.DataFrame:
        """Return one row per metric, for the whole period (`by` null) and per month or campaign."""
        rows = [(None, self.total), *((self.by, row) for row in self.rows)]
        return pl.DataFrame(
            [
                (by, row.name, key, value.status, value.value, value.numerator, value.denominator,
                 value.young, value.unknown, value.dismissed)
                for by, row in rows
                for key, value in row.values.items()
            ],
            schema={
                "by": pl.String, "name": pl.String, "metric": pl.String, "status": pl.String,
                "value": pl.Float64, "numerator": pl.Int64, "denominator": pl.Int64,
                "young": pl.Int64, "unknown": pl.Int64, "dismissed": pl.Int64,
            },
            orient="row",
        )  # fmt: skip


def measure(
    store: Store,
    ladder: Ladder,
    *,
    now: int,
    by: By | None = None,
    since: int | None = None,
    until: int | None = None,
    pieces: Pieces | None = None,
    minimum: int = SHARE,
    with_dismissed: bool = False,
) -> Metrics:
    """Measure how an organisation treats all its supporters within `[since, until)`.

    Instants are microseconds. The default period begins with the month eleven months before the
    present one and ends at `now`. Thanks, replies and reports count up to `now`. `ladder` defines
    which patterns are serious and who is suppressed; it must know every kind in the history.
    `minimum` is the least number that makes a figure. Supporters whose serious findings are all
    dismissed are counted apart; `with_dismissed` counts them as exposed.
    """
    calendar = store.organisation.calendar
    question = MetricsQuestion(
        store.organisation,
        ladder,
        coverage.declared(store, ladder.kinds),
        pieces or Pieces.from_catalogue(),
        months_before(calendar, now, YEAR - 1) if since is None else since,
        now + 1 if until is None else min(until, now + 1),
        now,
        _dismissals(store, ladder),
        with_dismissed,
    )
    return measure_parts(
        question, read_parts(store, ladder.kinds.values(), columns=question.columns), by, minimum
    )


def _dismissals(store: Store, ladder: Ladder) -> Dismissals:
    """Return the dismissals of the ladder's patterns; empty if the ladder is not adopted."""
    adopted = definitions.adopted(store, ladder.key)
    if not adopted:
        return Dismissals()
    patterns = [pattern.key for pattern in ladder.patterns]
    return Dismissals.of(finding_states.dismissed(store, adopted[0].root, patterns))


def measure_parts(
    question: MetricsQuestion, parts: Iterable[Part], by: By | None = None, minimum: int = SHARE
) -> Metrics:
    """Measure histories that are already read; a part must hold whole supporters."""
    calendar, time = question.organisation.calendar, (question.since, question.until)
    months = months_within(calendar, *time)
    rows_of_metrics = gather(
        question, parts, [*(month.until - 1 for month in months), question.until - 1]
    )
    counting = Counting(question, rows_of_metrics, calendar, minimum)
    rows: tuple[Row, ...] = ()
    if by == "month":
        rows = _rows(counting, Groups.by_month(months))
    elif by == "campaign":
        rows = _rows(counting, Groups.by_campaign(rows_of_metrics, *time))
    total = _rows(counting, Groups.whole(rows_of_metrics, *time))[0]
    judged = {key: int(counts[-1]) for key, counts in rows_of_metrics.exposed.judged.items()}
    return Metrics(question, minimum, by, total, rows, judged)


def _rows(counting: Counting, groups: Groups) -> tuple[Row, ...]:
    """Return one row of metric values per group."""
    metrics = [metric for metric in METRICS if groups.exposed is not None or metric.by_campaign]
    values_by_key = {metric.key: counting.values(metric.key, groups) for metric in metrics}
    return tuple(
        Row(name, *groups.times[n], {key: values[n] for key, values in values_by_key.items()})
        for n, name in enumerate(groups.names)
    )


def _words(piece: object) -> str:
    """Format a span in words: hours(48) is "48 hours"."""
    text = str(piece)
    unit, _, number = text.rstrip(")").partition("(")
    if not number.isdigit() or unit not in ("hours", "days", "months", "years"):
        return text
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"
