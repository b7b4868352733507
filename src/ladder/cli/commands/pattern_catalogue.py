"""`ladder patterns list`, `show` and `settings`: the shipped patterns, without a database."""

from __future__ import annotations

from typing import Final

import click

from ladder import catalogue
from ladder.catalogue.pattern_texts import PatternText, pattern_texts
from ladder.cli import options
from ladder.cli.output import print_json
from ladder.cli.render.console import Column, Paper, Table
from ladder.language.ladders import Pattern

COLUMNS: Final = (
    Column("key", fit="whole"),
    Column("on", fit="whole"),
    Column("grades", fit="whole"),
    Column("strength", fit="whole"),
    Column("what it finds", fit="fold"),
)
SIDES: Final = {
    "organisation": "What the organisation does",
    "supporter": "How the supporter behaves",
    "relationship": "The relationship of the two",
}


@click.command(name="list")
@options.as_json
def list_(*, as_json: bool) -> None:
    """The patterns that ship; those with "yes" under "on" are in the group "default".

    What is off is contested (its sources contradict each other) or describes rather than finds
    fault; take it in by its key or with "all" under `[include]`.
    """
    if as_json:
        print_json({"patterns": [summary(pattern) for pattern in catalogue.patterns()]})
        return
    paper = Paper()
    for side, heading in SIDES.items():
        paper.heading(heading)
        table = Table(COLUMNS)
        for pattern in catalogue.patterns():
            if pattern.side == side:
                table.add(
                    pattern.key, _on(pattern), grades(pattern), pattern.strength, pattern.title
                )
        paper.table(table)


@click.command()
@click.argument("key")
@options.as_json
def show(*, key: str, as_json: bool) -> None:
    """One pattern by key or name: when it is found, what it needs, what to do, and its source."""
    pattern = catalogue.pattern(key)
    sheet = pattern_texts()[pattern.key]
    if as_json:
        print_json(summary(pattern) | whole(pattern, sheet))
        return
    paper = Paper()
    paper.line(f"{pattern.key} {pattern.name}: {pattern.title}", "bold")
    paper.prose(
        f"{SIDES[pattern.side]}; attributed to: {pattern.attributed_to}; {_standing(pattern)}."
    )
    for label, words in (
        ("When", pattern.rule),
        ("Needs", pattern.wants or "nothing: it is found in any log."),
        ("What to do", pattern.remedy),
        ("But", pattern.caveat),
        (f"Evidence {pattern.strength}", pattern.source),
    ):
        paper.line()
        paper.prose(f"{label}: {words}")
    paper.heading("In the language")
    for name, text in {**sheet.expressions, **sheet.names}.items():
        paper.prose(f"{name} = {text}")
    if sheet.settings:
        paper.heading("Settings that it reads")
        _settings(paper, sheet.settings)


@click.command()
@options.as_json
def settings(*, as_json: bool) -> None:
    """What of the shipped patterns your ladder may say otherwise, under `[settings]`."""
    values = catalogue.settings()
    if as_json:
        rows = [{"name": s.name, "value": s.text, "means": s.means} for s in values.values()]
        print_json({"settings": rows})
        return
    _settings(Paper(), tuple(values))


def _settings(paper: Paper, names: tuple[str, ...]) -> None:
    for name in names:
        setting = catalogue.settings()[name]
        paper.prose(f"{name} = {setting.text}")
        paper.prose(setting.means, "dim", indent=4)


def summary(pattern: Pattern) -> dict[str, object]:
    """Return a pattern as `list --json` prints it."""
    return {
        "id": pattern.key,
        "name": pattern.name,
        "title": pattern.title,
        "side": pattern.side,
        "attribution": pattern.attributed_to,
        "severities": [grade.severity for grade in pattern.grades],
        "requires": None if pattern.requires is None else str(pattern.requires),
        "requires_text": pattern.wants,
        "strength": pattern.strength,
        "contested": pattern.contested,
        "default": pattern.on,
        "next": pattern.next,
        "settings": list(pattern_texts()[pattern.key].settings),
    }


def whole(pattern: Pattern, sheet: PatternText) -> dict[str, object]:
    """Return the fields that `show --json` adds."""
    return {
        "rule": pattern.rule,
        "grades": [
            {
                "severity": grade.severity,
                "text": sheet.expressions[grade.severity],
                "condition": str(grade.condition),
            }
            for grade in pattern.grades
        ],
        "names": dict(sheet.names),
        "remedy": pattern.remedy,
        "caveat": pattern.caveat,
        "source": pattern.source,
        "safeguard": pattern.safeguard,
        "optional": pattern.optional,
    }


def grades(pattern: Pattern) -> str:
    """Return the mildest and the gravest grade."""
    first, last = pattern.grades[0].severity, pattern.grades[-1].severity
    return first if first == last else f"{first} to {last}"


def _on(pattern: Pattern) -> str:
    return "yes" if pattern.on else "no"


def _standing(pattern: Pattern) -> str:
    if pattern.contested:
        return "contested, so off by default"
    if pattern.optional:
        return "off by default"
    return "on by default"
