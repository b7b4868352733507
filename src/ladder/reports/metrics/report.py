"""The metrics of an organisation over a time, by month or by campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from ladder.language.ladders import Ladder
from ladder.model.disclosure import SHARE
from ladder.reports.metrics.collection import Asked, gather
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
"""Months that are looked at where nobody said since when, the present one among them."""


@dataclass(frozen=True)
class Row:
    """One month or campaign: its name, its time, and what each metric says of it.

    `name` is "2026-03", a campaign as it is called, or None for what names no campaign. A campaign
    has the whole time that was asked about.
    """

    name: str | None
    since: int
    until: int
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Metrics:
    """What `measure` found: of the whole time, and of each month or campaign in it.

    `judged` tells, for each serious pattern of the organisation's side, of how many supporters it
    can be said at the end whether it is there.
    """

    asked: Asked
    minimum: int
    by: By | None
    total: Row
    rows: tuple[Row, ...]
    judged: Mapping[str, int]

    def title(self, metric: Metric | str) -> str:
        """A metric's name, with the times that it allows: "Thanked within 48 hours"."""
        return self._named(metric, "title")

    def short(self, metric: Metric | str) -> str:
        """Its name beside others of its theme: "48 hours"."""
        return self._named(metric, "short")

    def _named(self, metric: Metric | str, field: str) -> str:
        found = BY_KEY[metric] if isinstance(metric, str) else metric
        text: str = getattr(found, field)
        return text.format(**{name: _words(each) for name, each in vars(self.asked.pieces).items()})

    def frame(self) -> pl.DataFrame:
        """A row for each metric of the whole time (`by` null) and of each month or campaign."""
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
    """How an organisation treats its supporters, as a whole, from `since` to before `until`.

    Instants are microseconds. Without them: from eleven months before the present one until `now`,
    which is also up to when thanks, replies and reports are seen. `ladder` says which patterns are
    serious and who is silent; it must know every kind that the history holds. `minimum` is the
    least number that makes a figure. Supporters whose serious findings have all been dismissed are
    counted apart, or, `with_dismissed`, like any other.
    """
    calendar = store.organisation.calendar
    asked = Asked(
        store.organisation,
        ladder,
        coverage.declared(store, ladder.kinds),
        pieces or Pieces.shipped(),
        months_before(calendar, now, YEAR - 1) if since is None else since,
        now + 1 if until is None else min(until, now + 1),
        now,
        _dismissals(store, ladder),
        with_dismissed,
    )
    return measured(
        asked, read_parts(store, ladder.kinds.values(), columns=asked.columns), by, minimum
    )


def _dismissals(store: Store, ladder: Ladder) -> Dismissals:
    """What was dismissed of the patterns of that ladder, where it was adopted."""
    adopted = definitions.adopted(store, ladder.key)
    if not adopted:
        return Dismissals()
    patterns = [pattern.key for pattern in ladder.patterns]
    return Dismissals.of(finding_states.dismissed(store, adopted[0].root, patterns))


def measured(
    asked: Asked, parts: Iterable[Part], by: By | None = None, minimum: int = SHARE
) -> Metrics:
    """The same from histories in hand, whole supporters in each part."""
    calendar, time = asked.organisation.calendar, (asked.since, asked.until)
    months = months_within(calendar, *time)
    found = gather(asked, parts, [*(month.until - 1 for month in months), asked.until - 1])
    counting = Counting(asked, found, calendar, minimum)
    rows: tuple[Row, ...] = ()
    if by == "month":
        rows = _rows(counting, Groups.by_month(months))
    elif by == "campaign":
        rows = _rows(counting, Groups.by_campaign(found, *time))
    total = _rows(counting, Groups.whole(found, *time))[0]
    judged = {key: int(counts[-1]) for key, counts in found.exposed.judged.items()}
    return Metrics(asked, minimum, by, total, rows, judged)


def _rows(counting: Counting, groups: Groups) -> tuple[Row, ...]:
    """What each metric says of each group."""
    metrics = [each for each in METRICS if groups.exposed is not None or each.by_campaign]
    said = {metric.key: counting.values(metric.key, groups) for metric in metrics}
    return tuple(
        Row(name, *groups.times[n], {key: values[n] for key, values in said.items()})
        for n, name in enumerate(groups.names)
    )


def _words(piece: object) -> str:
    """A span as people say it: hours(48) is "48 hours"."""
    text = str(piece)
    unit, _, number = text.rstrip(")").partition("(")
    if not number.isdigit() or unit not in ("hours", "days", "months", "years"):
        return text
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"
