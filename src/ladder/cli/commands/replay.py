"""`ladder replay`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from ladder.cli import options, replay_setup
from ladder.cli.dates import MOMENT, Clock
from ladder.cli.exit_codes import FINE, FOUND
from ladder.cli.interrupts import past_stopping
from ladder.cli.output import print_json
from ladder.cli.progress import Bar
from ladder.cli.rejected_rows import AllRefusals
from ladder.cli.render import replay as replay_room
from ladder.cli.render.preview import show_draft, show_preview
from ladder.cli.replay_setup import Said
from ladder.importers import Mapping, read
from ladder.importers.coverage import coverages
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.replay import Report, Source, replay
from ladder.replay.sources import digest_of
from ladder.storage.databases import Writing, writing


@click.command(name="replay")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What the columns mean (TOML); --dry-run drafts one.",
)
@click.option(
    "--ladder",
    "asked",
    metavar="NAME|FILE",
    help="A shipped ladder (see `ladder ladders`) or a TOML file; default: the one that was "
    "adopted before, or `default`.",
)
@click.option(
    "--db",
    envvar="LADDER_DB",
    show_envvar=True,
    metavar="FILE|URL",
    help="Where to; a SQLite file is made when it is not there.",
)
@click.option("--organisation", metavar="KEY", help="Whose supporters, needed where several are.")
@click.option("--name", metavar="TEXT", help="What the organisation is called.")
@options.settings
@click.option(
    "--dry-run", is_flag=True, help="Change nothing: draft a mapping, or show what one would do."
)
@click.option(
    "--refused",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where refused rows go (default: NAME.refused.csv in the present folder).",
)
@click.option(
    "--allow-reimport",
    is_flag=True,
    help="Take a file again that was read before by another mapping.",
)
@click.option(
    "--recompute", is_flag=True, help="Work everybody out again, whom nothing new concerns too."
)
@click.option(
    "--now", type=MOMENT, metavar="DATE", help="When all this becomes known (default: the clock)."
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    mapping: Path | None,
    asked: str | None,
    db: str | None,
    organisation: str | None,
    name: str | None,
    zone: str | None,
    currency: str | None,
    fiscal_year: str | None,
    dry_run: bool,
    refused: Path | None,
    allow_reimport: bool,
    recompute: bool,
    now: date | None,
    as_json: bool,
) -> None:
    """Read FILES of touchpoints (CSV, Parquet, JSON Lines; .gz too) and work out every movement.

    Rows that cannot be taken go to a file of their own, each with its reason, and the command exits
    with 1; mend them and replay that file. Everything else happens in one transaction: who stops it
    half-way has changed nothing, and replaying a file twice changes nothing either.

    Without FILES, work out another --ladder over what is stored; with --recompute, the same one
    again (should `ladder verify` ever find a difference).
    """
    said = Said(organisation, name, zone, currency, fiscal_year)
    if dry_run:
        _dry_run(files, mapping, asked, said, db, as_json=as_json)
        return
    if db is None:
        message = "say where to: --db FILE (or URL)"
        raise click.UsageError(message)
    if files and mapping is None:
        message = (
            "say what the columns mean: --mapping FILE; this drafts one: "
            f"ladder replay {files[0]} --dry-run > mapping.toml"
        )
        raise click.UsageError(message)
    job = Job(
        files,
        mapping,
        asked,
        said,
        refused,
        now,
        allow_reimport=allow_reimport,
        recompute=recompute,
    )
    ctx.exit(job.run(db, as_json=as_json))


@dataclass
class Job:
    """One run of the command, with its options."""

    files: tuple[Path, ...]
    mapping_file: Path | None
    asked: str | None
    said: Said
    refused: Path | None
    now: date | None
    allow_reimport: bool
    recompute: bool

    def run(self, db: str, *, as_json: bool) -> int:
        """Replay, print the result and return the exit code."""
        mapping = None if self.mapping_file is None else Mapping.load(self.mapping_file)
        with ExitStack() as rest:
            with writing(db, make=True) as work:
                store = replay_setup.stored(work, self.said)
                known = None if store is None else store.organisation
                organisation = replay_setup.organisation(known, self.said, mapping)
                ladder = replay_setup.ladder(self.asked, store)
                replay_setup.rename(store, organisation)
                with AllRefusals(self.files, self.refused) as refusals:
                    report = self.replayed(work, organisation, ladder, mapping, refusals)
                rest.enter_context(past_stopping())
            if as_json:
                print_json(replay_room.document(organisation, ladder, report, refusals))
            else:
                replay_room.show(db, ladder, report, refusals, len(self.files))
        return FOUND if report.refused else FINE

    def replayed(
        self,
        work: Writing,
        organisation: Organisation,
        ladder: Ladder,
        mapping: Mapping | None,
        refusals: AllRefusals,
    ) -> Report:
        """Run the replay with a progress bar."""
        calendar = organisation.calendar
        place = str(self.mapping_file)
        declared = (
            () if mapping is None else tuple(coverages(mapping, place, calendar, ladder.kinds))
        )
        with Bar() as bar:
            return replay(
                work.connection,
                organisation,
                ladder,
                self.sources(organisation, ladder, mapping, refusals),
                now=Clock.of(calendar, self.now).now,
                coverage=declared,
                progress=bar.tell,
                refused=refusals.take,
                allow_reimport=self.allow_reimport,
                recompute=self.recompute,
            )

    def sources(
        self,
        organisation: Organisation,
        ladder: Ladder,
        mapping: Mapping | None,
        refusals: AllRefusals,
    ) -> Iterator[Source]:
        """Yield the files; a file is opened when its turn comes."""
        for number, path in enumerate(self.files):
            assert mapping is not None  # checked by the command  # noqa: S101
            batches = read(path, mapping, organisation, ladder.kinds)
            yield Source(
                refusals.watch(number, batches),
                name=path.name,
                digest=digest_of(path),
                mapping=mapping.text(),
            )


def _dry_run(
    files: Sequence[Path],
    mapping: Path | None,
    asked: str | None,
    said: Said,
    db: str | None,
    *,
    as_json: bool,
) -> None:
    """Draft a mapping, or show the effect of one on the files."""
    if not files:
        message = "say which file to look at"
        raise click.UsageError(message)
    known = None if db is None else replay_setup.peek(db, said)
    organisation = replay_setup.draft(known, said)
    ladder = replay_setup.ladder(asked, None)
    if mapping is None:
        show_draft(files[0], organisation, ladder.kinds, as_json=as_json)
    else:
        show_preview(files, Mapping.load(mapping), organisation, ladder.kinds, as_json=as_json)
