"""`ladder db`."""

from __future__ import annotations

from datetime import date

import click

from ladder.cli import options
from ladder.cli.dates import Clock
from ladder.cli.output import print_json, tell
from ladder.errors import StorageError
from ladder.storage import migrations
from ladder.storage.databases import Database, choose, engine_of, writing
from ladder.storage.definitions import adopted
from ladder.storage.summary import summaries


@click.group(name="db")
def command() -> None:
    """Set up, upgrade and check the database.

    Replay makes a new SQLite file by itself; an existing database is never upgraded unasked.
    """


@command.command()
@options.db
def upgrade(db: str) -> None:
    """Bring the database to the tables that this version needs, in one transaction.

    A SQLite file that is not there is made. Nothing happens where it is up to date.
    """
    database = Database.of(db)
    with engine_of(database) as engine:
        before = migrations.current(engine) if database.exists() else None
        after = migrations.upgrade(engine)
    if before == after:
        tell(f"{database.name} was up to date, at {after}")
    else:
        tell(f"{database.name} is now at {after}" + (f", was at {before}" if before else ""))


@command.command()
@options.db
@options.as_json
def current(db: str, *, as_json: bool) -> None:
    """The revision that the database is at, and the one that this version needs."""
    database = _there(db)
    with engine_of(database) as engine:
        revision = migrations.current(engine)
    if as_json:
        print_json({"current": revision, "needed": migrations.head()})
        return
    click.echo(f"{revision or 'none'} (this version needs {migrations.head()})")


@command.command()
@options.db
def check(db: str) -> None:
    """Exit with 4 and advice unless database and code agree."""
    database = _there(db)
    with engine_of(database) as engine:
        migrations.check(engine)
    tell(f"{database.name} is up to date, at {migrations.head()}")


@command.command()
@options.db
@options.organisation
@click.option("--recompute", is_flag=True, help="Add everything up again, not only what is new.")
@options.now
def summarise(db: str, organisation: str | None, *, recompute: bool, now: date | None) -> None:
    """Bring the sums up to date by which questions are answered.

    A replay does so by itself. Where touchpoints are recorded one by one, what is new since then is
    added to the sums whenever somebody asks, which takes the longer the more of it there is: run
    this once a night. Answers are the same before and after.
    """
    with writing(db) as work:
        store = choose(work.connection, organisation)
        instant = Clock.of(store.organisation.calendar, now).now
        for root in dict.fromkeys(definition.root for definition in adopted(store)):
            summaries.refresh(store, root, now=instant, recompute=recompute)
    tell("the sums are up to date")


def _there(db: str) -> Database:
    database = Database.of(db)
    if not database.exists():
        message = f"there is no database {database.name}: make it with `ladder db upgrade`"
        raise StorageError(message)
    return database
