"""`ladder coverage`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import polars as pl

from ladder.cli import options, replay_setup
from ladder.cli.context import asking
from ladder.cli.dates import Clock
from ladder.cli.output import print_json
from ladder.cli.progress import Bar
from ladder.cli.render.console import Paper
from ladder.cli.render.coverage import document, show
from ladder.cli.replay_setup import Said
from ladder.importers import Mapping, read
from ladder.importers.coverage import coverages
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.replay import Progress
from ladder.reports.coverage import Survey, survey, survey_of_frames, toml


@click.command(name="coverage")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--db",
    envvar="LADDER_DB",
    show_envvar=True,
    metavar="FILE|URL",
    help="The database to look at, unless files are given.",
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With files: what their columns mean (TOML).",
)
@click.option("--organisation", metavar="KEY", help="Whose supporters, needed where several are.")
@click.option(
    "--ladder",
    "ladder_name",
    metavar="KEY|NAME|FILE",
    help="Whose patterns: a key of the database's; with files a shipped ladder or a TOML file.",
)
@options.settings
@click.option("--toml", "as_toml", is_flag=True, help="Only the proposal, as [[coverage]].")
@options.now
@options.as_json
def command(
    *,
    files: tuple[Path, ...],
    db: str | None,
    mapping: Path | None,
    organisation: str | None,
    ladder_name: str | None,
    zone: str | None,
    currency: str | None,
    fiscal_year: str | None,
    as_toml: bool,
    now: date | None,
    as_json: bool,
) -> None:
    """What the log holds, what is declared of it, and what the patterns need.

    By source and kind: how many, since when, until when, how many months without any. For each
    pattern: of how many supporters it can be judged, and from when on of all. Where the log was
    kept without a break a declaration is proposed (--toml); only you can know whether it is true,
    and nothing is declared by proposing. With FILES and --mapping, the same before an import.
    """
    if as_toml and as_json:
        message = "--toml or --json, not both"
        raise click.UsageError(message)
    if files:
        if mapping is None:
            message = "say what the columns mean: --mapping FILE"
            raise click.UsageError(message)
        given = Said(organisation, None, zone, currency, fiscal_year)
        result, name = (
            _of_files(files, Mapping.load(mapping), str(mapping), ladder_name, given, now),
            "",
        )
    elif db is None:
        message = "say what to look at: --db FILE (or URL), or files with --mapping"
        raise click.UsageError(message)
    else:
        result, name = _of_database(db, organisation, ladder_name, now)
    if as_toml:
        click.echo(toml(result), nl=False)
    elif as_json:
        print_json(document(result))
    else:
        show(Paper(), result, name or " and ".join(path.name for path in files))


def _of_database(
    db: str, organisation: str | None, key: str | None, now: date | None
) -> tuple[Survey, str]:
    with asking(db, organisation, key, now) as ask, Bar() as bar:

        def progress(finished: int, total: int) -> None:
            bar.tell(Progress("look", ask.name, finished, total))

        root = ask.questions.definition.root
        return survey(ask.store, ask.ladder, root, now=ask.clock.now, progress=progress), ask.name


def _of_files(
    files: tuple[Path, ...],
    mapping: Mapping,
    place: str,
    ladder_name: str | None,
    given: Said,
    now: date | None,
) -> Survey:
    organisation = replay_setup.organisation(None, given, mapping)
    ladder = replay_setup.ladder(ladder_name, None)
    declared = coverages(mapping, place, organisation.calendar, ladder.kinds)
    clock = Clock.of(organisation.calendar, now)
    with Bar() as bar:
        frames = _frames(files, mapping, organisation, ladder, bar)
        return survey_of_frames(frames, organisation, ladder, declared, now=clock.now)


def _frames(
    files: tuple[Path, ...],
    mapping: Mapping,
    organisation: Organisation,
    ladder: Ladder,
    bar: Bar,
) -> Iterator[pl.DataFrame]:
    for path in files:
        for batch in read(path, mapping, organisation, ladder.kinds):
            yield batch.frame
            bar.tell(Progress("read", path.name, batch.bytes_done, batch.bytes_total))
