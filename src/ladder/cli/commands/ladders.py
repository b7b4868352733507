"""`ladder ladders`."""

from __future__ import annotations

import click

from ladder import catalogue
from ladder.cli import options
from ladder.cli.output import print_json
from ladder.cli.render.console import Column, Paper, Table
from ladder.language.ladders import Ladder

COLUMNS = (
    Column("name", fit="whole"),
    Column("title", fit="fold"),
    Column("rungs, lowest first", fit="fold"),
)


@click.command(name="ladders")
@click.argument("name", required=False)
@options.as_json
def command(*, name: str | None, as_json: bool) -> None:
    """List the ladders that ship, or print one: `ladder ladders default > own.toml`.

    A printed one can be changed and handed to `replay --ladder own.toml`; `check own.toml` says
    what is wrong with it. `patterns` prints the patterns, which are no ladder by themselves.
    """
    if name is not None:
        text = catalogue.text(name)
        if as_json:
            print_json({"name": name, "document": text})
        else:
            click.echo(text, nl=False)
        return
    loaded = {key: catalogue.load(key) for key in catalogue.names()}
    if as_json:
        print_json({"ladders": [_document(key, ladder) for key, ladder in loaded.items()]})
        return
    paper = Paper()
    if paper.fancy:
        table = Table(COLUMNS)
        for key, ladder in loaded.items():
            table.add(key, ladder.title, ", ".join(rung.key for rung in ladder.rungs))
        paper.table(table)
        return
    for key, ladder in loaded.items():
        paper.line(f"{key:<14}  {ladder.title}")
        paper.prose(", ".join(rung.key for rung in ladder.rungs), indent=16)


def _document(name: str, ladder: Ladder) -> dict[str, object]:
    return {
        "name": name,
        "title": ladder.title,
        "ground": ladder.ground,
        "rungs": [
            {"key": rung.key, "title": rung.title, "height": ladder.height(rung)}
            for rung in ladder.rungs
        ],
        "patterns": [pattern.key for pattern in ladder.patterns],
        "fingerprint": ladder.fingerprint,
    }
