"""`ladder adopt`."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date

import click

from ladder import catalogue
from ladder.cli import options
from ladder.cli.context import asking
from ladder.cli.dates import MOMENT, Clock
from ladder.cli.interrupts import past_stopping
from ladder.cli.output import number_of, print_json
from ladder.cli.progress import Bar
from ladder.cli.replay_setup import Said, ladder_source, stored
from ladder.crm import CRM, AdoptionResult
from ladder.errors import NotFoundError
from ladder.language.ladders import Ladder
from ladder.model.calendars import to_datetime, to_instant
from ladder.storage.databases import writing
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from ladder.whatif import whatif


@click.command(name="adopt")
@click.argument("new", metavar="NAME|FILE")
@options.db
@options.organisation
@click.option(
    "--from",
    "since",
    type=MOMENT,
    metavar="DATE",
    help="From when it speaks: the start of that day, past or ahead (default: from now on).",
)
@click.option("--retroactive", is_flag=True, help="From the beginning: restate all of the past.")
@click.option("--dry-run", is_flag=True, help="Change nothing: say how many would stand elsewhere.")
@options.now
@options.as_json
def command(
    *,
    new: str,
    db: str,
    organisation: str | None,
    since: date | None,
    retroactive: bool,
    dry_run: bool,
    now: date | None,
    as_json: bool,
) -> None:
    """Let another ladder speak: from now on, from a date on, or for all of the past.

    What was said of the time before stays as it was. Whoever stands elsewhere from then on moves at
    that instant, because of the definition, which counts in no flow. `--known-at` still finds what
    was believed before. One transaction: who stops it half-way has changed nothing. Look first:
    `ladder whatif`.
    """
    if retroactive and since is not None:
        message = "--from says from when it speaks, --retroactive from the beginning: say one"
        raise click.UsageError(message)
    given = catalogue.read(ladder_source(new)).ladder
    if dry_run:
        _dry_run(new, given, db, organisation, since, now, retroactive=retroactive)
        return
    with ExitStack() as rest:
        with writing(db) as work:
            store = stored(work, Said(organisation))
            if store is None:
                message = "nobody is known here yet: `ladder replay` a list first, with any ladder"
                raise NotFoundError(message)
            clock = Clock.of(store.organisation.calendar, now)
            result = _adopt(store, given, clock, since, retroactive=retroactive)
            rest.enter_context(past_stopping())
        if as_json:
            print_json(result)
        else:
            _tell(given, result)


def _adopt(
    store: Store, given: Ladder, clock: Clock, since: date | None, *, retroactive: bool
) -> dict[str, object]:
    """Adopt the ladder with a progress bar and return the result."""
    crm = CRM(store.connection, store.organisation.key, given.key)
    start = None if since is None else clock.start(since)
    with Bar() as bar:
        result: AdoptionResult = crm.adopt(
            given,
            effective_from=None if start is None else to_datetime(start),
            retroactive=retroactive,
            now=to_datetime(clock.now),
            progress=bar.working_out(given.key),
        )
    begins = crm.speaks_since()
    speaks = None if begins is None else to_instant(begins)
    ask = Queries(store, clock.now, given.key)
    return {
        "organisation": store.organisation.key,
        "ladder": given.key,
        "effective_from": clock.iso(speaks),
        "supporters": result.supporters,
        "moved": 0 if speaks is None else ask.moved_by_definition(speaks),
        "added": result.added,
        "retracted": result.retracted,
    }


def _tell(given: Ladder, result: dict[str, object]) -> None:
    since = result["effective_from"]
    when = "from the beginning" if since is None else f"from {str(since)[:16].replace('T', ' ')} on"
    if not result["supporters"]:
        click.echo(f"{given.title or given.key} speaks {when}, as it did: nothing was changed")
        return
    people = number_of(int(str(result["supporters"])), "supporter")
    click.echo(f"{given.title or given.key} speaks {when}")
    moved = (
        f"{result['moved']:,} of them stand elsewhere from then on; " if since is not None else ""
    )
    rows = f"{result['added']:,} movements and findings added, {result['retracted']:,} retracted"
    click.echo(f"{people} worked out: {moved}{rows}")


def _dry_run(
    new: str,
    given: Ladder,
    db: str,
    organisation: str | None,
    since: date | None,
    now: date | None,
    *,
    retroactive: bool,
) -> None:
    """Print how many would stand elsewhere on the effective date or today, and how to see who."""
    with asking(db, organisation, None, now) as ask:
        at = ask.clock.now if since is None or retroactive else ask.clock.start(since)
        with Bar() as bar:
            comparison = whatif(
                ask.store.connection,
                ask.store.organisation.key,
                given,
                now=ask.clock.now,
                at=at,
                progress=bar.working_out(given.key),
            )
        click.echo(
            f"{comparison.moves:,} of {number_of(comparison.supporters, 'supporter')} would stand "
            f"elsewhere on {ask.clock.day(at)}: {comparison.higher:,} higher, "
            f"{comparison.lower:,} lower"
        )
        click.echo(f"who and why: ladder whatif {new} --at {ask.clock.day(at)}")
