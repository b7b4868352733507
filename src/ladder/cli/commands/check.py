"""`ladder check`."""

from __future__ import annotations

import re
from typing import Any

import click

from ladder import catalogue
from ladder.cli import options
from ladder.cli.exit_codes import FINE, FOUND, INPUT
from ladder.cli.output import print_json, tell
from ladder.cli.render.console import Paper
from ladder.cli.replay_setup import Said, draft, ladder_source
from ladder.errors import DefinitionError, DefinitionErrorGroup
from ladder.lint import Problem, check

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


@click.command(name="check")
@click.argument("definition", metavar="FILE")
@options.settings
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    *,
    definition: str,
    zone: str | None,
    currency: str | None,
    fiscal_year: str | None,
    as_json: bool,
) -> None:
    """Look for mistakes in a ladder: FILE, or the name of a shipped one.

    What cannot be read is reported with its line and column (exit code 3). What can is tried on
    made-up lives: rungs that are true of nothing, that nobody can reach, that another one hides,
    that overlap where only one may hold, that would flap; patterns that accuse without knowing. The
    exit code is 1 when there are errors or warnings, and 0 when there are notes at most.
    """
    organisation = draft(None, Said(None, None, zone, currency, fiscal_year))
    try:
        document = catalogue.read(ladder_source(definition))
    except DefinitionErrorGroup as error:
        _unreadable(error, as_json=as_json)
        ctx.exit(INPUT)
    problems = check(document.ladder, organisation, document.source)
    if as_json:
        print_json({"readable": True, "problems": list(map(_document, problems))})
    else:
        _print(problems)
    if not problems:
        key, rungs = document.ladder.key, len(document.ladder.rungs)
        tell(f"{key}: {rungs} rungs, {len(document.ladder.patterns)} patterns, nothing wrong found")
    ctx.exit(FOUND if any(problem.severity != "note" for problem in problems) else FINE)


def _unreadable(error: DefinitionErrorGroup, *, as_json: bool) -> None:
    if as_json:
        problems = [_fault(fault) for fault in error.errors]
        print_json({"readable": False, "problems": problems})
        return
    for fault in error.errors:
        click.echo(f"{fault.place or 'ladder'}: error: {fault.message}")


def _print(problems: list[Problem]) -> None:
    paper = Paper()
    for problem in problems:
        paper.line(
            f"{problem.place}: ", (problem.severity, STYLES[problem.severity]), f" ({problem.part})"
        )
        paper.prose(f"{problem.what}. {problem.todo}.", indent=2)


def _document(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "part": problem.part,
        **_spot(problem.place),
        "what": problem.what,
        "todo": problem.todo,
    }


def _fault(error: DefinitionError) -> dict[str, Any]:
    return {"severity": "error", "code": "unreadable", **_spot(error.place), "what": error.message}


def _spot(place: str) -> dict[str, Any]:
    """Return a place as text, and its line and column for editors."""
    numbers = re.search(r"line (\d+), column (\d+)$", place)
    line, column = (int(group) for group in numbers.groups()) if numbers else (None, None)
    return {"place": place, "line": line, "column": column}
