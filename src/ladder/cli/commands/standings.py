"""`ladder standings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from ladder.cli import options
from ladder.cli.context import Asking, asking
from ladder.cli.output import Lazily, print_json, tell
from ladder.cli.render.common import page, print_left_out, print_pyramid, saved, tell_left_out
from ladder.cli.render.console import Column, Paper, Table
from ladder.reports.pyramid import Pyramid, pyramid
from ladder.reports.pyramid_charts import svg
from ladder.storage.read.pages import page_after_page
from ladder.storage.read.queries import Standing

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
        counted = pyramid(ask.at(instant).outline, ask.questions.counts(instant, known_at=known))
        listed = _Listing(ask, instant, known, counted)
        keys = listed.keys if everybody else ()
        keys = keys if rung is None else [ask.rung(rung)]
        if drawing is not None:
            saved(drawing, svg(counted, f"{ask.name}, {ask.clock.day(instant)}"))
            tell(f"drawn: {drawing}")
        if as_json:
            people = listed.people(keys, page(limit, as_json=True)) if keys else None
            print_json(_document(ask, instant, known, counted, people))
        elif not keys:
            _print_counts(ask, instant, known, counted)
        else:
            most = page(limit, as_json=False)
            _print_people(ask, listed.people(keys, most), most, listed.number(keys))


class _Listing:
    """Supporters at some places, read page by page: never all of them in memory."""

    def __init__(self, ask: Asking, at: int, known_at: int | None, counted: Pyramid) -> None:
        self.ask = ask
        self.at = at
        self.known_at = known_at
        self.counted = counted

    @property
    def keys(self) -> Sequence[str]:
        """The rung keys without repetition, from the highest, then the ground."""
        rungs = (key for step in self.counted.steps for key in step.rungs.split("+"))
        return list(dict.fromkeys(rungs))

    def number(self, keys: Sequence[str]) -> int:
        """Count the supporters who hold any of these rungs."""
        places = ({*step.rungs.split("+")} & {*keys} for step in self.counted.steps)
        pairs = zip(self.counted.steps, places, strict=True)
        return sum(step.supporters for step, held in pairs if held)

    def people(self, keys: Sequence[str], limit: int | None) -> Iterator[Sequence[Standing]]:
        """Yield pages of supporters who hold any of these rungs.

        A supporter appears once, at the first of the rungs that they hold.
        """
        left = limit
        for number, key in enumerate(keys):
            earlier = {*keys[:number]}
            for part in page_after_page(self._page(key), None if earlier else left):
                mine = [one for one in part if earlier.isdisjoint(one.rungs.split("+"))]
                yield mine if left is None else mine[:left]
                left = None if left is None else left - len(mine)
                if left is not None and left <= 0:
                    return

    def _page(self, key: str) -> Callable[[Standing | None, int], Sequence[Standing]]:
        def page_after(after: Standing | None, most: int) -> Sequence[Standing]:
            return self.ask.questions.people(
                key, self.at, known_at=self.known_at, limit=most, after=after
            )

        return page_after


def _document(
    ask: Asking,
    instant: int,
    known: int | None,
    counted: Pyramid,
    people: Iterator[Sequence[Standing]] | None,
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
        document["people"] = Lazily(
            {
                "supporter": one.key,
                "rungs": [key for key in one.rungs.split("+") if key],
                "since": ask.clock.iso(one.since),
                "until": ask.clock.iso(one.until),
            }
            for some in people
            for one in some
        )
    return document


def _print_counts(ask: Asking, instant: int, known: int | None, counted: Pyramid) -> None:
    paper = Paper()
    believed = "" if known is None else f", as believed on {ask.clock.day(known)}"
    paper.heading(f"{ask.name} on {ask.clock.day(instant)}{believed}")
    print_pyramid(paper, counted)
    print_left_out(paper, ask, counted)


def _print_people(
    ask: Asking, people: Iterator[Sequence[Standing]], most: int | None, there: int
) -> None:
    paper, head = Paper(), True
    for some in people:
        table = Table(COLUMNS, head=head)
        for one in some:
            since, until = ask.clock.day(one.since), ask.clock.day(one.until)
            table.add(one.key, ask.title(one.rungs), since, until)
        paper.table(table)
        head = head and not some
    if head:
        tell("nobody stands there")
    tell_left_out(most, there, "supporters")
