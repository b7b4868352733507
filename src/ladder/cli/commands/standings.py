"""`ladder standings`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ladder.cli import options
from ladder.cli.asking import Asking, asking
from ladder.cli.output import print_json, tell
from ladder.cli.paper import Column, Paper, Table
from ladder.cli.shown import few, page, print_left_out, print_pyramid, saved
from ladder.reports import Pyramid, pyramid, svg
from ladder.storage.queries import Standing

COLUMNS = (
    Column("supporter", fit="whole"),
    Column("stands at"),
    Column("since", fit="whole"),
    Column("until", fit="whole"),
)


@click.command(name="standings")
@options.where
@options.at
@options.known_at
@click.option("--rung", metavar="KEY", help="List who holds that rung; `ground` for none.")
@click.option("--list", "everybody", is_flag=True, help="List everybody, from the highest place.")
@click.option(
    "--svg", "drawing", type=click.Path(path_type=Path), help="Write the pyramid as a drawing."
)
@options.limit
@options.now
@options.as_json
def command(
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    at: date | None,
    known_at: date | None,
    rung: str | None,
    everybody: bool,
    drawing: Path | None,
    limit: int | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Who stands where: the pyramid, or with --rung or --list the people.

    A date in the future answers what will be if nothing happens until then. Who has objected, died
    or joined the staff by now is left out, whichever date is asked about, and so is nobody in
    particular.
    """
    with asking(db, organisation, ladder, now) as ask:
        instant = ask.clock.as_of(at)
        known = None if known_at is None else ask.clock.as_of(known_at)
        counted = pyramid(ask.at(instant).ladder, ask.questions.counts(instant, known_at=known))
        people: list[Standing] | None = None
        if rung is not None:
            key, most = ask.rung(rung), page(limit, as_json=as_json)
            people = ask.questions.people(key, instant, known_at=known, limit=most)
        elif everybody:
            people = [
                one
                for key in _keys(counted)
                for one in ask.questions.people(key, instant, known_at=known)
            ]
            people = list(dict.fromkeys(people))
        if drawing is not None:
            saved(drawing, svg(counted, f"{ask.name}, {ask.clock.day(instant)}"))
            tell(f"drawn: {drawing}")
        if as_json:
            print_json(_document(ask, instant, known, counted, people))
        elif people is None:
            _print_counts(ask, instant, known, counted)
        else:
            there = None if rung is None else _holding(counted, ask.rung(rung))
            _print_people(ask, people, limit, there)


def _holding(counted: Pyramid, rung: str) -> int:
    """How many hold that rung, or are on the ground."""
    return sum(step.supporters for step in counted.steps if rung in step.rungs.split("+"))


def _keys(counted: Pyramid) -> list[str]:
    """Each rung once, from the highest, then the ground."""
    return list(dict.fromkeys(key for step in counted.steps for key in step.rungs.split("+")))


def _document(
    ask: Asking, instant: int, known: int | None, counted: Pyramid, people: list[Standing] | None
) -> dict[str, object]:
    document = ask.document(
        at=ask.clock.iso(instant),
        known_at=ask.clock.iso(known),
        supporters=counted.total,
        places=[
            {
                "rungs": [key for key in step.rungs.split("+") if key],
                "title": step.title,
                "height": step.height,
                "supporters": step.supporters,
            }
            for step in counted.steps
        ],
    )
    if people is not None:
        document["people"] = [
            {
                "supporter": one.key,
                "rungs": [key for key in one.rungs.split("+") if key],
                "since": ask.clock.iso(one.since),
                "until": ask.clock.iso(one.until),
            }
            for one in people
        ]
    return document


def _print_counts(ask: Asking, instant: int, known: int | None, counted: Pyramid) -> None:
    paper = Paper()
    believed = "" if known is None else f", as believed on {ask.clock.day(known)}"
    paper.heading(f"{ask.name} on {ask.clock.day(instant)}{believed}")
    print_pyramid(paper, counted)
    print_left_out(paper, ask, counted)


def _print_people(
    ask: Asking, people: list[Standing], limit: int | None, there: int | None
) -> None:
    table = Table(COLUMNS)
    for one in few(people, limit, "supporters", there):
        since, until = ask.clock.day(one.since), ask.clock.day(one.until)
        table.add(one.key, ask.title(one.rungs), since, until)
    Paper().table(table)
    if not people:
        tell("nobody stands there")
