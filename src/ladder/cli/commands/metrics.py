"""`ladder metrics`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

import click

from ladder.cli import options
from ladder.cli.context import Asking, asking
from ladder.cli.dates import MOMENT
from ladder.cli.output import print_json, tell
from ladder.cli.render.common import MOST, saved
from ladder.cli.render.console import Column, Paper, Table
from ladder.model.disclosure import SHARE
from ladder.reports.metrics import BY_KEY, METRICS, Metric, Metrics, Pieces, Row, measure
from ladder.reports.metrics.charts import WORDS, sparkline, svg, value_text

MONTHS: Final = 12
"""Months of a trend in one line."""


@click.command(name="metrics")
@options.where
@click.option("--by", type=click.Choice(("month", "campaign")), help="A row for each of them.")
@click.option(
    "--since", type=MOMENT, metavar="DATE", help="From that day on (default: twelve months)."
)
@click.option("--until", type=MOMENT, metavar="DATE", help="To the end of that day (default: now).")
@click.option(
    "--metric", "keys", multiple=True, type=click.Choice(list(BY_KEY)), metavar="KEY",
    help="Only this one, by its key in --json; repeatable.",
)  # fmt: skip
@click.option(
    "--minimum", type=click.IntRange(min=1), default=SHARE, show_default=True, metavar="N",
    help="Fewer than these make no figure.",
)  # fmt: skip
@click.option(
    "--with-dismissed", is_flag=True, help="Count findings that somebody has dismissed, too."
)
@click.option("--receipts", is_flag=True, help="Automatic receipts count as thanks.")
@click.option(
    "--pieces", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="A ladder, or a file with [let] alone, that says otherwise what is counted.",
)  # fmt: skip
@click.option(
    "--svg", "drawing", type=click.Path(path_type=Path), help="Write the trends as a drawing."
)
@options.now
@options.as_json
def command(
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    by: Literal["month", "campaign"] | None,
    since: date | None,
    until: date | None,
    keys: tuple[str, ...],
    minimum: int,
    with_dismissed: bool,
    receipts: bool,
    pieces: Path | None,
    drawing: Path | None,
    now: date | None,
    as_json: bool,
) -> None:
    """How the organisation treats its supporters as a whole: thanks, reports, asks, answers.

    What the log was not declared to hold is not known; what has not had its time yet is too young;
    fewer than the minimum are too few. None of them counts as a failure. Who is silent now is left
    out. Each metric's formula and caveat: docs/metrics.md
    """
    if drawing is not None and by == "campaign":
        message = "--svg draws months: leave --by campaign away"
        raise click.UsageError(message)
    with asking(db, organisation, ladder, now) as ask:
        counted = Pieces.from_catalogue() if pieces is None else Pieces.read(pieces)
        measured = measure(
            ask.store,
            ask.ladder,
            now=ask.clock.now,
            by=by or "month",
            since=None if since is None else ask.clock.start(since),
            until=None if until is None else ask.clock.as_of(until) + 1,
            pieces=counted.with_receipts() if receipts else counted,
            minimum=minimum,
            with_dismissed=with_dismissed,
        )
        chosen = [metric for metric in METRICS if not keys or metric.key in keys]
        if drawing is not None:
            saved(drawing, svg(measured, ask.name, _time(ask, measured)))
            tell(f"drawn: {drawing}")
        if as_json:
            print_json(_document(ask, measured, chosen, rows=by is not None))
            return
        paper = Paper()
        paper.heading(f"{ask.name}, {_time(ask, measured)}")
        if by is None:
            _print_whole(paper, measured, chosen)
        else:
            _print_rows(paper, measured, chosen)
        _print_needs(paper, measured, chosen)


def _time(ask: Asking, metrics: Metrics) -> str:
    asked = metrics.question
    return f"{ask.clock.day(asked.since)} to {ask.clock.day(asked.until - 1)}"


def _print_whole(paper: Paper, metrics: Metrics, chosen: Iterable[Metric]) -> None:
    """Print one line per metric: its figure, its denominator, and the months as small bars."""
    columns = [
        Column("", fit="whole"),
        Column("figure", right=True, fit="whole"),
        Column("of", fit="whole"),
    ]
    if paper.blocks and len(metrics.rows) > 1:
        columns.append(Column("by month", fit="whole"))
    table = Table(columns)
    for metric in chosen:
        value = metrics.total.values[metric.key]
        months = [row.values[metric.key].value for row in metrics.rows[-MONTHS:]]
        size = f"{value.denominator:>5,} {metric.of}"
        cells = (metrics.title(metric), value_text(value, metric.unit), size, sparkline(months))
        table.add(*cells[: len(columns)], style="" if value.value is not None else "dim")
    paper.table(table)


def _print_rows(paper: Paper, measured: Metrics, chosen: Iterable[Metric]) -> None:
    """Print one table per theme, with one row per month or campaign."""
    for theme, group in groupby(chosen, key=lambda metric: metric.theme):
        metrics = [metric for metric in group if metric.key in measured.total.values]
        mine = [row for row in measured.rows if all(metric.key in row.values for metric in metrics)]
        if not mine:
            continue
        paper.line()
        numbers = [Column(measured.short(metric), right=True, fit="whole") for metric in metrics]
        table = Table((Column(theme, fit="fold"), *numbers))
        kept = [row for row in mine if measured.by == "month" or _says(row, metrics)]
        for row in kept[:MOST]:
            table.add(row.name or "(no campaign)", *_cells(row, metrics))
        table.add("All", *_cells(measured.total, metrics), style="bold")
        paper.table(table)
        if len(kept) > MOST:
            tell(f"{MOST} of {len(kept):,} campaigns shown: --json has them all")


def _says(row: Row, metrics: Iterable[Metric]) -> bool:
    """Return whether any metric has something to count."""
    return any(row.values[metric.key].status != "nothing" for metric in metrics)


def _cells(row: Row, metrics: Iterable[Metric]) -> list[str]:
    """Return the figures with their denominators."""
    cells = []
    for metric in metrics:
        value = row.values[metric.key]
        word = value_text(value, metric.unit)
        cells.append("-" if value.status == "nothing" else f"{word} of {value.denominator:,}")
    return cells


def _print_needs(paper: Paper, metrics: Metrics, chosen: Sequence[Metric]) -> None:
    """Print why values are not known, and how many rows were too young."""
    whole = metrics.total.values
    missing = [metric for metric in chosen if whole[metric.key].status == "not assessable"]
    if missing:
        paper.line()
        words = "Not known, because the log is not declared to hold what is needed:"
        paper.prose(words, "bold")
    for metric in missing:
        paper.prose(f"{metrics.title(metric)}: {metric.requires}", indent=2)
    partly = [metric for metric in chosen if metric not in missing and whole[metric.key].unknown]
    if partly:
        paper.line()
        counts = "; ".join(f"{metrics.title(m)}: {whole[m.key].unknown:,}" for m in partly)
        paper.prose(f"Left out because the log does not cover them. {counts}", "dim")
    for metric in chosen:
        if whole[metric.key].dismissed:
            paper.line()
            verb = "counted, though" if metrics.question.with_dismissed else "not counted, for"
            number = f"{whole[metric.key].dismissed:,}"
            paper.prose(f"{metrics.title(metric)}: {number} {verb} all was dismissed.", "dim")
    young = [metric for metric in chosen if whole[metric.key].young]
    if young:
        paper.line()
        counts = "; ".join(f"{metrics.title(m)}: {whole[m.key].young:,}" for m in young)
        paper.prose(f"Left out because their time has not run yet. {counts}", "dim")


def _document(
    ask: Asking, metrics: Metrics, chosen: Sequence[Metric], *, rows: bool
) -> dict[str, object]:
    """Return the metrics as JSON."""
    asked, clock = metrics.question, ask.clock
    keys = [metric.key for metric in chosen]
    return ask.document(
        since=clock.iso(asked.since),
        until=clock.iso(asked.until - 1),
        now=clock.iso(asked.now),
        minimum=metrics.minimum,
        judged=metrics.judged,
        pieces={name: str(piece) for name, piece in vars(asked.pieces).items()},
        metrics=[
            {
                "metric": metric.key,
                "title": metrics.title(metric),
                "unit": metric.unit,
                "of": metric.of,
                **asdict(metrics.total.values[metric.key]),
                "reason": _reason(metrics, metric),
            }
            for metric in chosen
        ],
        by=metrics.by if rows else None,
        rows=[
            {
                "name": row.name,
                "since": clock.iso(row.since),
                "until": clock.iso(row.until - 1),
                "metrics": {key: asdict(row.values[key]) for key in keys if key in row.values},
            }
            for row in metrics.rows
        ]
        if rows
        else [],
    )


def _reason(metrics: Metrics, metric: Metric) -> str | None:
    """Return the reason why there is no figure."""
    status = metrics.total.values[metric.key].status
    if status == "measured":
        return None
    return f"needs {metric.requires}" if status == "not assessable" else WORDS[status]
