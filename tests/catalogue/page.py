"""A page for each pattern and an index, written from the catalogue and its cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ladder import catalogue
from ladder.catalogue.pattern_texts import Sheet, sheets
from ladder.language.ladders import Pattern
from tests.catalogue.cases import Found, cases

FOLDER = Path(__file__).parents[2] / "docs" / "patterns"
HEAD = """\
# The patterns

How a relationship comes to run like a cash machine, from both sides. A finding is about a
relationship during a time, never a label on a person. Each page tells when a pattern is found, what
the log must be declared to hold before it accuses anybody, what to do, what speaks against it, and
how sure its source is: A research or official definition, B practitioners agree, C plausible or
contested.

These pages are written from the catalogue and its cases by `python -m tests.library`; both
evaluators are held to every case on each test run. `ladder patterns list` prints the same table.
How often each is hit and missed where it is planted: [hits and misses](hits-and-misses.md).
"""


def pages() -> dict[str, str]:
    """Every page by its file name."""
    made = {f"{each.key}.md": _page(each, sheets()[each.key]) for each in catalogue.patterns()}
    return {"index.md": "\n".join([HEAD, *_index()]) + "\n", **made}


def _index() -> Iterator[str]:
    yield "| key | what it finds | side | grades | evidence | on by default |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for each in catalogue.patterns():
        link = f"[{each.key}]({each.key}.md)"
        cells = (link, each.title, each.side, _grades(each), each.strength, _on(each))
        yield f"| {' | '.join(cells)} |"


def _page(pattern: Pattern, sheet: Sheet) -> str:
    return "\n".join([*_told(pattern), *_written(sheet), *_shown(pattern)]).rstrip() + "\n"


def _told(pattern: Pattern) -> Iterator[str]:
    yield f"# {pattern.key} · {pattern.title}\n"
    yield f"`{pattern.name}` · {pattern.rule}\n"
    yield "| | |"
    yield "| --- | --- |"
    yield f"| side | {pattern.side} |"
    yield f"| put down to | {pattern.put_down_to} |"
    yield f"| grades | {_grades(pattern)} |"
    yield f"| on by default | {_on(pattern)} |"
    yield f"| needs | {pattern.wants or 'nothing: it is found in any log'} |"
    yield f"| what to do | {pattern.remedy} |"
    yield f"| but | {pattern.caveat} |"
    yield f"| evidence {pattern.strength} | {pattern.source} |"
    yield ""


def _written(sheet: Sheet) -> Iterator[str]:
    yield "## In the language\n"
    yield "```text"
    yield from (f"{name} = {text}" for name, text in sheet.expressions.items())
    yield "```\n"
    if sheet.names:
        yield "where\n"
        yield "```text"
        yield from (f"{name} = {text}" for name, text in sheet.names.items())
        yield "```\n"
    if sheet.settings:
        yield "and your ladder may say otherwise, under `[settings]`\n"
        yield "| setting | usually | what it means |"
        yield "| --- | --- | --- |"
        for name in sheet.settings:
            setting = catalogue.settings()[name]
            yield f"| `{name}` | `{' '.join(setting.text.split())}` | {setting.means} |"
        yield ""


def _shown(pattern: Pattern) -> Iterator[str]:
    yield "## Cases\n"
    for each in cases():
        if each.pattern == pattern.key:
            yield from _case(each)


def _case(case: Found) -> Iterator[str]:
    yield f"### {case.title}\n"
    yield "```text"
    yield from (f"({name} = {text})" for name, text in case.settings.items())
    if case.logged != ("any_touchpoint",):
        yield f"(logged: {', '.join(case.logged)})"
    yield from (line.strip() for line in case.touchpoints.strip().splitlines())
    yield "```\n"
    yield from (f"- {_said(line)}" for line in case.found or ("nothing found",))
    yield ""


def _said(line: str) -> str:
    return line.replace(" ", " from ", 1).replace(" .. ", " until ") if ".." in line else line


def _grades(pattern: Pattern) -> str:
    return ", ".join(grade.severity for grade in pattern.grades)


def _on(pattern: Pattern) -> str:
    if pattern.contested:
        return "no (contested)"
    return "yes" if pattern.on else "no (describes, or costly)"
