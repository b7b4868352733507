"""`ladder verify`."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from ladder.cli import options
from ladder.cli.context import Asking, asking
from ladder.cli.exit_codes import FINE, FOUND
from ladder.cli.output import print_json, tell
from ladder.cli.progress import Bar
from ladder.cli.render.common import few
from ladder.cli.render.console import Column, Paper, Table
from ladder.replay import Verified, verify

COLUMNS = (
    Column("supporter", fit="whole"),
    Column("what", fit="whole"),
    Column("problem", fit="whole"),
    Column("at", fit="whole"),
    Column("until", fit="whole"),
    Column("told"),
)


@click.command(name="verify")
@options.where
@options.limit
@options.now
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    limit: int | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Work everything out anew from the touchpoints and compare it with what is stored.

    Writes nothing. Exits with 1 when anything differs, which means that something other than this
    library wrote to its tables, or that an older version of it evaluated otherwise.
    """
    with asking(db, organisation, ladder, now) as ask:
        with Bar() as bar:
            result = verify(
                ask.store.connection, ask.store.organisation.key, ladder=ladder, progress=bar.tell
            )
        if as_json:
            print_json(_document(ask, result))
        else:
            _print(ask, result, limit)
    ctx.exit(FINE if result.fine else FOUND)


def _document(ask: Asking, result: Verified) -> dict[str, Any]:
    return ask.document(
        supporters=result.supporters,
        movements=result.movements,
        findings=result.findings,
        fine=result.fine,
        differences=[
            {**row, "at": ask.clock.iso(row["at"]), "until": ask.clock.iso(row["until"])}
            for row in result.differences.iter_rows(named=True)
        ],
    )


def _print(ask: Asking, result: Verified, limit: int | None) -> None:
    counts = f"{result.movements:,} movements, {result.findings:,} findings"
    what = f"{result.supporters:,} supporters, {counts}"
    if result.fine:
        click.echo(f"{what}: all as stored")
        return
    table = Table(COLUMNS)
    for row in few(list(result.differences.iter_rows(named=True)), limit, "differences"):
        at, until = ask.clock.day(row["at"]), ask.clock.day(row["until"])
        table.add(row["supporter"], row["what"], row["problem"], at, until, row["told"])
    Paper().table(table)
    tell(f"{what}; {len(result.differences):,} differences")
