"""`ladder explain`."""

from __future__ import annotations

from datetime import date

import click

from ladder.cli import options
from ladder.cli.asking import asking
from ladder.cli.output import print_json
from ladder.cli.paper import Paper
from ladder.cli.reading import Readings
from ladder.explanations import explain, text
from ladder.storage.supporters import known_supporter


@click.command(name="explain")
@click.argument("supporter")
@options.where
@options.at
@options.now
@options.as_json
def command(
    *,
    supporter: str,
    db: str,
    organisation: str | None,
    ladder: str | None,
    at: date | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Why SUPPORTER stands where she stands, until when, and what would lift her.

    Every line of it is worked out from her own touchpoints: what each rung asks for, what she has,
    and the touchpoints that count. What would lift her was tried on her history, not guessed.
    """
    with asking(db, organisation, ladder, now) as ask:
        number = known_supporter(ask.store, supporter)
        instant = ask.clock.as_of(at)
        said = explain(Readings(ask).of(number), ask.ladder, instant)
        if as_json:
            print_json(ask.document(supporter=supporter, **said.to_dict()))
            return
        paper = Paper()
        paper.line(supporter, "bold")
        for line in text(said, ask.clock.calendar).splitlines():
            paper.line(line)
