"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ladder.cli.dates import MOMENT

Command = TypeVar("Command", bound=Callable[..., Any])


def _all(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Combine several options into one decorator."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


as_json = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on stdout, for programs."
)
db = click.option(
    "--db",
    required=True,
    envvar="LADDER_DB",
    show_envvar=True,
    metavar="FILE|URL",
    help="The database: file.db, sqlite:///file.db or postgresql://user@host/name.",
)
organisation = click.option(
    "--organisation",
    "organisation",
    metavar="KEY",
    help="Whose supporters; needed only where the database holds several organisations.",
)
ladder_key = click.option(
    "--ladder",
    "ladder",
    metavar="KEY",
    help="Which ladder; needed only where the organisation has adopted several.",
)
known_at = click.option(
    "--known-at",
    type=MOMENT,
    metavar="DATE",
    help="As it was believed on that date, before what was recorded later.",
)
now = click.option(
    "--now",
    type=MOMENT,
    metavar="DATE",
    help="What the present is taken to be (default: the clock), for output that can be repeated.",
)
at = click.option(
    "--at",
    type=MOMENT,
    metavar="DATE",
    help="On which date: its end, as the organisation's clocks show it (default: now).",
)
limit = click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=None,
    metavar="N",
    help="At most so many rows; 0: all (default: 40 in a table, all in JSON).",
)

rules = click.option(
    "--rules",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="LADDER_RULES",
    show_envvar=True,
    metavar="FILE",
    help="What the organisation says otherwise of the rules for asking (TOML).",
)


def _month_and_day(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and re.fullmatch(r"\d\d-\d\d", value) is None:
        message = f"{value!r} is no month and day: write 07-01 for the first of July"
        raise click.BadParameter(message, ctx, option)
    return value


settings = _all(
    click.option("--zone", metavar="ZONE", help="Where its days begin: Europe/Berlin."),
    click.option("--currency", metavar="CODE", help="What its ladder adds up: EUR."),
    click.option(
        "--fiscal-year",
        metavar="MM-DD",
        callback=_month_and_day,
        help="When its fiscal year starts: 07-01.",
    ),
)
"""Options for the zone, the currency and the fiscal year of an organisation."""
where = _all(db, organisation, ladder_key)
"""Options for the database, the organisation and the ladder."""
