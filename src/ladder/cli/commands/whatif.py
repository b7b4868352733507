"""`ladder whatif`."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from pathlib import Path

import click

from ladder import catalogue
from ladder.cli import options
from ladder.cli.context import asking
from ladder.cli.csv_output import PeopleFile
from ladder.cli.output import print_json, tell
from ladder.cli.progress import Bar
from ladder.cli.render import whatif as whatif_room
from ladder.cli.render.common import saved
from ladder.cli.render.console import Paper
from ladder.cli.replay_setup import ladder_source
from ladder.reports.matrix import matrix_svg
from ladder.whatif import whatif


@click.command(name="whatif")
@click.argument("new", metavar="NAME|FILE")
@options.where
@options.at
@click.option(
    "--people",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write everybody who would stand elsewhere to a CSV file.",
)
@click.option(
    "--svg", "drawing", type=click.Path(path_type=Path), help="Write the matrix as a drawing."
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="Name so many of the most affected; 0: the hundred (default: 10, and 100 in JSON).",
)
@options.now
@options.as_json
def command(
    *,
    new: str,
    db: str,
    organisation: str | None,
    ladder: str | None,
    at: date | None,
    people: Path | None,
    drawing: Path | None,
    limit: int | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Who would stand elsewhere by another ladder, since when, and why. Changes nothing.

    NAME|FILE is a shipped ladder or a TOML file. It is held against the ladder in force of its key
    (or --ladder, or the only one there is): from is where people stand, to is where they would.
    Findings that come and go are counted too. `ladder adopt` makes it so.
    """
    given = catalogue.read(ladder_source(new)).ladder
    with asking(db, organisation, ladder, now) as ask:
        instant = ask.clock.as_of(at)
        calendar = ask.store.organisation.calendar
        file = nullcontext() if people is None else PeopleFile(people, calendar.zone)
        with file as movers, Bar() as bar:
            comparison = whatif(
                ask.store.connection,
                ask.store.organisation.key,
                given,
                now=ask.clock.now,
                at=instant,
                instead_of=ladder,
                progress=bar.working_out(given.key),
                movers=None if movers is None else movers.write,
            )
        if people is not None:
            tell(f"written: {people}")
        if drawing is not None:
            title = f"{ask.name}: from where to where"
            caption = f"{whatif_room.heading(ask, comparison)}: {whatif_room.instead(comparison)}"
            saved(drawing, matrix_svg(whatif_room.matrix_of(comparison), title, caption))
            tell(f"drawn: {drawing}")
        if as_json:
            print_json(whatif_room.document(ask, comparison, limit))
        else:
            whatif_room.show(ask, Paper(), comparison, limit)
