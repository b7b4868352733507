"""`ladder patterns` and its subcommands."""

from __future__ import annotations

from datetime import date, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from ladder.cli import options
from ladder.cli.commands.pattern_catalogue import list_, settings, show
from ladder.cli.context import asking
from ladder.cli.dates import MOMENT
from ladder.cli.output import print_json
from ladder.cli.render.console import Paper
from ladder.model.disclosure import CELL, SIDE

if TYPE_CHECKING:
    from ladder.effects.index_dates import Every

NEEDS = ("scipy", "statsmodels")


@click.group(name="patterns")
def command() -> None:
    """What is known of the patterns: which ship, and on your own history, what followed them."""


for _each in (list_, show, settings):
    command.add_command(_each)


def _whole_day(ctx: click.Context, option: click.Parameter, value: date | None) -> date | None:
    if isinstance(value, datetime):
        message = "give a date: supporters are told apart at the ends of days"
        raise click.BadParameter(message, ctx, option)
    return value


@command.command()
@options.where
@click.option(
    "--pattern",
    "patterns",
    multiple=True,
    metavar="KEY",
    help="Only this pattern, by key (O1) or name; may be given again. Those that look at giving "
    "itself (S1) are weighed only when they are named.",
)
@click.option(
    "--months",
    type=click.IntRange(min=1, max=120),
    default=12,
    show_default=True,
    help="How long after an index date giving is counted.",
)
@click.option(
    "--every",
    type=click.Choice(["month", "quarter", "year"]),
    default="quarter",
    show_default=True,
    help="Index dates are the ends of these; a pattern counts if it was found within one.",
)
@click.option(
    "--since",
    type=MOMENT,
    callback=_whole_day,
    metavar="DATE",
    help="No index date before this day (default: five years of them).",
)
@click.option(
    "--until", type=MOMENT, callback=_whole_day, metavar="DATE", help="None after this day."
)
@click.option(
    "--giving",
    multiple=True,
    metavar="KIND",
    help="A kind that counts as giving; may be given again (default: all money but purchases and "
    "membership).",
)
@click.option(
    "--min-group",
    type=click.IntRange(min=2),
    default=SIDE,
    show_default=True,
    help="Matched supporters on each side below which a pattern is silent.",
)
@click.option(
    "--cell",
    type=click.IntRange(min=1),
    default=CELL,
    show_default=True,
    help="People below whom no number is shown.",
)
@options.now
@options.as_json
def weigh(
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    patterns: tuple[str, ...],
    months: int,
    every: Every,
    since: date | None,
    until: date | None,
    giving: tuple[str, ...],
    min_group: int,
    cell: int,
    now: date | None,
    as_json: bool,
) -> None:
    """What followed each pattern here: giving in the next 12 months, with it and without it.

    Supporters on whom a pattern was found are compared with others who had given as recently, as
    often and as much before. What is found so is associated, not caused; and it is about groups,
    never about a person. A pattern with too few supporters on a side is silent.
    """
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        message = f"weighing needs {' and '.join(missing)}: pip install 'ladder-crm[cli,weigh]'"
        raise click.UsageError(message)
    from ladder.cli.render.effects import document, show  # noqa: PLC0415  (a second or two of statistics)
    from ladder.effects import weigh as weighing  # noqa: PLC0415

    with asking(db, organisation, ladder, now) as ask:
        result = weighing(
            ask.store,
            now=ask.clock.now,
            ladder=ladder,
            patterns=patterns,
            months=months,
            every=every,
            since=since,
            until=until,
            giving=giving,
            min_group=min_group,
            cell=cell,
        )
        if as_json:
            print_json(document(ask, result))
        else:
            show(Paper(), ask, result)
