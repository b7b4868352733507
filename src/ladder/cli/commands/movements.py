"""`ladder movements`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

import click

from ladder.cli import options
from ladder.cli.context import Asking, asking
from ladder.cli.dates import MOMENT
from ladder.cli.output import Lazily, print_json, tell
from ladder.cli.render import touchpoints
from ladder.cli.render.common import MOVED, page, print_flows, print_paths, tell_left_out
from ladder.cli.render.console import Column, Paper, Table
from ladder.language.standings import MOVEMENTS
from ladder.model.calendars import DAY
from ladder.reports.flows import flows
from ladder.storage.read.pages import page_after_page
from ladder.storage.read.queries import Flow, Movement

DAYS = 30
COLUMNS = (
    Column("date", fit="whole"),
    Column("supporter", fit="whole"),
    Column("", fit="whole"),
    Column("from > to"),
    Column("because of"),
)


@click.command(name="movements")
@options.where
@click.option("--since", type=MOMENT, metavar="DATE", help="From the start of that day.")
@click.option("--until", type=MOMENT, metavar="DATE", help="To the end of that day (default: now).")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(MOVEMENTS), help="Only these; repeatable."
)
@click.option("--supporter", metavar="KEY", help="Only theirs, from their first one on.")
@click.option("--summary", is_flag=True, help="Count them: by rung, and from where to where.")
@options.known_at
@options.limit
@options.now
@options.as_json
def command(
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    since: date | None,
    until: date | None,
    kinds: tuple[str, ...],
    supporter: str | None,
    summary: bool,
    known_at: date | None,
    limit: int | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Who moved, when, from where to where, and why; oldest first.

    Without --since the last 30 days, or with --supporter everything. With --until in the future
    also what will happen if nothing does.
    """
    with asking(db, organisation, ladder, now) as ask:
        last = ask.clock.as_of(until) + 1
        first = None if since is None else ask.clock.start(since)
        if since is None and supporter is None:
            first = last - DAYS * DAY
            tell(f"the {DAYS} days up to {ask.clock.day(last - 1)}: --since asks for more")
        known = None if known_at is None else ask.clock.as_of(known_at)
        if summary and supporter is None:
            counted = ask.questions.flows(first, last, known_at=known)
            show_summary(ask, _only(counted, kinds), as_json=as_json)
            return

        def page_after(after: Movement | None, most: int | None) -> Sequence[Movement]:
            return ask.questions.movements(
                first, last, kinds=kinds, supporter=supporter, known_at=known, limit=most,
                after=after,
            )  # fmt: skip

        if summary:
            show_summary(ask, page_after(None, None), as_json=as_json)
            return
        most = page(limit, as_json=as_json)
        pages = page_after_page(page_after, most)
        if as_json:
            print_json(document(ask, pages))
            return
        count = print_movements(ask, Paper(), pages)
        if not count:
            tell("nobody moved")
        elif count == most:
            tell_left_out(most, _number(ask, first, last, kinds, known, supporter), "movements")


def _number(
    ask: Asking,
    first: int | None,
    last: int,
    kinds: Collection[str],
    known: int | None,
    supporter: str | None,
) -> int:
    """Count all movements, where not all were shown."""
    if supporter is not None:
        movements = ask.questions.movements(
            first, last, kinds=kinds, supporter=supporter, known_at=known
        )
        return len(movements)
    counted = ask.questions.flows(first, last, known_at=known)
    return sum(flow.movements for flow in _only(counted, kinds))


def _only(counted: Sequence[Flow], kinds: Collection[str]) -> list[Flow]:
    """Return the counts of these kinds; all if none is named."""
    return [flow for flow in counted if not kinds or flow.kind in kinds]


def document(ask: Asking, pages: Iterable[Sequence[Movement]]) -> dict[str, object]:
    """Return movements as JSON."""

    def told_of(part: Sequence[Movement]) -> Iterator[object]:
        facts = touchpoints.causes(ask, part)
        return (touchpoints.movement_document(ask, movement, facts) for movement in part)

    return ask.document(
        movements=Lazily(movement for page_rows in pages for movement in told_of(page_rows))
    )


def show_summary(
    ask: Asking, movements: Sequence[Movement] | Sequence[Flow], *, as_json: bool
) -> None:
    """Print counts of movements, for people or programs."""
    counted = flows(ask.outline, movements)
    if as_json:
        places = [{"rungs": place.rungs.split("+"), **place.counts} for place in counted.places]
        paths = [{"from": a, "to": b, "movements": number} for a, b, number in counted.paths]
        print_json(ask.document(places=places, paths=paths, totals=counted.totals))
        return
    paper = Paper()
    print_flows(paper, counted)
    print_paths(paper, counted)


def print_movements(ask: Asking, paper: Paper, pages: Iterable[Sequence[Movement]]) -> int:
    """Print movements for people and return their number."""
    count, marked = 0, False
    for part in pages:
        facts = touchpoints.causes(ask, part)
        table = Table(COLUMNS, head=not count)
        for movement in part:
            peak = movement.new_peak and movement.kind != "arrived"
            marked = marked or peak
            kind, style = (
                f"{movement.kind} *" if peak else movement.kind,
                MOVED.get(movement.kind, ""),
            )
            day, because = ask.clock.day(movement.at), touchpoints.why(movement, facts)
            table.add(day, movement.key, kind, ask.step(movement), because, style=style)
        paper.table(table)
        count += len(part)
    if marked:
        paper.line("* higher than ever before", "dim")
    return count
