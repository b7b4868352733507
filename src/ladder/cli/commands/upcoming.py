"""`ladder upcoming`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import chain

import click

from ladder.cli import options
from ladder.cli.context import Asking, asking
from ladder.cli.output import Lazily, print_json, tell
from ladder.cli.render import touchpoints
from ladder.cli.render.common import MOVED, page
from ladder.cli.render.console import Column, Paper, Table
from ladder.language.standings import MOVEMENTS
from ladder.storage.read.pages import page_after_page
from ladder.storage.read.queries import Movement

FALLS = {"lapsed": "lapses", "slipped": "slips"}
"""Verbs in the present tense, because these movements have not happened yet."""
COLUMNS = (
    Column("on", fit="whole"),
    Column("in days", right=True, fit="whole"),
    Column("supporter", fit="whole"),
    Column("", fit="whole"),
    Column("from > to"),
)


@click.command(name="upcoming")
@options.where
@click.option(
    "--days",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    metavar="N",
    help="So many days ahead, whole ones.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(MOVEMENTS),
    default=tuple(FALLS),
    show_default=True,
    help="Which movements; repeatable. On a ladder of states they are `crossed`.",
)
@options.limit
@options.now
@options.as_json
def command(
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    days: int,
    kinds: tuple[str, ...],
    limit: int | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Who will lapse or slip within the next N days unless something happens, soonest first.

    These are no guesses: the definitions say until when what she did counts.
    """
    with asking(db, organisation, ladder, now) as ask:

        def page_after(after: Movement | None, most: int) -> Sequence[Movement]:
            return ask.questions.upcoming(ask.clock.now, days, kinds=kinds, limit=most, after=after)

        most = page(limit, as_json=as_json)
        if as_json:
            movements = chain.from_iterable(page_after_page(page_after, most))
            falls = Lazily(
                touchpoints.movement_document(ask, movement, {}) for movement in movements
            )
            print_json(ask.document(now=ask.clock.iso(ask.clock.now), days=days, upcoming=falls))
            return
        count, last = 0, None
        for falling in page_after_page(page_after, most):
            print_upcoming(ask, Paper(), falling, head=not count)
            count, last = count + len(falling), falling[-1]
        if last is not None and count == most and page_after(last, 1):
            tell(f"the first {most:,} falls shown: --limit 0 shows all")
        if not count:
            tell(f"nothing of the kind lies ahead within {days} days")


def print_upcoming(
    ask: Asking, paper: Paper, movements: Sequence[Movement], *, head: bool = True
) -> None:
    """Print coming movements for people."""
    calendar = ask.clock.calendar
    today = calendar.day_of(ask.clock.now)
    table = Table(COLUMNS, head=head)
    for movement in movements:
        days = calendar.day_of(movement.at) - today
        table.add(
            ask.clock.day(movement.at),
            f"{days}",
            movement.key,
            FALLS.get(movement.kind, movement.kind),
            ask.step(movement),
            style=MOVED.get(movement.kind, ""),
        )
    paper.table(table)
