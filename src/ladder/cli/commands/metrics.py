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
        found = measure(
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
        shown = [metric for metric in METRICS if not keys or metric.key in keys]
        if drawing is not None:
            saved(drawing, svg(found, ask.name, _time(ask, found)))
            tell(f"drawn: {drawing}")
        if as_json:
            print_json(_document(ask, found, shown, rows=by is not None))
            return
        paper = Paper()
        paper.heading(f"{ask.name}, {_time(ask, found)}")
        if by is None:
            _print_whole(paper, found, shown)
        else:
            _print_rows(paper, found, shown)
        _print_needs(paper, found, shown)


def _time(ask: Asking, found: Metrics) -> str:
    asked = found.question
    return f"{ask.clock.day(asked.since)} to {ask.clock.day(asked.until - 1)}"


def _print_whole(paper: Paper, found: Metrics, shown: Iterable[Metric]) -> None:
    """Print one line per metric: its figure, its denominator, and the months as small bars."""
    columns = [
        Column("", fit="whole"),
        Column("figure", right=True, fit="whole"),
        Column("of", fit="whole"),
    ]
    if paper.blocks and len(found.rows) > 1:
        columns.append(Column("by month", fit="whole"))
    table = Table(columns)
    for metric in shown:
        value = found.total.values[metric.key]
        months = [row.values[metric.key].value for row in found.rows[-MONTHS:]]
        size = f"{value.denominator:>5,} {metric.of}"
        cells = (found.title(metric), value_text(value, metric.unit), size, sparkline(months))
        table.add(*cells[: len(columns)], style="" if value.value is not None else "dim")
    paper.table(table)


def _print_rows(paper: Paper, found: Metrics, shown: Iterable[Metric]) -> None:
    """Print one table per theme, with one row per month or campaign."""
    for theme, group in groupby(shown, key=lambda metric: metric.theme):
        metrics = [metric for metric in group if metric.key in found.total.values]
        mine = [row for row in found.rows if all(each.key in row.values for each in metrics)]
        if not mine:
            continue
        paper.line()
        numbers = [Column(found.short(each), right=True, fit="whole") for each in metrics]
        table = Table((Column(theme, fit="fold"), *numbers))
        kept = [row for row in mine if found.by == "month" or _says(row, metrics)]
        for row in kept[:MOST]:
            table.add(row.name or "(no campaign)", *_cells(row, metrics))
        table.add("All", *_cells(found.total, metrics), style="bold")
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


def _print_needs(paper: Paper, found: Metrics, shown: Sequence[Metric]) -> None:
    """Print why values are not known, and how many rows were too young."""
    whole = found.total.values
    missing = [each for each in shown if whole[each.key].status == "not assessable"]
    if missing:
        paper.line()
        words = "Not known, because the log is not declared to hold what is needed:"
        paper.prose(words, "bold")
    for each in missing:
        paper.prose(f"{found.title(each)}: {each.requires}", indent=2)
    partly = [each for each in shown if each not in missing and whole[each.key].unknown]
    if partly:
        paper.line()
        counts = "; ".join(f"{found.title(m)}: {whole[m.key].unknown:,}" for m in partly)
        paper.prose(f"Left out because the log does not cover them. {counts}", "dim")
    for each in shown:
        if whole[each.key].dismissed:
            paper.line()
            verb = "counted, though" if found.question.with_dismissed else "not counted, for"
            words = f"{found.title(each)}: {whole[each.key].dismissed:,} {verb} all was dismissed."
            paper.prose(words, "dim")
    young = [each for each in shown if whole[each.key].young]
    if young:
        paper.line()
        counts = "; ".join(f"{found.title(m)}: {whole[m.key].young:,}" for m in young)
        paper.prose(f"Left out because their time has not run yet. {counts}", "dim")


def _document(
    ask: Asking, found: Metrics, shown: Sequence[Metric], *, rows: bool
) -> dict[str, object]:
    """Return the metrics as JSON."""
    asked, clock = found.question, ask.clock
    keys = [metric.key for metric in shown]
    return ask.document(
        since=clock.iso(asked.since),
        until=clock.iso(asked.until - 1),
        now=clock.iso(asked.now),
        minimum=found.minimum,
        judged=found.judged,
        pieces={name: str(piece) for name, piece in vars(asked.pieces).items()},
        metrics=[
            {
                "metric": metric.key,
                "title": found.title(metric),
                "unit": metric.unit,
                "of": metric.of,
                **asdict(found.total.values[metric.key]),
                "reason": _reason(found, metric),
            }
            for metric in shown
        ],
        by=found.by if rows else None,
        rows=[
            {
                "name": row.name,
                "since": clock.iso(row.since),
                "until": clock.iso(row.until - 1),
                "metrics": {key: asdict(row.values[key]) for key in keys if key in row.values},
            }
            for row in found.rows
        ]
        if rows
        else [],
    )


def _reason(found: Metrics, metric: Metric) -> str | None:
    """Return the reason why there is no figure."""
    status = found.total.values[metric.key].status
    if status == "measured":
        return None
    return f"needs {metric.requires}" if status == "not assessable" else WORDS[status]
