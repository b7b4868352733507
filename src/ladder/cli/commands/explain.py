"""`ladder explain`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Final

import click

from ladder.cli import options
from ladder.cli.context import Asking, asking
from ladder.cli.output import print_json
from ladder.cli.readings import Readings
from ladder.cli.render import touchpoints
from ladder.cli.render.common import GRAVE
from ladder.cli.render.console import Paper
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.movements import Movement
from ladder.explanations import Explanation, RungNow, Tree, explain_line, text
from ladder.language.standings import Place
from ladder.model.calendars import FOREVER
from ladder.storage.supporters import known_supporter

WILL: Final[dict[str, str]] = {
    "arrived": "arrive",
    "climbed": "climb",
    "slipped": "slip",
    "crossed": "move",
    "lapsed": "lapse",
    "returned": "return",
    "silenced": "fall",
    "unsilenced": "come back",
}
HOLDING: Final = 3
"""Touchpoints that hold a rung and are shown in the short form."""


@click.command(name="explain")
@click.argument("supporter")
@options.where
@options.at
@click.option("--short", is_flag=True, help="Without the rules: where, since, until, what helps.")
@options.now
@options.as_json
def command(
    *,
    supporter: str,
    db: str,
    organisation: str | None,
    ladder: str | None,
    at: date | None,
    short: bool,
    now: date | None,
    as_json: bool,
) -> None:
    """Why SUPPORTER stands where she stands, until when, and what would lift them.

    Every line of it is worked out from her own touchpoints: what each rung asks for, what she has,
    and the touchpoints that count. What would lift them was tried on her history, not guessed.
    """
    with asking(db, organisation, ladder, now) as today:
        number = known_supporter(today.store, supporter)
        silent = today.questions.is_silent(supporter)
        instant = today.clock.now if silent else today.clock.as_of(at)
        ask = today.at(instant)
        states = ask.questions.states_of(supporter, instant)
        explanation = replace(explain_line(Readings(ask).lines(number), instant), states=states)
        if as_json:
            print_json(ask.document(supporter=supporter, **explanation.to_dict()))
            return
        paper = Paper()
        if short:
            print_short(ask, paper, supporter, explanation)
            return
        paper.line(supporter, "bold")
        for line in text(explanation, ask.clock.calendar).splitlines():
            paper.line(line)


def print_short(ask: Asking, paper: Paper, supporter: str, explanation: Explanation) -> None:
    """Print an explanation without the expressions of its rules."""
    if explanation.place.silent and explanation.movement is not None:
        causes = ", ".join(touchpoints.short(fact) for fact in explanation.movement.causes)
        day = ask.clock.day(explanation.movement.at)
        paper.line((supporter, "bold"), f": nothing is shown of them, since {day} ({causes})")
        return
    since = "" if explanation.since is None else f", since {ask.clock.day(explanation.since)}"
    title = _place(ask, explanation.place)
    paper.line((supporter, "bold"), f" stands at {title}{since}")
    if explanation.movement is not None:
        paper.line(f"  they {_movement_text(ask, explanation.movement)}")
    coming = explanation.coming
    if coming is None:
        paper.line("  if nothing happens, they stay there")
    else:
        day = ask.clock.day(coming.at)
        verb, where = WILL[coming.kind], _place(ask, coming.after)
        paper.line("  if nothing happens, they will ", (f"{verb} to {where} on {day}", "bold"))
    for rung in reversed(explanation.rungs):
        _print_rung(ask, paper, rung)
    if explanation.lifts:
        paper.line("What would lift them today")
    for rung, lifts in groupby(explanation.lifts, key=lambda lift: lift.rung):
        ways = [" and ".join(map(str, lift.acts)) for lift in lifts]
        paper.prose(f"{ask.title(rung)}: {', or '.join(ways)}", "green", 2)
    for verdict in explanation.findings:
        title = verdict.pattern.title or verdict.pattern.name
        style, state = GRAVE.get(verdict.severity or "", ""), explanation.state(verdict)
        more = "" if state == "open" else f" ({state})"
        paper.line("Finding: ", (f"{verdict.severity}", style), f", {title}{more}")


def _print_rung(ask: Asking, paper: Paper, rung: RungNow) -> None:
    until = f", until {ask.clock.day(rung.until)}" if rung.held and rung.until < FOREVER else ""
    mark, style = ("x", "bold") if rung.held else (" ", "dim")
    paper.line((f"  [{mark}] {ask.title(rung.key)}{until}", style))
    facts = list(dict.fromkeys(_holding(rung.rule))) if rung.held else []
    for fact in facts[-HOLDING:]:
        paper.line(f"        {touchpoints.line(ask, fact)}")
    if len(facts) > HOLDING:
        paper.line(f"        and {len(facts) - HOLDING} earlier", "dim")


def _holding(tree: Tree) -> Iterator[Fact]:
    """Yield the touchpoints that count in the true parts of a rule."""
    if tree.true:
        for figure in tree.figures:
            yield from figure.counted
        for part in tree.parts:
            yield from _holding(part)


def _movement_text(ask: Asking, movement: Movement) -> str:
    where = f"{movement.kind} from {_place(ask, movement.before)} to {_place(ask, movement.after)}"
    if movement.cause == "definition":
        return f"{where} (another definition speaks from then on)"
    causes = [touchpoints.short(fact) for fact in movement.causes]
    by = " by a person they referred" if any(fact.brought for fact in movement.causes) else ""
    return f"{where} ({', '.join(causes)}{by})" if causes else where


def _place(ask: Asking, place: Place) -> str:
    return "silence" if place.silent else ask.title(str(place))
